"""`coderev up` as a process: it answers, and whatever ends it leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from emulator.services.testing import folder_for_tests

READY_WITHIN_S = 60.0


class Up:
    """A `coderev up` on services of its own; the model is left out because nobody asks it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.children: list[psutil.Process] = []
        self.process: subprocess.Popen[str] | None = None

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        if self.process is not None:
            self.process.communicate(timeout=30)
        command = [sys.executable, "-c", "from cli.main import main; main()", "up", "--data", str(self.data)]
        self.process = subprocess.Popen(
            [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self.environment
        )
        return self.process

    @property
    def environment(self) -> dict[str, str]:
        without = {name: value for name, value in os.environ.items() if not name.endswith(("_URL", "_URI"))}
        return without | {"INFERENCE_URL": "http://127.0.0.1:9/v1", "CODEREV_DATA": str(self.data)}

    def await_answer(self) -> str:
        """Everything that was said until the summary was complete."""
        assert self.process is not None
        assert self.process.stdout is not None
        said = []
        for line in self.process.stdout:
            said.append(line)
            if "Ctrl-C stops everything" in line or "First user" in line:
                break
        self.children = psutil.Process(self.process.pid).children(recursive=True)
        return "".join(said)

    def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(30)

    def survivors(self) -> list[str]:
        """Children that still live; those that died a moment ago and wait for init do not count."""
        _gone, alive = psutil.wait_procs(self.children, timeout=5)
        found = []
        for child in alive:
            with suppress(psutil.NoSuchProcess):
                if child.status() != psutil.STATUS_ZOMBIE:
                    found.append(" ".join(child.cmdline()))
        return found


@pytest.fixture
def platform() -> Iterator[Up]:
    with folder_for_tests() as folder:
        running = Up(folder / "data")
        yield running
        if running.process is not None and running.process.poll() is None:
            running.process.kill()
        if running.process is not None:
            running.process.communicate(timeout=30)


def coderev(platform: Up, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from cli.main import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=platform.environment, timeout=60)


def test_it_answers_tells_how_it_stands_and_stops_cleanly(platform: Up) -> None:
    platform.start("--domain", "version")
    said = platform.await_answer()

    told = coderev(platform, "status", "--json")
    second = coderev(platform, "up")

    assert "First user: coderev login --setup-token" in said
    assert json.loads(told.stdout)["domains"]["version"] == "ok"
    assert told.returncode == 0
    assert (second.returncode, "already runs on" in second.stderr) == (2, True)
    assert coderev(platform, "status", "--ready").returncode == 0
    assert platform.end(signal.SIGINT) == 0
    assert platform.survivors() == []
    assert not {"up.json", "pids.json"} & {path.name for path in platform.data.iterdir()}


def test_after_a_kill_nothing_survives_and_the_next_start_sends_events_again(platform: Up) -> None:
    platform.start("--domain", "version")
    platform.await_answer()
    platform.end(signal.SIGKILL)
    orphans = platform.survivors()

    process = platform.start("--domain", "version")
    said = platform.await_answer()
    assert process.stdout is not None
    said += process.stdout.readline()

    assert orphans == []
    assert "1 relay sends the events of the last 120 s again" in said
    assert "First user" in said
    assert platform.end(signal.SIGTERM) == 0
    assert platform.survivors() == []


@pytest.mark.parametrize("after_s", [0.3, 1.0, 2.0])
def test_an_early_stop_is_clean(platform: Up, after_s: float) -> None:
    process = platform.start("--domain", "version")
    time.sleep(after_s)
    platform.children = psutil.Process(process.pid).children(recursive=True)

    code = platform.end(signal.SIGTERM)

    assert code in (0, -signal.SIGTERM)  # the latter when Python itself had not finished loading
    assert platform.survivors() == []


def test_a_second_interrupt_forces_the_end(platform: Up) -> None:
    process = platform.start("--domain", "version")
    platform.await_answer()

    process.send_signal(signal.SIGINT)
    time.sleep(0.05)
    code = platform.end(signal.SIGINT)

    assert code in (0, 130)  # 0 when everything had stopped already
    assert platform.survivors() == []
