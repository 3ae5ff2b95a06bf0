"""Settings of a project, with their history."""

from __future__ import annotations

from functions.project.ports import Deps
from functions.project.schemas.settings import HistoryQuery, RevisionOut, SettingsOut, SettingsPatch
from functions.project.service import settings as service
from functions.project.service.membership import require
from functions.project.settings import Kept
from kernel.http import Answer, Application, endpoint
from kernel.identity import Caller
from kernel.pages import Id, Page, page_of


def revision_of(if_match: str | None) -> int | None:
    """The revision that an ETag names; None without one, and one that never was for anything else."""
    if if_match is None:
        return None
    return int(if_match) if if_match.isascii() and if_match.isdigit() and len(if_match) < 10 else -1


def add(app: Application, deps: Deps) -> None:
    @app.route("/v1/projects/{project_id}/settings", methods=["GET"])
    @endpoint(app)
    def get_settings(project_id: Id, caller: Caller) -> SettingsOut | Answer:
        """Get a project's settings; their revision is the ETag."""
        deps.permissions.require(caller, "project.read")
        with deps.work(caller) as work:
            return _tagged(work.settings.of(work.projects.get(project_id).id))

    @app.route("/v1/projects/{project_id}/settings", methods=["PATCH"])
    @endpoint(app)
    def change_settings(
        project_id: Id, body: SettingsPatch, caller: Caller, if_match: str | None
    ) -> SettingsOut | Answer:
        """Change what the body names, if nobody did so since the ETag in If-Match; versions to come are analysed so."""
        require(deps, caller, "project.configure", project_id)
        revision = revision_of(if_match)
        with deps.work(caller) as work:
            changed = service.change(
                work, id=deps.new_id(), project_id=project_id, revision=revision, patch=body.changes()
            )
        return _tagged(changed)

    @app.route("/v1/projects/{project_id}/settings/history", methods=["GET"])
    @endpoint(app)
    def list_settings_history(project_id: Id, query: HistoryQuery, caller: Caller) -> Page[RevisionOut]:
        """List who changed which settings, newest first; `?revision=` gives one change with its values whole."""
        deps.permissions.require(caller, "project.read")
        with deps.work(caller) as work:
            project = work.projects.get(project_id)
            if query.revision is not None:
                return Page(items=[RevisionOut.whole(work.settings.entry(project.id, query.revision))])
            found = work.settings.history(project.id, before=query.after, limit=query.limit + 1)
        return page_of(found, query, RevisionOut.of)


def _tagged(kept: Kept) -> Answer:
    return Answer(SettingsOut.of(kept), headers={"ETag": f'"{kept.revision}"'})
