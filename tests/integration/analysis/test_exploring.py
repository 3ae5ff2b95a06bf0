"""What users can ask the graph, the history and the contracts of a project."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.client import OTHER_ORG
from tests.integration.analysis.graphs import counted, edges, wiped
from tests.integration.analysis.house import House

FILES = {
    "shop/__init__.py": b"from .cart import Cart\n",
    "shop/cart.py": b"from shop.money import total, _round\n\n\nclass Base:\n    def pay(self):\n        return total([])\n\n\n"
    b"class Cart(Base):\n    def _never(self):\n        return 1\n\n\ndef _unused():\n    return _round(1)\n\n\n"
    b"def _passed_on():\n    return 1\n\n\nHOOKS = [_passed_on]\n\n\ndef open_to_others():\n    return total([])\n",
    "shop/money.py": b"import json\nimport shop.ring\n\n\ndef total(items):\n    return sum(items)\n\n\ndef _round(n):\n    return json.dumps(n)\n",
    "shop/ring.py": b"import shop.money\n",
    "tests/test_money.py": b"from shop.money import total\n\n\ndef test_total():\n    assert total([]) == 0\n",
    "CODEOWNERS": b"* @ada\n/shop/ @bob @org/team\n/shop/ring.py\n",
    "notes.txt": b"text\n",
}


@pytest.fixture(autouse=True)
def _no_graph(house: House) -> None:
    wiped(house)


def ask(house: House, analysis_id: str, rest: str) -> Any:
    answer = house.client.get(f"/v1/analyses/{analysis_id}/graph/{rest}")
    assert answer.status == 200, answer.json
    return answer.json


def test_bases_tests_owners_and_folders_are_in_the_graph(house):
    analysis = house.publish(FILES)

    assert {
        ("shop/cart.py\nCart", "INHERITS", "shop/cart.py\nBase"),
        ("tests/test_money.py", "TESTS", "shop/money.py"),
        ("shop/cart.py", "OWNED_BY", "@bob"),
        ("shop/cart.py", "OWNED_BY", "@org/team"),
        ("tests/test_money.py", "OWNED_BY", "@ada"),
    } <= edges(house)
    counts = counted(house, analysis.id)
    assert (counts["files"], counts["modules"], counts["inherits"], counts["tests"], counts["owned"]) == (5, 2, 1, 1, 7)


def test_new_owners_reach_every_file_and_those_that_own_nothing_go(house):
    house.publish(FILES)

    house.publish(FILES | {"CODEOWNERS": b"* @eve\n"})

    owned = {(a, b) for a, kind, b in edges(house) if kind == "OWNED_BY"}
    assert {owner for _, owner in owned} == {"@eve"}
    assert len(owned) == 5
    nodes = house.deps.graph._run("MATCH (o:Owner) WHERE o.scope STARTS WITH $of RETURN o.name AS n", of=house.org)
    assert [row["n"] for row in nodes] == ["@eve"]


def test_owners_are_told_with_the_line_that_decides(graphed):
    house, analysis_id = graphed

    of_cart = ask(house, analysis_id, "owners?path=shop/cart.py")
    of_ring = ask(house, analysis_id, "owners?path=shop/ring.py")

    assert (of_cart["owners"], of_cart["file"], of_cart["line"]) == (["@bob", "@org/team"], "CODEOWNERS", 2)
    assert (of_ring["owners"], of_ring["line"], of_ring["pattern"]) == ([], 3, "/shop/ring.py")
    assert ask(house, analysis_id, "owners?path=any/file.md")["owners"] == ["@ada"]
    other = house.publish({"a.py": b"x = 1\n"})
    assert (ask(house, other.id, "owners?path=a.py")["file"], ask(house, other.id, "owners?path=a.py")["line"]) == (
        None,
        None,
    )


def test_impact_of_a_symbol_follows_calls_and_bases_and_names_the_tests(house):
    analysis = house.publish(FILES)

    found = ask(house, analysis.id, "impact?path=shop/money.py&symbol=total&depth=2")

    assert [(one["path"], one["symbol"], one["distance"], one["through"]) for one in found["items"]] == [
        ("shop/cart.py", "Base.pay", 1, ["CALLS"]),
        ("shop/cart.py", "open_to_others", 1, ["CALLS"]),
        ("tests/test_money.py", "test_total", 1, ["CALLS"]),
    ]
    assert (found["tests"], found["reached"]) == (["tests/test_money.py"], 3)
    of_base = ask(house, analysis.id, "impact?path=shop/cart.py&symbol=Base")
    assert [(one["symbol"], one["through"]) for one in of_base["items"]] == [("Cart", ["INHERITS"])]
    assert ask(house, analysis.id, "impact?path=shop/money.py")["tests"] == ["tests/test_money.py"]


def test_callers_are_told_with_how_often_they_call(house):
    files = FILES | {"more.py": b"from shop.money import total\n\ntotal([])\ntotal([])\n"}
    analysis = house.publish(files)

    found = ask(house, analysis.id, "callers?path=shop/money.py&symbol=total")

    assert found["items"][0] == {"path": "more.py", "symbol": "", "times": 2}
    assert len(found["items"]) == 4


def test_cycles_are_found_between_files_and_between_folders(house):
    analysis = house.publish(FILES | {"a/x.py": b"import b.y\n", "b/y.py": b"import a.z\n", "a/z.py": b""})

    files, folders = (ask(house, analysis.id, f"cycles?of={of}")["items"] for of in ("files", "folders"))

    assert files == [
        {
            "size": 2,
            "members": ["shop/money.py", "shop/ring.py"],
            "example": ["shop/money.py", "shop/ring.py", "shop/money.py"],
        }
    ]
    assert folders == [{"size": 2, "members": ["a", "b"], "example": ["a", "b", "a"]}]


def test_dead_code_is_a_candidate_with_its_reason(house):
    analysis = house.publish(FILES)

    found = ask(house, analysis.id, "dead-code")

    assert [(one["path"], one["symbol"], one["confidence"]) for one in found["items"]] == [
        ("shop/cart.py", "Cart._never", "high"),
        ("shop/cart.py", "_unused", "high"),
        ("shop/cart.py", "open_to_others", "medium"),
    ]
    assert "outside this project" in found["items"][2]["reason"]


def test_neighbours_are_nodes_and_edges_for_a_drawing(house):
    analysis = house.publish(FILES)

    found = ask(house, analysis.id, "neighbours?path=shop/cart.py&symbol=Cart")
    of_file = ask(house, analysis.id, "neighbours?path=shop/ring.py")

    names = {node["id"]: (node["path"], node["symbol"]) for node in found["nodes"]}
    assert [(names[edge["source"]], edge["kind"], names[edge["target"]]) for edge in found["edges"]] == [
        (("shop/cart.py", "Cart"), "INHERITS", ("shop/cart.py", "Base"))
    ]
    assert (found["owners"], found["truncated"]) == (["@bob", "@org/team"], False)
    assert {node["path"] for node in of_file["nodes"]} == {"shop/ring.py", "shop/money.py"}


CONTRACTS = b"""
contracts:
  - name: Money knows no ring
    type: forbidden
    source_modules: [shop.money]
    forbidden_modules: [shop.ring, json]
    ignore_imports: ["shop.money -> shop.gone"]
  - {name: Layers, type: layers, layers: [tests, shop]}
"""


def test_broken_contracts_become_findings_at_their_imports(house):
    analysis = house.publish(FILES | {".coderev/contracts.yaml": CONTRACTS})

    found = [
        one for one in house.items(f"/v1/analyses/{analysis.id}/findings") if one["rule"].startswith("architecture/")
    ]
    report = ask(house, analysis.id, "contracts")

    assert [(one["rule"], one["path"], one["line"]) for one in sorted(found, key=lambda one: one["line"])] == [
        ("architecture/money-knows-no-ring", "shop/money.py", 1),
        ("architecture/money-knows-no-ring", "shop/money.py", 2),
    ]
    assert (report["measured"], report["source"]) == (True, ".coderev/contracts.yaml")
    money, layers = report["contracts"]
    assert (money["kept"], money["stale_exceptions"]) == (False, ["shop.money -> shop.gone"])
    assert [one["chain"] for one in money["violations"]] == [["shop.money", "json"], ["shop.money", "shop.ring"]]
    assert (layers["kept"], layers["violations"]) == (True, [])


def test_contracts_of_the_settings_go_before_those_of_the_version(house):
    text = (
        "contracts: [{name: From above, type: forbidden, source_modules: [shop.ring], forbidden_modules: [shop.money]}]"
    )
    data = json.dumps({"schema": 1, "contracts": text}).encode()
    key = f"configurations/{house.org}/{hashlib.sha256(data).hexdigest()}.json"
    house.deps.blobs.put(key, data, "application/json")

    analysis = house.publish(FILES | {".coderev/contracts.yaml": CONTRACTS}, config_key=key)

    report = ask(house, analysis.id, "contracts")
    assert (report["source"], [one["id"] for one in report["contracts"]]) == ("settings", ["from-above"])


def test_contracts_are_judged_also_where_the_graph_is_not_written(house):
    files = FILES | {".coderev/contracts.yaml": CONTRACTS}
    older = house.published(files)
    house.publish(FILES)
    house.sql("UPDATE analysis.analyses SET created_at = now() + interval '1 hour'")

    house.plan(older)
    house.drain()

    analysis = house.of_version(json.loads(older)["subject"])
    assert analysis.graph == "superseded"
    money = ask(house, analysis.id, "contracts")["contracts"][0]
    assert [one["chain"] for one in money["violations"]] == [["shop.money", "json"], ["shop.money", "shop.ring"]]


def test_contracts_that_cannot_be_read_are_a_finding_and_a_sentence(house):
    analysis = house.publish(FILES | {".coderev/contracts.yaml": b"contracts: 5\n"})

    report = ask(house, analysis.id, "contracts")
    found = house.items(f"/v1/analyses/{analysis.id}/findings?path=.coderev/contracts.yaml")

    assert (report["measured"], report["contracts"]) == (False, [])
    assert "list" in report["refused"]
    assert [one["rule"] for one in found] == ["architecture/contracts"]


def test_a_project_without_contracts_is_told_so(house):
    report = ask(house, house.publish(FILES).id, "contracts")

    assert (report["measured"], report["reason"]) == (False, "the project has no contracts")


def with_history(house: House, *commits: list[list[Any]]) -> str:
    lines = [{"commit": "c", "at": "2026-01-02T03:04:05Z", "author": "ada", "files": files} for files in commits]
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    key = f"histories/{house.org}/{hashlib.sha256(data).hexdigest()}.jsonl"
    house.deps.blobs.put(key, data, "application/jsonl")
    return key


def test_hotspots_and_coupling_come_from_history(house):
    both = [["shop/cart.py", 3, 1], ["shop/money.py", 1, 0], ["notes.txt", 1, 1]]
    analysis = house.publish(FILES, history_key=with_history(house, both, both, both, [["shop/cart.py", 1, 1]]))

    hot, coupled = ask(house, analysis.id, "hotspots"), ask(house, analysis.id, "coupling?path=shop/cart.py")

    assert (hot["measured"], hot["commits"], hot["unmeasured"], hot["renames_followed"]) == (
        True,
        4,
        ["notes.txt"],
        False,
    )
    assert [(one["path"], one["commits"], one["score"]) for one in hot["items"]] == [
        ("shop/cart.py", 4, 4),
        ("shop/money.py", 3, 3),
    ]
    assert [(one["other"], one["support"], one["confidence"]) for one in coupled["items"]] == [
        ("notes.txt", 3, 0.75),
        ("shop/money.py", 3, 0.75),
    ]


def test_without_history_nothing_is_measured_and_the_reason_is_told(house):
    analysis = house.publish(FILES)
    foreign = house.publish(FILES, history_key=f"histories/{OTHER_ORG}/x.jsonl")
    gone = house.publish(FILES, history_key=f"histories/{house.org}/{'0' * 64}.jsonl")

    answers = [ask(house, one.id, what) for one in (analysis, foreign, gone) for what in ("hotspots", "coupling")]

    assert not any(one["measured"] or one["items"] for one in answers)
    assert len({one["reason"] for one in answers}) == 3


REFUSED = {
    "impact": 422,
    "impact?path=nowhere.py": 404,
    "impact?path=shop/cart.py&symbol=Nobody": 404,
    "impact?path=shop/cart.py&depth=7": 422,
    "impact?path=notes.txt": 404,
    "callers?path=shop/cart.py": 422,
    "callers?path=shop/cart.py&symbol=Nobody": 404,
    "cycles?of=everything": 422,
    "neighbours?path=nowhere.py": 404,
    "neighbours?path=shop/cart.py&symbol=Nobody": 404,
    "neighbours?path=shop/cart.py&unknown=1": 422,
    "coupling?support=1": 422,
    "coupling?confidence=nan": 422,
    "owners": 422,
}


def test_questions_that_make_no_sense_are_refused(graphed):
    house, analysis_id = graphed

    answers = {rest: house.client.get(f"/v1/analyses/{analysis_id}/graph/{rest}").status for rest in REFUSED}

    assert answers == REFUSED


@pytest.fixture
def graphed(house: House) -> tuple[House, str]:
    return house, house.publish(FILES).id


def test_nobody_else_sees_a_graph(graphed):
    house, analysis_id = graphed
    rests = ["impact?path=shop/cart.py", "callers?path=shop/cart.py&symbol=Cart", "cycles", "contracts", "hotspots"]
    rests += ["coupling", "dead-code", "owners?path=a", "neighbours?path=shop/cart.py"]
    paths = [f"/v1/analyses/{analysis_id}/graph", *(f"/v1/analyses/{analysis_id}/graph/{rest}" for rest in rests)]

    assert {house.client.of(OTHER_ORG).get(path).status for path in paths} == {404}
    assert {house.client.as_role("none").get(path).status for path in paths} == {403}
    assert {house.client.as_role("viewer").get(path).status for path in paths} == {200}
