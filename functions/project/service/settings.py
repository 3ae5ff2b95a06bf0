"""Settings and baselines of projects: changed with their history, and what they mean for a version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from functions.project.baselines import Baseline, BaselineKind, BaselineSet, Origin, resolve
from functions.project.model import Project
from functions.project.ports import Work
from functions.project.service.checking import check
from functions.project.settings import Kept, Revision, SettingsChanged, Snapshot, changes
from kernel.errors import Invalid, Stale, Unconditional


class Asked(Protocol):
    """What somebody who publishes says of where a version comes from; `main` of None leaves it to the settings."""

    @property
    def parent_id(self) -> str | None: ...
    @property
    def branch(self) -> str | None: ...
    @property
    def main(self) -> bool | None: ...


class Context(NamedTuple):
    """What a version is analysed under and against; write `config` before the version that names it."""

    config: Snapshot
    baseline_version_id: str | None
    main: bool


def context_of(work: Work, project: Project, wanted: Asked) -> Context:
    """The settings and the baseline that a version of `project` gets if it is published now."""
    kept = work.settings.of(project.id)
    default = kept.settings.default_branch
    main = wanted.branch in (None, default) if wanted.main is None else wanted.main
    origin = Origin(project.id, wanted.parent_id, wanted.branch, main)
    baseline = resolve(work.lines, kept.baseline, origin, default_branch=default)
    return Context(kept.settings.snapshot(project.org_id), baseline.id if baseline else None, main)


def change(work: Work, *, id: str, project_id: str, revision: int | None, patch: Mapping[str, Any]) -> Kept:
    """Change what `patch` names and remember who did; a patch that changes nothing leaves the revision as it is.

    Raises:
        NotFound: there is no such project.
        Conflict: it is archived.
        Unconditional, Stale: `revision` is missing, or not the present one.
        Invalid, TooLarge: a value cannot be kept.
    """
    kept = _present(work, project_id, revision)
    settings = kept.settings.changed(patch)
    check(settings)
    return _save(work, id, kept, replace(kept, settings=settings))


def set_baseline(work: Work, *, id: str, project_id: str, revision: int | None, baseline: Baseline) -> Kept:
    """Compare the project's versions with something else from now on. Raises as `change` does."""
    kept = _present(work, project_id, revision)
    chosen = baseline.kind is BaselineKind.VERSION
    if chosen and work.lines.find(project_id, baseline.version_id or "") is None:
        raise Invalid("the project has no such version", code="unknown_version")
    saved = _save(work, id, kept, replace(kept, baseline=baseline))
    if saved.revision != kept.revision:
        work.events.add(BaselineSet(project_id, work.caller.organisation, baseline))
    return saved


def _present(work: Work, project_id: str, revision: int | None) -> Kept:
    if revision is None:
        raise Unconditional("send the ETag of the settings as If-Match")
    work.projects.lock(project_id).check_open()
    kept = work.settings.of(project_id)
    if kept.revision != revision:
        raise Stale("the settings have changed", project_id=project_id)
    return kept


def _save(work: Work, id: str, old: Kept, new: Kept) -> Kept:
    differences = changes(old, new)
    if not differences:
        return old
    saved = replace(new, revision=old.revision + 1)
    entry = Revision(id, saved.project_id, saved.revision, differences, work.caller.user_id, work.now)
    work.settings.save(saved, entry)
    fields = tuple(one.field for one in differences)
    work.events.add(SettingsChanged(saved.project_id, work.caller.organisation, saved.revision, fields))
    work.audit.add("project.configure", saved.project_id, revision=saved.revision, fields=list(fields))
    return saved
