"""The part of the API that a review needs, in memory, behind a real socket."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.unit.cli.conftest import Asked, LocalServer, Said


def finding(severity: str = "medium", path: str = "a.py", line: int = 3, **more: Any) -> dict[str, Any]:
    about = {
        "id": "f",
        "rule": "ruff/F821",
        "message": "undefined name",
        "confidence": "high",
        "column": 5,
        "new": True,
    }
    return {**about, "severity": severity, "path": path, "line": line, **more}


class FakePlatform:
    """Stores blobs and versions; every version is analysed at the third look with `findings`."""

    def __init__(self, server: LocalServer) -> None:
        self.url = server.url
        server.answer = self
        self.blobs: dict[str, bytes] = {}
        self.asked_about: list[int] = []
        self.projects: dict[str, str] = {}
        self.versions: list[dict[str, Any]] = []
        self.packs: list[list[str]] = []
        self.looks: dict[str, int] = {}
        self.findings = [finding()]
        self.review: dict[str, Any] | None = None
        self.refuse_uploads = False
        self.forget_once = False
        self.before_upload: Callable[[], object] = lambda: None
        self.analysis_state = "completed"
        self.skipped: list[dict[str, Any]] = []
        self.histories: list[bytes] = []
        self.baseline: str | None = None
        self.gate: dict[str, Any] = {"status": "passed", "conditions": []}
        self._uploads: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self._one = threading.Lock()

    def __call__(self, asked: Asked) -> Said:
        url = urlsplit(asked.path)
        parts = url.path.strip("/").split("/")
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        with self._one:
            if asked.method == "PUT":
                return self._put(parts[-1], asked)
            if asked.method == "POST":
                return self._post(parts[1:], asked)
            return self._get(parts[1:], query, asked)

    def _put(self, upload_id: str, asked: Asked) -> Said:
        if hashlib.sha256(asked.body).hexdigest() != asked.headers["x-amz-checksum-sha256"] or self.refuse_uploads:
            self._uploads[upload_id] = "refused"
            return Said(200)
        self._uploads[upload_id] = "stored"
        if self._kinds[upload_id] == "history":
            self.histories.append(asked.body)
            return Said(200)
        with tarfile.open(fileobj=io.BytesIO(asked.body)) as pack:
            members = {each.name: pack.extractfile(each).read() for each in pack}  # type: ignore[union-attr]
        self.packs.append(list(members))
        self.blobs |= members
        return Said(200)

    def _post(self, parts: list[str], asked: Asked) -> Said:
        assert "idempotency-key" in asked.headers
        match parts:
            case ["projects"]:
                project_id = self.projects.setdefault(asked.json["name"], f"p{len(self.projects)}")
                return Said(201, {"id": project_id, "name": asked.json["name"]})
            case ["projects", _, "blobs", "missing"]:
                assert len(asked.json["blobs"]) <= 10_000
                self.before_upload()
                wanted = [blob["sha256"] for blob in asked.json["blobs"]]
                self.asked_about.append(len(wanted))
                return Said(200, {"missing": [sha256 for sha256 in wanted if sha256 not in self.blobs]})
            case ["projects", _, "uploads"]:
                upload_id = f"u{len(self._uploads)}"
                self._uploads[upload_id] = "waiting"
                self._kinds[upload_id] = asked.json["kind"]
                headers = {"x-amz-checksum-sha256": asked.json["sha256"]}
                about = {
                    "id": upload_id,
                    "kind": asked.json["kind"],
                    "state": "waiting",
                    "method": "PUT",
                    "headers": headers,
                }
                return Said(201, {**about, "url": f"{self.url}/put/{upload_id}"})
            case _:
                return self._publish(asked.json)

    def _publish(self, version: dict[str, Any]) -> Said:
        if self.forget_once:
            self.forget_once = False
            self.blobs.popitem()
        kept = [hashlib.sha256(history).hexdigest() for history in self.histories]
        if version.get("history") not in (None, *kept):
            return Said(422, {"code": "unknown_history", "detail": "the history is not stored"})
        if any(file["sha256"] not in self.blobs for file in version["files"]):
            return Said(409, {"code": "blobs_missing", "detail": "some blobs are not stored"})
        self.versions.append(version)
        return Said(201, {"id": f"v{len(self.versions)}"})

    def _get(self, parts: list[str], query: dict[str, str], asked: Asked) -> Said:
        match parts:
            case ["projects"]:
                return self._page([{"id": id_, "name": name} for name, id_ in self.projects.items()])
            case ["uploads", upload_id]:
                state = self._uploads[upload_id]
                return Said(200, {"id": upload_id, "state": state, "code": "malformed_pack", "detail": "not a tar"})
            case ["analyses"]:
                return self._page([self._analysis(query["version_id"])])
            case ["analyses", analysis_id]:
                return self._tagged(self._analysis(analysis_id), asked)
            case ["analyses", _, "gate"]:
                return Said(200, self.gate)
            case ["projects", _, "baseline"]:
                return Said(200, {"kind": self.baseline, "version_id": None})
        return self._get_results(parts)

    def _get_results(self, parts: list[str]) -> Said:
        match parts:
            case ["analyses", _, "findings"]:
                return self._page(self.findings)
            case ["analyses", _, "files"]:
                return self._page(self.skipped)
            case ["analyses", _, "artifacts"]:
                sarif = {"name": "findings.sarif", "content_type": "application/sarif+json", "size_bytes": 3}
                return Said(200, {"items": [{**sarif, "url": f"{self.url}/v1/artifact"}]})
            case ["artifact"]:
                return Said(200, b'{"version": "2.1.0"}')
            case ["reviews"]:
                return self._page([self.review] if self.review else [])
            case ["reviews", _]:
                return Said(200, self.review)
        return Said(404, {"code": "not_found"})

    def _page(self, items: list[Any]) -> Said:
        return Said(200, {"items": items, "next_cursor": None})

    def _analysis(self, analysis_id: str) -> dict[str, Any]:
        looks = self.looks[analysis_id] = self.looks.get(analysis_id, 0) + 1
        state = {1: "queued", 2: "running"}.get(looks, self.analysis_state)
        totals = {"files": 2, "lines": 7, "skipped": len(self.skipped)}
        progress = {"files_total": 2, "files_done": looks - 1}
        main = next((each.get("main", True) for each in self.versions[-1:]), True)
        counts = {"findings_by_severity": {"medium": 3}, "new_findings": 1, "dismissed_findings": 2}
        about = {"project_id": "p0", "main": main, **counts}
        return {**about, "id": analysis_id, "state": state, "reason": "engine", "totals": totals, "progress": progress}

    def _tagged(self, body: dict[str, Any], asked: Asked) -> Said:
        etag = f'"{hashlib.sha256(json.dumps(body).encode()).hexdigest()}"'
        return Said(304) if asked.headers.get("if-none-match") == etag else Said(200, body, {"ETag": etag})
