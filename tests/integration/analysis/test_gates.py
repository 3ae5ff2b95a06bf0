"""Quality gates from the merge to a dismissal that opens them, on the real policy."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from functions.analysis import service
from kernel.errors import Unavailable
from kernel.ids import new_id
from tests.client import OTHER_ORG
from tests.integration.analysis.house import DONE, WORK, House

CLEAN = {"a.py": b"x = 1\n"}
EVIL = {"a.py": b"import subprocess\nsubprocess.call('ls ' + input(), shell=True)\neval(input())\n"}


@dataclass
class Silent:
    """Policy that cannot be reached while `down`."""

    rules: Any
    down: bool = True

    def evaluate(self, package: str, question: Any) -> Any:
        if self.down:
            raise Unavailable("policy")
        return self.rules.evaluate(package, question)


def settings(house: House, **said: object) -> dict[str, str]:
    """Settings as project would leave them; the field of the event that names them."""
    data = json.dumps({"schema": 1, **said}).encode()
    key = f"configurations/{house.org}/{hashlib.sha256(data).hexdigest()}.json"
    house.deps.blobs.put(key, data, "application/json")
    return {"config_key": key}


def gate(house: House, analysis_id: str) -> Any:
    return house.client.get(f"/v1/analyses/{analysis_id}/gate").json


def bad(house: House, analysis_id: str) -> list[str]:
    """Findings that are high or worse."""
    found = house.items(f"/v1/analyses/{analysis_id}/findings?severity=critical,high")
    return [one["id"] for one in found]


def dismiss(house: House, finding_id: str) -> None:
    reply = house.client.post(f"/v1/findings/{finding_id}/dismiss", {"reason": "accepted", "comment": "on purpose"})
    assert reply.status == 200, reply.json


def told(house: House, kind: str) -> list[Any]:
    events = [json.loads(message) for message in house.sent(DONE)]
    return [event["data"] for event in events if event["type"] == kind]


def test_without_a_gate_of_its_own_a_project_fails_on_new_findings_that_are_high(house):
    clean, evil = house.publish(CLEAN), house.publish(EVIL)

    assert (clean.gate, evil.gate) == ("passed", "failed")
    (condition,) = gate(house, evil.id)["conditions"]
    count = len(bad(house, evil.id))
    assert condition["actual"] == count > 0
    assert condition["reason"] == f"new_findings of high or worse is {count}, wanted <= 0"
    assert [one["gate"] for one in told(house, "analysis.completed")] == ["passed", "failed"]


def test_findings_that_the_baseline_has_do_not_close_the_gate(house):
    house.publish(EVIL)

    again = house.publish(EVIL | {"b.py": b"y = 2\n"})

    assert (again.gate, again.new_findings) == ("passed", 0)


def test_a_gate_is_satisfied_by_dismissing_with_a_reason_at_once(house):
    evil = house.publish(EVIL)
    house.sent(DONE)

    for finding_id in bad(house, evil.id):
        assert gate(house, evil.id)["status"] == "failed"
        dismiss(house, finding_id)

    assert gate(house, evil.id)["status"] == "passed"
    assert house.client.get(f"/v1/analyses/{evil.id}").json["gate"] == "passed"
    assert [one["gate"] for one in told(house, "gate.changed")] == ["passed"]


def test_reopening_closes_the_gate_again(house):
    evil = house.publish(EVIL)
    ids = bad(house, evil.id)
    for finding_id in ids:
        dismiss(house, finding_id)

    house.client.post(f"/v1/findings/{ids[0]}/reopen", {"comment": "not after all"})

    assert gate(house, evil.id)["status"] == "failed"


def test_a_dismissal_whose_request_was_killed_is_decided_from_its_message(house):
    evil = house.publish(EVIL)
    silent = house.with_deps(replace(house.deps, rules=Silent(house.deps.rules)))
    for finding_id in bad(house, evil.id):
        dismiss(silent, finding_id)

    assert gate(house, evil.id)["status"] == "unknown"
    assert house.drain() == []
    assert gate(house, evil.id)["status"] == "passed"
    assert house.sql("SELECT * FROM analysis.leases") == []


def test_policy_that_cannot_be_reached_makes_a_gate_unknown_and_never_passed(house):
    rules = Silent(house.deps.rules)
    silent = house.with_deps(replace(house.deps, rules=rules))

    clean = silent.publish(CLEAN)

    assert clean.gate == "unknown"
    assert gate(house, clean.id)["conditions"] == []
    assert [one["gate"] for one in told(house, "analysis.completed")] == ["unknown"]
    assert service.sweep(house.deps, grace_s=0) == 1
    house.drain()
    assert gate(house, clean.id)["status"] == "passed"
    assert [one["gate"] for one in told(house, "gate.changed")] == ["passed"]


@pytest.mark.parametrize(
    "answer", [{}, {"status": "splendid"}, {"status": "passed"}, {"status": True, "conditions": []}]
)
def test_an_answer_that_is_none_is_no_pass(house, answer):
    class Odd:
        def evaluate(self, package: str, question: Any) -> Any:
            return answer

    assert house.with_deps(replace(house.deps, rules=Odd())).publish(CLEAN).gate == "unknown"


def test_conditions_are_measured_on_new_and_on_all_code(house):
    complex_ = "def f(a):\n" + "".join(f"    if a == {n}:\n        return {n}\n" for n in range(15))
    first = {"old.py": complex_.encode(), "same.py": b"def g():\n    return 1\n"}
    asked = [
        {"metric": name, "operator": operator, "threshold": threshold, "scope": scope}
        for name, operator, threshold, scope in (
            ("max_cyclomatic", "<=", 10, "overall"),
            ("max_cyclomatic", "<=", 10, "new"),
            ("complex_functions", "<=", 10, "overall"),
            ("complex_functions", "<=", 10, "new"),
            ("maintainability", ">=", "C", "new"),
            ("skipped_files", "==", 0, "overall"),
            ("duplicated_lines_density", "<=", 3, "overall"),
            ("findings_resolved", ">=", 0, "new"),
        )
    ]
    house.publish(first)

    second = house.publish(first | {"new.py": b"def h():\n    return 2\n"}, **settings(house, gate=asked))

    decided = gate(house, second.id)["conditions"]
    assert [(one["metric"], one["scope"], one["passed"]) for one in decided] == [
        ("max_cyclomatic", "overall", False),
        ("max_cyclomatic", "new", True),
        ("complex_functions", "overall", False),
        ("complex_functions", "new", True),
        ("maintainability", "new", True),
        ("skipped_files", "overall", True),
        ("duplicated_lines_density", "overall", True),
        ("findings_resolved", "new", True),
    ]
    assert [one["actual"] for one in decided[2:4]] == [33.33, 0]


def test_findings_that_are_dismissed_or_fixed_are_resolved(house):
    asked = [
        {"metric": "findings_resolved", "operator": ">=", "threshold": 100, "scope": scope}
        for scope in ("new", "overall")
    ]
    said = settings(house, gate=asked)
    evil = house.publish(EVIL, **said)
    before = [one["actual"] for one in gate(house, evil.id)["conditions"]]
    found = house.items(f"/v1/analyses/{evil.id}/findings")

    dismiss(house, found[0]["id"])

    share = round(100 / len(found), 2)
    assert before == [0, 0]
    assert [one["actual"] for one in gate(house, evil.id)["conditions"]] == [share, share]
    fixed = house.publish(CLEAN, **said)
    assert (fixed.gate, [one["actual"] for one in gate(house, fixed.id)["conditions"]]) == ("passed", [100, 100])


def test_an_empty_gate_asks_for_nothing_and_a_broken_one_never_passes(house):
    assert house.publish(EVIL, **settings(house, gate=[])).gate == "none"

    broken = house.publish(CLEAN, **settings(house, gate=[{"metric": "findings"}]))
    assert (broken.gate, gate(house, broken.id)["conditions"][0]["passed"]) == ("failed", False)


def test_a_dismissal_while_an_analysis_is_merged_counts_when_it_is_complete(house):
    first = house.publish(EVIL)
    ids = bad(house, first.id)
    house.plan(house.published(EVIL | {"b.py": EVIL["a.py"]}, **settings(house, gate=[findings()])))
    (merge,) = house.sent(WORK)
    rules = house.deps.rules

    class Watched:
        """Somebody dismisses what the first analysis found while the second one's gate is decided."""

        def evaluate(self, package: str, question: Any) -> Any:
            if ids:
                for finding_id in [ids.pop() for _ in list(ids)]:
                    dismiss(house, finding_id)
            return rules.evaluate(package, question)

    house.with_deps(replace(house.deps, rules=Watched())).work(merge)
    second = house.client.get("/v1/analyses").json["items"][0]["id"]
    before = gate(house, second)["conditions"][0]["actual"]
    house.drain()

    assert gate(house, second)["conditions"][0]["actual"] < before


def findings() -> dict[str, object]:
    return {"metric": "findings", "operator": "<=", "threshold": 0, "severity": "high"}


def test_a_gate_of_another_organisation_is_not_there(house):
    analysis = house.publish(CLEAN)

    other = house.client.of(OTHER_ORG)
    assert other.get(f"/v1/analyses/{analysis.id}/gate").status == 404
    assert house.client.get(f"/v1/analyses/{new_id()}/gate").status == 404
    assert house.client.as_role("").get(f"/v1/analyses/{analysis.id}/gate").status == 403
    assert house.client.as_role("viewer").get(f"/v1/analyses/{analysis.id}/gate").status == 200


def test_a_gate_message_for_what_is_gone_or_under_way_does_nothing(house):
    house.plan(house.published(CLEAN))
    analysis = house.client.get("/v1/analyses").json["items"][0]["id"]

    for id_ in (analysis, new_id()):
        assert house.work(house.envelope("gate.ready", id_, {"analysis_id": id_})) == []
    assert gate(house, analysis) == {"analysis_id": analysis, "status": None, "evaluated_at": None, "conditions": []}
