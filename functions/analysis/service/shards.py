"""One shard: fetch its contents, let the engines read them, store what they say and count it exactly once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby

from functions.analysis.configuration import Configuration
from functions.analysis.engines.text import CIRCUMSTANTIAL
from functions.analysis.lifecycle import MAX_ATTEMPTS, Analysis, AnalysisState
from functions.analysis.pieces import Shard, ShardFile
from functions.analysis.ports import Blobs, Content, Deps, Work
from functions.analysis.repositories import Lease
from functions.analysis.results import Document
from functions.analysis.service.claiming import announce_next, claim
from functions.analysis.service.configuring import configuration_of
from functions.analysis.service.holding import Hold
from functions.analysis.service.planning import offer_merge
from kernel.errors import NotFound, Unavailable
from kernel.identity import Caller

GAP_BYTES = 16 * 1024  # between two contents of a pack that are still fetched in one request
Lost = dict[int, str]
"""Why a file (by `seq`) was not read."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a shard: a document for each content that could be read; `reason` if it was given up."""

    contents: Sequence[Content]
    documents: Sequence[Document]
    lost: Lost
    reason: str | None = None


def run_shard(deps: Deps, caller: Caller, shard_id: str) -> None:
    """Run the shard whose turn it is; the message that named one only says that there is work.

    Raises:
        Unavailable: the named one runs and no other can, or a dependency is down; the same call may succeed later.
    """
    claimed = claim(deps, caller, shard_id)
    if claimed is None:
        return
    caller, lease, shard, analysis = claimed
    if lease.attempts > MAX_ATTEMPTS:
        failed = Outcome([], [], _lost(shard.files, "engine_failed"), "engine_failed")
        return _end(deps, caller, lease, shard, analysis, failed)
    try:
        hold = Hold(deps, caller, [lease], deps.elapsed())
        configuration = configuration_of(deps, analysis)
        contents, lost = fetch(deps.blobs, shard.files)
        documents = _read(deps, lease, contents, hold, configuration)
        _end(deps, caller, lease, shard, analysis, _outcome(contents, documents, lost))
    except Unavailable:
        with deps.work(caller) as work:
            work.leases.give_back(lease, uncounted=True)
        raise


def _read(
    deps: Deps, lease: Lease, contents: Sequence[Content], hold: Hold, configuration: Configuration
) -> list[Document]:
    """Engines that cannot even be started count as an attempt, so that they do not hold an analysis for ever."""
    try:
        return deps.engines.read(contents, hold, configuration)
    except Unavailable:
        with deps.work(hold.caller) as work:
            work.leases.give_back(lease, uncounted=False)
        raise


def _outcome(contents: Sequence[Content], documents: Sequence[Document], lost: Lost) -> Outcome:
    """What the machine's state kept from being read is lost to this analysis only: the next one reads it again."""
    kept = []
    for content, document in zip(contents, documents, strict=True):
        if document["reason"] in CIRCUMSTANTIAL:
            lost = lost | _lost([content.file], document["reason"])
        else:
            kept.append((content, document))
    return Outcome([content for content, _ in kept], [document for _, document in kept], lost)


def _end(deps: Deps, caller: Caller, lease: Lease, shard: Shard, analysis: Analysis, outcome: Outcome) -> None:
    """Store and count in one transaction; whoever lost the lease stores and counts nothing."""
    with deps.work(caller) as work:
        if not work.leases.end(lease):
            return
        work.files.tie(shard.analysis_id, _stored(work, outcome))
        work.files.skip(shard.analysis_id, outcome.lost)
        work.shards.end(shard.id, outcome.reason)
        idle = _count(work, shard)
        announce_next(work, analysis.project_id)
    if idle:
        deps.engines.rest()


def _stored(work: Work, outcome: Outcome) -> dict[int, int]:
    """Result by `seq` of the files that have one of the contents."""
    files = [content.file for content in outcome.contents]
    ids = work.results.add([(file.language_key, one) for file, one in zip(files, outcome.documents, strict=True)])
    return {seq: result_id for file, result_id in zip(files, ids, strict=True) for seq in file.seqs}


def _count(work: Work, shard: Shard) -> bool:
    """True if nothing of this analysis waits for engines any more."""
    analysis = work.analyses.count_shard(shard.analysis_id, files=shard.file_count)
    if analysis.state is AnalysisState.MERGING:
        offer_merge(work, analysis.id)
    return work.shards.waiting(shard.analysis_id) == 0


def fetch(blobs: Blobs, files: Sequence[ShardFile]) -> tuple[list[Content], Lost]:
    """Contents that are what their hash says, and why the others are lost. Raises Unavailable."""
    contents: list[Content] = []
    lost: Lost = {}
    for run in _runs(files):
        start, end = run[0].offset, max(file.offset + file.size_bytes for file in run)
        try:
            data = blobs.get_range(run[0].object, start, end - start)
        except NotFound:
            lost |= _lost(run, "content_missing")
            continue
        for file in run:
            content = Content(file, data[file.offset - start : file.offset - start + file.size_bytes])
            if sha256(content.data).hexdigest() == file.sha256:
                contents.append(content)
            else:
                lost |= _lost([file], "content_changed")
    return contents, lost


def _lost(files: Sequence[ShardFile], reason: str) -> Lost:
    return {seq: reason for file in files for seq in file.seqs}


def _runs(files: Sequence[ShardFile]) -> Iterator[list[ShardFile]]:
    """Neighbours in a pack, so that each run is one request."""
    ordered = sorted(files, key=lambda file: (file.object, file.offset))
    for _, group in groupby(ordered, key=lambda file: file.object):
        run: list[ShardFile] = []
        for file in group:
            if run and file.offset - (run[-1].offset + run[-1].size_bytes) > GAP_BYTES:
                yield run
                run = []
            run.append(file)
        yield run
