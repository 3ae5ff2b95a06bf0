"""Facts that gates are decided from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from functions.analysis.configuration import Condition
from functions.analysis.gates import UNKNOWN, Code, Measured, facts, gate_of, grade, question
from functions.analysis.lifecycle import Analysis, AnalysisState, Progress, claim_id, none_found
from functions.analysis.results import Counts
from kernel.errors import Conflict

AT = datetime(2026, 1, 2, tzinfo=UTC)
ANALYSIS = Analysis("a", "o", "p", "v", None, "m", "e", AT)
NEW = Code(files=1, functions=3, complex_functions=1, max_cyclomatic=12, max_cognitive=5, weight=100, weighed=7_000.0)
KEPT = Code(files=4, skipped=2, functions=5, max_cyclomatic=4, max_cognitive=40, weight=300, weighed=12_000.0)


def counts(*, open_: int = 0, new: int = 0, dismissed: int = 0) -> Counts:
    return Counts(none_found() | {"high": open_}, none_found() | {"high": new}, dismissed)


def test_overall_code_is_the_new_and_the_kept():
    said = facts(ANALYSIS, Measured(counts(), 0, NEW, KEPT))

    assert {name: said["overall"][name] for name in ("max_cyclomatic", "max_cognitive", "skipped_files")} == {
        "max_cyclomatic": 12,
        "max_cognitive": 40,
        "skipped_files": 2,
    }
    assert (said["new"]["complex_functions"], said["overall"]["complex_functions"]) == (33.33, 12.5)
    assert (said["new"]["maintainability"], said["overall"]["maintainability"]) == ("A", "C")


def test_where_there_is_no_code_nothing_is_measured():
    said = facts(ANALYSIS, Measured(counts(), 0, Code(), KEPT))

    assert (said["new"]["maintainability"], said["new"]["complex_functions"]) == (None, None)


def test_what_no_engine_measured_is_not_there():
    measured = Measured(counts(), 0, NEW, KEPT)

    assert "duplicated_lines_density" not in facts(ANALYSIS, measured)["overall"]
    density = replace(ANALYSIS, measures={"duplicated_lines_density": 3.0})
    assert facts(density, measured)["overall"]["duplicated_lines_density"] == 3


@pytest.mark.parametrize(
    ("found", "all_new", "fixed", "new", "overall"),
    [
        (counts(), 0, 0, 100, 100),
        (counts(open_=4, new=2), 2, 0, 0, 0),
        (counts(open_=4, new=1, dismissed=2), 3, 0, 66.67, 33.33),
        (counts(open_=1, new=1, dismissed=1), 1, 2, 0, 75),
        (counts(open_=0, new=0, dismissed=3), 3, 0, 100, 100),
    ],
)
def test_findings_are_resolved_by_dismissing_and_by_fixing(found, all_new, fixed, new, overall):
    said = facts(replace(ANALYSIS, fixed_findings=fixed), Measured(found, all_new, NEW, KEPT))

    assert (said["new"]["findings_resolved"], said["overall"]["findings_resolved"]) == (new, overall)


def test_grades_begin_at_their_least_index():
    assert [grade(index) for index in (100, 65, 64.9, 50, 49.9, 38, 37.9, 20, 19.9, 0)] == list("AABBCCDDEE")


def test_no_gate_is_asked_as_none_and_conditions_as_they_are():
    measured = Measured(counts(), 0, NEW, KEPT)

    assert question(None, ANALYSIS, measured)["gate"] is None
    (asked,) = question([Condition("findings", "<=", 0)], ANALYSIS, measured)["gate"]
    assert asked == {"metric": "findings", "operator": "<=", "threshold": 0, "severity": None, "scope": None}


@pytest.mark.parametrize("said", [{}, {"status": "passed"}, {"status": "unknown", "conditions": []}, {"status": 1}])
def test_what_is_no_answer_is_unknown(said):
    assert gate_of(said) == UNKNOWN


def test_an_answer_is_kept_with_its_conditions():
    assert gate_of({"status": "failed", "conditions": [{"passed": False}]}).conditions == ({"passed": False},)


def test_an_analysis_is_cancelled_until_it_is_over_and_restarted_after_it_ended_without_an_answer():
    running = ANALYSIS.to(AnalysisState.RUNNING)
    cancelled = replace(running, progress=Progress(9, 4, 3, 1, 0)).cancel("cancelled", AT)

    assert (cancelled.over, cancelled.reason, cancelled.progress.shards_done) == (True, "cancelled", 1)
    again = cancelled.restart()
    assert (again.state, again.progress, again.completed_at) == (AnalysisState.QUEUED, Progress(files_total=9), None)
    done = running.to(AnalysisState.MERGING).to(AnalysisState.COMPLETED)
    for end in (lambda: done.cancel("cancelled", AT), done.restart, running.restart):
        with pytest.raises(Conflict):
            end()


def test_leases_of_one_analysis_have_ids_of_their_own():
    id_ = "01890000-0000-7000-8000-0000000000a1"

    assert len({id_, claim_id(id_, "plan"), claim_id(id_, "gate")}) == 3
