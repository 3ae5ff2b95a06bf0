"""Publishing a version: one use case, whoever asks (a client, an archive that arrived, a webhook).

Two units of work with the object store between them: look up what is needed, write the manifest, commit. A
manifest whose commit never came is harmless: its key holds an id that no version has.

Publishing what is already there yields what is already there: the same tree, label and commit under the same
parent, or as the parent itself, is not another version and starts no second analysis, unless `force` is set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from functions.project.manifests import changed_paths, files_of, manifest_of
from functions.project.model import Blob, File, Tree, Version, VersionPublished, key_of_manifest
from functions.project.ports import Deps, Work
from functions.project.service.settings import Context, context_of
from kernel.errors import Conflict, Invalid, NotFound
from kernel.identity import Caller

R = TypeVar("R")
MOST_NAMED = 100  # missing hashes in an answer
MANIFEST_TYPE = "application/jsonl"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A version that somebody wants published; `author` is a user's id."""

    project_id: str
    files: tuple[File, ...]
    author: str
    label: str = ""
    parent_id: str | None = None
    commit: str | None = None
    force: bool = False
    branch: str | None = None
    main: bool | None = None  # None: as the branch and the project's settings say


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
    context: Context


def publish(deps: Deps, caller: Caller, wanted: Wanted, conclude: Callable[[Work, Callable[[], Published]], R]) -> R:
    """Publish a version and return what `conclude` makes of it.

    `conclude` runs in the unit of work that commits: it calls its second argument to publish, and may store
    more beside it, or decide not to.

    Raises:
        Invalid, TooLarge: the list of files breaks a rule (`model.Tree`), or the parent is unknown.
        NotFound: there is no such project.
        Conflict: blobs are missing (`blobs_missing`, up to 100 of them in the details).
    """
    tree = Tree.of(wanted.files)
    with deps.work(caller) as work:
        draft = _draft(work, wanted, tree, id=deps.new_id())
    changes: tuple[str, ...] | None = None
    if draft.existing is None:
        if draft.parent is not None:
            changes = changed_paths(tree, files_of(deps.store.get(draft.parent.manifest_key)))
        deps.store.put(draft.context.config.key, draft.context.config.data, "application/json")
        deps.store.put(draft.version.manifest_key, manifest_of(tree, draft.blobs), MANIFEST_TYPE)
    with deps.work(caller) as work:
        return conclude(work, lambda: _commit(work, draft, changes, force=wanted.force))


def _draft(work: Work, wanted: Wanted, tree: Tree, *, id: str) -> _Draft:
    project = work.projects.get(wanted.project_id)
    context = context_of(work, project, wanted)
    version = Version(
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
        created_by=wanted.author,
        created_at=work.now,
        branch=wanted.branch,
        main=context.main,
        config_key=context.config.key,
        baseline_version_id=context.baseline_version_id,
    )
    existing = None if wanted.force else work.versions.same(version)
    return _Draft(version, existing, _stored(work, tree.files), _parent(work, version), context)


def _stored(work: Work, files: Iterable[File]) -> Mapping[str, Blob]:
    sizes = {file.sha256: file.size_bytes for file in files}
    found = work.blobs.find(sizes)
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


def _parent(work: Work, version: Version) -> Version | None:
    if version.parent_id is None:
        return None
    try:
        parent = work.versions.get(version.parent_id)
    except NotFound:
        parent = None
    if parent is None or parent.project_id != version.project_id:
        raise Invalid("the project has no such parent version", code="unknown_parent", parent_id=version.parent_id)
    return parent


def _commit(work: Work, draft: _Draft, changes: tuple[str, ...] | None, *, force: bool) -> Published:
    version = draft.version
    work.projects.lock(version.project_id)  # of two equal requests the second finds the first's version
    existing = draft.existing or (None if force else work.versions.same(version))
    if existing is not None:
        return Published(existing, is_new=False)
    work.versions.add(version)
    work.events.add(VersionPublished(version, changes))
    work.audit.add("project.publish", version.id, project_id=version.project_id, file_count=version.file_count)
    return Published(version, is_new=True)
