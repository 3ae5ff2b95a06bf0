"""Findings of semgrep with our own rules, if the project asks for it and this machine has it.

Contract with the program: `semgrep scan --json --config FOLDER .` in a folder of generated names writes one JSON object with
`results`, each with `check_id` (ending in the rule's id), `path`, `start` and `end` (`line`, `col`, from 1) and
`extra.message`, and `errors`. No network: no registry, no metrics, no look for a newer version.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any

from functions.analysis.engines import executable
from functions.analysis.engines.engine import Rule, Run
from functions.analysis.engines.semgrep_pack import FOLDER, RULES
from functions.analysis.engines.unit import Unit
from functions.analysis.engines.words import words
from functions.analysis.model import Finding, Form

_SUFFIXES = {
    "javascript": "js",
    "typescript": "ts",
    "tsx": "tsx",
    "java": "java",
    "go": "go",
    "ruby": "rb",
    "php": "php",
    "c": "c",
    "cpp": "cpp",
}
_OPTIONS = words(
    "scan --json --quiet --metrics off --disable-version-check --no-git-ignore --no-rewrite-rule-ids --disable-nosem "
    "--timeout 5 --timeout-threshold 2 --jobs 1 --max-memory 1000 --max-target-bytes 1000000 --config"
)
SOURCES = "sources"
_ANSWER_BYTES = 32 * 1024 * 1024
_BY_ID = {rule.id: rule for rule in RULES}


def check(units: Sequence[Unit], run: Run) -> None:
    """Add semgrep's findings to what is no test and not generated; every unit that it did not read gets a note."""
    wanted = [unit for unit in units if _concerns(unit)]
    program = run.programs.get(executable.NAME, "")
    if not wanted:
        return
    if not program:
        return _tell(wanted, "semgrep is not installed: its rules were not run", incomplete=False)
    try:
        answer = _run(program, wanted, run)
        found = _by_unit(answer, len(wanted))
    except subprocess.TimeoutExpired:
        return _tell(wanted, "semgrep took too long on this part of the version", incomplete=True)
    except (subprocess.SubprocessError, OSError, ValueError, KeyError, TypeError):
        return _tell(wanted, "semgrep failed on this part of the version", incomplete=True)
    for unit, rows in zip(wanted, found, strict=True):
        unit.findings += rows[: run.limits.findings + 1]


def _concerns(unit: Unit) -> bool:
    language = unit.content.language
    return unit.parsed and not unit.generated and language.form is not Form.TEST and language.name in _SUFFIXES


def _tell(units: Sequence[Unit], note: str, *, incomplete: bool) -> None:
    for unit in units:
        unit.notes.append(note)
        unit.incomplete |= incomplete


def _run(program: str, units: Sequence[Unit], run: Run) -> Mapping[str, Any]:
    """What it says about the units, which it sees under their numbers."""
    with TemporaryDirectory(prefix="coderev-") as folder, TemporaryFile() as answer:
        home, sources = Path(folder), Path(folder, SOURCES)
        sources.mkdir()
        for number, unit in enumerate(units):
            Path(sources, f"f{number:06}.{_SUFFIXES[unit.content.language.name]}").write_bytes(unit.text.data)
        with _room(run.limits.semgrep_bytes):
            _call([program, *_OPTIONS, str(FOLDER), "."], home, answer, run.wall_s * run.limits.semgrep_share)
        answer.seek(0)
        read: Mapping[str, Any] = json.loads(answer.read(_ANSWER_BYTES))
        return read


@contextmanager
def _room(size_bytes: int) -> Iterator[None]:
    """What is started meanwhile may have this much address space."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def _call(command: Sequence[str], home: Path, answer: IO[bytes], seconds: float) -> None:
    """Raises SubprocessError, OSError. What it starts stays in the child's group of processes, and ends with it."""
    environment = {
        "PATH": os.pathsep.join((str(Path(command[0]).parent), os.defpath)),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "SEMGREP_SEND_METRICS": "off",
        "SEMGREP_ENABLE_VERSION_CHECK": "0",
        "SEMGREP_LOG_FILE": str(home / "log"),
        "SEMGREP_SETTINGS_FILE": str(home / "settings.yml"),
    }
    silent = subprocess.DEVNULL
    with subprocess.Popen(
        command, cwd=home / SOURCES, env=environment, stdin=silent, stdout=answer, stderr=silent
    ) as process:
        try:
            if process.wait(seconds):
                raise subprocess.SubprocessError(f"exit status {process.returncode}")
        except subprocess.TimeoutExpired:
            for started in (*_below(process.pid), process.pid):
                with suppress(ProcessLookupError):
                    os.kill(started, signal.SIGKILL)
            raise


def _below(process: int) -> list[int]:
    """The processes that a process started, and those that they did."""
    try:
        listed = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
    except OSError:
        return []
    return [one for child in map(int, listed) for one in (*_below(child), child)]


def _by_unit(answer: Mapping[str, Any], count: int) -> list[list[Finding]]:
    """Raises ValueError, KeyError, TypeError on anything but the contract."""
    found: list[list[Finding]] = [[] for _ in range(count)]
    for row in answer["results"]:
        number = int(Path(row["path"]).stem[1:])
        rule = _BY_ID.get(f"semgrep/{str(row['check_id']).rpartition('.')[2]}")
        if rule is not None and 0 <= number < count:
            found[number].append(_finding(rule, row))
    return found


def _finding(rule: Rule, row: Mapping[str, Any]) -> Finding:
    start, end = row["start"], row["end"]
    return Finding(
        rule=rule.id,
        title=rule.title,
        message=str(row["extra"]["message"])[:1_000],
        severity=rule.severity,
        confidence=rule.confidence,
        line=int(start["line"]),
        column=int(start["col"]),
        end_line=int(end["line"]),
        end_column=int(end["col"]),
        fingerprint="",
        cwe=rule.cwe,
        help=rule.reason,
    )
