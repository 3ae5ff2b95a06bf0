"""Publishing a version: one use case, whoever asks (a client, an archive that arrived, a webhook).

Two units of work with the object store between them: look up what is needed, write the manifest, commit. A
manifest whose commit never came is harmless: its key holds an id that no version has, and it is collected.

Publishing what is already there yields what is already there: the same tree, label, commit and branch under the
same parent, or as the parent itself, is not another version and starts no second analysis, unless `force` is set.

What a version needs is held in three steps, so that no collection comes between (`collecting`): looking up gives
blobs and objects their grace anew, the commit locks what it then names, and finds out if something went meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from functions.project.manifests import changed_paths, files_of, manifest_of
from functions.project.model import (
    Blob,
    File,
    Project,
    Tree,
    Version,
    VersionPublished,
    key_of_history,
    key_of_manifest,
)
from functions.project.ports import Deps, Work
from functions.project.service.settings import context_of
from functions.project.settings import Snapshot
from kernel.errors import Conflict, Invalid, NotFound, Stale
from kernel.identity import Caller

R = TypeVar("R")
MOST_NAMED = 100  # missing hashes in an answer
MANIFEST_TYPE = "application/jsonl"
CONFIG_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A version that somebody wants published. `by` is a user's id; `author` and `message` are those of a commit.

    `main` of None lets the project's settings say whether the branch is the main line. `history` is the SHA-256 of
    one that `histories` keeps.
    """

    project_id: str
    files: tuple[File, ...]
    by: str
    label: str = ""
    parent_id: str | None = None
    commit: str | None = None
    branch: str | None = None
    main: bool | None = None
    author: str = ""
    message: str = ""
    history: str | None = None
    merge_parent_id: str | None = None
    baseline_version_id: str | None = None  # None: as the project's baseline says
    force: bool = False


@dataclass(frozen=True, slots=True)
class Published:
    version: Version
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Draft:
    version: Version
    existing: Version | None
    blobs: Mapping[str, Blob]
    parent: Version | None
    config: Snapshot

    @property
    def keys(self) -> list[str]:
        """Objects that the version needs."""
        version = self.version
        return [key for key in (version.manifest_key, version.config_key, version.history_key) if key is not None]


@dataclass(frozen=True, slots=True)
class _Difference:
    """To the parent: `paths` is None without one, or when too many changed; `blobs` are those it does not have."""

    paths: tuple[str, ...] | None
    blobs: tuple[Blob, ...]


def publish(deps: Deps, caller: Caller, wanted: Wanted, conclude: Callable[[Work, Callable[[], Published]], R]) -> R:
    """Publish a version and return what `conclude` makes of it.

    `conclude` runs in the unit of work that commits: it calls its second argument to publish, and may store
    more beside it, or decide not to.

    Raises:
        Invalid, TooLarge: the list of files breaks a rule (`model.Tree`), or a parent or the history is unknown.
        NotFound: there is no such project.
        Conflict: the project is archived, or blobs are missing (`blobs_missing`, up to 100 of them in the details).
        Unavailable: a store is down, or something went between the two units of work; the same call may succeed.
    """
    tree = Tree.of(wanted.files)
    with deps.work(caller) as work:
        draft = _draft(work, wanted, tree, id=deps.new_id())
    difference = _Difference(None, ())
    if draft.existing is None:
        difference = _difference(deps, draft, tree)
        deps.store.put(draft.config.key, draft.config.data, CONFIG_TYPE)
        deps.store.put(draft.version.manifest_key, manifest_of(tree, draft.blobs), MANIFEST_TYPE)
    with deps.work(caller) as work:
        return conclude(work, lambda: _commit(work, draft, difference, force=wanted.force))


def _draft(work: Work, wanted: Wanted, tree: Tree, *, id: str) -> _Draft:
    project = work.projects.get(wanted.project_id)
    project.check_open()
    context = context_of(work, project, wanted)
    version = replace(
        _version(project, wanted, tree, id=id, now=work.now),
        main=context.main,
        config_key=context.config.key,
        baseline_version_id=wanted.baseline_version_id or context.baseline_version_id,
    )
    parent = _parent(work, version, version.parent_id)
    _parent(work, version, version.merge_parent_id)
    _parent(work, version, wanted.baseline_version_id)
    existing = None if wanted.force else work.versions.same(version)
    draft = _Draft(version, existing, _stored(work, tree.files), parent, context.config)
    if existing is None:
        _announce(work, draft)
    return draft


def _version(project: Project, wanted: Wanted, tree: Tree, *, id: str, now: datetime) -> Version:
    history = key_of_history(project.org_id, wanted.history) if wanted.history is not None else None
    return Version(
        id=id,
        org_id=project.org_id,
        project_id=project.id,
        parent_id=wanted.parent_id,
        label=wanted.label or (wanted.commit or "")[:12],
        commit=wanted.commit,
        tree_sha256=tree.sha256,
        manifest_key=key_of_manifest(project.org_id, id),
        file_count=len(tree.files),
        total_bytes=tree.total_bytes,
        created_by=wanted.by,
        created_at=now,
        branch=wanted.branch,
        author=wanted.author,
        message=wanted.message,
        history_key=history,
        merge_parent_id=wanted.merge_parent_id,
    )


def _announce(work: Work, draft: _Draft) -> None:
    history = draft.version.history_key
    if history is not None and not work.objects.touch([history]):
        raise Invalid("no such history was sent", code="unknown_history")
    work.objects.announce([draft.version.manifest_key, draft.config.key])


def _difference(deps: Deps, draft: _Draft, tree: Tree) -> _Difference:
    """A parent's blobs are known to be needed, unless it is from before that was asked."""
    if draft.parent is None:
        return _Difference(None, tuple(draft.blobs.values()))
    before = list(files_of(deps.store.get(draft.parent.manifest_key)))
    known = {file.sha256 for file in before} if draft.parent.counted else set()
    new = tuple(blob for sha256, blob in draft.blobs.items() if sha256 not in known)
    return _Difference(changed_paths(tree, before), new)


def _stored(work: Work, files: Iterable[File]) -> Mapping[str, Blob]:
    sizes = {file.sha256: file.size_bytes for file in files}
    found = work.blobs.claim(sizes)
    if missing := sorted(sizes.keys() - found.keys()):
        raise Conflict(
            f"{len(missing)} blobs are not stored",
            code="blobs_missing",
            count=len(missing),
            missing=missing[:MOST_NAMED],
        )
    for file in files:
        if file.size_bytes != found[file.sha256].size_bytes:
            raise Invalid(f"the size of {file.path!a} is not that of its blob", code="wrong_size")
    return found


def _parent(work: Work, version: Version, parent_id: str | None) -> Version | None:
    if parent_id is None:
        return None
    try:
        parent = work.versions.get(parent_id)
    except NotFound:
        parent = None
    if parent is None or parent.project_id != version.project_id:
        raise Invalid("the project has no such parent version", code="unknown_parent", parent_id=parent_id)
    return parent


def _commit(work: Work, draft: _Draft, difference: _Difference, *, force: bool) -> Published:
    version = draft.version
    work.projects.lock(version.project_id).check_open()  # of two equal requests the second finds the first's version
    existing = draft.existing or (None if force else work.versions.same(version))
    if existing is not None:
        return Published(existing, is_new=False)
    work.blobs.refer(version.project_id, difference.blobs)
    work.objects.require(draft.keys)
    work.versions.add(version)
    work.events.add(VersionPublished(version, difference.paths))
    work.audit.add("project.publish", version.id, project_id=version.project_id, file_count=version.file_count)
    return Published(version, is_new=True)


def relabel(work: Work, *, version_id: str, label: str, revision: int | None) -> Version:
    """Change a version's label, which is all that may change of it.

    Raises:
        NotFound: there is no such version.
        Conflict: the project is archived.
        Stale: `revision` is given and not the present one.
    """
    version = work.versions.get(version_id)
    work.projects.lock(version.project_id).check_open()
    if revision is not None and revision != version.revision:
        raise Stale("the version's label has changed", version_id=version_id)
    if version.label == label:
        return version
    changed = version.labelled(label)
    work.versions.relabel(changed)
    work.audit.add("project.label", version_id, project_id=version.project_id, label=label, before=version.label)
    return changed
