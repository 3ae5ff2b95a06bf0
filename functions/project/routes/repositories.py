"""The repository of a project, and what is fetched from it."""

from __future__ import annotations

from http import HTTPStatus

from functions.project.ports import Deps
from functions.project.repositories import Repository
from functions.project.routes.settings import revision_of
from functions.project.schemas.repositories import FetchOut, NewFetch, RepositoryIn, RepositoryOut
from functions.project.service import fetching
from functions.project.service.membership import require
from functions.project.service.repositories import put_repository, remove_repository
from kernel.http import Answer, Application, Once, endpoint
from kernel.identity import Caller
from kernel.pages import Id, Page, PageQuery, page_of


def add(app: Application, deps: Deps) -> None:
    @app.route("/v1/projects/{project_id}/repository", methods=["GET"])
    @endpoint(app)
    def get_repository(project_id: Id, caller: Caller) -> RepositoryOut | Answer:
        """Get where a project's code comes from; the revision is the ETag."""
        deps.permissions.require(caller, "project.read")
        with deps.work(caller) as work:
            return _tagged(work.repositories.get(work.projects.get(project_id).id))

    @app.route("/v1/projects/{project_id}/repository", methods=["PUT"])
    @endpoint(app)
    def put_project_repository(
        project_id: Id, body: RepositoryIn, caller: Caller, if_match: str | None
    ) -> RepositoryOut | Answer:
        """Connect a project to a repository; to change it, send its ETag as If-Match. Secrets are never shown again."""
        require(deps, caller, "project.connect", project_id)
        with deps.work(caller) as work:
            made = put_repository(deps, work, project_id, body.wanted(), revision_of(if_match))
        return _tagged(made)

    @app.route("/v1/projects/{project_id}/repository", methods=["DELETE"])
    @endpoint(app, status=HTTPStatus.NO_CONTENT)
    def remove_project_repository(project_id: Id, caller: Caller) -> None:
        """Forget the repository, its secrets and its webhook address; versions stay."""
        require(deps, caller, "project.connect", project_id)
        with deps.work(caller) as work:
            remove_repository(work, project_id)

    _add_fetches(app, deps)


def _add_fetches(app: Application, deps: Deps) -> None:
    @app.route("/v1/projects/{project_id}/fetches", methods=["POST"])
    @endpoint(app, status=HTTPStatus.ACCEPTED)
    def create_fetch(project_id: Id, body: NewFetch, caller: Caller, once: Once) -> FetchOut:
        """Fetch a branch, tag, commit or pull request and publish it; the same wish waits only once."""
        require(deps, caller, "project.fetch", project_id)
        kind, ref = body.wish()
        with deps.work(caller) as work:
            made = once(work, FetchOut, lambda: FetchOut.of(fetching.ask(deps, work, project_id, kind, ref)))
        deps.nudge(fetching.FUNCTION)
        return made

    @app.route("/v1/projects/{project_id}/fetches", methods=["GET"])
    @endpoint(app)
    def list_fetches(project_id: Id, query: PageQuery, caller: Caller) -> Page[FetchOut]:
        """List a project's fetches, newest first."""
        deps.permissions.require(caller, "project.read")
        with deps.work(caller) as work:
            project = work.projects.get(project_id)
            found = work.fetches.page(project.id, after=query.after, limit=query.limit + 1)
        return page_of(found, query, FetchOut.of)

    @app.route("/v1/fetches/{fetch_id}", methods=["GET"])
    @endpoint(app)
    def get_fetch(fetch_id: Id, caller: Caller) -> FetchOut:
        """Get a fetch's state: queued, running, done with its version, or failed with the reason."""
        deps.permissions.require(caller, "project.read")
        with deps.work(caller) as work:
            fetch = work.fetches.get(fetch_id)
            work.projects.get(fetch.project_id)
        return FetchOut.of(fetch)


def _tagged(repository: Repository) -> Answer:
    return Answer(RepositoryOut.of(repository), headers={"ETag": f'"{repository.revision}"'})
