"""Handlers that do what no handler should: the emulator says what happened, and serves the next event."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from emulator.runtime.logs import MAX_FILE_BYTES
from tests.emulator.runtimes import alive, serving

MB = 1024 * 1024


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture(scope="module")
def module_served(data):
    with serving(data, stop_s=0.3) as served:
        yield served


@pytest.fixture
def served(module_served):
    """Give each test a new process, and see that the runtime still serves after it."""
    module_served.fresh("hostile")
    yield module_served
    module_served.fresh("hostile")
    assert module_served.invoke("hostile", do="count").payload["number"] == 1


def until(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def own_memory() -> int:
    return psutil.Process().memory_info().rss


@pytest.mark.parametrize("event", [{"do": "allocate"}, {"do": "allocate", "mb": 160}])
def test_allocating_more_than_there_is_ends_in_out_of_memory(served, event):
    begun = time.monotonic()
    outcome = served.invoke("hostile", _request_id="an-id", **event)

    assert outcome.payload == {
        "errorType": "Runtime.OutOfMemory",
        "errorMessage": "RequestId: an-id Error: Runtime exited with error: signal: killed",
    }
    report = outcome.log[-1].split("\t")
    assert "Max Memory Used: 128 MB" in report
    assert report[-2:] == ["Status: error", "Error Type: Runtime.OutOfMemory"]
    assert outcome.result.memory_mb == 128
    assert time.monotonic() - begun < 2


def test_allocating_without_end_while_the_handler_is_loaded_ends_the_same(served):
    outcome = served.invoke("import-allocate", _request_id="an-id")

    assert outcome.payload["errorType"] == "Runtime.OutOfMemory"
    assert outcome.payload["errorMessage"].startswith("RequestId: an-id Error: ")


def test_memory_is_counted_with_that_of_children(served):
    outcome = served.invoke("hostile", do="hungry_child", mb=300, seconds=1.5)

    assert outcome.payload["errorType"] == "Runtime.OutOfMemory"


def test_what_a_fork_shares_is_counted_once(served):
    served.invoke("hostile", do="allocate", mb=64, keep=True)
    pid = served.invoke("hostile", do="bare_fork").payload["pid"]
    slept = served.invoke("hostile", do="sleep", seconds=0.6)

    assert slept.payload == {"pid": pid}
    assert slept.result.memory_mb < 128


def test_reserving_without_touching_is_no_use_of_memory_until_the_machine_is_in_danger(served):
    outcome = served.invoke("hostile", do="reserve", mb=100_000)

    assert outcome.payload["errorType"] == "MemoryError"


@pytest.mark.parametrize("lines", [True, False])
def test_printing_a_hundred_megabytes_is_bounded_and_fast(served, data: Path, lines):
    before, begun = own_memory(), time.monotonic()
    outcome = served.invoke("patient", do="flood", bytes=100 * MB, lines=lines)

    assert outcome.payload == {"printed": 100 * MB}
    assert len(outcome.result.log) <= 4096
    assert time.monotonic() - begun < 5
    assert own_memory() - before < 50 * MB
    assert sum(file.stat().st_size for file in (data / "logs").glob("patient.log*")) < 3 * MAX_FILE_BYTES


def test_a_line_without_its_end_is_in_the_log(served):
    assert "no newline here" in served.invoke("hostile", do="dangling").log


def test_garbage_in_the_log_descriptor_is_no_record(served):
    served.invoke("hostile", do="garbage_frames")
    served.fresh("hostile")

    assert served.invoke("hostile", do="count").payload["number"] == 1


def test_children_end_with_their_process(served):
    pids = served.invoke("hostile", do="fork").payload
    served.fresh("hostile")

    until(lambda: not any(alive(pid) for pid in pids.values()))


def test_children_that_hold_the_output_do_not_keep_an_invocation(served):
    begun = time.monotonic()
    outcome = served.invoke("patient", do="fork", leave=True)

    assert outcome.payload["errorType"] == "Runtime.ExitError"
    assert time.monotonic() - begun < 1.5


def test_children_in_a_session_of_their_own_end_too(served):
    child = served.invoke("hostile", do="fork", escape=True).payload["child"]
    assert alive(child)
    served.fresh("hostile")

    until(lambda: not alive(child))


def test_a_process_that_ignores_sigterm_is_killed(served):
    pid = served.invoke("hostile", do="ignore_sigterm").payload["pid"]
    served.fresh("hostile")

    until(lambda: not alive(pid), 2)


@pytest.mark.parametrize("first", [0, 3])
def test_closing_every_descriptor_is_survived(served, first):
    outcome = served.invoke("hostile", do="close_everything", first=first)

    assert outcome.payload == {"closed": True} or outcome.payload["errorType"] == "Runtime.ExitError"


def test_a_process_that_hangs_up_while_it_waits_is_replaced(served):
    pid = served.invoke("hostile", do="close_later").payload["pid"]
    until(lambda: not alive(pid), 3)

    assert served.invoke("hostile", do="count").payload["pid"] != pid


def test_endless_recursion_is_an_error_of_the_handler(served):
    assert served.invoke("hostile", do="recurse").payload["errorType"] == "RecursionError"


def test_recursion_that_breaks_the_interpreter_is_a_segmentation_fault(served):
    message = served.invoke("patient", do="recurse_in_c").payload["errorMessage"]

    assert message.endswith("Runtime exited with error: signal: segmentation fault")
    assert not list(served.runtime.function("patient").task_root.glob("core*"))


def test_threads_that_go_on_printing_are_logged_and_end_with_their_process(served):
    pid = served.invoke("hostile", do="threads").payload["pid"]
    second = served.invoke("hostile", do="sleep", seconds=0.1)

    assert second.payload == {"pid": pid}
    assert "still here" in second.log
    served.fresh("hostile")
    until(lambda: not alive(pid))


def test_an_exit_that_never_ends_is_a_timeout(served):
    assert served.invoke("brief", do="at_exit").payload["errorType"] == "Sandbox.Timedout"


def test_nothing_is_left_of_any_of_them(tmp_path):
    with serving(tmp_path, stop_s=0.3) as served:
        pids = [served.invoke("hostile", do="ignore_sigterm").payload["pid"]]
        pids += served.invoke("hostile", do="fork").payload.values()
        pids += served.invoke("hostile", do="fork", escape=True).payload.values()
        pids += served.invoke("hostile", do="bare_fork").payload.values()
        assert all(alive(pid) for pid in pids)

    until(lambda: not any(alive(pid) for pid in pids))
    assert not list((tmp_path / "emulator" / "tmp").iterdir())
    assert not list((tmp_path / "emulator" / "run").iterdir())
