"""Contracts on imports: how they are read, and that they say what import-linter says."""

from __future__ import annotations

import random
from collections.abc import Iterable

import grimp
import pytest

from functions.analysis.adapters.components import RustComponents
from functions.analysis.architecture.checking import Verdict, check
from functions.analysis.architecture.contracts import Contracts, Refused, read
from functions.analysis.architecture.modules import Names
from functions.analysis.reach import describe


def judged(
    text: str, edges: Iterable[tuple[str, str]], paths: Iterable[str], externals: dict[str, list[str]] | None = None
) -> list[Verdict]:
    return check(read(text), edges, externals or {}, paths)


def chains(verdict: Verdict) -> list[tuple[str, ...]]:
    return [one.chain for one in verdict.violations]


PATHS = [
    "shop/__init__.py",
    "shop/web/__init__.py",
    "shop/web/forms.py",
    "shop/core.py",
    "shop/util.py",
    "shop/store.py",
]
LAYERS = """
contracts:
  - name: Imports point inwards
    type: layers
    layers: [shop.web, shop.store, shop.core]
"""


def test_lower_layers_may_not_import_higher_ones_neither_directly_nor_by_others():
    edges = [
        ("shop/web/forms.py", "shop/core.py"),
        ("shop/core.py", "shop/util.py"),
        ("shop/util.py", "shop/web/forms.py"),
        ("shop/store.py", "shop/web/__init__.py"),
    ]

    (verdict,) = judged(LAYERS, edges, PATHS)

    assert not verdict.kept
    assert chains(verdict) == [
        ("shop/core.py", "shop/util.py", "shop/web/forms.py"),
        ("shop/store.py", "shop/web/__init__.py"),
    ]


def test_a_chain_through_another_layer_is_that_layers_business():
    edges = [("shop/core.py", "shop/store.py"), ("shop/store.py", "shop/web/forms.py")]

    (verdict,) = judged(LAYERS, edges, PATHS)

    assert chains(verdict) == [("shop/core.py", "shop/store.py"), ("shop/store.py", "shop/web/forms.py")]


def test_layers_may_be_optional_share_a_height_and_lie_in_containers():
    text = """
    contracts:
      - name: inside
        type: layers
        containers: [a, b]
        layers: ["web", "(cli)", "left | right", "one : two"]
    """
    paths = [f"{box}/{name}.py" for box in "ab" for name in ("web", "left", "right", "one", "two")]
    edges = [
        ("a/left.py", "a/right.py"),
        ("b/one.py", "b/two.py"),
        ("b/two.py", "a/web.py"),
        ("b/right.py", "b/web.py"),
    ]

    (verdict,) = judged(text, edges, paths)

    assert chains(verdict) == [("a/left.py", "a/right.py"), ("b/right.py", "b/web.py")]
    assert verdict.problems == ()


def test_a_layer_that_is_not_there_is_a_problem():
    (verdict,) = judged(LAYERS, [], ["shop/web/forms.py", "shop/core.py"])

    assert (verdict.kept, verdict.problems) == (False, ("there is no module shop.store",))


def test_forbidden_imports_may_be_libraries_and_may_be_allowed_by_detour():
    text = """
    contracts:
      - name: Rules know no framework
        type: forbidden
        source_modules: shop.core
        forbidden_modules: [django, shop.web]
      - name: Not directly
        type: forbidden
        source_modules: [shop.core]
        forbidden_modules: [shop.web]
        allow_indirect_imports: true
    """
    edges = [("shop/core.py", "shop/util.py"), ("shop/util.py", "shop/web/forms.py")]

    strict, loose = judged(text, edges, PATHS, {"shop/core.py": ["django.db", "djangoesque"]})

    assert chains(strict) == [("shop/core.py", "django.db"), ("shop/core.py", "shop/util.py", "shop/web/forms.py")]
    assert loose.kept


def test_independent_modules_do_not_know_each_other():
    text = "contracts: [{name: parts, type: independence, modules: [plugins.*]}]"
    paths = ["plugins/a/x.py", "plugins/b.py", "plugins/c.py", "base.py"]

    (verdict,) = judged(text, [("plugins/a/x.py", "base.py"), ("base.py", "plugins/c.py")], paths)

    assert chains(verdict) == [("plugins/a/x.py", "base.py", "plugins/c.py")]
    assert (verdict.violations[0].importer, verdict.violations[0].imported) == ("plugins.a", "plugins.c")


IGNORING = """
contracts:
  - name: Imports point inwards
    type: layers
    layers: [shop.web, shop.store, shop.core]
    ignore_imports: ["shop.* -> shop.web.*", "shop.core -> shop.gone"]
"""


def test_ignored_imports_are_left_out_and_stale_exceptions_are_told():
    edges = [("shop/core.py", "shop/web/forms.py")]

    (verdict,) = judged(IGNORING, edges, PATHS)
    (warned,) = judged(IGNORING + "    unmatched_ignore_imports_alerting: warn\n", edges, PATHS)

    assert (verdict.violations, verdict.stale, verdict.kept) == ((), ("shop.core -> shop.gone",), False)
    assert (warned.stale, warned.kept) == (("shop.core -> shop.gone",), True)


@pytest.mark.parametrize(
    ("roots", "path", "name"),
    [
        ((), "src/shop/cart.py", "shop.cart"),
        ((), "shop/__init__.py", "shop"),
        ((), "web/index.ts", "web"),
        ((), "index.ts", "index"),
        ((), "web/money.test.ts", "web.money"),
        ((), "srcs/a.py", "srcs.a"),
        (("layers/kernel/python", ""), "layers/kernel/python/kernel/ids.py", "kernel.ids"),
        (("layers/kernel/python", ""), "functions/app.py", "functions.app"),
        ((), ".hidden/a.py", "_hidden.a"),
        ((), ".env", ".env".replace(".", "_")),
    ],
)
def test_modules_are_named_from_the_roots_of_sources(roots, path, name):
    assert Names([path], roots).of[path] == name


@pytest.mark.parametrize(
    "text",
    [
        "- a",
        "contracts: 5",
        "contracts: [5]",
        "contracts: [{type: layers}]",
        "contracts: [{name: x, type: magic}]",
        "contracts: [{name: x, type: layers}]",
        "contracts: [{name: x, type: layers, layers: ['a b']}]",
        "contracts: [{name: x, type: layers, layers: ['(a']}]",
        "contracts: [{name: x, type: layers, layers: [a], colour: red}]",
        "contracts: [{name: x, type: forbidden, source_modules: [a]}]",
        "contracts: [{name: x, type: independence, modules: [a], ignore_imports: [b]}]",
        "contracts: [{name: x, type: independence, modules: [a], unmatched_ignore_imports_alerting: maybe}]",
        "contracts: [{name: '!', type: independence, modules: [a]}]",
        "contracts: [{name: x, type: independence, modules: [a]}, {name: X, type: independence, modules: [a]}]",
        "other: 1",
        "contracts: [{name: x, type: independence, modules: ['a..b']}]",
        "contracts: [{name: x, type: independence, modules: [***]}]",
        "a: &a [*a]",
        "a: &a [x]\nb: [*a, *a]",
        "contracts: {",
        "!!python/object/apply:os.system ['true']",
        "[" * 2_000,
        "x" * 70_000,
        "contracts: [{name: x, type: forbidden, source_modules: [a], forbidden_modules: [b], allow_indirect_imports: [c]}]x",
    ],
)
def test_what_is_no_contract_is_refused_with_a_sentence(text):
    with pytest.raises(Refused, match=r"\w \w"):
        read(text)


def test_no_text_is_no_contract():
    assert read("") == read("# nothing\n") == Contracts()


def test_contracts_that_would_take_too_long_are_refused():
    paths = [f"m{number}.py" for number in range(200)]
    edges = [(one, other) for one in paths for other in paths if one != other]
    modules = ", ".join(f"m{number}" for number in range(200))

    with pytest.raises(Refused, match="too long"):
        judged(f"contracts: [{{name: x, type: independence, modules: [{modules}]}}]", edges, paths)


def test_random_layers_are_broken_where_grimp_says_so():
    chance = random.Random(5)
    for _ in range(40):
        modules = [f"pkg.m{number}" for number in range(12)]
        pairs = sorted({tuple(chance.sample(modules, 2)) for _ in range(14)})
        layers = chance.sample(modules, 5)
        theirs = grimp_graph(modules, pairs).find_illegal_dependencies_for_layers(
            layers=[*layers[:3], {layers[3], layers[4]}]
        )
        text = f"contracts: [{{name: x, type: layers, layers: [{', '.join(layers[:3])}, '{layers[3]} | {layers[4]}']}}]"

        (ours,) = judged(text, [(path_of(a), path_of(b)) for a, b in pairs], map(path_of, modules))

        assert {(one.importer, one.imported) for one in ours.violations} == {
            (one.importer, one.imported) for one in theirs
        }
        assert {len(one.chain) for one in ours.violations} == {
            len(min((route.middle for route in one.routes), key=len)) + 2 for one in theirs
        }


def path_of(module: str) -> str:
    return f"{module.replace('.', '/')}.py"


def grimp_graph(modules: list[str], pairs: Iterable[tuple[str, str]]) -> grimp.ImportGraph:
    graph = grimp.ImportGraph()
    for module in modules:
        graph.add_module(module)
    for importer, imported in pairs:
        graph.add_import(importer=importer, imported=imported)
    return graph


def test_cycles_are_the_strongly_connected_components():
    edges = [("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("d", "e"), ("e", "d"), ("f", "f"), ("f", "a")]

    found = RustComponents().cycles(edges)

    assert found == [["a", "b", "c"], ["d", "e"]]
    assert describe(found[0], edges) == (3, ["a", "b", "c"], ["a", "b", "c", "a"])
    assert RustComponents().cycles([]) == []


def test_the_example_is_a_shortest_way_round():
    edges = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "a"), ("c", "a"), ("b", "d")]

    assert describe(RustComponents().cycles(edges)[0], edges).example == ["a", "b", "c", "a"]


def test_random_cycles_are_those_of_a_second_algorithm():
    chance = random.Random(3)
    for _ in range(30):
        names = [f"n{number}" for number in range(15)]
        edges = [(chance.choice(names), chance.choice(names)) for _ in range(22)]

        assert RustComponents().cycles(edges) == mutual(names, edges)


def mutual(names: list[str], edges: list[tuple[str, str]]) -> list[list[str]]:
    """By reachability alone: slow and plain."""
    reach = {name: {name} for name in names}
    for _ in names:
        for source, target in edges:
            reach[source] |= reach[target]
    groups = {tuple(other for other in sorted(names) if other in reach[one] and one in reach[other]) for one in names}
    return sorted((list(group) for group in groups if len(group) > 1), key=lambda group: (-len(group), group))
