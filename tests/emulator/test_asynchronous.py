"""Asynchronous invokes: stored before they are acknowledged, retried, handed on, never lost to a SIGKILL."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from emulator.lock import DataInUse
from emulator.testing import running
from tests.emulator.conftest import BASIC, boto_client, eventually, notes, options, send


def submit(port, name, event):
    reply = boto_client(port).invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event))
    assert reply["StatusCode"] == 202
    return reply["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]


def queue(port):
    return send(port, "GET", "/_emulator/status").json["asynchronous"]


def test_a_failing_event_is_tried_three_times_with_one_request_id_and_stays_as_dead(emulator):
    edge, data = emulator.ports["edge"], emulator.options.data
    request_id = submit(edge, "failing", {"n": 1})

    eventually(lambda: queue(edge)["dead"] == 1)
    assert [each["id"] for each in notes(data) if each["event"] == {"n": 1}] == [request_id] * 3
    (letter,) = queue(edge)["dead_letters"]
    assert (letter["request_id"], letter["function"], letter["attempts"]) == (request_id, "failing", 3)
    assert letter["reason"].startswith("RetriesExhausted: ")
    assert "never works" in letter["reason"]


def test_a_destination_gets_the_event_with_what_became_of_it(emulator):
    edge, data = emulator.ports["edge"], emulator.options.data
    request_id = submit(edge, "sad", {"n": 2})

    def documents():
        return [each["event"] for each in notes(data) if "requestContext" in each["event"]]

    eventually(lambda: bool(documents()))
    (document,) = documents()
    assert document["requestContext"]["requestId"] == request_id
    assert document["requestContext"]["condition"] == "RetriesExhausted"
    assert document["requestContext"]["approximateInvokeCount"] == 1
    assert document["requestPayload"] == {"n": 2}
    assert document["responsePayload"]["errorMessage"] == "never works"
    eventually(lambda: queue(edge)["pending"] == 0)


class Killable:
    """An emulator in a process of its own."""

    def __init__(self, data: Path) -> None:
        command = [sys.executable, "-m", "emulator", "--template", str(BASIC)]
        command += ["--parameter", f"Greeting={data / 'notes.jsonl'}"]
        command += ["up", "--port", "0", "--edge-port", "0", "--data", str(data)]
        root = Path(__file__).parents[2]
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=root,
            env=os.environ | {"PYTHONPATH": "."},
        )
        assert self.process.stdout is not None
        words = self.process.stdout.readline().split()
        self.ports = {name: int(port) for name, _, port in (word.partition("=") for word in words[1:])}

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.process.wait(10)


@pytest.fixture
def killable(tmp_path):
    started: list[Killable] = []

    def start() -> Killable:
        started.append(Killable(tmp_path))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.end(signal.SIGKILL)


def test_what_was_acknowledged_survives_a_sigkill(killable, tmp_path):
    first = killable()
    for number in range(20):
        submit(first.ports["edge"], "note", {"n": number})
    slow = [submit(first.ports["edge"], "nap", {"seconds": 8}) for _ in range(3)]
    first.end(signal.SIGKILL)

    second = killable()
    eventually(lambda: {each["event"]["n"] for each in notes(tmp_path)} == set(range(20)))
    pending = queue(second.ports["edge"])["pending"]
    assert pending == len(slow)
    assert second.end(signal.SIGTERM) == 0


def test_functions_die_with_an_emulator_that_is_killed(killable):
    emulator = killable()
    pids = send(emulator.ports["all"], "POST", "/behave", {"do": "child"}).json
    emulator.end(signal.SIGKILL)

    eventually(lambda: not _alive(pids["pid"]), 5)
    assert _alive(pids["child"]), "the kernel ends only the function; what it started goes at the next start"
    killable()
    eventually(lambda: not _alive(pids["child"]), 5)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_is_clean_and_quick(killable, number):
    emulator = killable()
    pids = send(emulator.ports["all"], "POST", "/behave", {"do": "child"}).json
    begun = time.monotonic()

    assert emulator.end(number) == 0
    assert time.monotonic() - begun < 3
    assert not any(_alive(pid) for pid in pids.values())


def test_two_emulators_do_not_share_a_data_folder(emulator):
    with pytest.raises(DataInUse), running(options(emulator.options.data)):
        pass


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
