"""The artifacts of a completed analysis: rendered from the store, put under keys that a repeat writes again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import sha256

from functions.analysis.lifecycle import Analysis, Artifact, ManifestFile
from functions.analysis.planning import read_manifest
from functions.analysis.ports import Blobs, Deps
from functions.analysis.render import context, report, sarif
from functions.analysis.results import ListedFinding, Listing
from kernel.errors import NotFound
from kernel.identity import Caller

SARIF, REPORT, CONTEXT = "findings.sarif", "report.json", "review-context.json"
_CONTENT_TYPES = {SARIF: "application/sarif+json", REPORT: "application/json", CONTEXT: "application/json"}


def render(deps: Deps, caller: Caller, analysis: Analysis) -> list[Artifact]:
    """Raises Unavailable."""
    with deps.work(caller) as work:
        listed = work.findings.page(analysis, Listing(limit=sarif.MOST_RESULTS))
        news = work.findings.page(analysis, Listing(new=True, limit=context.CANDIDATES))
        candidates = {(found.seq, found.n): found for found in (*news, *listed[: context.CANDIDATES])}
        paths = sorted({found.path for found in candidates.values()})
        importers = work.graphs.importers(analysis.project_id, paths)
        documents = {
            SARIF: sarif.render(
                listed,
                project_id=analysis.project_id,
                version_id=analysis.version_id,
                total=sum(analysis.findings_by_severity.values()),
            ),
            REPORT: report.render(analysis, work.files.all(analysis.id), listed[: report.WORST]),
        }
    chosen = context.choose(candidates.values(), importers)
    documents[CONTEXT] = context.render(
        analysis, chosen, _excerpts(deps.blobs, analysis, chosen, _credentials(listed)), importers
    )
    return [_put(deps.blobs, analysis, name, data) for name, data in documents.items()]


def _put(blobs: Blobs, analysis: Analysis, name: str, data: bytes) -> Artifact:
    key = f"artifacts/{analysis.org_id}/{analysis.id}/{name}"
    blobs.put(key, data, _CONTENT_TYPES[name])
    return Artifact(name, key, _CONTENT_TYPES[name], len(data))


def _credentials(listed: Sequence[ListedFinding]) -> Mapping[str, list[ListedFinding]]:
    """The findings of credentials by path; they are critical or high, so the worst of a long list hold them."""
    by_path: dict[str, list[ListedFinding]] = defaultdict(list)
    for found in listed:
        if found.rule.startswith("secrets/"):
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
