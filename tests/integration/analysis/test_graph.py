"""The graph follows the version: whole or piece by piece, the same comes out."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from functions.analysis.adapters.neo4j import Neo4jGraph
from kernel import resources
from tests.integration.analysis.graphs import OTHER_PROJECT, counted, edges, graph, wiped
from tests.integration.analysis.house import House

SHOP = {
    "shop/__init__.py": b"from .cart import Cart\n",
    "shop/cart.py": b"from shop.money import total\n\n\nclass Cart:\n    def pay(self):\n        return self.sum()\n\n"
    b"    def sum(self):\n        return total([])\n",
    "shop/money.py": b"def total(items):\n    return sum(items)\n",
    "main.py": b"import shop\n\nshop.Cart()\n",
}


@pytest.fixture(autouse=True)
def _no_graph(house: House) -> None:
    wiped(house)


def test_imports_and_calls_are_tied_across_files(house):
    analysis = house.publish(SHOP)

    assert analysis.graph == "written"
    assert edges(house) == {
        ("shop/__init__.py", "IMPORTS", "shop/cart.py"),
        ("shop/cart.py", "IMPORTS", "shop/money.py"),
        ("main.py", "IMPORTS", "shop/__init__.py"),
        ("main.py", "CALLS", "shop/cart.py\nCart"),
        ("shop/cart.py\nCart.pay", "CALLS", "shop/cart.py\nCart.sum"),
        ("shop/cart.py\nCart.sum", "CALLS", "shop/money.py\ntotal"),
    }
    counts = house.client.get(f"/v1/analyses/{analysis.id}/graph").json
    assert counts == {
        "version_id": analysis.version_id,
        "state": "written",
        "files": 4,
        "modules": 1,
        "symbols": 4,
        "imports": 3,
        "calls": 3,
        "inherits": 0,
        "tests": 0,
        "owned": 0,
    }


def test_renamed_function_leaves_no_ghost(house):
    house.publish(SHOP)

    house.publish(SHOP | {"shop/money.py": b"def whole(items):\n    return sum(items)\n"})

    nodes, _ = graph(house)
    assert not [node for node in nodes if ("name", "total") in node]
    assert ("shop/cart.py\nCart.sum", "CALLS", "shop/money.py\ntotal") not in edges(house)


def test_impact_ranks_those_that_a_change_may_concern(house):
    analysis = house.publish(SHOP)
    path = f"/v1/analyses/{analysis.id}/graph/impact"

    found = house.client.get(f"{path}?path=shop/money.py&depth=3").json

    assert [(one["path"], one["distance"], one["through"]) for one in found["items"]] == [
        ("shop/cart.py", 1, ["CALLS", "IMPORTS"]),
        ("shop/__init__.py", 2, ["IMPORTS"]),
        ("main.py", 2, ["CALLS"]),
    ]
    assert found["truncated"] is False
    assert house.client.get(f"{path}?path=nowhere.py").status == 404
    assert house.client.get(f"{path}?path=a&depth=99").status == 422


def test_graph_that_is_down_is_named_and_repaired_by_the_next_merge(house):
    house.publish(SHOP)
    down = resources._neo4j("bolt://127.0.0.1:9", "neo4j", "nobody-there")
    without = house.with_deps(replace(house.deps, graph=Neo4jGraph(lambda: down, lambda: None)))

    missed = without.publish(SHOP | {"new.py": b"import shop\n"})
    repaired = house.publish(SHOP | {"newer.py": b"import main\n"})

    assert (missed.state, missed.graph) == ("completed", "unavailable")
    assert without.client.get(f"/v1/analyses/{missed.id}/graph").status == 503
    assert repaired.graph == "written"
    assert ("newer.py", "IMPORTS", "main.py") in edges(house)
    assert not [edge for edge in edges(house) if edge[0] == "new.py"]


def test_write_that_was_cut_off_is_done_again_from_the_start(house):
    house.publish(SHOP)
    house.sql("UPDATE analysis.graphs SET clean = false, analysis_id = :id", id="01890000-0000-7000-8000-00000000dead")
    house.deps.graph._run("MATCH (f:File) WHERE f.path = 'main.py' DETACH DELETE f")

    house.publish(SHOP | {"new.py": b"import shop\n"})

    assert ("main.py", "CALLS", "shop/cart.py\nCart") in edges(house)


def test_version_that_merges_late_does_not_turn_the_graph_back(house):
    older = house.published(SHOP)
    house.publish({"only.py": b"x = 1\n"})
    house.sql("UPDATE analysis.analyses SET created_at = now() + interval '1 hour'")

    house.plan(older)
    house.drain()

    states = [one["graph"] for one in house.client.get("/v1/analyses").json["items"]]
    assert sorted(states) == ["superseded", "written"]
    assert {dict(node[1:])["path"] for node in graph(house)[0]} == {"only.py"}


def repository(count: int) -> dict[str, bytes]:
    """A synthetic repository: packages that use each other, scripts, TypeScript, names that shadow and re-export."""
    files: dict[str, bytes] = {}
    for number in range(count):
        package = f"pkg{number % 10}"
        other, third = (number * 7 + 1) % count, (number * 3 + 2) % count
        files[f"src/{package}/__init__.py"] = b"from .mod%d import work%d as main_work\n" % (number, number)
        files[f"src/{package}/mod{number}.py"] = (
            f"import os\nfrom pkg{other % 10}.mod{other} import work{other}\nfrom pkg{third % 10} import main_work\n"
            f"from . import mod{(number + 10) % count}\n\n\n"
            f"class Thing{number}:\n    def go(self):\n        self.stop()\n        return work{other}()\n\n"
            f"    def stop(self):\n        exec('1')\n\n\n"
            f"def work{number}():\n    main_work()\n    mod{(number + 10) % count}.work{(number + 10) % count}()\n"
            f"    return Thing{number}().go()\n"
        ).encode()
    for number in range(10):
        files[f"web/part{number}.ts"] = (
            f"import {{ draw{(number + 1) % 10} }} from './part{(number + 1) % 10}';\n"
            f"export function draw{number}() {{ draw{(number + 1) % 10}(); }}\n"
        ).encode()
    return files


def state(house: House, analysis_id: str) -> list[tuple]:
    found = house.items(f"/v1/analyses/{analysis_id}/findings")
    return sorted((one["path"], one["line"], one["column"], one["rule"], one["fingerprint"]) for one in found)


def test_one_edit_costs_one_file_and_equals_a_fresh_run(house):
    files = repository(190)
    house.publish(files)
    path = "src/pkg3/mod13.py"
    edited = files | {path: files[path].replace(b"def work13", b"import sys\n\n\ndef work13_renamed")}
    house.engines.files = 0

    second = house.publish(edited)
    read = house.engines.files
    fresh = house.publish(edited, project=OTHER_PROJECT)

    assert read == 1
    assert second.progress.files_cached == len(files) - 1
    assert state(house, second.id) == state(house, fresh.id)
    assert graph(house) == graph(house, OTHER_PROJECT)
    new = house.items(f"/v1/analyses/{second.id}/findings?new=true")
    assert second.new_findings == len(new) > 0
    assert {one["path"] for one in new} <= {path}


@pytest.mark.slow
def test_any_series_of_edits_equals_a_fresh_run(house):
    random_ = random.Random(7)
    files = repository(30)
    house.publish(files)
    for step in range(8):
        files = edit(random_, files, step)

        done = house.publish(files)
        wiped(house, OTHER_PROJECT)
        fresh = house.publish(files, project=OTHER_PROJECT)

        assert state(house, done.id) == state(house, fresh.id), step
        assert graph(house) == graph(house, OTHER_PROJECT), step
        assert counted(house, done.id) == counted(house, fresh.id), step


def edit(random_: random.Random, files: dict[str, bytes], step: int) -> dict[str, bytes]:
    """Change, add, remove, rename: source files and packages alike."""
    after = dict(files)
    for _ in range(3):
        path = random_.choice(sorted(after))
        match random_.randrange(6):
            case 0:
                del after[path]
            case 1:
                folder, _, name = path.rpartition("/")
                after[f"{folder}/moved_{name}"] = after.pop(path)
            case 2:
                after[path] = b"\n" + after[path]
            case 3:
                after[path] = after[path].replace(b"def work", b"def job", 1)
            case 4:
                after[f"src/pkg{random_.randrange(10)}/extra{step}.py"] = b"from pkg1 import *\nmain_work()\n"
            case 5:
                after[path] += b"\n# the end\n"
    return after
