"""The surface of this domain: read top to bottom, it is the API and the events it handles."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from functions.analysis import service
from functions.analysis.ports import Deps
from functions.analysis.schemas import (
    AnalysisOut,
    AnalysisQuery,
    ArtifactOut,
    ArtifactsOut,
    DependantOut,
    FileOut,
    FileQuery,
    FindingOut,
    FindingQuery,
    GraphOut,
    Health,
    ImpactOut,
    ImpactQuery,
    VersionPublished,
    WorkReady,
    cursor_of,
)
from kernel.events import DeadLetters, Envelope, On, consume
from kernel.http import Answer, Application, endpoint
from kernel.identity import Caller
from kernel.pages import Id, Page, page_of
from kernel.relay import Relay

SECOND = "no-cache"  # a client may keep the answer but asks each time whether it still holds


def build(deps: Deps, relay: Relay | None = None, dead_letters: DeadLetters | None = None) -> Application:
    app = Application("analysis")
    _analyses(app, deps)
    _contents(app, deps)
    _graph(app, deps)
    if dead_letters is not None:
        _events(app, deps, dead_letters)
    if relay is not None:

        @app.on("relay")
        def relay_events(event: Mapping[str, Any]) -> dict[str, int]:
            swept = service.sweep(deps) if "resources" in event else 0
            return relay.run(event) | {"swept": swept}

    return app


def _analyses(app: Application, deps: Deps) -> None:
    @app.route("/v1/analysis/health", methods=["GET"])
    @endpoint(app)
    def analysis_health() -> Health:
        """Tell whether this domain can serve."""
        deps.ready()
        return Health(service="analysis")

    @app.route("/v1/analyses", methods=["GET"])
    @endpoint(app)
    def list_analyses(query: AnalysisQuery, caller: Caller) -> Page[AnalysisOut]:
        """List analyses, newest first, of one project or version if asked so."""
        deps.permissions.require(caller, "analysis.read")
        with deps.work(caller) as work:
            found = work.analyses.page(
                project_id=query.project_id, version_id=query.version_id, before=query.after, limit=query.limit + 1
            )
        return page_of(found, query, AnalysisOut.of)

    @app.route("/v1/analyses/{analysis_id}", methods=["GET"])
    @endpoint(app)
    def get_analysis(analysis_id: Id, caller: Caller, if_none_match: str | None) -> AnalysisOut | Answer:
        """Get one analysis with its progress; poll with If-None-Match, 304 says that nothing has moved."""
        deps.permissions.require(caller, "analysis.read")
        with deps.work(caller) as work:
            found = work.analyses.get(analysis_id)
        headers = {"ETag": f'"{found.revision}"', "Cache-Control": SECOND}
        if if_none_match == str(found.revision):
            return Answer(None, HTTPStatus.NOT_MODIFIED, headers)
        return Answer(AnalysisOut.of(found), headers=headers)


def _contents(app: Application, deps: Deps) -> None:
    @app.route("/v1/analyses/{analysis_id}/findings", methods=["GET"])
    @endpoint(app)
    def list_findings(analysis_id: Id, query: FindingQuery, caller: Caller) -> Page[FindingOut]:
        """List findings, worst first, then by path and line."""
        deps.permissions.require(caller, "analysis.read")
        with deps.work(caller) as work:
            analysis = work.analyses.get(analysis_id)
            found = work.findings.page(analysis, query.listing())
        shown = found[: query.limit]
        cursor = cursor_of(shown[-1].rank, shown[-1].seq, shown[-1].n) if len(found) > query.limit else None
        return Page(items=[FindingOut.of(one, analysis.project_id) for one in shown], next_cursor=cursor)

    @app.route("/v1/analyses/{analysis_id}/files", methods=["GET"])
    @endpoint(app)
    def list_file_metrics(analysis_id: Id, query: FileQuery, caller: Caller) -> Page[FileOut]:
        """List files by path with their measures, or the reason why they have none."""
        deps.permissions.require(caller, "analysis.read")
        with deps.work(caller) as work:
            work.analyses.get(analysis_id)
            found = work.files.page(analysis_id, status=query.status, after=query.behind, limit=query.limit + 1)
        shown = found[: query.limit]
        cursor = cursor_of(shown[-1].seq) if len(found) > query.limit else None
        return Page(items=[FileOut.of(row) for row in shown], next_cursor=cursor)

    @app.route("/v1/analyses/{analysis_id}/artifacts", methods=["GET"])
    @endpoint(app)
    def list_artifacts(analysis_id: Id, caller: Caller) -> ArtifactsOut:
        """List artifacts, each with an address that downloads it during the next 15 minutes."""
        deps.permissions.require(caller, "analysis.read")
        with deps.work(caller) as work:
            work.analyses.get(analysis_id)
            found = work.artifacts.of(analysis_id)
        urls = [deps.blobs.presigned_get(artifact.key, filename=artifact.name) for artifact in found]
        return ArtifactsOut(items=[ArtifactOut.of(one, url) for one, url in zip(found, urls, strict=True)])


def _graph(app: Application, deps: Deps) -> None:
    @app.route("/v1/analyses/{analysis_id}/graph", methods=["GET"])
    @endpoint(app)
    def get_graph(analysis_id: Id, caller: Caller) -> GraphOut:
        """Count what the graph holds of the analysis' project, in its newest merged version."""
        deps.permissions.require(caller, "analysis.read")
        with deps.work(caller) as work:
            analysis = work.analyses.get(analysis_id)
        return GraphOut.model_validate(deps.graph.size(analysis.org_id, analysis.project_id)._asdict())

    @app.route("/v1/analyses/{analysis_id}/graph/impact", methods=["GET"])
    @endpoint(app)
    def get_impact(analysis_id: Id, query: ImpactQuery, caller: Caller) -> ImpactOut:
        """List files that a change of `path` may concern: the nearest first, then the most used."""
        deps.permissions.require(caller, "analysis.read")
        with deps.work(caller) as work:
            analysis = work.analyses.get(analysis_id)
        found = deps.graph.impact(analysis.org_id, analysis.project_id, query.path, depth=query.depth)
        items = [DependantOut.model_validate(one._asdict()) for one in found.items]
        return ImpactOut(path=query.path, depth=query.depth, items=items, truncated=found.truncated)


def _events(app: Application, deps: Deps, dead_letters: DeadLetters) -> None:
    def plan(message: VersionPublished, envelope: Envelope) -> None:
        published = service.Published(message.version_id, message.project_id, message.parent_id, message.manifest_key)
        service.plan(deps, envelope.caller, envelope.id, published)

    def run_shard(message: WorkReady, envelope: Envelope) -> None:
        if message.shard_id is not None:
            service.run_shard(deps, envelope.caller, message.shard_id)

    def merge(message: WorkReady, envelope: Envelope) -> None:
        service.merge(deps, envelope.caller, message.analysis_id)

    @app.on("on_version_published")
    def on_version_published(event: Mapping[str, Any]) -> dict[str, Any]:
        return consume(event, {"version.published": On(VersionPublished, plan)}, dead_letters)

    @app.on("on_work")
    def on_work(event: Mapping[str, Any]) -> dict[str, Any]:
        handlers = {"shard.ready": On(WorkReady, run_shard), "merge.ready": On(WorkReady, merge)}
        return consume(event, handlers, dead_letters)
