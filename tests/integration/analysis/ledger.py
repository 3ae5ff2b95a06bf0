"""Versions of a project whose findings are known beforehand: tracked as in a merge, without engines."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any

from functions.analysis.configuration import Configuration
from functions.analysis.lifecycle import Analysis, AnalysisState
from functions.analysis.model import Finding, Metrics
from functions.analysis.pieces import ManifestFile
from functions.analysis.planning import planned
from functions.analysis.ports import Deps
from functions.analysis.results import Listing
from functions.analysis.service.holding import Hold
from functions.analysis.service.tracking import track
from kernel.identity import Caller
from kernel.ids import new_id
from tests.unit.analysis.sightings import findings_of, scopes_of

_ROW = attrgetter(*Finding.__slots__)


@dataclass
class Ledger:
    """`afresh`: every version has engines of its own, so that nothing is known of a content from before."""

    deps: Deps
    org: str
    project: str = field(default_factory=new_id)
    afresh: bool = False
    stored: dict[tuple[str, str], int] = field(default_factory=dict)
    count: int = 0

    @property
    def caller(self) -> Caller:
        return Caller.function(self.org)

    def publish(self, version: Mapping[str, str], **fields: Any) -> Analysis:
        return self.track(self.add(version, **fields))

    def add(self, version: Mapping[str, str], **fields: Any) -> Analysis:
        """An analysis whose files are read."""
        self.count += 1
        engines = f"e{self.count}" if self.afresh else "e"
        files = [_file(path, text) for path, text in sorted(version.items())]
        with self.deps.work(self.caller) as work:
            analysis = Analysis(
                id=new_id(),
                org_id=self.org,
                project_id=self.project,
                version_id=new_id(),
                parent_version_id=None,
                manifest_key="m",
                engine_set=engines,
                created_at=work.now,
                state=AnalysisState.MERGING,
            )
            work.analyses.add(analysis := replace(analysis, **fields))
            listed = [replace(item, language_key="test") for item in planned(files, Configuration())]
            missing = work.files.add(analysis, listed)
            fresh = {item.file.sha256: version[item.file.path] for item in listed if item.seq in missing}
            ids = work.results.add([("test", _document(sha, text, engines)) for sha, text in sorted(fresh.items())])
            known = dict(zip(sorted(fresh), ids, strict=True))
            work.files.tie(analysis.id, {one.seq: known[one.file.sha256] for one in listed if one.seq in missing})
        return analysis

    def track(self, analysis: Analysis) -> Analysis:
        hold = Hold(self.deps, self.caller, (), self.deps.elapsed())
        done = track(self.deps, self.caller, analysis, Configuration(), hold)
        done = replace(done.to(AnalysisState.COMPLETED), completed_at=done.created_at)
        with self.deps.work(self.caller) as work:
            work.analyses.save(done)
        return done

    def found(self, analysis: Analysis) -> list[tuple[str, int, str, str, bool]]:
        """Path, line, id, state and whether it is new, of all."""
        with self.deps.work(self.caller) as work:
            listed = work.findings.page(analysis, Listing(limit=100_000))
        return sorted((one.path, one.line, one.id(self.project), one.state, one.new) for one in listed)


def _file(path: str, text: str) -> ManifestFile:
    return ManifestFile(path, "100644", hashlib.sha256(text.encode()).hexdigest(), len(text), "o", 0)


def _document(sha256: str, text: str, engines: str) -> dict[str, Any]:
    empty: dict[str, Any] = {name: [] for name in ("classes", "constants", "imports", "callers", "calls", "notes")}
    return empty | {
        "sha256": sha256,
        "engines": engines,
        "language": "test",
        "status": "parsed",
        "reason": "",
        "metrics": attrgetter(*Metrics.__slots__)(Metrics()),
        "functions": [(name, name, "function", first, last, 0, 0, 0, 0) for first, last, name in scopes_of(text)],
        "findings": [_ROW(one) for one in findings_of(text)],
    }
