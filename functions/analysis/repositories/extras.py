"""Findings that no single content has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from functions.analysis.model import Finding


class Extras(Protocol):
    def replace(self, analysis_id: str, found: Mapping[str, Mapping[str, Sequence[Finding]]]) -> None:
        """Store these findings, by engine and path, as all that whole-project engines say about an analysis.

        Equal findings of a file are stored once for all analyses; paths that the version has not are left out.
        """
        ...
