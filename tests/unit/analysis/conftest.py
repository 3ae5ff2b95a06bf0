"""One child process for all tests of the engines, and a way to read a single text with it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from hashlib import sha256

import pytest

from functions.analysis.engines.shard import Blob, Runner
from functions.analysis.model import FileResult

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # bandit calls its plugin loader in a way that is going away
    import bandit.core.config  # noqa: F401

Read = Callable[[str, str | bytes], FileResult]


@pytest.fixture(scope="session")
def engines() -> Iterator[Runner]:
    with Runner() as runner:
        yield runner


@pytest.fixture
def read(engines: Runner) -> Read:
    """Analyse one content under a path."""

    def one(path: str, content: str | bytes) -> FileResult:
        data = content.encode() if isinstance(content, str) else content
        return engines.run([Blob(path, sha256(data).hexdigest(), data)])[0]

    return one
