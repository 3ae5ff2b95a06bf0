"""What a file puts into the graph, and what changes between two states of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from functions.analysis.codeowners import Owners
from functions.analysis.graph import MAIN, Difference, Edge, EdgeKind, Part, SymbolNode, folders_of, line_of
from functions.analysis.packing import packed, unpacked
from functions.analysis.parts import Parts, is_test, subject_of
from functions.analysis.resolution.linking import Linked, Linker
from functions.analysis.resolution.modules import Modules
from functions.analysis.resolution.names import names_of
from tests.unit.analysis.test_resolution import klass, module, outline

LINKED = Linked(
    "python",
    (("f", "function", 1, 2), ("g", "function", 4, 5)),
    ("b.py",),
    (("f", "b.py", "h", 2),),
    1,
    3,
    inherits=(("C", "b.py", "B"),),
)
PART = Part(LINKED, (("b.py", ("h",)),), ("b.py",), ("@ada",), ("os",))


def test_parts_survive_storage():
    assert unpacked(packed(PART)) == PART


def test_what_it_was_resolved_with_is_stored_elsewhere():
    found = replace(PART, linked=replace(LINKED, consulted=frozenset(("b.py",)), stems=frozenset("b")))

    assert unpacked(packed(found)) == found.plain == PART


def test_a_file_that_stays_as_it_is_writes_nothing():
    difference = Difference()

    difference.add("a.py", PART, PART)

    assert not difference


def test_only_what_differs_is_written():
    linked = replace(
        LINKED,
        symbols=(("f", "function", 2, 3), ("h", "class", 5, 6)),
        imports=("c.py",),
        calls=(("f", "b.py", "h", 3),),
        inherits=(),
    )
    difference = Difference()

    difference.add("a.py", PART, Part(linked, (), ("b.py",), ("@bob",), ("os",)))

    assert difference.files == []
    assert difference.symbols == [SymbolNode("a.py", "h", "class", 5, 6)]
    assert difference.symbols_changed == [SymbolNode("a.py", "f", "function", 2, 3)]
    assert difference.symbols_gone == [("a.py", "g")]
    assert difference.edges_gone == {
        EdgeKind.IMPORTS: [Edge("a.py", "", "b.py", "", 1, ("h",))],
        EdgeKind.CALLS: [],
        EdgeKind.INHERITS: [Edge("a.py", "C", "b.py", "B")],
        EdgeKind.TESTS: [],
        EdgeKind.OWNED_BY: [Edge("a.py", "", "@ada", "")],
        EdgeKind.USES: [],
    }
    assert difference.edges == {
        EdgeKind.IMPORTS: [Edge("a.py", "", "c.py", "")],
        EdgeKind.CALLS: [Edge("a.py", "f", "b.py", "h", 3)],
        EdgeKind.INHERITS: [],
        EdgeKind.TESTS: [],
        EdgeKind.OWNED_BY: [Edge("a.py", "", "@bob", "")],
        EdgeKind.USES: [Edge("a.py", "", "b.py", "", 1, ("CALLS",))],
    }


def test_import_that_binds_other_names_is_written_again():
    difference = Difference()

    difference.add("a.py", PART, replace(PART, names=(("b.py", ("h", "i")),)))

    assert difference.edges[EdgeKind.IMPORTS] == [Edge("a.py", "", "b.py", "", 1, ("h", "i"))]
    assert difference.edges_gone[EdgeKind.IMPORTS] == []


def test_a_file_that_goes_takes_its_symbols_along():
    difference = Difference()

    difference.remove("a.py", PART)

    assert (difference.files_gone, sorted(difference.symbols_gone)) == (["a.py"], [("a.py", "f"), ("a.py", "g")])


def test_folders_come_with_their_first_file_and_go_with_their_last():
    difference = Difference()

    difference.move_folders(["a/b/c.py", "a/d.py", "x.py"], ["a/d.py", "e/f/g.py"])

    assert (difference.folders_gone, difference.folders) == (["a/b"], ["e", "e/f"])
    assert folders_of(["top.py"]) == set()


def test_lines_of_branches_are_never_the_main_one():
    assert MAIN not in {line_of(branch) for branch in ("-", "main", "", "\udcff", "x" * 5_000)}


def parts(files: dict[str, dict], owners: str = "") -> dict[str, Part]:
    tables = {path: names_of(outline(**given)) for path, given in files.items()}
    modules = Modules(files)
    linker, made = Linker(modules, tables.get), Parts(modules, files, Owners(owners))
    nothing = {"callers": [], "calls": []}
    return {path: made.of(path, own, linker.link(path, own, nothing)) for path, own in tables.items()}


def test_imports_say_what_they_bind_and_libraries_are_named():
    found = parts(
        {
            "shop/__init__.py": {},
            "shop/cart.py": {"imports": [module("shop.money", "total", "tax as vat"), module("django.db", "models")]},
            "shop/money.py": {"imports": [module("os"), module("sibling_without", level=1)]},
            "web/a.ts": {"language": "typescript", "imports": [module("./b", "draw"), module("react", "default as R")]},
            "web/b.ts": {"language": "typescript"},
        }
    )

    assert found["shop/cart.py"].names == (("shop/money.py", ("tax", "total")),)
    assert found["shop/cart.py"].externals == ("django.db",)
    assert found["shop/money.py"].externals == ("os",)
    assert found["web/a.ts"].names == (("web/b.ts", ("draw",)),)
    assert found["web/a.ts"].externals == ("react",)


def test_folder_without_a_package_file_is_no_library():
    found = parts({"ns/part.py": {}, "main.py": {"imports": [module("ns", "part")]}})

    assert found["main.py"].linked.imports == ("ns/part.py",)
    assert found["main.py"].externals == ()


@pytest.mark.parametrize(
    ("test", "subject"),
    [
        ("tests/test_money.py", "money"),
        ("tests/tests_money.py", "money"),
        ("money_test.go", "money"),
        ("spec/money_spec.rb", "money"),
        ("web/money.test.ts", "money"),
        ("src/MoneyTest.java", "Money"),
        ("src/MoneyTests.cs", "Money"),
        ("src/TestMoney.java", "Money"),
        ("src/MoneyIT.java", "Money"),
        ("latest.py", None),
        ("contest.py", None),
    ],
)
def test_tests_are_named_after_what_they_test(test, subject):
    assert subject_of(test) == subject


def test_a_test_is_about_the_file_of_its_name_that_it_imports():
    found = parts(
        {
            "shop/__init__.py": {},
            "shop/cart.py": {},
            "shop/money.py": {},
            "other/money.py": {},
            "tests/test_money.py": {"imports": [module("shop.cart", "Cart"), module("shop.money", "total")]},
        }
    )

    assert found["tests/test_money.py"].tests == ("shop/money.py",)
    assert "money" in found["tests/test_money.py"].linked.stems
    assert found["shop/cart.py"].tests == ()


def test_a_test_without_imports_is_about_its_neighbour_or_the_only_one_of_that_name():
    ruby, go = {"language": "ruby"}, {"language": "go"}
    found = parts(
        {
            "a/money.go": go,
            "b/money.go": go,
            "a/money_test.go": go,
            "b/cart.go": go,
            "t/cart_test.go": go,
            "lib/cart.rb": ruby,
            "spec/cart_spec.rb": ruby,
        }
    )

    assert found["a/money_test.go"].tests == ("a/money.go",)
    assert found["spec/cart_spec.rb"].tests == ("lib/cart.rb",)
    assert found["t/cart_test.go"].tests == ()


def test_a_test_of_no_name_is_about_what_it_imports_but_not_about_tests():
    found = parts(
        {
            "shop/__init__.py": {},
            "shop/cart.py": {},
            "tests/__init__.py": {},
            "tests/house.py": {},
            "tests/test_everything.py": {"imports": [module("shop.cart", "Cart"), module("tests.house", "House")]},
        }
    )

    assert found["tests/test_everything.py"].tests == ("shop/cart.py",)
    assert is_test("tests/house.py")


def test_files_that_share_a_name_with_tests_are_none():
    found = parts({"test_money.py": {}, "money.py": {"classes": [klass("Test")]}})

    assert found["test_money.py"].tests == ("money.py",)
    assert found["money.py"].tests == ()
