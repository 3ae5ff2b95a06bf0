"""Lines a second of each stage of the engines over the Python files of a folder, beside radon on the same files.

Usage: python -m tests.bench.engines [FOLDER] [--sample N]     (default: every 12th file of the standard library)
"""

from __future__ import annotations

import argparse
import ast
import sysconfig
import time
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from radon.metrics import mi_visit
from radon.raw import analyze
from radon.visitors import ComplexityVisitor

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from functions.analysis.engines import credentials, lint, security

from functions.analysis.engines.engine import Run
from functions.analysis.engines.grammar import parser
from functions.analysis.engines.languages import Language
from functions.analysis.engines.limits import Limits
from functions.analysis.engines.outline import outline
from functions.analysis.engines.python import PYTHON
from functions.analysis.engines.shard import Blob, Runner
from functions.analysis.engines.structure import read
from functions.analysis.engines.unit import Content, Unit

SHARD_BYTES = 4_000_000


def main() -> None:
    contents = list(_contents(*_arguments()))
    lines = sum(data.count(b"\n") for data in contents)
    print(f"{len(contents)} files, {lines:,} lines, seconds of CPU of one core\n")
    limits = Limits()
    units = [read(Content("", Language("python"), data), limits) for data in contents]
    report = _Report(lines)
    print(f"{'stage':40}{'ours':>9}{'lines/s':>12}{'radon':>10}{'lines/s':>12}{'faster':>9}")
    report.each("parse", lambda data: parser(PYTHON).parse(data), contents, ast.parse)
    report.each(
        "parse + symbols + calls + complexity", lambda data: outline(data, PYTHON, limits.depth), contents, _complexity
    )
    report.each("all of the structure (with lines, MI)", lambda data: read(_content(data), limits), contents, _radon)
    report.each("ruff (wall)", lambda batch: lint.check(batch, Run()), _batches(units), clock=time.perf_counter)
    report.each("bandit", lambda unit: security.check([unit], Run()), units)
    report.each("secrets", lambda unit: credentials.check([unit], Run()), units)
    report.each("whole, through the child (wall)", _through_the_child, [contents], clock=time.perf_counter)
    print("\nradon beside parse: ast.parse; beside complexity: its visitor; beside all: visitor, raw metrics and MI")


def _arguments() -> tuple[Path, int]:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", nargs="?", type=Path, default=Path(sysconfig.get_path("stdlib")))
    arguments.add_argument("--sample", type=int, default=12, help="take every Nth file")
    given = arguments.parse_args()
    return given.folder, given.sample


def _contents(folder: Path, sample: int) -> Iterable[bytes]:
    """Files that both sides can read."""
    files = [file for file in sorted(folder.rglob("*.py")) if "site-packages" not in file.parts]
    for file in files[::sample]:
        data = file.read_bytes()
        if len(data) <= Limits().file_bytes and _readable(data):
            yield data


def _readable(data: bytes) -> bool:
    try:
        data.decode()
        return bool(_complexity(data))
    except (SyntaxError, ValueError, RecursionError):
        return False


class _Report:
    def __init__(self, lines: int) -> None:
        self._lines = lines

    def each(
        self,
        stage: str,
        work: Callable[[Any], object],
        items: Iterable[Any],
        theirs: Callable[[Any], object] | None = None,
        *,
        clock: Callable[[], float] = time.process_time,
    ) -> None:
        spent = _spent(work, items, clock)
        line = f"{stage:40}{spent:7.2f} s{self._lines / spent:12,.0f}"
        if theirs is not None:
            other = _spent(theirs, items, clock)
            line += f"{other:8.2f} s{self._lines / other:12,.0f}{other / spent:8.1f}x"
        print(line, flush=True)


def _spent(work: Callable[[Any], object], items: Iterable[Any], clock: Callable[[], float]) -> float:
    started = clock()
    for item in items:
        work(item)
    return clock() - started


def _content(data: bytes) -> Content:
    return Content("", Language("python"), data)


def _batches(units: list[Unit]) -> Iterable[list[Unit]]:
    batch, size = [], 0
    for unit in units:
        batch.append(unit)
        size += len(unit.text.data)
        if size > SHARD_BYTES:
            yield batch
            batch, size = [], 0
    yield batch


def _complexity(data: bytes) -> ComplexityVisitor:
    return ComplexityVisitor.from_ast(ast.parse(data))


def _radon(data: bytes) -> None:
    """Radon's raw metrics give up on some files that Python reads; what that saves it is its own."""
    text = data.decode()
    _complexity(data)
    with suppress(SyntaxError, ValueError):
        analyze(text)
        mi_visit(text, multi=True)


def _through_the_child(contents: list[bytes]) -> None:
    """As a shard is run: in batches of 4 MB, results serialised and read again."""
    batch: list[Blob] = []
    with Runner() as runner:
        for number, data in enumerate(contents):
            batch.append(Blob(f"{number}.py", sha256(data).hexdigest(), data))
            if sum(len(blob.data) for blob in batch) > SHARD_BYTES:
                runner.run(batch)
                batch = []
        runner.run(batch)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
