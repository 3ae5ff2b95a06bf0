"""The engines in their child process, which is kept between shards while there is work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from functions.analysis.ports import Content
from functions.analysis.results import Document
from kernel.errors import Unavailable

if TYPE_CHECKING:
    from functions.analysis.engines.shard import Runner


class ChildEngines:
    """`ports.Engines`; imports parsers and linters only in the child, on the first shard."""

    def __init__(self) -> None:
        self._runner: Runner | None = None

    @property
    def engine_set(self) -> str:
        from functions.analysis.engines.engine_set import engine_set

        return engine_set()

    def read(self, contents: Sequence[Content], hold: Callable[[], None]) -> list[Document]:
        from functions.analysis.engines.shard import Blob, Runner
        from functions.analysis.engines.shard import Unavailable as EnginesUnavailable

        if self._runner is None:
            self._runner = Runner()
        blobs = [Blob(content.file.path, content.file.sha256, content.data) for content in contents]
        try:
            return self._runner.documents(blobs, hold)
        except EnginesUnavailable as down:
            raise Unavailable("engines") from down

    def rest(self) -> None:
        if self._runner is not None:
            self._runner.close()
            self._runner = None
