"""The parts of GitHub's and GitLab's APIs that results are posted through, with their state and their refusals."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from itertools import count
from typing import Any
from urllib.parse import parse_qs

from tests.githost import answer

TOKEN = "a-token-for-tests"
Answer = tuple[int, Any]


@dataclass
class CodeHost:
    """`before` a request may answer it (`(status, headers)`), or say `lost`: it is done and never answered.

    `lines` are those that the pull request's diff adds; a comment on another one is refused.
    """

    head: str = ""
    base: str = ""
    state: str = "open"
    checks_allowed: bool = True
    lines: set[tuple[str, int]] = field(default_factory=set)
    comments: dict[int, str] = field(default_factory=dict)
    inline: dict[int, dict[str, Any]] = field(default_factory=dict)
    checks: dict[int, dict[str, Any]] = field(default_factory=dict)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    before: Callable[[str], tuple[int, Mapping[str, str]] | str | None] = lambda _: None
    ids: Any = field(default_factory=lambda: count(100))
    lock: Any = field(default_factory=threading.Lock)

    @property
    def writes(self) -> list[str]:
        return [line for line in self.asked if not line.startswith("GET")]

    def serve(self, handler: BaseHTTPRequestHandler) -> bool:
        path, _, query = handler.path.partition("?")
        if not path.startswith("/api/"):
            return False
        body = json.loads(handler.rfile.read(int(handler.headers.get("Content-Length") or 0)) or b"null")
        line = f"{handler.command} {re.sub(r'^/api/v[34]/(repos|projects)/[^/]+', '', path)}"
        wanted = self.before(line)
        if isinstance(wanted, tuple):
            answer(handler, wanted[0], b"{}", wanted[1])
            return True
        status, said = self._answer(handler, path, query, body, line)
        if wanted == "lost":
            handler.close_connection = True
            return True
        answer(handler, status, json.dumps(said).encode(), {"Content-Type": "application/json"})
        return True

    def _answer(self, handler: BaseHTTPRequestHandler, path: str, query: str, body: Any, line: str) -> Answer:
        github = path.startswith("/api/v3")
        given = handler.headers["Authorization"] if github else handler.headers["PRIVATE-TOKEN"]
        if given != (f"Bearer {TOKEN}" if github else TOKEN):
            return 401, {"message": "Bad credentials"}
        with self.lock:
            self.asked.append(line)
            for pattern, act in GITHUB if github else GITLAB:
                if found := re.fullmatch(pattern, line):
                    page = int(parse_qs(query).get("page", ["1"])[0])
                    return act(self, *found.groups(), body, page)
        return 404, {"message": "Not Found"}


def _page(entries: list[Any], page: int) -> Answer:
    return 200, entries[(page - 1) * 100 : page * 100]


def _pull(host: CodeHost, body: Any, page: int) -> Answer:
    return 200, {"state": host.state, "head": {"sha": host.head}}


def _comments(host: CodeHost, body: Any, page: int) -> Answer:
    return _page([{"id": key, "body": said} for key, said in sorted(host.comments.items())], page)


def _comment(host: CodeHost, body: Any, page: int) -> Answer:
    key = next(host.ids)
    host.comments[key] = body["body"]
    return 201, {"id": key}


def _edit(host: CodeHost, key: str, body: Any, page: int) -> Answer:
    if int(key) not in host.comments:
        return 404, {"message": "Not Found"}
    host.comments[int(key)] = body["body"]
    return 200, {"id": int(key)}


def _inline(host: CodeHost, body: Any, page: int) -> Answer:
    return _page([{"id": key, **said} for key, said in sorted(host.inline.items())], page)


def _review(host: CodeHost, body: Any, page: int) -> Answer:
    if body["commit_id"] != host.head or any((one["path"], one["line"]) not in host.lines for one in body["comments"]):
        return 422, {"message": "Unprocessable Entity", "errors": ["Line could not be resolved"]}
    for one in body["comments"]:
        host.inline[next(host.ids)] = one
    return 200, {"id": next(host.ids)}


def _line(host: CodeHost, body: Any, page: int) -> Answer:
    return _review(host, {"commit_id": body["commit_id"], "comments": [body]}, page)


def _checks(host: CodeHost, sha: str, body: Any, page: int) -> Answer:
    found = [{"id": key, **run} for key, run in host.checks.items() if run["head_sha"] == sha]
    for run in found:
        run["output"] = {**run["output"], "annotations_count": len(run["output"]["annotations"])}
    return 200, {"check_runs": found}


def _refused_check(host: CodeHost, body: Any) -> Answer | None:
    if not host.checks_allowed:
        return 403, {"message": "Resource not accessible by personal access token"}
    if len(body["output"]["annotations"]) > 50:
        return 422, {"message": "No more than 50 annotations"}
    return None


def _make_check(host: CodeHost, body: Any, page: int) -> Answer:
    if refused := _refused_check(host, body):
        return refused
    key = next(host.ids)
    host.checks[key] = body
    return 201, {"id": key}


def _change_check(host: CodeHost, key: str, body: Any, page: int) -> Answer:
    if refused := _refused_check(host, body):
        return refused
    known = host.checks[int(key)]
    kept = known["output"]["annotations"] + body["output"]["annotations"]
    host.checks[int(key)] = {**known, **body, "output": {**body["output"], "annotations": kept}}
    return 200, {"id": int(key)}


def _status(host: CodeHost, sha: str, body: Any, page: int) -> Answer:
    host.statuses.append({"sha": sha, **body})
    return 201, {"id": next(host.ids)}


def _merge_request(host: CodeHost, body: Any, page: int) -> Answer:
    refs = {"base_sha": host.base, "start_sha": host.base, "head_sha": host.head}
    return 200, {"state": "opened" if host.state == "open" else "closed", "sha": host.head, "diff_refs": refs}


def _notes(host: CodeHost, body: Any, page: int) -> Answer:
    notes = [{"id": key, "body": said} for key, said in host.comments.items()]
    notes += [{"id": key, "body": said["body"], "position": said["position"]} for key, said in host.inline.items()]
    return _page(sorted(notes, key=lambda note: note["id"]), page)


def _discussion(host: CodeHost, body: Any, page: int) -> Answer:
    place = body["position"]
    if place["head_sha"] != host.head or (place["new_path"], place["new_line"]) not in host.lines:
        return 400, {"message": "Note line_code can't be blank"}
    host.inline[next(host.ids)] = body
    return 201, {"id": "d"}


GITHUB: tuple[tuple[str, Callable[..., Answer]], ...] = (
    (r"GET /pulls/\d+", _pull),
    (r"GET /issues/\d+/comments", _comments),
    (r"POST /issues/\d+/comments", _comment),
    (r"PATCH /issues/comments/(\d+)", _edit),
    (r"GET /pulls/\d+/comments", _inline),
    (r"POST /pulls/\d+/reviews", _review),
    (r"POST /pulls/\d+/comments", _line),
    (r"GET /commits/(\w+)/check-runs", _checks),
    (r"POST /check-runs", _make_check),
    (r"PATCH /check-runs/(\d+)", _change_check),
    (r"POST /statuses/(\w+)", _status),
)
GITLAB: tuple[tuple[str, Callable[..., Answer]], ...] = (
    (r"GET /merge_requests/\d+", _merge_request),
    (r"GET /merge_requests/\d+/notes", _notes),
    (r"POST /merge_requests/\d+/notes", _comment),
    (r"PUT /merge_requests/\d+/notes/(\d+)", _edit),
    (r"POST /merge_requests/\d+/discussions", _discussion),
    (r"POST /statuses/(\w+)", _status),
)
