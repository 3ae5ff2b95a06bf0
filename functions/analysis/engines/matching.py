"""Matches a project's own rules in a process of its own: ast-grep cannot be interrupted, so whoever takes too long is killed.

The process answers its jobs in their order. When it dies or is late, the job it was at is the guilty one, and a new process
goes on behind it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from functions.analysis.engines import frames
from functions.analysis.engines.custom_languages import LANGUAGES
from functions.analysis.engines.custom_rules import CustomRule

_LONGEST_FIX = 4_000
_LONGEST_NAME = 80  # characters of the source that a message may quote
_ANSWER_BYTES = 8 * 1024 * 1024
SLOW, CRASH = "slow", "crash"
DEADLY = (SLOW, CRASH)
_VARIABLE = re.compile(r"\$\$\$([A-Z_][A-Z0-9_]*)|\$([A-Z_][A-Z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Job:
    """One rule on one text; without a rule the text is only parsed, without a text (-1) the rule only tried."""

    text: int = -1
    rule: int = -1


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, as rows (line, column, end line, end column, message, fix), or why the job failed."""

    rows: Sequence[Sequence[Any]] = ()
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Matcher:
    """Texts are (our name of the language, content). `seconds` bounds one job, `most` what it may find."""

    rules: Sequence[CustomRule]
    texts: Sequence[tuple[str, bytes]]
    seconds: float
    most: int

    def answers(self, jobs: Sequence[Job]) -> Generator[tuple[Job, Answer], None, None]:
        """The answers in the order of the jobs; one that is `slow` or a `crash` is the last. Close it when done."""
        process, answers = self._start(jobs)
        try:
            for job in jobs:
                answer = self._next(answers)
                yield job, answer
                if answer.failed in DEADLY:
                    return
        finally:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            os.close(answers)

    def _next(self, answers: int) -> Answer:
        try:
            return Answer(**json.loads(frames.receive(answers, _ANSWER_BYTES, time.monotonic() + self.seconds)))
        except frames.Late:
            return Answer(failed=SLOW)
        except (frames.Closed, frames.TooLong):
            return Answer(failed=CRASH)

    def _start(self, jobs: Sequence[Job]) -> tuple[int, int]:
        """A new process and where its answers come from."""
        import ast_grep_py  # noqa: F401 (once, before the fork)

        answers, writes = os.pipe()
        process = os.fork()
        if process == 0:
            try:
                with os.fdopen(writes, "wb") as stream:
                    for answer in _work(self, jobs):
                        frames.write(stream, json.dumps(answer, separators=(",", ":")).encode())
            finally:
                os._exit(0)
        os.close(writes)
        return process, answers


def _work(given: Matcher, jobs: Sequence[Job]) -> Iterator[dict[str, Any]]:
    """In the process of its own."""
    parsed: tuple[int, Any] = (-1, None)
    for job in jobs:
        try:
            if job.text < 0:
                _try(given.rules[job.rule])
                yield {}
                continue
            if parsed[0] != job.text:
                parsed = (job.text, _root(*given.texts[job.text]))
            rule = given.rules[job.rule] if job.rule >= 0 else None
            yield {"rows": _rows(parsed[1], rule, given.most) if rule else []}
        except Exception as refused:  # noqa: BLE001 - whatever ast-grep says to a foreign rule
            yield {"failed": _reason(refused)}


def _root(language: str, data: bytes) -> Any:
    from ast_grep_py import SgRoot

    return SgRoot(data.decode(errors="replace"), LANGUAGES[language]).root()


def _try(rule: CustomRule) -> None:
    """Raises whatever ast-grep raises on a rule that it cannot use."""
    from ast_grep_py import SgRoot

    root: Any = SgRoot("", LANGUAGES[rule.language]).root()
    root.find_all(dict(rule.matcher))


def _reason(refused: Exception) -> str:
    """The innermost cause: the last of ast-grep's numbered list, without its stack."""
    lines = str(refused).partition("Stack backtrace")[0].strip().splitlines()
    causes = [line.partition(": ")[2] for line in lines if re.match(r"\s*\d+: ", line)]
    return " ".join((causes or lines or [type(refused).__name__])[-1].split())[:300]


def _rows(root: Any, rule: CustomRule, most: int) -> list[tuple[int, int, int, int, str, str]]:
    return [_row(node, rule) for node in root.find_all(dict(rule.matcher))[:most]]


def _row(node: Any, rule: CustomRule) -> tuple[int, int, int, int, str, str]:
    place = node.range()
    message = _filled(rule.message, node, _LONGEST_NAME)
    fix = _filled(rule.fix, node, _LONGEST_FIX)[:_LONGEST_FIX] if rule.fix is not None else ""
    start, end = place.start, place.end
    return start.line + 1, start.column + 1, end.line + 1, end.column + 1, message, fix


def _filled(template: str, node: Any, longest: int) -> str:
    """The template with what its variables stand for; one that stands for nothing leaves nothing."""
    return _VARIABLE.sub(lambda found: _captured(node, found[1] or "", found[2] or "")[:longest], template)


def _captured(node: Any, several: str, one: str) -> str:
    if several:
        nodes = node.get_multiple_matches(several)
        return _between(nodes) if nodes else ""
    found = node.get_match(one)
    return str(found.text()) if found is not None else str(node.get_transformed(one) or "")


def _between(nodes: Sequence[Any]) -> str:
    """The source from the first to the last of neighbours, with what stands between them."""
    whole = nodes[0].get_root().root().text()
    return str(whole[nodes[0].range().start.index : nodes[-1].range().end.index])
