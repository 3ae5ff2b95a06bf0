"""The values that the engines speak in."""

from __future__ import annotations

from functions.analysis.model import Function, FunctionKind, Severity


def test_the_worst_severity_ranks_first():
    assert min(Severity, key=lambda severity: severity.rank) is Severity.CRITICAL
    assert [severity.rank for severity in Severity] == [0, 1, 2, 3, 4]


def test_length_counts_the_first_and_the_last_line():
    assert Function("f", "f", FunctionKind.FUNCTION, 3, 5, 0, 1, 0, 0).length == 3
