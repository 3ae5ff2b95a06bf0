"""Repositories of projects: where code comes from, with secrets that are stored and never shown."""

from __future__ import annotations

from dataclasses import replace

from functions.project.ports import Deps, Work
from functions.project.repositories import Repository, WantedRepository, check_address
from kernel.errors import Stale, Unconditional

TOKEN, SECRET = "token", "webhook_secret"


def put_repository(
    deps: Deps, work: Work, project_id: str, wanted: WantedRepository, revision: int | None
) -> Repository:
    """Connect a project to a repository, or change what is connected.

    A token stays with its host: when that changes it must be given again.

    Raises:
        Invalid: the address may not be called, or is no https address.
        NotFound: there is no such project.
        Conflict: the project is archived.
        Unconditional, Stale: there is a repository, and `revision` is missing or not the present one.
    """
    check_address(wanted.url, deps.reach)
    project = work.projects.lock(project_id)
    project.check_open()
    present = work.repositories.find(project.id)
    _check(present, revision)
    made = _sealed(deps, _next(deps, work, project_id, wanted, present), wanted, present)
    work.repositories.put(made)
    work.audit.add("project.connect", project.id, kind=str(made.kind), url=made.url, revision=made.revision)
    return made


def remove_repository(work: Work, project_id: str) -> None:
    """Raises NotFound."""
    project = work.projects.lock(project_id)
    work.repositories.remove(project.id)
    work.audit.add("project.disconnect", project.id)


def secret_of(deps: Deps, repository: Repository, name: str) -> str | None:
    """The token or the webhook secret of a repository. Raises Conflict if it was sealed under another key."""
    sealed = repository.sealed_token if name == TOKEN else repository.sealed_secret
    return None if sealed is None else deps.seal.open(sealed, repository.org_id, repository.project_id, name)


def _check(present: Repository | None, revision: int | None) -> None:
    if present is not None and revision is None:
        raise Unconditional("send the ETag of the repository as If-Match")
    if revision is not None and (present is None or present.revision != revision):
        raise Stale("the repository has changed")


def _next(deps: Deps, work: Work, project_id: str, wanted: WantedRepository, present: Repository | None) -> Repository:
    return Repository(
        org_id=work.caller.organisation,
        project_id=project_id,
        kind=wanted.kind,
        url=wanted.url.rstrip("/"),
        default_branch=wanted.default_branch,
        hook_id=present.hook_id if present else deps.new_id(),
        filters=wanted.filters,
        created_by=present.created_by if present else work.caller.user_id,
        created_at=present.created_at if present else work.now,
        updated_at=work.now,
        revision=present.revision + 1 if present else 1,
    )


def _sealed(deps: Deps, made: Repository, wanted: WantedRepository, present: Repository | None) -> Repository:
    def kept(name: str, given: str | None, stored: bytes | None) -> bytes | None:
        return (
            stored if given is None else deps.seal.close(given, made.org_id, made.project_id, name) if given else None
        )

    same_host = present is not None and present.origin == made.origin
    return replace(
        made,
        sealed_token=kept(TOKEN, wanted.token, present.sealed_token if present and same_host else None),
        sealed_secret=kept(SECRET, wanted.secret, present.sealed_secret if present else None),
    )
