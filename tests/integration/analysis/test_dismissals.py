"""People dismiss and reopen findings: who may, what is kept of it, and many at once."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from functions.analysis import bootstrap
from kernel.ids import new_id
from kernel.settings import Settings
from tests.client import OTHER_ORG, USER
from tests.integration.analysis.house import House
from tests.integration.analysis.line import EVIL, Line

FILES = {f"f{n}.py": f"def f{n}(x):\n    a{n} = eval(x)\n    return a{n}\n" for n in range(4)}


@pytest.fixture(scope="module")
def line(here: Settings, admin: sa.Engine) -> Iterator[Line]:
    deps = bootstrap.connect(here)
    line = Line(House(deps, admin))
    line.publish(FILES)
    yield line
    deps.engines.rest()


@pytest.fixture
def ids(line: Line) -> list[str]:
    """All findings of one rule, open as in the beginning."""
    assert line.newest is not None
    for id_ in (found := line.ids(line.newest)):
        line.reopen(id_)
    line.told()
    return found


def test_a_dismissal_is_kept_with_who_when_why_and_how_long(line, ids):
    answer = line.dismiss(ids[0], reason="false_positive", comment="never ours", expires_at="2125-01-01T00:00:00Z")

    said = answer.json["dismissal"]
    assert (answer.status, answer.json["state"]) == (200, "dismissed")
    assert (said["reason"], said["comment"], said["by"]) == ("false_positive", "never ours", USER)
    assert said["expires_at"] == "2125-01-01T00:00:00Z"
    last = line.house.items(f"/v1/findings/{ids[0]}/history")[-1]
    assert (last["change"], last["actor_id"], last["actor_kind"], last["comment"]) == (
        "dismissed",
        USER,
        "user",
        "never ours",
    )
    (told,) = line.told()
    assert told == ("finding.dismissed", "false_positive", [ids[0]])
    audit = line.house.sql(
        "SELECT details FROM analysis.audit WHERE action = 'finding.dismiss' AND subject = :id", id=ids[0]
    )
    assert audit[-1].details["reason"] == "false_positive"


def test_a_dismissed_finding_remains_visible_and_counts_nowhere(line, ids):
    before = line.house.of_version(line.newest.version_id)

    line.dismiss(ids[0])

    after = line.house.of_version(line.newest.version_id)
    assert line.ids(after, "&state=dismissed") == [ids[0]]
    assert line.ids(after) == ids
    assert ids[0] not in line.new(after)
    assert (after.dismissed_findings, after.new_findings) == (1, before.new_findings - 1)
    assert sum(after.findings_by_severity.values()) == sum(before.findings_by_severity.values()) - 1
    assert sum(after.new_by_severity.values()) == after.new_findings
    assert [one["id"] for one in line.all("&state=dismissed")] == [ids[0]]
    assert sorted(one["id"] for one in line.all("&state=open,dismissed")) == sorted(ids)


def test_reopening_takes_a_dismissal_back_once(line, ids):
    line.dismiss(ids[0])

    first, second = line.reopen(ids[0]), line.reopen(ids[0])

    assert (first.status, first.json["state"], first.json["dismissal"]) == (200, "open", None)
    assert (second.status, second.json["code"]) == (409, "not_dismissed")
    assert line.told()[-1] == ("finding.reopened", "reopened", [ids[0]])


def test_a_second_dismissal_takes_the_place_of_the_first_and_an_equal_one_is_no_change(line, ids):
    line.dismiss(ids[0])
    entries = len(line.changes(ids[0]))

    line.dismiss(ids[0])
    assert len(line.changes(ids[0])) == entries
    line.dismiss(ids[0], reason="wont_fix")

    assert line.get(ids[0])["dismissal"]["reason"] == "wont_fix"
    assert len(line.changes(ids[0])) == entries + 1


def test_a_repeat_with_the_same_key_answers_the_same_and_does_nothing(line, ids):
    client = line.client.with_headers(idempotency_key=new_id())
    body = {"reason": "accepted", "comment": "once"}
    first = client.post(f"/v1/findings/{ids[0]}/dismiss", body)
    line.reopen(ids[0])

    again = client.post(f"/v1/findings/{ids[0]}/dismiss", body)

    assert again.json == first.json
    assert line.state(ids[0]) == "open"


@pytest.mark.parametrize("role", ["viewer", "guest", ""])
def test_only_reviewers_dismiss_and_reopen(line, ids, role):
    client = line.client.as_role(role)
    answers = [
        client.post(f"/v1/findings/{ids[0]}/dismiss", {"reason": "accepted", "comment": "x"}),
        client.post(f"/v1/findings/{ids[0]}/reopen", {"comment": "x"}),
        client.post(
            "/v1/findings/actions",
            {"project_id": line.project, "action": "reopen", "comment": "x", "finding_ids": [ids[0]]},
        ),
    ]

    assert [answer.status for answer in answers] == [403, 403, 403]
    assert client.get(f"/v1/findings/{ids[0]}").status == (200 if role == "viewer" else 403)


def test_another_organisation_finds_nothing(line, ids):
    other = line.client.of(OTHER_ORG)

    assert other.get(f"/v1/findings/{ids[0]}").status == 404
    assert other.get(f"/v1/findings/{ids[0]}/history").status == 404
    assert other.post(f"/v1/findings/{ids[0]}/dismiss", {"reason": "accepted", "comment": "x"}).status == 404
    assert other.post(f"/v1/findings/{ids[0]}/reopen", {"comment": "x"}).status == 404
    assert other.get(f"/v1/findings?project_id={line.project}").json["items"] == []
    action = {"project_id": line.project, "action": "dismiss", "reason": "accepted", "comment": "x", "finding_ids": ids}
    assert {one["outcome"] for one in other.post("/v1/findings/actions", action).json["items"]} == {"not_found"}
    assert line.state(ids[0]) == "open"


def test_many_are_dismissed_in_one_step_and_each_is_told_what_became_of_it(line, ids):
    line.dismiss(ids[1], reason="wont_fix", comment="all of them")
    line.told()
    unknown = new_id()
    action = {"project_id": line.project, "action": "dismiss", "reason": "wont_fix", "comment": "all of them"}

    done = line.client.post("/v1/findings/actions", action | {"finding_ids": [*ids[:2], unknown]}).json

    outcomes = {one["id"]: one["outcome"] for one in done["items"]}
    assert outcomes == {ids[0]: "done", ids[1]: "unchanged", unknown: "not_found"}
    assert (done["done"], done["more"]) == (1, False)
    assert line.told() == [("finding.dismissed", "wont_fix", [ids[0]])]


def test_a_filter_names_what_an_action_is_about(line, ids):
    action = {"project_id": line.project, "comment": "x", "action": "dismiss", "reason": "accepted"}
    by_path = line.client.post("/v1/findings/actions", action | {"filter": {"rule": EVIL, "path": "f0.py"}}).json
    assert [one["id"] for one in by_path["items"]] == [ids[0]]
    line.client.post("/v1/findings/actions", action | {"filter": {"rule": EVIL}})

    back = {"project_id": line.project, "action": "reopen", "comment": "x", "filter": {"state": "dismissed"}}
    done = line.client.post("/v1/findings/actions", back).json

    assert (done["done"], {one["id"] for one in done["items"]}) == (len(ids), set(ids))
    assert {line.state(id_) for id_ in ids} == {"open"}


def test_an_action_on_another_project_of_the_organisation_finds_nothing(line, ids):
    action = {"project_id": new_id(), "action": "dismiss", "reason": "accepted", "comment": "x", "finding_ids": ids[:1]}

    assert line.client.post("/v1/findings/actions", action).json["items"] == [{"id": ids[0], "outcome": "not_found"}]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reason": "boring", "comment": "x"},
        {"reason": "accepted", "comment": ""},
        {"reason": "accepted", "comment": " \t"},
        {"reason": "accepted", "comment": "x" * 2_001},
        {"reason": "accepted", "comment": "x", "expires_at": "2020-01-01T00:00:00Z"},
        {"reason": "accepted", "comment": "x", "expires_at": "2125-01-01T00:00:00"},
        {"reason": "accepted", "comment": "x\0"},
        {"reason": "accepted", "comment": "x", "by": "me"},
    ],
)
def test_a_dismissal_that_says_too_little_or_too_much_is_refused(line, ids, body):
    answer = line.client.post(f"/v1/findings/{ids[0]}/dismiss", body)

    assert answer.status == 422
    assert line.state(ids[0]) == "open"


@pytest.mark.parametrize(
    "also",
    [
        {"action": "dismiss"},
        {"action": "reopen", "reason": "accepted"},
        {"action": "reopen", "expires_at": "2125-01-01T00:00:00Z"},
        {"action": "forget"},
        {"action": "reopen", "filter": {"state": "open"}},
        {"action": "reopen", "finding_ids": None, "filter": {}},
        {"action": "reopen", "finding_ids": None},
        {"action": "reopen", "finding_ids": []},
        {"action": "reopen", "finding_ids": [new_id()] * 1_001},
    ],
)
def test_an_action_that_contradicts_itself_is_refused(line, ids, also):
    body = {"project_id": line.project, "comment": "x", "finding_ids": ids[:1]} | also

    assert line.client.post("/v1/findings/actions", body).status == 422


def test_findings_of_a_project_come_in_pages_without_gaps(line, ids):
    listed, cursor = [], ""
    while cursor is not None:
        page = line.client.get(f"/v1/findings?project_id={line.project}&limit=3{cursor and '&cursor=' + cursor}").json
        listed += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]

    assert listed == [one["id"] for one in line.house.items(f"/v1/findings?project_id={line.project}")]
    assert set(ids) <= set(listed)


@pytest.mark.parametrize(
    "query",
    ["", "project_id=x", "project_id={0}&state=gone", "project_id={0}&cursor=eA==", "project_id={0}&severity=awful"],
)
def test_a_list_that_makes_no_sense_is_refused(line, query):
    assert line.client.get("/v1/findings?" + query.format(line.project)).status == 422


def test_a_history_comes_in_pages(line, ids):
    line.dismiss(ids[0], comment=new_id())
    whole = line.house.items(f"/v1/findings/{ids[0]}/history")

    first = line.client.get(f"/v1/findings/{ids[0]}/history?limit=1").json
    rest = line.client.get(f"/v1/findings/{ids[0]}/history?limit=200&cursor={first['next_cursor']}").json

    assert first["items"] + rest["items"] == whole
    assert first["items"][0]["change"] == "found"


def test_what_another_tool_said_is_not_fixed_by_its_silence(line):
    other = Line(line.house)
    first = other.publish({"a.py": "x = 1\n"})
    place = {"artifactLocation": {"uri": "a.py"}}
    result = {"ruleId": "R1", "message": {"text": "no line"}, "locations": [{"physicalLocation": place}]}
    log = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Other"}}, "results": [result]}]}
    imported = other.client.post(f"/v1/analyses/{first.id}/imports", log)
    assert imported.status < 300, imported.json
    assert other.house.drain() == []
    (found,) = [
        one for one in other.house.items(f"/v1/analyses/{first.id}/findings") if one["rule"].startswith("foreign/")
    ]

    other.publish({"a.py": "x = 2\n"})

    silent = other.get(found["id"])
    assert (silent["state"], silent["withheld"], silent["present"]) == ("open", "not_imported", False)
    second = other.publish({"b.py": "x = 2\n"})
    result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = "b.py"
    other.client.post(f"/v1/analyses/{second.id}/imports", json.loads(json.dumps(log)))
    assert other.house.drain() == []
    again = [
        one for one in other.house.items(f"/v1/analyses/{second.id}/findings") if one["rule"].startswith("foreign/")
    ]
    assert [one["message"] for one in again] == ["no line"]
