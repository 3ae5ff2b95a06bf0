"""The states of an analysis, and what is new."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from functions.analysis.lifecycle import Analysis, AnalysisState
from functions.analysis.messages import encode
from kernel.errors import Conflict

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ANALYSIS = Analysis("a", "o", "p", "v", None, "manifests/o/v.jsonl", "e", NOW)


def test_an_analysis_goes_forward_only():
    merging = ANALYSIS.to(AnalysisState.RUNNING).to(AnalysisState.MERGING)

    assert merging.to(AnalysisState.COMPLETED).over
    assert merging.revision == 3
    with pytest.raises(Conflict):
        merging.to(AnalysisState.RUNNING)
    with pytest.raises(Conflict):
        merging.to(AnalysisState.COMPLETED).to(AnalysisState.FAILED)


def test_a_failed_analysis_says_why_and_when():
    failed = ANALYSIS.fail("manifest_missing", NOW)

    assert (failed.state, failed.reason, failed.completed_at, failed.over) == ("failed", "manifest_missing", NOW, True)


def test_unknown_events_have_no_message():
    with pytest.raises(TypeError):
        encode("something")
