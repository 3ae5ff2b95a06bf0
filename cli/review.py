"""`coderev review`: collect, publish, follow, and gather what was found."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cli import collect, follow, git, snapshots
from cli.api import Api, Bearer
from cli.errors import Changed, UserError
from cli.login import login_at
from cli.outcome import Outcome
from cli.platform import Platform
from cli.progress import Progress
from cli.publish import Publisher
from cli.records import Analysis, Finding, Json, Review, rank
from cli.tree import Skipped, Tree
from cli.words import counted

LONGEST_NAME = 80  # characters of a project's name
REVIEW_WITHIN_S = 180.0
_LOOKS = 4  # at a tree that changes while it is read


@dataclass(frozen=True, slots=True)
class Request:
    """What to review. `timeout_s` bounds each analysis."""

    path: Path
    server: str
    project: str | None = None
    diff: str | None = None
    with_ai: bool = True
    timeout_s: float = 900.0
    with_known: bool = False  # show also what the baseline has already


@dataclass(slots=True)
class _Clock:
    """Seconds a phase took, for those who ask what was slow."""

    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, began: float) -> None:
        self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - began

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self.add(name, began)


def run(request: Request, progress: Progress, bearer: Bearer | None = None) -> Outcome:
    """Review and return all that was found, as `bearer` or else as who is logged in.

    Raises:
        UserError: it could not be completed.
    """
    if not request.path.exists():
        raise UserError(f"{request.path} does not exist.")
    clock = _Clock()
    with Api(request.server, bearer or login_at(request.server)) as api:
        job = _Job(request, Platform(api), progress, clock)
        return job.difference(request.diff) if request.diff else job.working_files()


@dataclass(frozen=True, slots=True)
class _Job:
    request: Request
    platform: Platform
    progress: Progress
    clock: _Clock

    def working_files(self) -> Outcome:
        """Review the files as they are; somebody may be editing, so a moving tree is looked at again."""
        for _ in range(_LOOKS - 1):
            with suppress(Changed):
                return self._as_they_are()
        return self._as_they_are()

    def _as_they_are(self) -> Outcome:
        self.progress.phase("collect")
        began = time.monotonic()
        with collect.working_tree(self.request.path) as tree:
            self.clock.add("collect", began)
            version_id = self._publish(self._publisher(), tree)
        return self._outcome(version_id, tree)

    def difference(self, text: str) -> Outcome:
        """Analyse the base, then the head as its child, and show what is new."""
        folder = self.request.path if self.request.path.is_dir() else self.request.path.parent
        wanted = snapshots.parse_range(folder, text)
        with snapshots.reader(folder) as reader:
            publisher = self._publisher()
            with self.clock.phase("collect"):
                base = reader.tree(wanted.base, wanted.base_name)
                head = reader.tree(wanted.head, wanted.head_name)
            base_id = self._publish(publisher, base)
            self._follow(base_id)
            head_id = self._publish(publisher, head, parent_id=base_id, baseline_id=base_id)
        return self._outcome(head_id, head)

    def _publisher(self) -> Publisher:
        name = self.request.project or project_name(self.request.path)
        return Publisher(self.platform, self.platform.project(name), self.progress)

    def _publish(
        self, publisher: Publisher, tree: Tree, parent_id: str | None = None, baseline_id: str | None = None
    ) -> str:
        about = f"{counted(len(tree.files), 'file')}, {counted(tree.total_bytes, 'byte')}"
        left_out = f", {len(tree.skipped):,} left out" if tree.skipped else ""
        self.progress.note(f"{about}{left_out}")
        with self.clock.phase("upload"):
            label = f"commit {tree.commit[:12]}" if tree.commit and self.request.diff else None
            return publisher.publish(tree, label=label, parent_id=parent_id, baseline_id=baseline_id)

    def _follow(self, version_id: str) -> Analysis:
        with self.clock.phase("analyse"):
            return follow.analysis(self.platform, version_id, self.progress, timeout_s=self.request.timeout_s)

    def _only_new(self, analysis: Analysis) -> bool:
        """Whether what was there before is nobody's concern now: beside the main line, or where a baseline was chosen."""
        if self.request.with_known:
            return False
        compared = self.request.diff is not None or analysis.raw.get("main") is False
        return compared or self.platform.has_baseline(str(analysis.raw["project_id"]))

    def _outcome(self, version_id: str, tree: Tree) -> Outcome:
        analysis = self._follow(version_id)
        only_new = self._only_new(analysis)
        with self.clock.phase("fetch"):
            findings = self.platform.findings(analysis.id, only_new=only_new)
            gate = self.platform.gate(analysis.id)
            unread = [Skipped(str(each["path"]), str(each.get("reason") or "")) for each in self._unread(analysis)]
            artifacts = self.platform.artifacts(analysis.id)
        return Outcome(
            server=self.request.server,
            project=self.request.project or project_name(self.request.path),
            version_id=version_id,
            analysis=analysis,
            findings=worst_first(findings),
            skipped=(*tree.skipped, *unread),
            artifacts=tuple(artifacts),
            review=self._review(analysis.id) if self.request.with_ai else None,
            only_new=only_new,
            gate=gate,
            seconds=self.clock.seconds,
        )

    def _review(self, analysis_id: str) -> Review | None:
        with self.clock.phase("review"):
            return follow.review(self.platform, analysis_id, self.progress, timeout_s=REVIEW_WITHIN_S)

    def _unread(self, analysis: Analysis) -> Sequence[Json]:
        return self.platform.skipped(analysis.id) if analysis.total("skipped") else ()


def worst_first(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda one: (rank(one.severity), one.path, one.line, one.column, one.rule)))


def project_name(path: Path) -> str:
    """What the checkout's remote is called, else the folder."""
    folder = (path if path.is_dir() else path.parent).resolve()
    top = git.run(folder, "rev-parse", "--show-toplevel")
    is_top = top is not None and Path(top.decode("utf-8", "replace").rstrip("\n")) == folder
    name = (git.remote_name(folder) if is_top else None) or folder.name or "root"
    clean = re.sub(r"[^\w.@ +-]+", "-", name.encode("utf-8", "replace").decode()).strip(" -")
    return clean[:LONGEST_NAME].strip() or "project"
