"""Where in a file the import stands that breaks a contract."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.analysis.architecture.checking import Verdict, Violation
from functions.analysis.architecture.modules import Names
from functions.analysis.lifecycle import Analysis
from functions.analysis.ports import Deps
from kernel.identity import Caller


@dataclass(frozen=True, slots=True)
class Places:
    """`imports` are rows of the outlines of the importing files."""

    names: Names
    imports: Mapping[str, Sequence[Sequence[Any]]]

    def line(self, violation: Violation) -> int:
        """The line of the first import of the chain: that whose words fit best; 1 where that cannot be told."""
        importer, imported = violation.chain[:2]
        parts = self.names.of.get(imported, imported).split(".")
        scored = [(_shared(row, parts), -int(row[4])) for row in self.imports.get(importer, ())]
        best = max(scored, default=(0, -1))
        return -best[1] if best[0] else 1


def places_of(deps: Deps, caller: Caller, analysis: Analysis, names: Names, verdicts: Sequence[Verdict]) -> Places:
    wanted = {violation.chain[0] for verdict in verdicts for violation in verdict.violations}
    with deps.work(caller) as work:
        files = work.graphs.files(analysis) if wanted else {}
        by_result: dict[int, list[str]] = defaultdict(list)
        for path in sorted(wanted & files.keys()):
            by_result[files[path]].append(path)
        outlines = work.results.outlines(list(by_result))
        rows = {path: outline["imports"] for result_id, outline in outlines for path in by_result[result_id]}
    return Places(names, rows)


def _shared(row: Sequence[Any], parts: Sequence[str]) -> int:
    """How many parts of the imported name, from its end, the import says; that of a whole package says fewer."""
    module = [part for part in str(row[0]).replace("/", ".").split(".") if part]
    said = [[*module, str(name)] for name, _ in row[1]] + [module]
    return max(_tail(one, parts) for one in said)


def _tail(said: Sequence[str], parts: Sequence[str]) -> int:
    length = 0
    while length < min(len(said), len(parts)) and said[-1 - length] == parts[-1 - length]:
        length += 1
    return length
