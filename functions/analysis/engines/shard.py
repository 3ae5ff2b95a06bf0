"""Runs a shard in a bounded child; when the child dies, the shard is cut in two until only the guilty file is left."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from functions.analysis.engines import codec
from functions.analysis.engines.choice import Choice
from functions.analysis.engines.custom_rules import away
from functions.analysis.engines.engine_set import engine_set, programs
from functions.analysis.engines.languages import Language, detect
from functions.analysis.engines.limits import Limits
from functions.analysis.engines.process import Child, Died, Unavailable
from functions.analysis.engines.text import line_count
from functions.analysis.model import FileResult, Metrics, Status

__all__ = ["Blob", "Runner", "Unavailable", "run_shard"]

Document = dict[str, Any]
Key = tuple[str, Language, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Blob:
    """A file as it is stored; the path only decides the language."""

    path: str
    sha256: str
    data: bytes

    def key(self, choice: Choice) -> Key:
        """What a result follows from: hash, language, and which of the project's rules the path keeps away."""
        return self.sha256, detect(self.path, self.data), away(choice.custom_rules, self.path)


def _nothing() -> None:
    return


@dataclass(slots=True)
class Runner:
    """Keeps one child for several shards; a context manager that stops it."""

    limits: Limits = field(default_factory=Limits)
    choice: Choice = field(default_factory=Choice)
    _child: Child | None = None
    _hold: Callable[[], None] = _nothing

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._child is not None:
            self._child.stop()
            self._child = None

    def run(self, blobs: Sequence[Blob]) -> list[FileResult]:
        """One result for each blob, in order.

        Raises:
            Unavailable: the child cannot be started at all; the same call may succeed later.
        """
        return [codec.from_json(document) for document in self.documents(blobs)]

    def documents(self, blobs: Sequence[Blob], hold: Callable[[], None] = _nothing) -> list[Document]:
        """As `run`, in the form that is stored (`codec`). Equal contents in one language are read once.

        `hold` is called before each attempt, of which none takes longer than `limits.wall_s`.
        """
        self._hold = hold
        keys = [blob.key(self.choice) for blob in blobs]
        distinct = dict(zip(keys, blobs, strict=True))
        total = sum(len(blob.data) for blob in distinct.values())
        found = dict(zip(distinct, self._attempt([*distinct.items()], total), strict=True))
        return [found[key] for key in keys]

    def problems(self, custom_rules: str) -> list[str]:
        """What keeps rules of a project from being used, in words. Raises Unavailable."""
        if self._child is None:
            self._child = Child.start(self.limits)
        header = json.dumps({"rules": custom_rules}).encode()
        try:
            told: list[str] = json.loads(self._child.ask(header, b"", self.limits.wall_s))
        except Died as died:
            self.close()
            return [f"the rules: the engines could not read them ({died.reason})"]
        except BaseException:
            self.close()
            raise
        return told

    def _attempt(self, work: Sequence[tuple[Key, Blob]], total: int) -> list[Document]:
        if not work:
            return []
        try:
            return self._ask(work, total)
        except Died as died:
            if len(work) == 1:
                return self._again(work, total) if died.reason == "crash" else [self._skipped(work[0], died.reason)]
        middle = len(work) // 2
        return self._attempt(work[:middle], total) + self._attempt(work[middle:], total)

    def _again(self, work: Sequence[tuple[Key, Blob]], total: int) -> list[Document]:
        """A child may be killed by its surroundings: only who crashes a fresh one is guilty."""
        try:
            return self._ask(work, total)
        except Died as died:
            return [self._skipped(work[0], died.reason)]

    def _ask(self, work: Sequence[tuple[Key, Blob]], total: int) -> list[Document]:
        self._hold()
        if self._child is None:
            self._child = Child.start(self.limits)
        body = b"".join(blob.data for _, blob in work)
        share = len(body) / total if total else 1.0
        wall_s = max(self.limits.floor_s, self.limits.wall_s * share)
        header = json.dumps(self._header(work, wall_s)).encode()
        try:
            documents: list[Document] = json.loads(self._child.ask(header, body, wall_s))
        except BaseException:  # an answer that nobody waited for must not be taken for the next one
            self.close()
            raise
        return documents

    def _header(self, work: Sequence[tuple[Key, Blob]], wall_s: float) -> dict[str, Any]:
        return {
            "choice": self.choice.to_json(),
            "engine_set": engine_set(self.choice),
            "wall_s": wall_s,
            "programs": programs(self.choice),
            "contents": [
                (sha256, language.name, language.form, sorted(kept_away), len(blob.data))
                for (sha256, language, kept_away), blob in work
            ],
        }

    def _skipped(self, item: tuple[Key, Blob], reason: str) -> Document:
        (sha256, language, _), blob = item
        lines, size = Metrics(lines=line_count(blob.data)), len(blob.data)
        made_by, status = engine_set(self.choice), Status.SKIPPED
        return codec.to_json(
            FileResult(sha256, language.name, language.form, made_by, status, size, reason=reason, metrics=lines)
        )


def run_shard(files: Sequence[Blob], limits: Limits | None = None) -> list[FileResult]:
    """Analyse a shard in a child of its own. Raises Unavailable."""
    with Runner(limits or Limits()) as runner:
        return runner.run(files)
