"""GitLab's API: https://docs.gitlab.com/api/rest/ (version 4)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from functions.project.ports.hooks import Talk
from functions.project.posting.hosts import NAME, LineComment, Report, Said
from functions.project.posting.speaking import Speaker
from kernel.errors import Conflict, Forbidden, NotFound

_STATES = {"passed": "success", "failed": "failed", "none": "success"}


@dataclass(slots=True)
class GitLab:
    """`posting.hosts.CodeHost`."""

    speaker: Speaker
    project: str
    number: int
    sha: str
    refs: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, talk: Talk, url: str, token: str, number: int, sha: str) -> GitLab:
        parts = urlsplit(url)
        named = quote(parts.path.strip("/").removesuffix(".git"), "")
        speaker = Speaker(talk, f"{parts.scheme}://{parts.netloc}/api/v4", {"PRIVATE-TOKEN": token})
        return cls(speaker, f"/projects/{named}", number, sha)

    @property
    def _request(self) -> str:
        return f"{self.project}/merge_requests/{self.number}"

    def is_newest(self, sha: str) -> bool:
        found = self.speaker.ask("GET", self._request)
        self.refs = (found.get("diff_refs") or {}) if isinstance(found, dict) else {}
        return isinstance(found, dict) and found.get("state") == "opened" and found.get("sha") == sha

    def summaries(self) -> Iterator[Said]:
        return (_said(note) for note in self._notes() if not note.get("position"))

    def write(self, body: str) -> str:
        return str(self.speaker.ask("POST", f"{self._request}/notes", {"body": body})["id"])

    def rewrite(self, comment_id: str, body: str) -> bool:
        try:
            self.speaker.ask("PUT", f"{self._request}/notes/{quote(comment_id, '')}", {"body": body})
        except (NotFound, Forbidden):
            return False
        return True

    def marks(self, wanted: Collection[str]) -> set[str]:
        return {mark for note in self._notes() for mark in wanted if mark in _said(note).body}

    def comment(self, comments: Sequence[LineComment]) -> list[LineComment]:
        if self.refs.get("head_sha") != self.sha:  # GitLab has not compared this head yet
            return []
        return [one for one in comments if self._comment(one)]

    def _comment(self, one: LineComment) -> bool:
        shas = {name: self.refs.get(name) for name in ("base_sha", "head_sha", "start_sha")}
        place = {"position_type": "text", "new_path": one.path, "old_path": one.old_path, "new_line": one.line}
        try:
            self.speaker.ask("POST", f"{self._request}/discussions", {"body": one.body, "position": {**shas, **place}})
        except Conflict:
            return False
        return True

    def report(self, report: Report) -> str:
        """The status of the commit; the same one again is refused by GitLab and stays what it is."""
        status = {"state": _STATES.get(report.gate, "pending"), "name": NAME, "description": report.title[:255]}
        try:
            return str(self.speaker.ask("POST", f"{self.project}/statuses/{report.sha}", status)["id"])
        except Conflict:
            return ""

    def _notes(self) -> Iterator[Mapping[str, Any]]:
        return self.speaker.pages(f"{self._request}/notes")


def _said(note: Mapping[str, Any]) -> Said:
    return Said(str(note.get("id")), str(note.get("body") or ""))
