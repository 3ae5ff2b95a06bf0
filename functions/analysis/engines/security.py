"""Findings of bandit on Python."""

from __future__ import annotations

from collections.abc import Sequence

from functions.analysis.engines.unit import Unit


def check(units: Sequence[Unit]) -> None:
    """Add bandit's findings."""
