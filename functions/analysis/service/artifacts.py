"""The artifacts of a completed analysis: rendered from the store, put under keys that a repeat writes again.

Findings and files are read in pages and written as they come, so that what is held is what an artifact may hold.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from functions.analysis.lifecycle import Analysis, Artifact
from functions.analysis.pieces import ManifestFile
from functions.analysis.planning import read_manifest
from functions.analysis.ports import Blobs, Deps, Work
from functions.analysis.render import context, html, markdown, news, report, sarif, sbom
from functions.analysis.results import FileRow, ListedFinding, Listing
from functions.analysis.service import dependencies
from kernel.errors import NotFound
from kernel.identity import Caller

SARIF, REPORT, CONTEXT = "findings.sarif", "report.json", "review-context.json"
MARKDOWN, HTML, SBOM, NEWS = "report.md", "report.html", "sbom.cdx.json", "new-findings.json"
_CONTENT_TYPES = {
    SARIF: "application/sarif+json",
    REPORT: "application/json",
    MARKDOWN: "text/markdown; charset=utf-8",
    HTML: "text/html; charset=utf-8",
    SBOM: "application/vnd.cyclonedx+json; version=1.6",
    NEWS: "application/json",
    CONTEXT: "application/json",
}
_PAGE = 5_000  # findings or files at once


@dataclass(slots=True)
class _Seen:
    """What the first passage over findings and files keeps for the artifacts behind it."""

    worst: list[ListedFinding] = field(default_factory=list)
    credentials: list[ListedFinding] = field(default_factory=list)
    files: list[FileRow] = field(default_factory=list)


def render(deps: Deps, caller: Caller, analysis: Analysis, verdict: Mapping[str, Any] | None = None) -> list[Artifact]:
    """Render and store all artifacts. `verdict` is what the gate said, with its conditions. Raises Unavailable."""
    packages = dependencies.packages(deps, caller, analysis)
    seen = _Seen()
    with deps.work(caller) as work:
        new = work.findings.page(analysis, Listing(new=True, limit=news.MOST))
        documents = {SARIF: b"".join(_sarif(work, analysis, seen))}
        documents[REPORT] = b"".join(report.render(analysis, _files(work, analysis, seen), seen.worst[: report.WORST]))
        candidates = {(one.seq, one.n): one for one in (*new[: context.CANDIDATES], *seen.worst[: context.CANDIDATES])}
        open_ = [one for one in candidates.values() if one.state != "dismissed"]
        importers = work.graphs.importers(analysis.project_id, sorted({one.path for one in open_}))
    documents[MARKDOWN] = markdown.render(analysis, new)
    documents[HTML] = html.render(analysis, seen.worst, _notable(seen.files))
    documents[SBOM] = sbom.render(analysis, packages)
    documents[NEWS] = news.render(analysis, new, verdict)
    documents[CONTEXT] = _context(deps.blobs, analysis, context.choose(open_, importers), seen.credentials, importers)
    return [_put(deps.blobs, analysis, name, data) for name, data in documents.items()]


def _sarif(work: Work, analysis: Analysis, seen: _Seen) -> Iterator[bytes]:
    total = sum(analysis.findings_by_severity.values()) + analysis.dismissed_findings
    return sarif.render(_findings(work, analysis, seen), analysis, total=total)


def _findings(work: Work, analysis: Analysis, seen: _Seen) -> Iterator[ListedFinding]:
    """All findings, worst first; the credentials are critical or high, so the worst of a long list hold them."""
    after: tuple[int, int, int] | None = None
    while page := work.findings.page(analysis, Listing(after=after, limit=_PAGE)):
        for found in page:
            if len(seen.worst) < html.MOST_FINDINGS:
                seen.worst.append(found)
            if found.rule.startswith("secrets/"):
                seen.credentials.append(found)
            yield found
        after = (page[-1].rank, page[-1].seq, page[-1].n)
        if len(page) < _PAGE:
            return


def _files(work: Work, analysis: Analysis, seen: _Seen) -> Iterator[FileRow]:
    """All files in the order of paths; kept are those that no report may leave out."""
    after = -1
    while page := work.files.page(analysis.id, status=None, after=after, limit=_PAGE):
        seen.files = heapq.nsmallest(html.MOST_FILES, [*seen.files, *page], key=_weight)
        yield from page
        after = page[-1].seq
        if len(page) < _PAGE:
            return


def _weight(row: FileRow) -> tuple[bool, int, int]:
    return row.status != "skipped", -row.max_cognitive, row.seq


def _notable(files: Sequence[FileRow]) -> list[FileRow]:
    return [row for row in files if row.status == "skipped" or row.max_cognitive > 0]


def _context(
    blobs: Blobs,
    analysis: Analysis,
    chosen: Sequence[ListedFinding],
    credentials: Sequence[ListedFinding],
    importers: Mapping[str, int],
) -> bytes:
    excerpts = _excerpts(blobs, analysis, chosen, _credentials(credentials))
    return context.render(analysis, chosen, excerpts, importers)


def _put(blobs: Blobs, analysis: Analysis, name: str, data: bytes) -> Artifact:
    key = f"artifacts/{analysis.org_id}/{analysis.id}/{name}"
    blobs.put(key, data, _CONTENT_TYPES[name])
    return Artifact(name, key, _CONTENT_TYPES[name], len(data))


def _credentials(listed: Sequence[ListedFinding]) -> Mapping[str, list[ListedFinding]]:
    by_path: dict[str, list[ListedFinding]] = defaultdict(list)
    for found in listed:
        by_path[found.path].append(found)
    return by_path


def _excerpts(
    blobs: Blobs,
    analysis: Analysis,
    chosen: Sequence[ListedFinding],
    credentials: Mapping[str, Sequence[ListedFinding]],
) -> Mapping[tuple[int, int], str]:
    """The source around each finding; what cannot be had any more has none."""
    by_path: dict[str, list[ListedFinding]] = defaultdict(list)
    for found in chosen:
        by_path[found.path].append(found)
    if not by_path:
        return {}
    excerpts = {}
    for file in _manifest(blobs, analysis.manifest_key):
        if file.path in by_path:
            text = _text(blobs, file)
            for found in by_path[file.path]:
                excerpts[found.seq, found.n] = context.excerpt(text, found, credentials.get(file.path, ()))
    return excerpts


def _manifest(blobs: Blobs, key: str) -> list[ManifestFile]:
    try:
        return read_manifest(blobs.get(key))
    except NotFound:
        return []


def _text(blobs: Blobs, file: ManifestFile) -> str:
    try:
        data = blobs.get_range(file.object, file.offset, file.size_bytes)
    except NotFound:
        return ""
    return data.decode(errors="replace") if sha256(data).hexdigest() == file.sha256 else ""
