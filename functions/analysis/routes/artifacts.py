"""Artifacts of an analysis."""

from __future__ import annotations

from functions.analysis.ports import Deps
from functions.analysis.schemas.artifacts import ArtifactOut, ArtifactsOut
from kernel.http import Application, endpoint
from kernel.identity import Caller
from kernel.pages import Id


def add(app: Application, deps: Deps) -> None:
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
