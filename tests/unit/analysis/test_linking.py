"""Imports, calls and bases across the files of a version, from source to edges, in the languages with declarations."""

from __future__ import annotations

from tests.unit.analysis.versions import edges, link


def test_java_types_are_found_by_import_package_and_static_import():
    linked = link(
        {
            "src/main/java/shop/Cart.java": "package shop;\nimport shop.pay.Till;\nimport static shop.pay.Rates.of;\n"
            "import java.util.List;\n"
            "class Cart extends Base implements shop.pay.Paid {\n"
            "  void buy() { Till.open(); of(1); help(); this.help(); Item.make(); stop(); List.of(); new Till(); x.y(); }\n"
            "  void help() { super.stop(); }\n}\n",
            "src/main/java/shop/Base.java": "package shop;\nclass Base { void stop() {} }\n",
            "src/main/java/shop/Item.java": "package shop;\nclass Item { static Item make() { return null; } }\n",
            "src/main/java/shop/pay/Till.java": "package shop.pay;\npublic class Till { public static void open() {} }\n",
            "src/main/java/shop/pay/Rates.java": "package shop.pay;\nclass Rates { static int of(int a) { return a; } }\n",
            "src/main/java/shop/pay/Paid.java": "package shop.pay;\ninterface Paid {}\n",
            "src/test/java/shop/CartTest.java": "package shop;\nclass CartTest { void t() { Item.make(); } }\n",
        }
    )
    cart = linked["src/main/java/shop/Cart.java"]
    main = "src/main/java/shop/"

    assert edges(cart) == {
        ("Cart.buy", main + "pay/Till.java", "Till.open"),
        ("Cart.buy", main + "pay/Till.java", "Till"),
        ("Cart.buy", main + "pay/Rates.java", "Rates.of"),
        ("Cart.buy", main + "Cart.java", "Cart.help"),
        ("Cart.buy", main + "Item.java", "Item.make"),
        ("Cart.buy", main + "Base.java", "Base.stop"),
        ("Cart.help", main + "Base.java", "Base.stop"),
    }
    assert cart.inherits == (("Cart", main + "Base.java", "Base"), ("Cart", main + "pay/Paid.java", "Paid"))
    assert (cart.external, cart.unresolved) == (1, 2)
    assert {main + "pay/Till.java", main + "pay/Rates.java", main + "Item.java"} <= set(cart.imports)
    assert edges(linked["src/test/java/shop/CartTest.java"]) == {("CartTest.t", main + "Item.java", "Item.make")}


def test_go_packages_are_folders_and_their_files_share_a_scope():
    linked = link(
        {
            "go.mod": "",
            "cmd/main.go": 'package main\nimport (\n"fmt"\nst "github.com/me/shop/store"\n"errors"\n)\n'
            "func main() { st.Open(); help(); fmt.Println(); errors.New(); go func() { st.Open() }() }\n",
            "cmd/help.go": "package main\nfunc help() {}\n",
            "store/store.go": "package store\ntype Base struct{}\ntype Store struct { Base }\n"
            "func Open() *Store { return nil }\nfunc (s *Store) Get() { s.load(); s.stop() }\n",
            "store/load.go": "package store\nfunc (s *Store) load() {}\nfunc (b *Base) stop() {}\n",
            "store/store_test.go": "package store\nfunc load() {}\nfunc TestGet() { Open(); load() }\n",
            "internal/errors/errors.go": "package errors\nfunc New() {}\n",
        }
    )
    main, store = linked["cmd/main.go"], linked["store/store.go"]

    assert edges(main) == {("main", "store/store.go", "Open"), ("main", "cmd/help.go", "help")}
    assert {times for *_, name, times in main.calls if name == "Open"} == {2}
    assert main.external == 2
    assert main.imports == ("cmd/help.go", "store/load.go", "store/store.go")
    assert store.inherits == (("Store", "store/store.go", "Base"),)
    assert edges(store) == {("Store.Get", "store/load.go", "Store.load"), ("Store.Get", "store/load.go", "Base.stop")}
    assert edges(linked["store/store_test.go"]) == {
        ("TestGet", "store/store.go", "Open"),
        ("TestGet", "store/store_test.go", "load"),
    }


def test_rust_paths_are_walked_through_modules_crates_and_re_exports():
    linked = link(
        {
            "core/src/lib.rs": "pub mod shape;\nmod util;\npub use shape::Square;\npub fn run() { util::help(); shape::area() }\n",
            "core/src/shape/mod.rs": "use super::util;\nuse crate::util::Draw;\npub struct Square;\npub fn area() { util::help() }\n"
            "impl Square { pub fn new() -> Self { Self::check(); area(); Square } fn check() {} fn go(&self) { self.stop() } "
            "fn stop(&self) {} }\nimpl Draw for Square { fn draw(&self) {} }\n",
            "core/src/util.rs": "pub fn help() {}\npub trait Draw { fn draw(&self); }\n",
            "app/src/main.rs": "use my_core::{Square, shape::area as a};\nuse serde::Deserialize;\n"
            "fn main() { Square::new(); a(); my_core::run(); config.load(); other::thing() }\n",
            "my-core/src/lib.rs": "pub use inner::Square;\nmod inner;\npub mod shape;\npub fn run() {}\n",
            "my-core/src/inner.rs": "pub struct Square;\nimpl Square { pub fn new() {} }\n",
            "my-core/src/shape.rs": "pub fn area() {}\n",
        }
    )

    assert edges(linked["core/src/lib.rs"]) == {
        ("run", "core/src/util.rs", "help"),
        ("run", "core/src/shape/mod.rs", "area"),
    }
    shape = linked["core/src/shape/mod.rs"]
    assert edges(shape) == {
        ("area", "core/src/util.rs", "help"),
        ("Square.new", "core/src/shape/mod.rs", "Square.check"),
        ("Square.new", "core/src/shape/mod.rs", "area"),
        ("Square.go", "core/src/shape/mod.rs", "Square.stop"),
    }
    assert shape.inherits == (("Square", "core/src/util.rs", "Draw"),)
    app = linked["app/src/main.rs"]
    assert edges(app) == {
        ("main", "my-core/src/inner.rs", "Square.new"),
        ("main", "my-core/src/shape.rs", "area"),
        ("main", "my-core/src/lib.rs", "run"),
    }
    assert (app.external, app.unresolved) == (1, 2)


def test_c_calls_go_through_headers_to_the_source_of_the_same_name():
    linked = link(
        {
            "src/main.c": '#include "list.h"\n#include <stdio.h>\n#include <util/log.h>\nstatic int own(void) { return 1; }\n'
            "int main(void) { own(); list_add(); log_it(); printf(); return inline_it(); }\n",
            "src/list.h": '#include "deep.h"\nint list_add(void);\n',
            "src/list.c": '#include "list.h"\nint list_add(void) { return deep(); }\n',
            "src/deep.h": "int deep(void);\nstatic int inline_it(void) { return 2; }\n",
            "src/deep.c": "int deep(void) { return 3; }\n",
            "include/util/log.h": "void log_it(void);\n",
            "lib/log.c": "void log_it(void) {}\n",
        }
    )
    main = linked["src/main.c"]

    assert edges(main) == {
        ("main", "src/main.c", "own"),
        ("main", "src/list.c", "list_add"),
        ("main", "src/deep.h", "inline_it"),
        ("main", "lib/log.c", "log_it"),
    }
    assert main.imports == ("include/util/log.h", "src/list.h")
    assert (main.external, main.unresolved) == (1, 1)
    assert edges(linked["src/list.c"]) == {("list_add", "src/deep.c", "deep")}


def test_cpp_methods_outside_of_their_class_belong_to_it():
    linked = link(
        {
            "shape.hpp": "namespace geo { class Base { public: void stop() {} }; class Shape : public Base { public: void draw(); "
            "int area() { return size(); } int size(); }; }\n",
            "shape.cpp": '#include "shape.hpp"\nnamespace geo { void Shape::draw() { area(); this->stop(); help::me(); } '
            "int Shape::size() { return 1; } namespace help { void me() {} } }\n",
            "main.cpp": '#include "shape.hpp"\nint main() { geo::Shape s; s.draw(); geo::Shape::draw(); new geo::Shape(); }\n',
        }
    )

    assert linked["shape.hpp"].inherits == (("geo.Shape", "shape.hpp", "geo.Base"),)
    assert edges(linked["shape.hpp"]) == {("geo.Shape.area", "shape.cpp", "geo.Shape.size")}
    assert edges(linked["shape.cpp"]) == {
        ("geo.Shape.draw", "shape.hpp", "geo.Shape.area"),
        ("geo.Shape.draw", "shape.hpp", "geo.Base.stop"),
        ("geo.Shape.draw", "shape.cpp", "geo.help.me"),
    }
    assert edges(linked["main.cpp"]) == {("main", "shape.cpp", "geo.Shape.draw"), ("main", "shape.hpp", "geo.Shape")}


def test_csharp_types_are_found_in_namespaces_in_use_only():
    linked = link(
        {
            "App/Main.cs": "using Shop.Pay;\nusing T = Shop.Tools.Text;\nnamespace App;\nclass Main : Base, IRun {\n"
            "  void Run() { Till.Open(); T.Trim(); Help(); this.Stop(); Hidden.Go(); Near.By(); new Till(); text.Trim(); }\n"
            "  void Help() { base.Stop(); } }\n",
            "App/Base.cs": "namespace App { class Base { protected void Stop() {} } }\n",
            "App/IRun.cs": "namespace App { interface IRun { void Run(); } }\n",
            "App/Near.cs": "namespace App { static class Near { public static void By() {} } }\n",
            "Shop/Till.cs": "namespace Shop.Pay { public class Till { public static void Open() {} } }\n",
            "Shop/Text.cs": "namespace Shop.Tools { class Text { public static void Trim() {} } }\n",
            "Shop/Hidden.cs": "namespace Shop.Secret { class Hidden { public static void Go() {} } }\n",
        }
    )
    main = linked["App/Main.cs"]

    assert edges(main) == {
        ("App.Main.Run", "Shop/Till.cs", "Shop.Pay.Till.Open"),
        ("App.Main.Run", "Shop/Till.cs", "Shop.Pay.Till"),
        ("App.Main.Run", "Shop/Text.cs", "Shop.Tools.Text.Trim"),
        ("App.Main.Run", "App/Main.cs", "App.Main.Help"),
        ("App.Main.Run", "App/Base.cs", "App.Base.Stop"),
        ("App.Main.Help", "App/Base.cs", "App.Base.Stop"),
        ("App.Main.Run", "App/Near.cs", "App.Near.By"),
    }
    assert main.inherits == (("App.Main", "App/Base.cs", "App.Base"), ("App.Main", "App/IRun.cs", "App.IRun"))
    assert main.unresolved == 2


def test_ruby_constants_and_requires_are_followed():
    linked = link(
        {
            "lib/shop/cart.rb": "require_relative 'tax_rate'\nrequire 'json'\nmodule Shop\n  class Cart < Base\n    include Logging\n"
            "    def buy(item)\n      TaxRate.of(item)\n      stop\n      stop()\n      self.help()\n      Shop::Till.new(1)\n"
            "      item.sell\n    end\n    def help; end\n  end\nend\n",
            "lib/shop/base.rb": "module Shop\n  class Base\n    def stop; end\n  end\nend\n",
            "lib/shop/logging.rb": "module Shop::Logging\n  def log; end\nend\n",
            "lib/shop/tax_rate.rb": "module Shop\n  class TaxRate\n    def self.of(item); end\n  end\nend\n",
            "lib/shop/till.rb": "module Shop\n  class Till\n    def initialize(a); end\n  end\nend\n",
        }
    )
    cart = linked["lib/shop/cart.rb"]

    assert edges(cart) == {
        ("Shop.Cart.buy", "lib/shop/tax_rate.rb", "Shop.TaxRate.of"),
        ("Shop.Cart.buy", "lib/shop/base.rb", "Shop.Base.stop"),
        ("Shop.Cart.buy", "lib/shop/cart.rb", "Shop.Cart.help"),
        ("Shop.Cart.buy", "lib/shop/till.rb", "Shop.Till.initialize"),
    }
    assert cart.inherits == (
        ("Shop.Cart", "lib/shop/base.rb", "Shop.Base"),
        ("Shop.Cart", "lib/shop/logging.rb", "Shop.Logging"),
    )
    assert "lib/shop/tax_rate.rb" in cart.imports
    assert cart.external == 1


def test_php_types_are_found_by_use_namespace_and_include():
    linked = link(
        {
            "src/Cart.php": "<?php\nnamespace Shop;\nuse Shop\\Pay\\{Till, Rate as R};\nuse Other\\Gone;\n"
            "require_once __DIR__ . '/helpers.php';\n"
            "class Cart extends Base implements Paid { use Logs;\n"
            "  function buy() { Till::open(); R::of(); $this->help(); self::help(); parent::stop(); new Till(1); tidy(); "
            "Gone::x(); $till->open(); help(); Item::make(); }\n  function help() {} }\n",
            "src/Base.php": "<?php\nnamespace Shop;\nclass Base { function stop() {} }\n",
            "src/Paid.php": "<?php\nnamespace Shop;\ninterface Paid {}\n",
            "src/Logs.php": "<?php\nnamespace Shop;\ntrait Logs {}\n",
            "src/Item.php": "<?php\nnamespace Shop;\nclass Item { static function make() {} }\n",
            "src/Pay/Till.php": "<?php\nnamespace Shop\\Pay;\nclass Till { static function open() {} }\n",
            "src/Pay/Rate.php": "<?php\nnamespace Shop\\Pay;\nclass Rate { static function of() {} }\n",
            "src/helpers.php": "<?php\nfunction tidy() {}\n",
            "lib/Gone.php": "<?php\nnamespace Elsewhere;\nclass Gone { static function x() {} }\n",
        }
    )
    cart = linked["src/Cart.php"]

    assert edges(cart) == {
        ("Shop.Cart.buy", "src/Pay/Till.php", "Shop.Pay.Till.open"),
        ("Shop.Cart.buy", "src/Pay/Till.php", "Shop.Pay.Till"),
        ("Shop.Cart.buy", "src/Pay/Rate.php", "Shop.Pay.Rate.of"),
        ("Shop.Cart.buy", "src/Cart.php", "Shop.Cart.help"),
        ("Shop.Cart.buy", "src/Base.php", "Shop.Base.stop"),
        ("Shop.Cart.buy", "src/helpers.php", "tidy"),
        ("Shop.Cart.buy", "src/Item.php", "Shop.Item.make"),
    }
    assert cart.inherits == (
        ("Shop.Cart", "src/Base.php", "Shop.Base"),
        ("Shop.Cart", "src/Logs.php", "Shop.Logs"),
        ("Shop.Cart", "src/Paid.php", "Shop.Paid"),
    )
    assert (cart.external, cart.unresolved) == (1, 3)
