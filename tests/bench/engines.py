"""Lines a second of each stage of the engines, language by language, beside lizard and radon on the same files in the same run.

Usage: python -m tests.bench.engines [FOLDER] [--sample N] [--lines N]
Without a folder: every 12th file of the standard library for Python, for other languages the fixtures of the tests many times over.
"""

from __future__ import annotations

import argparse
import ast
import json
import sysconfig
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import lizard
from radon.visitors import ComplexityVisitor
from tree_sitter import QueryCursor, Tree

from functions.analysis.engines.codec import to_json
from functions.analysis.engines.grammar import Grammar, Source, parser, query
from functions.analysis.engines.grammars import grammar
from functions.analysis.engines.languages import PARSED, Language, detect
from functions.analysis.engines.limits import Limits
from functions.analysis.engines.outline import outline
from functions.analysis.engines.shard import Blob, Runner
from functions.analysis.engines.structure import read
from functions.analysis.engines.text import longest_line
from functions.analysis.engines.unit import Content, Unit
from functions.analysis.model import FileResult, Status

FIXTURES = Path(__file__).parents[1] / "fixtures" / "languages"
SHARD_BYTES = 4_000_000
LIMITS = Limits()
STAGES = ("read", "parse", "query", "scopes", "complexity", "encode")
BARS = {"python": 120_000}
OTHERS_BAR = 60_000
NAMES = {"c": "a.c", "cpp": "a.cpp", "csharp": "a.cs", "go": "a.go", "java": "a.java", "javascript": "a.js", "php": "a.php",
         "python": "a.py", "ruby": "a.rb", "rust": "a.rs", "tsx": "a.tsx", "typescript": "a.ts"}  # fmt: skip


def main() -> None:
    folder, sample, lines = _arguments()
    found = _found(folder, 1) if folder else _default(sample, lines)
    print(
        "lines a second of one core's CPU; `all` is read to encode, `faster` is parse to complexity beside the other tool\n"
    )
    print(f"{'language':11}{'files':>6}{'lines':>9}{'load':>8}" + "".join(f"{stage:>11}" for stage in STAGES), end="")
    print(f"{'all':>9}{'measured':>10}{'lizard':>9}{'faster':>8}{'radon':>9}{'faster':>8}")
    for language, contents in sorted(found.items()):
        _Report(language, contents).show()
    print()
    for language, contents in sorted(found.items()):
        _through_the_child(language, contents)


def _arguments() -> tuple[Path | None, int, int]:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", nargs="?", type=Path)
    arguments.add_argument("--sample", type=int, default=12, help="take every Nth file of the standard library")
    arguments.add_argument("--lines", type=int, default=10_000, help="lines of each other language")
    given = arguments.parse_args()
    return given.folder, given.sample, given.lines


def _default(sample: int, lines: int) -> Mapping[str, Sequence[bytes]]:
    found = {"python": _found(Path(sysconfig.get_path("stdlib")), sample)["python"]}
    for file in sorted(FIXTURES.iterdir()):
        data = file.read_bytes()
        language = detect(file.name, data).name
        if language != "python":
            copies = range(lines // data.count(b"\n"))
            found[language] = [data.replace(b"sum", b"sum%d" % copy) for copy in copies]
    return found


def _found(folder: Path, sample: int) -> Mapping[str, Sequence[bytes]]:
    """Files in parsed languages that all tools can read."""
    found: dict[str, list[bytes]] = defaultdict(list)
    files = [file for file in sorted(folder.rglob("*.*")) if file.is_file() and "site-packages" not in file.parts]
    for file in (file for file in files if file.suffix in (".py", *_SUFFIXES)):
        data = file.read_bytes()
        language = detect(file.name, data).name
        if language in PARSED and _readable(language, data):
            found[language].append(data)
    return {language: contents[::sample] for language, contents in found.items() if contents[::sample]}


_SUFFIXES = (".js", ".ts", ".tsx", ".java", ".go", ".rs", ".c", ".h", ".cc", ".cpp", ".hpp", ".cs", ".rb", ".php")


def _readable(language: str, data: bytes) -> bool:
    if len(data) > LIMITS.file_bytes or b"\0" in data or longest_line(data) > LIMITS.line_bytes:
        return False
    try:
        data.decode()
        return language != "python" or bool(_radon(data))
    except (SyntaxError, ValueError, RecursionError):
        return False


class _Report:
    """One row: what each stage costs, and what the other tools take for complexity."""

    def __init__(self, language: str, contents: Sequence[bytes]) -> None:
        self.language, self.contents = language, contents
        self.lines = sum(data.count(b"\n") for data in contents)

    def show(self) -> None:
        loaded, one = _timed(lambda: grammar(self.language))
        loaded += _timed(lambda: outline(b"\n", one, LIMITS.depth))[0]
        spent, whole = self._stages(one)
        measured = whole - spent["read"] - spent["encode"]
        theirs = _cost(self._lizard, self.contents)
        row = f"{self.language:11}{len(self.contents):6}{self.lines:9,}{loaded * 1000:5.0f} ms"
        row += "".join(f"{self._rate(spent[stage]):11,.0f}" for stage in STAGES)
        row += f"{self._rate(whole):9,.0f}{self._rate(measured):10,.0f}"
        row += f"{self._rate(theirs):9,.0f}{theirs / measured:7.1f}x"
        if self.language == "python":
            radon = _cost(_radon, self.contents)
            row += f"{self._rate(radon):9,.0f}{radon / measured:7.1f}x"
        bar = BARS.get(self.language, OTHERS_BAR)
        print(row, "" if self._rate(measured) >= bar else f"below {bar:,}", flush=True)

    def _rate(self, seconds: float) -> float:
        return self.lines / max(seconds, 1e-9)

    def _stages(self, one: Grammar) -> tuple[dict[str, float], float]:
        """Scopes and complexity cannot be run without what goes before: they are what is left of the whole."""
        trees: list[Tree] = []
        parse = _cost(lambda data: trees.append(parser(one).parse(_plain(one, data))), self.contents)
        asked = [tree.root_node for tree in trees]
        captured: list[Any] = []
        queried = _cost(lambda root: captured.append(QueryCursor(query(one)).captures(root)), asked)
        scopes = _cost(
            lambda pair: one.scopes(pair[0], Source(pair[1])), list(zip(captured, self.contents, strict=True))
        )
        outlined = _cost(lambda data: outline(data, one, LIMITS.depth), self.contents)
        units: list[Unit] = []
        structured = _cost(lambda data: units.append(read(self._content(data), LIMITS)), self.contents)
        encode = _cost(lambda unit: json.dumps(to_json(_result(unit)), separators=(",", ":")).encode(), units)
        rest = max(outlined - parse - queried - scopes, 0.0)
        spent = dict(zip(STAGES, (structured - outlined, parse, queried, scopes, rest, encode), strict=True))
        return spent, structured + encode

    def _content(self, data: bytes) -> Content:
        return Content("", Language(self.language), data)

    def _lizard(self, data: bytes) -> object:
        return lizard.analyze_file.analyze_source_code(NAMES[self.language], data.decode())


def _plain(one: Grammar, data: bytes) -> bytes:
    return one.prepare(data) if one.prepare else data


def _result(unit: Unit) -> FileResult:
    language = unit.content.language
    return FileResult(
        sha256="",
        language=language.name,
        form=language.form,
        engine_set="",
        status=Status.PARSED,
        size_bytes=len(unit.text.data),
        metrics=unit.metrics,
        functions=tuple(unit.functions),
        classes=tuple(unit.classes),
        constants=tuple(unit.constants),
        imports=tuple(unit.imports),
        calls=tuple(unit.calls),
    )


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.process_time()
    done = work()
    return time.process_time() - started, done


def _cost(work: Callable[[Any], object], items: Iterable[Any]) -> float:
    started = time.process_time()
    for item in items:
        work(item)
    return time.process_time() - started


def _radon(data: bytes) -> ComplexityVisitor:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ComplexityVisitor.from_ast(ast.parse(data))


def _through_the_child(language: str, contents: Sequence[bytes]) -> None:
    """All engines, as a shard is run: in batches of 4 MB, results serialised and read again."""
    lines = sum(data.count(b"\n") for data in contents)
    started = time.perf_counter()
    with Runner() as runner, suppress(StopIteration):
        for batch in _batches(language, contents):
            runner.run(batch)
    spent = time.perf_counter() - started
    print(
        f"{language:11} all engines through the child, its start included: {spent:6.2f} s wall {lines / spent:9,.0f} lines/s"
    )


def _batches(language: str, contents: Sequence[bytes]) -> Iterator[list[Blob]]:
    batch: list[Blob] = []
    for number, data in zip(count(), contents, strict=False):
        batch.append(Blob(f"{number}{NAMES[language]}", sha256(data).hexdigest(), data))
        if sum(len(blob.data) for blob in batch) > SHARD_BYTES:
            yield batch
            batch = []
    yield batch


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
