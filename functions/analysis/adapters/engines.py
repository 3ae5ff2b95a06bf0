"""The engines in their child process, which is kept between shards while there is work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from functions.analysis.configuration import Configuration
from functions.analysis.engines.choice import Choice
from functions.analysis.engines.globs import globs
from functions.analysis.ports import Content
from functions.analysis.results import Document
from kernel.errors import Unavailable

if TYPE_CHECKING:
    from functions.analysis.engines.shard import Runner


class ChildEngines:
    """`ports.Engines`; imports parsers and linters only in the child, on the first shard."""

    def __init__(self) -> None:
        self._runner: Runner | None = None

    def engine_set(self, configuration: Configuration) -> str:
        from functions.analysis.engines.engine_set import engine_set

        return engine_set(Choice.made(configuration))

    def notes(self, configuration: Configuration) -> list[str]:
        """A child is asked only where the settings have something that may not work."""
        from functions.analysis.engines import executable

        told = [f"exclude: {pattern} is no pattern" for pattern in globs(configuration.exclude).bad]
        if configuration.semgrep and not executable.version():
            told.append("semgrep is not installed here, so its rules were not run")
        return told + self.problems(configuration.custom_rules)

    def problems(self, custom_rules: str) -> list[str]:
        if not custom_rules.strip():
            return []
        with _translated():
            return self._started().problems(custom_rules)

    def read(
        self, contents: Sequence[Content], hold: Callable[[], None], configuration: Configuration
    ) -> list[Document]:
        from functions.analysis.engines.shard import Blob

        runner = self._started()
        runner.choice = Choice.made(configuration)
        blobs = [Blob(content.file.path, content.file.sha256, content.data) for content in contents]
        with _translated():
            return runner.documents(blobs, hold)

    def _started(self) -> Runner:
        from functions.analysis.engines.shard import Runner

        if self._runner is None:
            self._runner = Runner()
        return self._runner

    def rest(self) -> None:
        if self._runner is not None:
            self._runner.close()
            self._runner = None


@contextmanager
def _translated() -> Iterator[None]:
    from functions.analysis.engines.shard import Unavailable as EnginesUnavailable

    try:
        yield
    except EnginesUnavailable as down:
        raise Unavailable("engines") from down
