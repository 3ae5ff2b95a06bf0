"""Which file an import means, and which symbol a call."""

from __future__ import annotations

from typing import Any

import pytest

from functions.analysis.resolution.linking import Linked, Linker
from functions.analysis.resolution.modules import Modules, stem
from functions.analysis.resolution.names import names_of


def outline(**given: Any) -> dict[str, Any]:
    return {"language": "python", "functions": [], "classes": [], "constants": [], "imports": []} | given


def function(name: str) -> list[Any]:
    return [name.rpartition(".")[2], name, "function", 1, 2, 0, 1, 0, 0]


def klass(name: str, *bases: str) -> list[Any]:
    return [name.rpartition(".")[2], name, 1, 9, list(bases)]


def module(name: str, *names: str, level: int = 0, alias: str = "") -> list[Any]:
    pairs = [[one.partition(" as ")[0], one.partition(" as ")[2]] for one in names]
    return [name, pairs, alias, level, 1]


def link(files: dict[str, dict[str, Any]], path: str, *calls: tuple[str, str]) -> Linked:
    """Link `path`, whose `calls` are (callee, caller)."""
    tables = {one: names_of(outline(**given)) for one, given in files.items()}
    callers = sorted({caller for _, caller in calls})
    rows = [[callee, callers.index(caller), 1] for callee, caller in calls]
    return Linker(Modules(files), tables.get).link(path, tables[path], {"callers": callers, "calls": rows})


def targets(linked: Linked) -> list[tuple[str, str]]:
    return [(path, name) for _, path, name, _ in linked.calls]


@pytest.mark.parametrize(
    ("paths", "importer", "wanted", "found"),
    [
        (["src/shop/__init__.py", "src/shop/cart.py"], "tests/test_cart.py", "shop.cart", "src/shop/cart.py"),
        (["src/shop/__init__.py"], "tests/test_cart.py", "shop", "src/shop/__init__.py"),
        (
            ["django-5/django/__init__.py", "django-5/django/db.py"],
            "django-5/tests/a.py",
            "django.db",
            "django-5/django/db.py",
        ),
        (["a/tool.py"], "a/main.py", "tool", "a/tool.py"),
        (["a/json.py"], "b/main.py", "json", None),
        (["ns/part/mod.py"], "main.py", "ns.part.mod", "ns/part/mod.py"),
        (["x/lib/__init__.py", "y/lib/__init__.py"], "y/main.py", "lib", "y/lib/__init__.py"),
        (["p/__init__.py", "p.py"], "main.py", "p", "p/__init__.py"),
        (["json.py"], "json.py", "json", None),
        (
            ["layers/kernel/python/kernel/__init__.py"],
            "functions/app.py",
            "kernel",
            "layers/kernel/python/kernel/__init__.py",
        ),
    ],
)
def test_absolute_imports_find_the_nearest_module(paths, importer, wanted, found):
    assert Modules([*paths, importer]).python(importer, 0, wanted) == found


@pytest.mark.parametrize(
    ("level", "wanted", "found"),
    [(1, "b", "p/q/b.py"), (2, "r", "p/r/__init__.py"), (1, "", "p/q/__init__.py"), (9, "b", None), (1, "zz", None)],
)
def test_relative_imports_start_at_the_package(level, wanted, found):
    modules = Modules(["p/__init__.py", "p/q/__init__.py", "p/q/a.py", "p/q/b.py", "p/r/__init__.py"])

    assert modules.python("p/q/a.py", level, wanted) == found


@pytest.mark.parametrize(
    ("specifier", "found"),
    [
        ("./x", "web/x.ts"),
        ("./x.js", "web/x.ts"),
        ("./part", "web/part/index.tsx"),
        ("../lib/y.js", "lib/y.js"),
        ("react", None),
        ("./none", None),
        ("../../../etc/passwd", None),
    ],
)
def test_relative_specifiers_are_tried_with_extensions_and_index(specifier, found):
    assert Modules(["web/a.ts", "web/x.ts", "web/part/index.tsx", "lib/y.js"]).script("web/a.ts", specifier) == found


def test_calls_follow_imports_re_exports_and_aliases():
    files = {
        "shop/__init__.py": {"imports": [module("cart", "Cart as Basket", level=1)]},
        "shop/cart.py": {"classes": [klass("Cart")], "functions": [function("Cart.pay"), function("total")]},
        "main.py": {
            "imports": [module("shop"), module("shop.cart", alias="c"), module("shop", "Basket"), module("shop.cart")],
        },
    }

    linked = link(files, "main.py", ("shop.Basket", ""), ("c.total", ""), ("Basket.pay", ""), ("shop.cart.total", ""))

    assert targets(linked) == [("shop/cart.py", "Cart"), ("shop/cart.py", "Cart.pay"), ("shop/cart.py", "total")]
    assert [times for *_, times in linked.calls] == [1, 1, 2]
    assert linked.imports == ("shop/__init__.py", "shop/cart.py")
    assert linked.consulted == {"shop/__init__.py", "shop/cart.py"}


def test_self_finds_methods_of_the_class_and_of_its_bases_in_other_files():
    files = {
        "base.py": {"classes": [klass("Base")], "functions": [function("Base.stop")]},
        "main.py": {
            "imports": [module("base", "Base")],
            "classes": [klass("Car", "Base")],
            "functions": [function("Car.go"), function("Car.go.inner")],
        },
    }

    linked = link(files, "main.py", ("self.stop", "Car.go.inner"), ("self.go", "Car.go"), ("self.x.y", "Car.go"))

    assert targets(linked) == [("main.py", "Car.go"), ("base.py", "Base.stop")]
    assert linked.unresolved == 1


def test_star_imports_and_submodules_are_followed():
    files = {
        "p/__init__.py": {"imports": [module("a", "*", level=1)]},
        "p/a.py": {"functions": [function("f")]},
        "p/b.py": {"functions": [function("g")]},
        "main.py": {"imports": [module("p", "f", "b")]},
    }

    linked = link(files, "main.py", ("f", ""), ("b.g", ""))

    assert targets(linked) == [("p/a.py", "f"), ("p/b.py", "g")]
    assert linked.imports == ("p/__init__.py", "p/b.py")


def test_inner_functions_go_before_those_of_the_module():
    files = {"main.py": {"functions": [function("f"), function("f.help"), function("help")]}}

    assert targets(link(files, "main.py", ("help", "f"))) == [("main.py", "f.help")]


def test_circular_re_exports_end():
    files = {
        "a.py": {"imports": [module("b", "x")]},
        "b.py": {"imports": [module("a", "x")]},
        "main.py": {"imports": [module("a", "x")], "classes": [klass("A", "B"), klass("B", "A")]},
    }

    linked = link(files, "main.py", ("x", ""), ("A.m", ""))

    assert (linked.calls, linked.unresolved) == ((), 2)


def test_libraries_stay_outside_and_are_counted():
    linked = link({"main.py": {"imports": [module("numpy", alias="np")]}}, "main.py", ("np.zeros", ""), ("?.run", ""))

    assert (linked.imports, linked.external, linked.unresolved) == ((), 1, 2)


def test_named_and_default_imports_of_scripts_are_followed():
    files = {
        "web/x.ts": {"language": "typescript", "functions": [function("draw")], "classes": [klass("Pen")]},
        "web/index.ts": {"language": "typescript", "imports": [module("./x", "draw")]},
        "app.js": {
            "language": "javascript",
            "imports": [
                module("./web", "draw as d"),
                module("./web/x", "default as Pen"),
                module("./web/x", alias="ns"),
            ],
        },
    }

    linked = link(files, "app.js", ("d", ""), ("Pen", ""), ("ns.draw", ""))

    assert targets(linked) == [("web/x.ts", "Pen"), ("web/x.ts", "draw")]
    assert linked.stems == {"web", "x"}


def test_packages_of_the_registry_leave_no_stem_and_no_edge():
    files = {"app.js": {"language": "javascript", "imports": [module("react", "useState"), module("./gone", "x")]}}

    linked = link(files, "app.js", ("useState", ""), ("x", ""))

    assert (linked.stems, linked.external, linked.unresolved) == ({"gone"}, 2, 2)


def test_call_that_is_made_twice_is_counted_twice():
    linked = link({"main.py": {"functions": [function("f")]}}, "main.py", ("f", ""), ("f", ""))

    assert linked.calls == (("", "main.py", "f", 2),)


def test_self_outside_a_class_means_nothing():
    assert link({"main.py": {"functions": [function("f")]}}, "main.py", ("self.x", "f")).unresolved == 1


def test_module_and_bare_self_are_not_callees():
    files = {
        "a.py": {"functions": [function("f")]},
        "main.py": {"imports": [module("a")], "classes": [klass("C")], "functions": [function("C.m")]},
    }

    assert link(files, "main.py", ("a", ""), ("self", "C.m")).unresolved == 2


def test_package_at_the_root_of_a_repository_has_no_name():
    modules = Modules(["__init__.py", "a.py"])

    assert modules.python("a.py", 1, "") == "__init__.py"
    assert modules.python("a.py", 0, "__init__") is None


def test_lines_are_not_visible_to_others_but_names_are():
    here, moved = (
        names_of(outline(functions=[function("f")])),
        names_of(outline(functions=[["f", "f", "function", 7, 9]])),
    )
    renamed = names_of(outline(functions=[function("g")]))

    assert here.visible == moved.visible
    assert here.visible != renamed.visible


@pytest.mark.parametrize(
    ("path", "name"),
    [("a/b.py", "b"), ("a/__init__.py", "a"), ("a/index.ts", "a"), ("x.d.ts", "x"), ("__init__.py", "")],
)
def test_the_stem_is_the_last_name_of_an_import(path, name):
    assert stem(path) == name


def test_bases_are_tied_to_the_classes_they_mean():
    files = {
        "base.py": {"classes": [klass("Base"), klass("Base.Inner")]},
        "main.py": {
            "imports": [module("base"), module("base", "Base")],
            "classes": [
                klass("Car", "Base", "abc.ABC", "?"),
                klass("Bus", "base.Base.Inner", "Car"),
                klass("Loop", "Loop"),
            ],
        },
    }

    linked = link(files, "main.py")

    assert linked.inherits == (
        ("Bus", "base.py", "Base.Inner"),
        ("Bus", "main.py", "Car"),
        ("Car", "base.py", "Base"),
    )
