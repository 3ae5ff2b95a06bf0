"""Events from hosts, and what they told of."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from functions.project.hooks.notices import Posted
from functions.project.ports import Deps
from functions.project.repositories import PullRequest
from functions.project.schemas.hooks import HookAnswer, HookDeliveryOut
from functions.project.schemas.repositories import PullRequestOut, PullRequestQuery
from functions.project.service import hooking
from kernel.http import Application, endpoint
from kernel.identity import Caller
from kernel.pages import Id, Page, PageQuery, page_of
from kernel.plain import sent


def add(app: Application, deps: Deps) -> None:
    @app.route("/v1/hooks/{hook_id}", methods=["POST"])
    @endpoint(app, status=HTTPStatus.ACCEPTED)
    def receive_event(hook_id: str) -> HookAnswer:
        """Take a webhook of GitHub or GitLab, proved by its signature or token; it is fetched later."""
        return HookAnswer.of(hooking.receive(deps, hook_id, _posted(app)))

    @app.route("/v1/projects/{project_id}/deliveries", methods=["GET"])
    @endpoint(app)
    def list_hook_deliveries(project_id: Id, query: PageQuery, caller: Caller) -> Page[HookDeliveryOut]:
        """List the events that a project's host sent, newest first, and why some were ignored."""
        deps.permissions.require(caller, "project.read")
        with deps.work(caller) as work:
            project = work.projects.get(project_id)
            found = work.hook_deliveries.page(project.id, after=query.after, limit=query.limit + 1)
        return page_of(found, query, HookDeliveryOut.of)

    @app.route("/v1/projects/{project_id}/pull-requests", methods=["GET"])
    @endpoint(app)
    def list_pull_requests(project_id: Id, query: PullRequestQuery, caller: Caller) -> Page[PullRequestOut]:
        """List a project's pull requests, highest number first."""
        deps.permissions.require(caller, "project.read")
        with deps.work(caller) as work:
            project = work.projects.get(project_id)
            before, limit = query.before, query.limit + 1
            found = work.pull_requests.page(project.id, before=before, limit=limit, state=query.state)
        return _page(found, query)


def _posted(app: Application) -> Posted:
    request = app.current_request
    assert request is not None, "a view runs inside a request"
    headers = {str(name).lower(): str(value) for name, value in request.headers.items()}
    return Posted(headers, sent(request.raw_body))


def _page(found: Sequence[PullRequest], query: PullRequestQuery) -> Page[PullRequestOut]:
    shown = [PullRequestOut.of(pull) for pull in found[: query.limit]]
    return Page(items=shown, next_cursor=query.cursor_of(shown[-1].number) if len(found) > query.limit else None)
