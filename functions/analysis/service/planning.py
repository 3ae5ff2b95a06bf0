"""A published version becomes an analysis with shards for what nobody has read yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from functions.analysis.configuration import Configuration
from functions.analysis.lifecycle import Analysis, AnalysisState, MergeReady, Progress, ShardReady
from functions.analysis.pieces import ManifestFile, PlannedFile, Shard
from functions.analysis.planning import Malformed, cut, planned, read_manifest
from functions.analysis.ports import Blobs, Deps, Work
from functions.analysis.service.cancelling import admitted, supersede
from functions.analysis.service.configuring import configuration_of
from kernel.errors import Invalid, NotFound
from kernel.identity import Caller

CONSUMER = "plan"
_UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)  # the time of a draft


@dataclass(frozen=True, slots=True)
class Published:
    """What the event says of a version."""

    version_id: str
    project_id: str
    parent_id: str | None
    manifest_key: str
    branch: str | None = None
    main: bool = True
    commit: str | None = None
    history_key: str | None = None
    config_key: str | None = None
    baseline_version_id: str | None = None


def plan(deps: Deps, caller: Caller, event_id: str, published: Published) -> None:
    """Create the analysis of a version and announce its work; a second time, or for a known version, do nothing.

    Raises:
        Invalid: the manifest is another organisation's.
        Unavailable: the manifest, the settings, the engines or the database cannot be reached now.
    """
    if not published.manifest_key.startswith(f"manifests/{caller.organisation}/"):
        raise Invalid("the manifest belongs to another organisation")
    files, refusal = manifest_of(deps.blobs, published.manifest_key)
    draft = _draft(deps, caller, published, len(files))
    configuration = configuration_of(deps, draft)
    draft = replace(
        draft, engine_set=deps.engines.engine_set(configuration), notes=notes_of(deps, draft, configuration)
    )
    if refusal is None:
        supersede(deps, caller, draft, configuration)
    with deps.work(caller) as work:
        if not work.inbox.first(CONSUMER, event_id) or work.erasures.is_gone(draft.project_id):
            return
        analysis = replace(draft, created_at=work.now)
        if refusal is not None:
            work.analyses.add(analysis.fail(refusal, work.now))
            return
        analysis = admitted(deps, work, analysis, configuration)
        if work.analyses.add(analysis) and not analysis.over:
            announce(deps, work, analysis, list(planned(files, configuration)))


def notes_of(deps: Deps, draft: Analysis, configuration: Configuration) -> tuple[str, ...]:
    """What the settings ask for and cannot be had; a version that names no settings misses none."""
    ignored = [f"settings: {what}" for what in configuration.ignored] if draft.config_key else []
    try:
        return *ignored, *deps.engines.notes(configuration)
    finally:
        deps.engines.rest()


def manifest_of(blobs: Blobs, key: str) -> tuple[list[ManifestFile], str | None]:
    """The files, or why there are none."""
    try:
        return read_manifest(blobs.get(key)), None
    except NotFound:
        return [], "manifest_missing"
    except Malformed:
        return [], "manifest_malformed"


def _draft(deps: Deps, caller: Caller, published: Published, files: int) -> Analysis:
    """The analysis before its settings are known; its time is that of the transaction that stores it."""
    return Analysis(
        id=deps.new_id(),
        org_id=caller.organisation,
        project_id=published.project_id,
        version_id=published.version_id,
        parent_version_id=published.parent_id,
        manifest_key=published.manifest_key,
        engine_set="",
        created_at=_UNKNOWN,
        progress=Progress(files_total=files),
        branch=published.branch,
        main=published.main,
        commit=published.commit,
        history_key=published.history_key,
        config_key=published.config_key,
        baseline_version_id=published.baseline_version_id,
    )


def announce(deps: Deps, work: Work, analysis: Analysis, listed: Sequence[PlannedFile]) -> None:
    missing = work.files.add(analysis, listed)
    pieces = cut(item for item in listed if item.seq in missing)
    shards = [Shard(deps.new_id(), analysis.id, seq, piece) for seq, piece in enumerate(pieces)]
    done = len(listed) - len(missing)
    cached = done - sum(item.reason is not None for item in listed)
    progress = replace(analysis.progress, files_done=done, files_cached=cached, shards_total=len(shards))
    if not shards:
        work.analyses.save(replace(analysis.to(AnalysisState.MERGING), progress=progress))
        offer_merge(work, analysis.id)
        return
    work.analyses.save(replace(analysis, progress=progress, revision=analysis.revision + 1))
    work.shards.add(analysis.id, shards)
    work.leases.offer(analysis.id, "shard", [shard.id for shard in shards])
    for shard in shards:
        work.events.add(ShardReady(analysis.id, shard.id))


def offer_merge(work: Work, analysis_id: str) -> None:
    work.leases.offer(analysis_id, "merge", [analysis_id])
    work.events.add(MergeReady(analysis_id))
