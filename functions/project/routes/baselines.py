"""What a project's versions are compared with."""

from __future__ import annotations

from functions.project.baselines import Origin, resolve
from functions.project.ports import Deps, Work
from functions.project.routes.settings import revision_of
from functions.project.schemas.settings import BaselineIn, BaselineOut
from functions.project.service import settings as service
from functions.project.service.membership import require
from functions.project.settings import Kept
from kernel.http import Answer, Application, endpoint
from kernel.identity import Caller
from kernel.pages import Id


def add(app: Application, deps: Deps) -> None:
    @app.route("/v1/projects/{project_id}/baseline", methods=["GET"])
    @endpoint(app)
    def get_baseline(project_id: Id, caller: Caller) -> BaselineOut | Answer:
        """Get what a project's versions are compared with; the revision of the settings is the ETag."""
        deps.permissions.require(caller, "project.read")
        with deps.work(caller) as work:
            return _tagged(work, work.settings.of(work.projects.get(project_id).id))

    @app.route("/v1/projects/{project_id}/baseline", methods=["PUT"])
    @endpoint(app)
    def set_baseline(project_id: Id, body: BaselineIn, caller: Caller, if_match: str | None) -> BaselineOut | Answer:
        """Choose what versions published from now on are compared with; send the ETag as If-Match."""
        require(deps, caller, "project.configure", project_id)
        revision, baseline = revision_of(if_match), body.value()
        with deps.work(caller) as work:
            kept = service.set_baseline(
                work, id=deps.new_id(), project_id=project_id, revision=revision, baseline=baseline
            )
            return _tagged(work, kept)


def _tagged(work: Work, kept: Kept) -> Answer:
    default = kept.settings.default_branch
    origin = Origin(kept.project_id, None, default, main=True)
    now = resolve(work.lines, kept.baseline, origin, default_branch=default)
    return Answer(BaselineOut.of(kept, now.id if now else None), headers={"ETag": f'"{kept.revision}"'})
