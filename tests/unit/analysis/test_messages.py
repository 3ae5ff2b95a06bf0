"""What this domain tells itself and when; tests/contract/test_events.py holds what it tells others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from functions.analysis.lifecycle import Analysis, AnalysisCompleted, AnalysisState, Totals, none_found
from functions.analysis.messages import encode
from functions.analysis.schemas.events import WorkReady
from kernel.events import Envelope

EVENTS = Path(__file__).parents[2] / "events"
ID = "01890000-0000-7000-8000-0000000000a1"
SHARD = "01890000-0000-7000-8000-0000000000a2"
ORG = "01890000-0000-7000-8000-00000000000a"
AT = datetime(2026, 1, 15, 10, 0, 4, tzinfo=UTC)


def completed() -> AnalysisCompleted:
    analysis = Analysis(
        id=ID,
        org_id=ORG,
        project_id="01890000-0000-7000-8000-0000000000b1",
        version_id="01890000-0000-7000-8000-0000000000f2",
        parent_version_id=None,
        manifest_key="m",
        engine_set="e",
        created_at=AT,
        state=AnalysisState.COMPLETED,
        totals=Totals(files=2, lines=40),
        findings_by_severity=none_found() | {"high": 1, "low": 2},
        new_findings=3,
        completed_at=AT,
    )
    names = ("findings.sarif", "report.json", "review-context.json")
    keys = {name: f"artifacts/{ORG}/{ID}/{name}" for name in names}
    return AnalysisCompleted(analysis, keys, keys["review-context.json"])


def test_own_work_can_be_read():
    shard, merge = (
        WorkReady.model_validate(Envelope.model_validate_json((EVENTS / f"{name}.json").read_text()).data)
        for name in ("shard.ready", "merge.ready")
    )

    assert ((shard.analysis_id, shard.shard_id), (merge.analysis_id, merge.shard_id)) == ((ID, SHARD), (ID, None))


def test_an_analysis_without_an_end_is_not_told_as_completed():
    with pytest.raises(ValueError, match="knows when"):
        encode(AnalysisCompleted(replace(completed().analysis, completed_at=None), {}, "k"))
