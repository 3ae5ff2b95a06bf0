"""The states of an analysis, what is new, and what a file changes in the graph."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from functions.analysis.graph import Difference, Edge, SymbolNode, packed, unpacked
from functions.analysis.lifecycle import Analysis, State
from functions.analysis.messages import encode
from functions.analysis.resolution.linking import Linked
from kernel.errors import Conflict

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ANALYSIS = Analysis("a", "o", "p", "v", None, "manifests/o/v.jsonl", "e", NOW)


def test_an_analysis_goes_forward_only():
    merging = ANALYSIS.to(State.RUNNING).to(State.MERGING)

    assert merging.to(State.COMPLETED).over
    assert merging.revision == 3
    with pytest.raises(Conflict):
        merging.to(State.RUNNING)
    with pytest.raises(Conflict):
        merging.to(State.COMPLETED).to(State.FAILED)


def test_a_failed_analysis_says_why_and_when():
    failed = ANALYSIS.fail("manifest_missing", NOW)

    assert (failed.state, failed.reason, failed.completed_at, failed.over) == ("failed", "manifest_missing", NOW, True)


def test_unknown_events_have_no_message():
    with pytest.raises(TypeError):
        encode("something")


LINKED = Linked("python", (("f", "function", 1, 2), ("g", "function", 4, 5)), ("b.py",), (("f", "b.py", "h", 2),), 1, 3)


def test_links_survive_storage():
    assert unpacked(packed(LINKED)) == LINKED


def test_a_file_that_stays_as_it_is_writes_nothing():
    difference = Difference()

    difference.add("a.py", LINKED, LINKED)

    assert not difference


def test_only_what_differs_is_written():
    after = replace(
        LINKED,
        symbols=(("f", "function", 2, 3), ("h", "class", 5, 6)),
        imports=("c.py",),
        calls=(("f", "b.py", "h", 3),),
    )
    difference = Difference()

    difference.add("a.py", LINKED, after)

    assert difference.files == []
    assert difference.symbols == [SymbolNode("a.py", "h", "class", 5, 6)]
    assert difference.symbols_changed == [SymbolNode("a.py", "f", "function", 2, 3)]
    assert difference.symbols_gone == [("a.py", "g")]
    assert (difference.imports_gone, difference.imports) == (
        [Edge("a.py", "", "b.py", "")],
        [Edge("a.py", "", "c.py", "")],
    )
    assert (difference.calls_gone, difference.calls) == ([], [Edge("a.py", "f", "b.py", "h", 3)])


def test_a_file_that_goes_takes_its_symbols_along():
    difference = Difference()

    difference.remove("a.py", LINKED)

    assert (difference.files_gone, sorted(difference.symbols_gone)) == (["a.py"], [("a.py", "f"), ("a.py", "g")])
