"""What differs between two versions of a project: files with their counts a page at a time, lines of one file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from functions.project.diffs import hunks, renames
from functions.project.diffs.changes import Comparison, Counted, FileChange, Note, Status
from functions.project.diffs.lines import Budget
from functions.project.diffs.renames import Side
from functions.project.limits import LARGEST_PAGE
from functions.project.manifests import Placed, placed
from functions.project.merkle import differing, tree_of
from functions.project.model import Version
from functions.project.ports import Deps, Work
from functions.project.service.reading import contents
from kernel.errors import Invalid, NotFound
from kernel.identity import Caller


def compare(deps: Deps, caller: Caller, *, version_id: str, against: str | None) -> Comparison:
    """What a version changed `against` another of its project; None means its parent, or nothing without one.

    Raises:
        NotFound: there is no such version.
        Invalid: the other one is of another project.
    """
    with deps.work(caller) as work:
        version = work.versions.get(version_id)
        base = _base(work, version, against or version.parent_id)
    if base is not None and base.tree_sha256 == version.tree_sha256:
        return Comparison(version, base, (), complete=True)
    old = placed(deps.store.get(base.manifest_key)) if base is not None else []
    new = placed(deps.store.get(version.manifest_key))
    changes, complete = _changes(deps, old, new)
    return Comparison(version, base, changes, complete)


def _base(work: Work, version: Version, base_id: str | None) -> Version | None:
    if base_id is None:
        return None
    base = work.versions.get(base_id)
    if base.project_id != version.project_id:
        raise Invalid("both versions must be of one project", code="other_project", against=base_id)
    return base


def _changes(deps: Deps, old: Sequence[Placed], new: Sequence[Placed]) -> tuple[list[FileChange], bool]:
    before, after = {file.path: file for file in old}, {file.path: file for file in new}
    pairs = sorted(_paths(old, new))
    removed = [before[path] for path in pairs if path not in after]
    added = [after[path] for path in pairs if path not in before]
    found = renames.find(removed, added, lambda sides: _loaded(deps, sides, before | after))
    became = {was for was, _ in found.pairs.values()}
    changes = []
    for path in pairs:
        if path in found.pairs:
            was, similarity = found.pairs[path]
            changes.append(FileChange(path, Status.RENAMED, before[was], after[path], similarity))
        elif path not in became:
            changes.append(_change(path, before.get(path), after.get(path)))
    return changes, found.complete


def _paths(old: Sequence[Placed], new: Sequence[Placed]) -> Iterator[str]:
    for one, other in differing(tree_of(old), tree_of(new)):
        either = one or other
        if either is not None:
            yield either.path


def _change(path: str, old: Placed | None, new: Placed | None) -> FileChange:
    if old is None or new is None:
        return FileChange(path, Status.ADDED if old is None else Status.REMOVED, old, new)
    return FileChange(path, Status.CHANGED, old, new)


def _loaded(deps: Deps, sides: Iterable[Side], files: Mapping[str, Placed]) -> Mapping[str, bytes]:
    return dict(contents(deps.store, [files[side.path] for side in sides]))


def page(deps: Deps, comparison: Comparison, *, after: str, limit: int) -> tuple[list[Counted], bool]:
    """The changes behind the path `after` with their counts, and whether more follow.

    A page ends early when the contents to compare become too many bytes; one change is always in it.
    """
    rest = [change for change in comparison.changes if change.path > after]
    chosen: list[FileChange] = []
    size = 0
    for change in rest[:limit]:
        size += change.size_bytes if change.comparable else 0
        if chosen and size > LARGEST_PAGE:
            break
        chosen.append(change)
    return _counted(deps, chosen, Budget()), len(chosen) < len(rest)


def _counted(deps: Deps, changes: Sequence[FileChange], budget: Budget) -> list[Counted]:
    loaded = dict(contents(deps.store, (side for one in changes if one.comparable for side in one.sides)))
    return [_count(change, loaded, budget) for change in changes]


def _count(change: FileChange, loaded: Mapping[str, bytes], budget: Budget) -> Counted:
    if not change.comparable:
        return Counted(change, note=Note.TOO_LARGE)
    old, new = _sides(change, loaded)
    if hunks.is_binary(old) or hunks.is_binary(new):
        return Counted(change, note=Note.BINARY)
    additions, deletions = hunks.counts(old, new, budget)
    return Counted(change, additions, deletions)


def one(deps: Deps, comparison: Comparison, path: str) -> Counted:
    """The change of one file, by its present or its former path, with its lines. Raises NotFound if it has none."""
    former = (change for change in comparison.changes if change.old is not None and change.old.path == path)
    present = (change for change in comparison.changes if change.path == path)
    change = next(present, None) or next(former, None)
    if change is None:
        raise NotFound("this file does not differ", path=path)
    loaded = dict(contents(deps.store, change.sides)) if change.comparable else {}
    counted = _count(change, loaded, Budget())
    if counted.note is not None:
        return counted
    return replace(counted, hunks=hunks.hunks(*_sides(change, loaded), Budget()))


def _sides(change: FileChange, loaded: Mapping[str, bytes]) -> tuple[bytes, bytes]:
    old, new = (loaded[side.sha256] if side is not None else b"" for side in (change.old, change.new))
    return old, new
