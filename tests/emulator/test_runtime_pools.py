"""How many processes a function has, who waits, who is throttled, and what happens to them when it changes."""

from __future__ import annotations

import dataclasses
import threading
import time

import pytest

from emulator.clock import ManualClock
from emulator.runtime import Fault, Kind, Throttled, UnknownFunction
from emulator.runtime.results import ACCOUNT_LIMIT, RESERVED_LIMIT
from tests.emulator.runtimes import alive, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("pools")) as served:
        yield served


def test_a_reservation_of_nothing_throttles_every_event(served):
    with pytest.raises(Throttled) as throttled:
        served.invoke("never", do="count")

    assert throttled.value.reason == RESERVED_LIMIT


def test_as_many_events_as_are_reserved_run_at_once_and_the_next_is_throttled(served):
    running = [served.begin("three", do="sleep", seconds=0.5) for _ in range(3)]
    with pytest.raises(Throttled) as throttled:
        served.invoke("three", do="count")

    assert throttled.value.reason == RESERVED_LIMIT
    assert len({outcome.result(10).payload["pid"] for outcome in running}) == 3
    assert served.invoke("three", do="count").payload


def test_an_event_whose_caller_went_away_does_not_count(served):
    for waiting in [served.begin("three", do="count", _request_id=str(number)) for number in range(3)]:
        waiting.cancel()
    time.sleep(0.1)

    assert served.invoke("three", do="sleep", seconds=0).payload


def test_sixty_four_slow_events_have_an_environment_each(served, tmp_path):
    running = [served.begin("many", do="meet", folder=str(tmp_path), count=64) for _ in range(64)]

    assert len({outcome.result(30).payload["pid"] for outcome in running}) == 64


def test_a_function_without_reservation_grows_beyond_its_usual_processes_only_when_events_wait(tmp_path):
    with serving(tmp_path / "data", limit=2, most=3) as served:
        short = [served.begin("patient", do="sleep", seconds=0.1) for _ in range(6)]
        assert len({outcome.result(10).payload["pid"] for outcome in short}) <= 2

        (tmp_path / "here").mkdir()
        long = [served.begin("patient", do="meet", folder=str(tmp_path / "here"), count=3) for _ in range(3)]
        assert len({outcome.result(20).payload["pid"] for outcome in long}) == 3


def test_what_waits_for_too_long_is_throttled_by_the_accounts_limit(tmp_path):
    with serving(tmp_path, limit=1, most=1, queue_s=0.3) as served:
        running = served.begin("patient", do="sleep", seconds=1.5)
        begun = time.monotonic()
        with pytest.raises(Throttled) as throttled:
            served.invoke("patient", do="count")

        assert throttled.value.reason == ACCOUNT_LIMIT
        assert time.monotonic() - begun < 1.4
        assert running.result(10).result.error is None


def test_reservations_are_taken_from_the_account(tmp_path):
    with serving(tmp_path, account=68) as served:
        running = served.begin("patient", do="sleep", seconds=0.3)
        with pytest.raises(Throttled) as throttled:
            served.invoke("brief", do="count")

        assert throttled.value.reason == ACCOUNT_LIMIT
        assert running.result(10).result.error is None
        assert served.invoke("three", do="count").payload


def test_idle_processes_end_by_the_emulators_clock(tmp_path):
    clock = ManualClock()
    with serving(tmp_path, clock=clock, idle_s=60) as served:
        pid = served.invoke("hostile", do="count").payload["pid"]
        deadline = time.monotonic() + 10
        while alive(pid):  # its process may ask for the next event only after the clock was turned
            served.call(lambda: clock.advance(61))
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_changed_function_ends_what_runs_in_the_old_process_and_serves_the_rest_in_new_ones(served):
    old = served.invoke("patient", do="count").payload["pid"]
    running = served.begin("patient", do="sleep", seconds=0.5)
    time.sleep(0.1)
    functions = dict(served.runtime.functions)
    functions["patient"] = dataclasses.replace(functions["patient"], environment={"NEW": "yes"})
    served.call(lambda: served.runtime.replace(functions))

    seen = served.invoke("patient", do="environ").payload
    assert seen["environ"]["NEW"] == "yes"
    assert running.result(10).payload == {"pid": old}
    deadline = time.monotonic() + 5
    while alive(old):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_functions_come_and_go(served):
    functions = dict(served.runtime.functions)
    running = served.begin("patient", do="sleep", seconds=0.4)
    time.sleep(0.15)
    patient = functions.pop("patient")
    functions["newcomer"] = dataclasses.replace(patient, name="newcomer")
    served.call(lambda: served.runtime.replace(functions))

    assert served.invoke("newcomer", do="count").payload["number"] == 1
    with pytest.raises(UnknownFunction):
        served.invoke("patient", do="count")
    assert running.result(10).result.error is None
    served.call(lambda: served.runtime.replace({**functions, "patient": patient}))
    assert served.invoke("patient", do="count").payload["number"] == 1


def test_faults_happen_as_often_as_asked(served):
    def plan(fault):
        served.call(lambda: served.runtime.faults.set("hostile", fault))

    plan(Fault(Kind.THROTTLE, times=1))
    with pytest.raises(Throttled):
        served.invoke("hostile", do="count")
    plan(Fault(Kind.TIME_OUT, times=1))
    late = served.invoke("hostile", do="count", _request_id="an-id")
    assert late.payload["errorMessage"] == "RequestId: an-id Error: Task timed out after 2.00 seconds"
    assert late.log[-1].endswith("Status: timeout")
    plan(Fault(Kind.FAIL, error="Unlucky", times=1))
    assert served.invoke("hostile", do="count").payload["errorType"] == "Unlucky"
    plan(Fault(Kind.DELAY, seconds=0.2, times=1))
    begun = time.monotonic()
    assert served.invoke("hostile", do="count").result.error is None
    assert time.monotonic() - begun > 0.2
    assert served.runtime.faults.all() == {}
    plan(Fault(Kind.FAIL))
    assert served.invoke("hostile", do="count").result.error == served.invoke("hostile", do="count").result.error
    plan(None)
    assert served.invoke("hostile", do="count").result.error is None


def test_a_debugged_function_has_one_process_a_debugger_and_no_timeout(tmp_path, unused_port):
    with serving(tmp_path, debug={"brief": unused_port}) as served:
        running = [served.begin("brief", do="sleep", seconds=1.2), served.begin("brief", do="environ")]
        slept, seen = (outcome.result(20) for outcome in running)

        assert slept.result.error is None
        assert seen.payload["debugger"] is True
        assert seen.payload["left_ms"] > 3_600_000
        assert served.runtime.status()["brief"]["processes"] == 1
        assert served.runtime.debug("brief") == unused_port
        assert _greeted(unused_port)


def _greeted(port: int) -> bool:
    """Tell whether somebody speaks the debug adapter protocol there."""
    import json
    import socket

    asked = json.dumps({"seq": 1, "type": "request", "command": "initialize", "arguments": {"adapterID": "test"}})
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(f"Content-Length: {len(asked)}\r\n\r\n{asked}".encode())
        return connection.recv(64).startswith(b"Content-Length: ")


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_the_runtime_serves_while_many_threads_ask(served):
    outcomes: list[int] = []

    def ask() -> None:
        outcomes.extend(served.invoke("hostile", do="count").payload["number"] for _ in range(50))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 400
