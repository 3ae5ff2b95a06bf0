"""Branches have graphs of their own, and the main line keeps its own."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from functions.analysis.graph import MAIN, line_of
from functions.analysis.service import branching
from tests.integration.analysis.graphs import OTHER_PROJECT, counted, edges, graph, wiped
from tests.integration.analysis.house import House
from tests.integration.analysis.test_graph import SHOP, edit, repository

RENAMED = SHOP | {
    "shop/money.py": b"def whole(items):\n    return sum(items)\n",
    "shop/cart.py": SHOP["shop/cart.py"].replace(b"total", b"whole"),
}


@pytest.fixture(autouse=True)
def _no_graph(house: House) -> None:
    wiped(house)


def branch(house: House, files: dict[str, bytes], name: str = "feature", **more: Any) -> Any:
    return house.publish(files, main=False, branch=name, **more)


def questions(house: House, analysis_id: str, paths: list[str]) -> list[Any]:
    """What users can ask, of some paths, without the version that it is about."""
    asked = ["", "/cycles", "/cycles?of=folders", "/dead-code"]
    asked += [f"/{what}?path={path}" for path in paths for what in ("impact", "neighbours", "owners")]
    answers = [house.client.get(f"/v1/analyses/{analysis_id}/graph{one}").json for one in asked]
    for answer in answers:
        answer.pop("version_id", None)
        answer.pop("analysis_id", None)
        for one in answer.get("edges", ()):
            one.update({end: answer["nodes"][int(one[end])]["id"] for end in ("source", "target")})
    return answers


def test_a_branch_is_asked_about_its_own_version_and_leaves_main_alone(house):
    first = house.publish(SHOP)
    before = graph(house)

    second = branch(house, RENAMED)

    assert (second.graph, graph(house)) == ("written", before)
    path = f"/v1/analyses/{second.id}/graph/callers"
    found = house.client.get(f"{path}?path=shop/money.py&symbol=whole").json
    assert (found["version_id"], found["state"]) == (second.version_id, "written")
    assert found["items"] == [{"path": "shop/cart.py", "symbol": "Cart.sum", "times": 1}]
    assert house.client.get(f"{path}?path=shop/money.py&symbol=total").status == 404
    assert house.client.get(path.replace(second.id, first.id) + "?path=shop/money.py&symbol=total").status == 200


def test_a_branch_holds_only_what_differs(house):
    house.publish(SHOP)

    branch(house, RENAMED)

    own = {
        node[0:1] + tuple(v for k, v in node[1:] if k in ("path", "name"))
        for node in graph(house, line=line_of("feature"))[0]
        if ("own", True) in node
    }
    assert own == {
        ("File", "shop/cart.py"),
        ("File", "shop/money.py"),
        ("Module", "shop"),
        ("Symbol", "Cart", "shop/cart.py"),
        ("Symbol", "Cart.pay", "shop/cart.py"),
        ("Symbol", "Cart.sum", "shop/cart.py"),
        ("Symbol", "whole", "shop/money.py"),
    }


def test_main_shows_through_a_branch(house):
    house.publish(SHOP)

    second = branch(house, SHOP | {"new.py": b"from shop.money import total\n\ntotal([])\n"})

    found = house.client.get(f"/v1/analyses/{second.id}/graph/impact?path=shop/money.py").json
    assert [(one["path"], one["distance"]) for one in found["items"]] == [
        ("shop/cart.py", 1),
        ("new.py", 1),
        ("shop/__init__.py", 2),
        ("main.py", 2),
    ]
    assert counted(house, second.id)["files"] == 5


def test_a_file_that_a_branch_removes_does_not_show_through(house):
    house.publish(SHOP)

    second = branch(house, {path: data for path, data in SHOP.items() if path != "main.py"})

    path = f"/v1/analyses/{second.id}/graph"
    assert house.client.get(f"{path}/impact?path=main.py").status == 404
    assert {one["path"] for one in house.client.get(f"{path}/impact?path=shop/cart.py").json["items"]} == {
        "shop/__init__.py"
    }


def test_a_branch_keeps_its_answers_when_main_moves(house):
    house.publish(SHOP)
    second = branch(house, SHOP | {"new.py": b"from shop.money import total\n\ntotal([])\n"})
    paths = ["shop/money.py", "shop/cart.py", "new.py", "main.py"]
    before = questions(house, second.id, paths)

    moved = {path.replace("main.py", "start.py"): data for path, data in RENAMED.items()}
    house.publish(moved | {"also.py": b"from shop.money import whole\n"})

    assert questions(house, second.id, paths) == before
    assert house.client.get(f"/v1/analyses/{second.id}/graph/impact?path=also.py").status == 404
    assert ("also.py", "IMPORTS", "shop/money.py") in edges(house)


def test_older_version_gets_the_answers_of_the_newest_and_is_told_so(house):
    first = house.publish(SHOP)
    second = house.publish(RENAMED)

    found = house.client.get(f"/v1/analyses/{first.id}/graph").json

    assert (found["version_id"], found["state"]) == (second.version_id, "superseded")


def test_branch_before_any_main_version_stands_by_itself(house):
    first = branch(house, SHOP)
    alone = questions(house, first.id, sorted(SHOP))

    house.publish({"other.py": b"x = 1\n"})

    assert counted(house, first.id)["files"] == 4
    assert questions(house, first.id, sorted(SHOP)) == alone
    assert edges(house) == set()


def test_graphs_of_old_branches_are_let_go(house, monkeypatch):
    monkeypatch.setattr(branching, "MOST_BRANCHES", 2)
    house.publish(SHOP)

    analyses = [branch(house, SHOP | {"new.py": b"import shop\n"}, f"b{number}") for number in range(3)]

    oldest = house.client.get(f"/v1/analyses/{analyses[0].id}/graph")
    assert (oldest.status, oldest.json["code"]) == (404, "no_graph")
    assert graph(house, line=line_of("b0")) == (set(), set())
    assert [house.client.get(f"/v1/analyses/{one.id}/graph").status for one in analyses[1:]] == [200, 200]


def test_main_that_moves_far_lets_branches_go(house, monkeypatch):
    monkeypatch.setattr(branching, "MOST_PRESERVED", 1)
    house.publish(SHOP)
    second = branch(house, SHOP | {"new.py": b"import shop\n"})

    house.publish(RENAMED)

    assert house.client.get(f"/v1/analyses/{second.id}/graph").status == 404
    assert graph(house, line=line_of("feature")) == (set(), set())


def test_version_of_no_branch_has_a_line_of_its_own(house):
    house.publish(SHOP)

    one, other = (house.publish(SHOP | {name: b"import shop\n"}, main=False) for name in ("a.py", "b.py"))

    assert [counted(house, analysis.id)["files"] for analysis in (one, other)] == [5, 5]
    assert house.client.get(f"/v1/analyses/{one.id}/graph/impact?path=b.py").status == 404


class Cut:
    """The store, which ends its worker after some statements."""

    def __init__(self, graph: Any, statements: int) -> None:
        self._graph, self._left = graph, statements

    def write(self, scope: Any, difference: Any, hold: Any) -> None:
        def counting() -> None:
            self._left -= 1
            if self._left < 0:
                raise KeyboardInterrupt
            hold()

        self._graph.write(scope, difference, counting)

    def wipe_line(self, scope: Any) -> None:
        self._left -= 1
        if self._left < 0:
            raise KeyboardInterrupt
        self._graph.wipe_line(scope)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._graph, name)


def killed(house: House, event: str, statements: int, *, again: bool = True) -> bool:
    """Whether a worker that is killed after some statements of its merge came that far; then let it be tried again."""
    house.plan(event)
    while messages := house.sent("coderev.analysis.shards.v1"):
        for message in messages:
            merging = json.loads(message)["type"] == "merge.ready"
            here = house.with_deps(replace(house.deps, graph=Cut(house.deps.graph, statements), lease_s=0))
            try:
                (here if merging else house).work(message)
            except KeyboardInterrupt:
                assert not again or [house.work(message), house.drain()] == [[], []]
                return True
    return False


@pytest.mark.parametrize(("main", "statements"), [(True, 0), (True, 4), (True, 8), (False, 0), (False, 4)])
def test_kill_in_the_middle_of_a_write_leaves_nothing_wrong(house, main, statements):
    house.publish(SHOP)
    branch(house, SHOP | {"new.py": b"from shop.money import total\n\ntotal([])\n"}, "kept")

    assert killed(house, house.published(RENAMED, main=main, branch="feature"), statements)

    line = MAIN if main else line_of("feature")
    wiped(house, OTHER_PROJECT)
    if not main:
        house.publish(SHOP, project=OTHER_PROJECT)
    house.publish(RENAMED, project=OTHER_PROJECT, main=main, branch="feature")
    assert graph(house, line=line) == graph(house, OTHER_PROJECT, line=line)


@pytest.mark.parametrize("statements", [0, 3])
def test_version_after_one_that_was_killed_finds_nothing_of_it(house, statements):
    house.publish(SHOP)
    kept = branch(house, SHOP | {"new.py": b"import shop\n"}, "kept")
    assert killed(house, house.published(RENAMED | {"ghost.py": b"def ghost(): ...\n"}), 6, again=False)

    assert killed(house, house.published(RENAMED | {"late.py": b"import shop\n"}), statements)

    wiped(house, OTHER_PROJECT)
    house.publish(RENAMED | {"late.py": b"import shop\n"}, project=OTHER_PROJECT)
    assert graph(house) == graph(house, OTHER_PROJECT)
    assert house.client.get(f"/v1/analyses/{kept.id}/graph").status == 404
    assert graph(house, line=line_of("kept")) == (set(), set())


@pytest.mark.slow
def test_any_edits_on_main_and_branches_answer_as_fresh_graphs_do(house):
    chance = random.Random(11)
    files = repository(25)
    house.publish(files)
    heads = {"one": files, "two": files}
    latest: dict[str, tuple[str, dict[str, bytes]]] = {}
    for step in range(7):
        name = chance.choice(["", "one", "two"])
        if name:
            heads[name] = edit(chance, heads[name], step)
            latest[name] = branch(house, heads[name], name).id, heads[name]
        else:
            files = edit(chance, files, step)
            latest[name] = house.publish(files).id, files
        for analysis_id, state in latest.values():
            paths = chance.sample(sorted(path for path in state if path.endswith(".py")), 3)
            wiped(house, OTHER_PROJECT)
            fresh = house.publish(state, project=OTHER_PROJECT)
            assert questions(house, analysis_id, paths) == questions(house, fresh.id, paths), step
