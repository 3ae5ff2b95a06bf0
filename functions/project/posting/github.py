"""GitHub's API: https://docs.github.com/rest (version 2022-11-28)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from functions.project.ports.hooks import Talk
from functions.project.posting.hosts import NAME, Annotation, LineComment, Report, Said
from functions.project.posting.speaking import Speaker
from kernel.errors import Conflict, Forbidden, NotFound

MOST_ANNOTATIONS = 50  # in a request: https://docs.github.com/rest/checks/runs
_CONCLUSIONS = {"passed": "success", "failed": "failure", "none": "neutral"}
_STATES = {"passed": "success", "failed": "failure", "none": "success"}


def base_of(url: str) -> str:
    """Where the API of a repository's host is."""
    parts = urlsplit(url)
    host = parts.netloc.lower()
    if host in ("github.com", "www.github.com"):
        return "https://api.github.com"
    return f"https://api.{host}" if host.endswith(".ghe.com") else f"{parts.scheme}://{parts.netloc}/api/v3"


@dataclass(frozen=True, slots=True)
class GitHub:
    """`posting.hosts.CodeHost`."""

    speaker: Speaker
    repository: str
    number: int
    sha: str

    @classmethod
    def of(cls, talk: Talk, url: str, token: str, number: int, sha: str) -> GitHub:
        named = urlsplit(url).path.strip("/").removesuffix(".git")
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        return cls(Speaker(talk, base_of(url), headers), f"/repos/{quote(named)}", number, sha)

    def is_newest(self, sha: str) -> bool:
        pull = self.speaker.ask("GET", f"{self.repository}/pulls/{self.number}")
        return isinstance(pull, dict) and pull.get("state") == "open" and pull.get("head", {}).get("sha") == sha

    def summaries(self) -> Iterator[Said]:
        return map(_said, self.speaker.pages(f"{self.repository}/issues/{self.number}/comments"))

    def write(self, body: str) -> str:
        return str(self.speaker.ask("POST", f"{self.repository}/issues/{self.number}/comments", {"body": body})["id"])

    def rewrite(self, comment_id: str, body: str) -> bool:
        try:
            self.speaker.ask("PATCH", f"{self.repository}/issues/comments/{quote(comment_id, '')}", {"body": body})
        except (NotFound, Forbidden):
            return False
        return True

    def marks(self, wanted: Collection[str]) -> set[str]:
        bodies = (_said(one).body for one in self.speaker.pages(f"{self.repository}/pulls/{self.number}/comments"))
        return {mark for body in bodies for mark in wanted if mark in body}

    def comment(self, comments: Sequence[LineComment]) -> list[LineComment]:
        """As one review, which notifies once; if a line of it is unknown to the host, one by one."""
        if not comments:
            return []
        review = {"commit_id": self.sha, "event": "COMMENT", "body": "", "comments": list(map(_placed, comments))}
        with suppress(Conflict):
            self.speaker.ask("POST", f"{self.repository}/pulls/{self.number}/reviews", review)
            return list(comments)
        return [one for one in comments if self._comment(one)]

    def _comment(self, one: LineComment) -> bool:
        body = {**_placed(one), "commit_id": self.sha}
        try:
            self.speaker.ask("POST", f"{self.repository}/pulls/{self.number}/comments", body)
        except Conflict:
            return False
        return True

    def report(self, report: Report) -> str:
        try:
            return self._check(report)
        except (Forbidden, NotFound):  # only apps may make checks
            return self._status(report)

    def _check(self, report: Report) -> str:
        known = self._known(report)
        done = int(known.get("output", {}).get("annotations_count", 0)) if known else 0
        rest = report.annotations[done:]
        first = _check_of(report, rest[:MOST_ANNOTATIONS])
        if known is None:
            made = {"name": NAME, "head_sha": report.sha, "external_id": report.external_id, **first}
            check_id = str(self.speaker.ask("POST", f"{self.repository}/check-runs", made)["id"])
        else:
            check_id = str(known["id"])
            self.speaker.ask("PATCH", f"{self.repository}/check-runs/{check_id}", first)
        for start in range(MOST_ANNOTATIONS, len(rest), MOST_ANNOTATIONS):
            more = _check_of(report, rest[start : start + MOST_ANNOTATIONS])
            self.speaker.ask("PATCH", f"{self.repository}/check-runs/{check_id}", more)
        return check_id

    def _known(self, report: Report) -> Mapping[str, Any] | None:
        """The check that was made before, also one whose making was never answered."""
        found = self.speaker.ask("GET", f"{self.repository}/commits/{report.sha}/check-runs?check_name={NAME}")
        runs = found.get("check_runs", []) if isinstance(found, dict) else []
        return next((run for run in runs if run.get("external_id") == report.external_id), None)

    def _status(self, report: Report) -> str:
        status = {"state": _STATES.get(report.gate, "pending"), "context": NAME, "description": report.title[:140]}
        return str(self.speaker.ask("POST", f"{self.repository}/statuses/{report.sha}", status)["id"])


def _said(entry: Mapping[str, Any]) -> Said:
    return Said(str(entry.get("id")), str(entry.get("body") or ""))


def _placed(one: LineComment) -> dict[str, Any]:
    return {"path": one.path, "line": one.line, "side": "RIGHT", "body": one.body}


def _check_of(report: Report, annotations: Sequence[Annotation]) -> dict[str, Any]:
    output = {"title": report.title, "summary": report.summary, "annotations": list(map(_annotated, annotations))}
    conclusion = _CONCLUSIONS.get(report.gate)
    state = {"status": "completed", "conclusion": conclusion} if conclusion else {"status": "in_progress"}
    return {**state, "output": output}


def _annotated(one: Annotation) -> dict[str, Any]:
    return {
        "path": one.path,
        "start_line": one.start_line,
        "end_line": one.end_line,
        "annotation_level": one.level,
        "title": one.title,
        "message": one.message,
    }
