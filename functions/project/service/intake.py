"""Content that arrived: verified, stored, published; or refused, with the reason on the upload.

May run any number of times for an upload, also at once, and may die at any line: objects are named by their
content, rows are added once, and the upload ends in the transaction that counts. Until then it waits, and is
looked at again. The event that wakes it is only a hint: all facts are read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

from functions.project import packs
from functions.project.archives import reading
from functions.project.histories import check_history
from functions.project.limits import CHECK_AFTER_S, MOST_ATTEMPTS, SWEEP_BATCH, SWEEP_S
from functions.project.model import Blob, Tree, key_of_history, key_of_pack
from functions.project.packs import Pack, Packer
from functions.project.ports import Deps, Work
from functions.project.scratch import scratch
from functions.project.service.keeping import put_announced
from functions.project.service.publishing import Published, Wanted, publish
from functions.project.uploads import Upload, UploadKind, UploadState, key_of_upload
from kernel.errors import DomainError, Invalid, NotFound, Unavailable
from kernel.identity import Caller


class Outcome(StrEnum):
    STORED = "stored"
    REFUSED = "refused"
    REPEATED = "repeated"  # it had ended before
    WAITING = "waiting"  # nothing has arrived yet
    UNKNOWN = "unknown"  # no upload has this key


def receive(deps: Deps, key: str, request_id: str = "") -> Outcome:
    """Take what arrived under `key`. Raises Unavailable: the same call may succeed later."""
    named = key_of_upload(key)
    if named is None:
        return Outcome.UNKNOWN
    caller = Caller.function(named[0], request_id)
    try:
        with deps.work(caller) as work:
            upload = work.uploads.get(named[1])
    except NotFound:
        deps.store.delete(key)  # its project was deleted while it was on its way, or nobody ever promised it
        return Outcome.UNKNOWN
    attempt = deps.arrivals.claim(key) if upload.state is UploadState.WAITING else None
    if attempt is None:
        deps.store.delete(key)
        return Outcome.REPEATED
    return _attempt(deps, caller, upload, attempt)


def sweep(deps: Deps) -> list[tuple[str, Outcome]]:
    """Look after uploads whose notification is late, lost or was cut off, and end those that expired."""
    deadline, done = deps.monotonic() + SWEEP_S, []
    for key in deps.arrivals.due(SWEEP_BATCH):
        if deps.monotonic() > deadline:
            break
        done.append((key, receive(deps, key)))
    return done


def _attempt(deps: Deps, caller: Caller, upload: Upload, attempt: int) -> Outcome:
    try:
        if attempt > MOST_ATTEMPTS:
            raise Invalid(f"gave up after {MOST_ATTEMPTS} attempts", code="failed")
        _take(deps, caller, upload)
    except Unavailable:
        with suppress(Unavailable):  # only attempts that died count
            deps.arrivals.postpone(upload.key, seconds=CHECK_AFTER_S)
        raise
    except NotFound:
        return _nothing_there(deps, caller, upload)
    except DomainError as refused:
        _refuse(deps, caller, upload, refused)
        deps.store.delete(upload.key)
        return Outcome.REFUSED
    deps.store.delete(upload.key)
    return Outcome.STORED


def _take(deps: Deps, caller: Caller, upload: Upload) -> None:
    """Raises NotFound if there is no object, or what the content is refused for."""
    _check_size(upload, deps.store.head(upload.key).size_bytes)
    with scratch() as folder:
        content = folder / "content"
        deps.store.download(upload.key, str(content))
        _check_size(upload, content.stat().st_size)
        if packs.sha256_of(content) != upload.sha256:
            raise Invalid("the content has another SHA-256 than was promised", code="wrong_hash")
        _TAKE[upload.kind](deps, caller, upload, content)


def _check_size(upload: Upload, size_bytes: int) -> None:
    if size_bytes != upload.size_bytes:
        code = "truncated" if size_bytes < upload.size_bytes else "wrong_size"
        raise Invalid(f"{size_bytes} bytes arrived, {upload.size_bytes} were promised", code=code)


def _take_pack(deps: Deps, caller: Caller, upload: Upload, content: Path) -> None:
    pack = packs.read(content)
    put_announced(deps, caller, {key_of_pack(upload.org_id, pack.id): content})
    with deps.work(caller) as work:
        _end(work, upload, lambda present: _stored_pack(work, present, pack))


def _stored_pack(work: Work, upload: Upload, pack: Pack) -> Upload:
    _count(work, upload.org_id, [pack])
    return upload.stored()


def _take_history(deps: Deps, caller: Caller, upload: Upload, content: Path) -> None:
    check_history(content)
    put_announced(deps, caller, {key_of_history(upload.org_id, upload.sha256): content})
    with deps.work(caller) as work:
        _end(work, upload, lambda present: present.stored())


def _take_archive(deps: Deps, caller: Caller, upload: Upload, content: Path) -> None:
    packer = Packer(content.parent)
    try:
        tree = reading.read(content, filename=upload.filename, packer=packer, clock=deps.monotonic)
        store_packs(deps, caller, packer.finish())
    finally:
        packer.abandon()
    _publish(deps, caller, upload, tree)


def store_packs(deps: Deps, caller: Caller, made: tuple[Pack, ...]) -> None:
    """Store the packs that hold something new, then count their blobs as the caller's organisation's."""
    with deps.work(caller) as work:
        known = work.blobs.claim([blob.sha256 for pack in made for blob in pack.blobs])
    new = [pack for pack in made if any(blob.sha256 not in known for blob in pack.blobs)]
    put_announced(deps, caller, {key_of_pack(caller.organisation, pack.id): pack.path for pack in new})
    with deps.work(caller) as work:
        _count(work, caller.organisation, new)


def _count(work: Work, org_id: str, stored: Sequence[Pack]) -> None:
    work.objects.require([key_of_pack(org_id, pack.id) for pack in stored])
    work.blobs.add(_blobs(org_id, stored))


def _publish(deps: Deps, caller: Caller, upload: Upload, tree: Tree) -> None:
    wanted = Wanted(upload.project_id, tree.files, by=upload.created_by, **_about(upload))

    def conclude(work: Work, commit: Callable[[], Published]) -> None:
        _end(work, upload, lambda present: present.stored(commit().version.id))

    publish(deps, caller, wanted, conclude)


def _about(upload: Upload) -> dict[str, Any]:
    """What the sender said of the version."""
    return {"label": upload.label, "branch": upload.branch, "commit": upload.commit, "main": upload.main}


def _blobs(org_id: str, stored: Iterable[Pack]) -> list[Blob]:
    return [
        Blob(blob.sha256, blob.size_bytes, key_of_pack(org_id, pack.id), blob.offset)
        for pack in stored
        for blob in pack.blobs
    ]


def _end(work: Work, upload: Upload, ended: Callable[[Upload], Upload]) -> None:
    """End an upload, unless another delivery of the same event was quicker."""
    present = work.uploads.lock(upload.id)
    if present.state is UploadState.WAITING:
        after = ended(present)
        work.uploads.end(after)
        work.audit.add("project.end_upload", upload.id, state=str(after.state), code=after.code)


def _refuse(deps: Deps, caller: Caller, upload: Upload, why: DomainError) -> None:
    with deps.work(caller) as work:
        _end(work, upload, lambda present: present.refused(why.code, why.message))


def _nothing_there(deps: Deps, caller: Caller, upload: Upload) -> Outcome:
    with deps.work(caller) as work:
        expired = upload.is_over(work.now)
    if not expired:
        deps.arrivals.postpone(upload.key, seconds=CHECK_AFTER_S)
        return Outcome.WAITING
    _refuse(deps, caller, upload, Invalid("nothing was sent in time", code="expired"))
    return Outcome.REFUSED


_TAKE = {UploadKind.PACK: _take_pack, UploadKind.ARCHIVE: _take_archive, UploadKind.HISTORY: _take_history}
