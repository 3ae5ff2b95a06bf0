"""Findings of other tools: sent as SARIF, listed and merged like our own."""

from __future__ import annotations

import copy
import json

import pytest

from tests.client import OTHER_ORG
from tests.integration.analysis.house import DONE, House

FILES = {"src/a.py": b"x = 1\ny = 2\n", "README.md": b"# Shop\n"}
LOG = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {
                "driver": {
                    "name": "Other Lint",
                    "rules": [
                        {
                            "id": "X1",
                            "shortDescription": {"text": "odd name"},
                            "properties": {"security-severity": "9.1", "tags": ["external/cwe/cwe-079"]},
                        }
                    ],
                }
            },
            "results": [
                {
                    "ruleId": "X1",
                    "message": {"text": "this is odd"},
                    "locations": [
                        {
                            "physicalLocation": {
                                "artifactLocation": {"uri": "src/a.py", "uriBaseId": "%SRCROOT%"},
                                "region": {"startLine": 2, "startColumn": 1, "endColumn": 2},
                            }
                        }
                    ],
                },
                {
                    "ruleId": "X1",
                    "message": {"text": "not here"},
                    "locations": [{"physicalLocation": {"artifactLocation": {"uri": "gone.py"}}}],
                },
            ],
        }
    ],
}


def send(house: House, analysis_id: str, log: object = LOG):
    return house.client.post(f"/v1/analyses/{analysis_id}/imports", log)


def foreign(house: House, analysis_id: str) -> list[dict[str, object]]:
    found = house.items(f"/v1/analyses/{analysis_id}/findings")
    return [one for one in found if str(one["rule"]).startswith("foreign/")]


def test_a_log_for_a_completed_analysis_is_merged_into_it(house):
    analysis = house.publish(FILES)
    house.sent(DONE)

    answer = send(house, analysis.id)

    assert answer.status == 202, answer.json
    (taken,) = answer.json["items"]
    assert (taken["tool"], taken["findings"], taken["left_out"]) == ("other-lint", 1, {"not in this version": 1})
    assert house.client.get(f"/v1/analyses/{analysis.id}").json["state"] == "merging"
    assert house.drain() == []
    done = house.client.get(f"/v1/analyses/{analysis.id}").json
    (found,) = foreign(house, analysis.id)
    assert (done["state"], done["findings_by_severity"]["critical"]) == ("completed", 1)
    assert (found["rule"], found["path"], found["line"], found["severity"]) == (
        "foreign/other-lint/X1",
        "src/a.py",
        2,
        "critical",
    )
    assert (found["cwe"], found["owasp"], found["message"]) == (79, "A03:2021", "this is odd")
    assert len(house.sent(DONE)) == 1
    assert "foreign/other-lint/X1" in json.dumps(house.artifact(analysis.id, "findings.sarif"))


def test_the_same_log_again_changes_nothing(house):
    analysis = house.publish(FILES)
    first = send(house, analysis.id).json
    house.drain()
    house.sent(DONE)

    again = send(house, analysis.id)

    assert (again.status, again.json) == (202, first)
    assert house.client.get(f"/v1/analyses/{analysis.id}").json["state"] == "completed"
    assert house.drain() == []
    assert house.sent(DONE) == []


def test_another_log_of_a_tool_takes_the_place_of_its_first_one(house):
    analysis = house.publish(FILES)
    send(house, analysis.id)
    house.drain()
    empty = copy.deepcopy(LOG)
    empty["runs"][0]["results"] = []

    send(house, analysis.id, empty)
    house.drain()

    assert foreign(house, analysis.id) == []
    listed = house.client.get(f"/v1/analyses/{analysis.id}/imports").json["items"]
    assert [(one["tool"], one["findings"]) for one in listed] == [("other-lint", 0)]


def test_a_log_that_comes_before_the_merge_waits_for_it(house):
    house.plan(house.published(FILES))
    analysis = house.client.get("/v1/analyses").json["items"][0]["id"]

    assert send(house, analysis).status == 202
    assert house.drain() == []

    assert len(foreign(house, analysis)) == 1


def test_a_log_during_the_merge_is_refused_for_now(house):
    analysis = house.publish(FILES)
    send(house, analysis.id)
    other = copy.deepcopy(LOG)
    other["runs"][0]["tool"]["driver"]["name"] = "third"

    refused = send(house, analysis.id, other)

    assert (refused.status, refused.json["code"]) == (409, "merging")


def test_an_analysis_that_is_not_the_newest_is_not_merged_again(house):
    old = house.publish(FILES)
    house.publish(FILES | {"b.py": b"z = 3\n"})

    refused = send(house, old.id)

    assert (refused.status, refused.json["code"]) == (409, "superseded")


def test_the_next_version_knows_what_another_tool_said_before(house):
    first = house.publish(FILES)
    send(house, first.id)
    house.drain()
    second = house.publish(FILES | {"b.py": b"z = 3\n"})

    send(house, second.id)
    house.drain()

    assert [one["new"] for one in foreign(house, second.id)] == [False]


@pytest.mark.parametrize("log", [{}, {"version": "2.0.0", "runs": []}, {"version": "2.1.0", "runs": [{"tool": {}}]}])
def test_what_is_no_sarif_is_refused(house, log):
    analysis = house.publish(FILES)

    refused = send(house, analysis.id, log)

    assert (refused.status, refused.json["code"]) == (422, "bad_sarif")


def test_others_and_viewers_may_not(house):
    analysis = house.publish(FILES)
    path = f"/v1/analyses/{analysis.id}/imports"

    assert house.client.of(OTHER_ORG).post(path, LOG).status == 404
    assert house.client.of(OTHER_ORG).get(path).status == 404
    assert house.client.as_role("viewer").post(path, LOG).status == 403


def test_rules_are_listed_with_weakness_and_reason(house):
    items = house.client.get("/v1/rules").json["items"]

    by_id = {one["id"]: one for one in items}
    assert len(items) > 200
    assert [one["id"] for one in items] == sorted(by_id)
    shell = by_id["bandit/B602"]
    assert (shell["severity"], shell["cwe"], shell["owasp"], shell["owasp_title"]) == (
        "high",
        78,
        "A03:2021",
        "Injection",
    )
    assert all(one["reason"] and one["title"] for one in items)
    secrets = house.client.get("/v1/rules?engine=secrets").json["items"]
    assert {one["engine"] for one in secrets} == {"secrets"}
    assert house.client.as_role("").get("/v1/rules").status == 403
