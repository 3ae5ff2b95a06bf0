"""A version's files as an archive: asked for in one request, made by a function, downloaded from the store.

The same tree makes the same bytes: sorted, at one time, for one owner. A function that dies is followed by another,
which writes the same object again.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from functions.project import manifests
from functions.project.archives import writing
from functions.project.exports import Export, Format, Making, of_subject
from functions.project.limits import EXPORT_LEASE_S, LONGEST_SWEEP_S, MOST_ATTEMPTS
from functions.project.packs import sha256_of
from functions.project.ports import Deps, Work
from functions.project.ports.tasks import EXPORT, Task
from functions.project.scratch import scratch
from functions.project.service.keeping import put_announced
from functions.project.service.reading import contents
from kernel.errors import NotFound
from kernel.identity import Caller


def ask(work: Work, *, version_id: str, format: Format) -> tuple[Export, bool]:
    """The archive of a version's tree as far as it is, and whether this request was the first to ask for it.

    One that failed is begun anew. Raises NotFound.
    """
    version = work.versions.get(version_id)
    found = work.exports.find(version.tree_sha256, format)
    if found is not None and found.state is not Making.FAILED and found.expires_at > work.now:
        return found, False
    export = Export.asked(
        org_id=version.org_id, tree_sha256=version.tree_sha256, format=format, version_id=version.id, now=work.now
    )
    if not work.exports.ask(export):
        return work.exports.find(version.tree_sha256, format) or export, False
    work.todo.offer(EXPORT, export.subject)
    work.audit.add("project.export", version.id, format=format.value)
    return export, True


def sweep(deps: Deps) -> int:
    """Make the archives that were asked for; return how many were begun. Raises Unavailable."""
    deadline, done = deps.monotonic() + LONGEST_SWEEP_S, 0
    while deps.monotonic() < deadline and (task := deps.tasks.claim(EXPORT, lease_s=EXPORT_LEASE_S)):
        make(deps, task)
        done += 1
    return done


def make(deps: Deps, task: Task) -> None:
    """Make one archive. Raises Unavailable: then it is tried again when the task's lease is over."""
    caller = Caller.function(task.org_id)
    wanted = _wanted(deps, caller, task)
    if wanted is None:
        return
    export, manifest_key = wanted
    if task.attempts > MOST_ATTEMPTS:
        return _end(deps, caller, export.failed())
    with scratch() as folder:
        path = folder / "archive"
        _write(deps, manifest_key, export.format, path)
        put_announced(deps, caller, {export.key: path})
        size_bytes, sha256 = path.stat().st_size, sha256_of(path)
    with deps.work(caller) as work:
        ready = export.ready(size_bytes=size_bytes, sha256=sha256, now=work.now)
    _end(deps, caller, ready)


def _wanted(deps: Deps, caller: Caller, task: Task) -> tuple[Export, str] | None:
    """The archive to make and the key of its manifest; None, and the task is over, if it is made or not wanted."""
    tree_sha256, format = of_subject(task.subject)
    with deps.work(caller) as work:
        export = work.exports.find(tree_sha256, format)
        if export is not None and export.state is Making.WAITING:
            with suppress(NotFound):  # the project may have been deleted
                return export, work.versions.get(export.version_id).manifest_key
        work.todo.end(EXPORT, task.subject)
    return None


def _write(deps: Deps, manifest_key: str, format: Format, path: Path) -> None:
    files = manifests.placed(deps.store.get(manifest_key))
    with writing.spooled(path.parent / "contents") as spool:
        for sha256, content in contents(deps.store, files):
            spool.add(sha256, content)
        writing.write(path, format, ((file.path, file.mode, spool.get(file.sha256)) for file in files))


def _end(deps: Deps, caller: Caller, export: Export) -> None:
    with deps.work(caller) as work:
        if export.state is Making.READY:
            work.objects.require([export.key])
        work.exports.save(export)
        work.todo.end(EXPORT, export.subject)
