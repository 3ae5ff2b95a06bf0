"""Git as a reader of untrusted repositories: no hook, no monitor, no network, no prompt, always a time limit."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cli import environment
from cli.errors import UserError

TIMEOUT_S = 60.0
_SAFE = (
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.sshCommand=false",
    "-c", "protocol.allow=never",
    "-c", "core.quotePath=false",
    "-c", "log.showSignature=false",
)  # fmt: skip
_CALM = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1"}
_INHERITED = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_EXTERNAL_DIFF")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of `git ls-tree -l`; `size_bytes` is 0 for what is no blob."""

    mode: str
    oid: str
    size_bytes: int
    name: bytes


def _command(*arguments: str) -> list[str]:
    return ["git", *_SAFE, *arguments]


def _environment() -> dict[str, str]:
    around = {name: value for name, value in environment.everything().items() if name not in _INHERITED}
    return around | _CALM


def run(folder: Path, *arguments: str, timeout_s: float = TIMEOUT_S) -> bytes | None:
    """What git says about `folder`, or None if it refuses or is not installed.

    Raises:
        UserError: it did not end in time.
    """
    try:
        done = subprocess.run(
            _command(*arguments),
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired as slow:
        raise UserError(f"git did not answer within {timeout_s:.0f} s in {folder}.") from slow
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def working_files(folder: Path) -> list[bytes] | None:
    """Names below `folder`, relative to it, that are tracked or neither tracked nor ignored; None outside a checkout."""
    if run(folder, "rev-parse", "--is-inside-work-tree") != b"true\n":
        return None
    if run(folder, "check-ignore", "-q", "--", str(folder)) is not None:
        return None  # an ignored folder was named on purpose
    listed = run(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--")
    return None if listed is None else sorted(set(filter(None, listed.split(b"\0"))))


def commit_of(folder: Path, revision: str) -> str:
    """The commit that a revision names. Raises UserError."""
    said = run(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if said is None:
        raise UserError(f"{revision!r} is not a commit of the checkout in {folder}.")
    return said.decode().strip()


def merge_base(folder: Path, one: str, other: str) -> str:
    """The commit where two lines of history parted. Raises UserError."""
    said = run(folder, "merge-base", commit_of(folder, one), commit_of(folder, other))
    if said is None:
        raise UserError(f"{one!r} and {other!r} have no common history.")
    return said.decode().split("\n")[0]


def head(folder: Path) -> str | None:
    """The commit that is checked out, if there is one."""
    said = run(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    return said.decode().strip() if said else None


def branch(folder: Path) -> str | None:
    """The branch that is checked out; None for a detached head."""
    said = run(folder, "symbolic-ref", "--quiet", "--short", "HEAD")
    return said.decode("utf-8", "replace").strip() if said else None


def main_branch(folder: Path) -> str | None:
    """What origin calls its own branch, as far as the checkout knows."""
    said = run(folder, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    return said.decode("utf-8", "replace").strip().removeprefix("origin/") if said else None


def described(folder: Path, commit: str) -> tuple[str, str]:
    """Author and subject of a commit; empty where git does not say."""
    said = run(folder, "log", "-1", "--format=%an <%ae>%x00%s", commit, "--")
    author, _, subject = (said or b"").decode("utf-8", "replace").strip().partition("\0")
    return author, subject


def remote_name(folder: Path) -> str | None:
    """The last part of origin's address, without `.git`."""
    said = run(folder, "config", "--get", "remote.origin.url")
    address = said.decode("utf-8", "replace").strip().rstrip("/") if said else ""
    return address.replace(":", "/").rsplit("/", 1)[-1].removesuffix(".git") or None


def tree(folder: Path, commit: str) -> list[Entry]:
    """What `commit` holds below `folder`, names relative to it. Raises UserError."""
    listed = run(folder, "ls-tree", "-r", "-z", "-l", commit)
    if listed is None:
        raise UserError(f"git cannot list {commit} in {folder}.")
    return [_entry(line) for line in listed.split(b"\0") if line]


def _entry(line: bytes) -> Entry:
    about, _, name = line.partition(b"\t")
    mode, _, oid, size = about.decode().split()
    return Entry(mode, oid, int(size) if size.isdigit() else 0, name)


class Objects:
    """Contents by object id, from one `git cat-file --batch`. Safe to use from several threads."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._one = threading.Lock()

    def read(self, oid: str) -> bytes:
        """Raises UserError if the object is not there or git does not answer in time."""
        timer = threading.Timer(TIMEOUT_S, self._process.kill)
        with self._one:
            timer.start()
            try:
                return self._ask(oid)
            finally:
                timer.cancel()

    def _ask(self, oid: str) -> bytes:
        line, answer = self._process.stdin, self._process.stdout
        assert line is not None, "it is a pipe"
        assert answer is not None, "it is a pipe"
        with suppress(BrokenPipeError):
            line.write(oid.encode() + b"\n")
            line.flush()
        header = answer.readline().split()
        if len(header) != 3 or header[1] != b"blob":
            raise UserError(f"git cannot read the object {oid}: is this a partial clone?")
        content = answer.read(int(header[2]))
        answer.read(1)
        return content


@contextmanager
def objects(folder: Path) -> Iterator[Objects]:
    """Read objects of the repository of `folder`. Raises UserError if git is not installed."""
    try:
        process = subprocess.Popen(
            _command("cat-file", "--batch"),
            cwd=folder,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError as absent:
        raise UserError("git is not installed: it is needed for --diff.") from absent
    with process:
        try:
            yield Objects(process)
        finally:
            process.kill()
