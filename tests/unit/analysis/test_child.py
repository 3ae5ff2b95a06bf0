"""The child process: what it may use, what happens when it dies, and that it knows nothing."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from hashlib import sha256

import pytest

from functions.analysis.engines.limits import MIB, Limits
from functions.analysis.engines.process import Child, Died, Unavailable
from functions.analysis.engines.shard import Blob, Runner, run_shard
from functions.analysis.model import FileResult, Status

SOUND = "def f(a):\n    return a\n"
HEAVY = "f(a, 'b', [c])\n" * 60_000


def _blob(path: str, text: str) -> Blob:
    return Blob(path, sha256(text.encode()).hexdigest(), text.encode())


def _shard() -> list[Blob]:
    sound = [_blob(f"m{number}.py", f"{SOUND}\n\nX = {number}\n") for number in range(6)]
    return [*sound[:4], _blob("heavy.js", HEAVY), *sound[4:]]


def _statuses(results: list[FileResult]) -> list[tuple[Status, str]]:
    return [(result.status, result.reason) for result in results]


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(memory_bytes=140 * MIB), "memory"),
        (Limits(output_bytes=100_000), "output"),
    ],
)
def test_only_the_guilty_file_is_skipped(limits: Limits, reason: str) -> None:
    results = run_shard(_shard(), limits)

    sound = (Status.PARSED, "")
    assert _statuses(results) == [sound] * 4 + [(Status.SKIPPED, reason)] + [sound] * 2
    assert results[4].metrics.lines == 60_000


def test_a_file_that_takes_too_long_is_skipped() -> None:
    limits = Limits(cpu_s=0.0, floor_s=60.0)  # the kernel grants one second

    results = run_shard(
        [_blob("a.py", SOUND), _blob("heavy.js", HEAVY * 3 + "f()\n")], replace(limits, file_bytes=10**7)
    )

    assert _statuses(results) == [(Status.PARSED, ""), (Status.SKIPPED, "timeout")]


def test_the_wall_clock_ends_an_answer_that_does_not_come() -> None:
    child = Child.start(Limits())
    os.kill(child.process.pid, signal.SIGSTOP)

    with pytest.raises(Died) as died:
        child.ask(b"[]", b"", 0.2)

    assert died.value.reason == "timeout"
    assert child.process.returncode == -signal.SIGKILL


def test_a_child_that_was_killed_is_replaced() -> None:
    with Runner() as runner:
        runner.run([_blob("a.py", SOUND)])
        assert runner._child is not None
        os.kill(runner._child.process.pid, signal.SIGKILL)

        assert _statuses(runner.run([_blob("b.py", SOUND)])) == [(Status.PARSED, "")]


def test_a_child_that_cannot_start_is_no_fault_of_the_files() -> None:
    with pytest.raises(Unavailable):
        run_shard([_blob("a.py", SOUND)], Limits(memory_bytes=8 * MIB))


def test_one_child_serves_many_shards() -> None:
    with Runner() as runner:
        runner.run([_blob("a.py", SOUND)])
        assert runner._child is not None
        first = runner._child.process.pid
        runner.run([_blob("b.py", "x = 1\n")])

        assert runner._child.process.pid == first


def test_equal_contents_are_read_once_and_answered_everywhere(engines: Runner) -> None:
    results = engines.run([_blob("a.py", SOUND), _blob("b/c.py", SOUND), _blob("test_a.py", SOUND)])

    assert results[0] == results[1]
    assert results[2].form != results[0].form


def test_a_result_does_not_depend_on_its_shard_or_path(engines: Runner) -> None:
    alone = engines.run([_blob("a.py", SOUND)])[0]

    among = engines.run([_blob("x.py", "import os\n"), _blob("other/name.py", SOUND), _blob("y.js", "f()")])[1]

    assert among == alone
    assert "name" not in repr(among).replace("qualified_name", "").replace("name='f'", "")


def test_no_files_are_no_work() -> None:
    with Runner() as runner:
        assert runner.run([]) == []
        assert runner._child is None


def test_the_child_sees_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SECRET_KEY", "do-not-tell")
    child = Child.start(Limits())

    with open(f"/proc/{child.process.pid}/environ", "rb") as environment:
        assert b"do-not-tell" not in environment.read()
    child.stop()


def test_an_answer_that_nobody_waited_for_is_not_taken_for_the_next_one() -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with Runner() as runner:
            runner.run([_blob("a.py", SOUND)])
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            with pytest.raises(KeyboardInterrupt):
                runner.run([_blob("heavy.js", HEAVY)])

            assert runner.run([_blob("b.py", "x = 1\n")])[0].metrics.lines == 1
    finally:
        signal.signal(signal.SIGALRM, before)
