"""The journal: bounded, newest first, and nothing that an invocation has to wait for."""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import Any

from emulator.console import journal as module
from emulator.console import ring, watch
from emulator.console.journal import Journal, Wanted
from emulator.console.ring import Entry
from emulator.runtime import Result
from emulator.runtime.ended import Ended
from emulator.runtime.logs import LogRecord

ids = itertools.count(1)


def ended(function: str = "hello", **given: Any) -> Ended:
    result = Result(
        given.pop("answer", b"{}"), given.pop("error", None), b"", given.pop("ms", 1.0), given.pop("init_ms", 0.0)
    )
    defaults = {"request_id": f"id-{next(ids)}", "trace_id": "", "origin": "http", "began": 0.0, "payload": b"{}"}
    return Ended(function, **{**defaults, **given}, result=result)


def line(request_id: str, text: str, function: str = "hello") -> LogRecord:
    return LogRecord(function, request_id, 0.0, text)


def filled(*all_ended: Ended) -> Journal:
    journal = Journal()
    for each in all_ended:
        journal.ended(each)
    return journal


def names(entries: Any) -> list[str]:
    return [each.ended.request_id for each in entries]


def test_the_newest_comes_first_across_functions() -> None:
    journal = filled(*(ended(f"f{number % 3}", request_id=str(number)) for number in range(7)))

    assert names(journal.entries()) == ["6", "5", "4", "3", "2", "1", "0"]
    assert names(journal.entries(Wanted(function="f1"))) == ["4", "1"]
    assert names(journal.entries(Wanted(function="none"))) == []


def test_invocations_are_found_by_what_they_were() -> None:
    journal = filled(
        ended(request_id="a", origin="kafka"), ended(request_id="b", error="Unhandled"), ended(request_id="c")
    )

    assert names(journal.entries(Wanted(origin="kafka"))) == ["a"]
    assert names(journal.entries(Wanted(error=True))) == ["b"]
    assert names(journal.entries(Wanted(error=False))) == ["c", "a"]


def test_a_page_begins_before_the_last_of_the_page_before() -> None:
    journal = filled(*(ended(request_id=str(number)) for number in range(5)))

    first = list(itertools.islice(journal.entries(), 2))

    assert names(first) == ["4", "3"]
    assert names(journal.entries(Wanted(before=first[-1].number))) == ["2", "1", "0"]


def test_a_busy_function_does_not_push_out_the_others() -> None:
    journal = filled(ended("quiet", request_id="q"), *(ended("busy") for _ in range(3 * ring.MAX_ENTRIES)))

    assert names(journal.entries(Wanted(function="quiet"))) == ["q"]
    assert len(list(journal.entries())) == ring.MAX_ENTRIES + 1


def test_large_events_cost_the_oldest_their_place() -> None:
    journal = Journal(max_bytes=10_000)
    for number in range(20):
        journal.ended(ended(request_id=str(number), payload=b"x" * 1_000))
    journal.ended(ended("other", request_id="o"))

    kept = names(journal.entries())

    assert kept[0] == "o"
    assert kept[1:] == [str(number) for number in range(19, 10, -1)]


def test_an_event_too_large_to_keep_is_kept_in_part() -> None:
    large = b"x" * (module.MAX_EVENT_BYTES + 1)
    journal = filled(ended(request_id="in", payload=large), ended(request_id="out", answer=large))

    sent, answered = journal.find("in"), journal.find("out")

    assert sent is not None
    assert answered is not None
    assert (sent.whole, sent.event_bytes, len(sent.ended.payload)) == (False, len(large), module.PREVIEW_BYTES)
    assert (answered.whole, len(answered.ended.result.payload)) == (True, module.PREVIEW_BYTES)


def test_what_is_too_old_is_forgotten() -> None:
    journal = Journal(kept_s=0.0)
    journal.ended(ended())
    time.sleep(0.001)

    assert list(journal.entries()) == []


def test_the_counts_are_of_everything_since_the_start() -> None:
    journal = filled(
        ended(ms=1.0, init_ms=80.0), *(ended(ms=2.0) for _ in range(2 * ring.MAX_ENTRIES)), ended(ms=90.0, error="Unhandled")
    )  # fmt: skip

    counts = journal.counts("hello")

    assert (counts.invocations, counts.errors, counts.cold_starts) == (2 * ring.MAX_ENTRIES + 2, 1, 1)
    assert counts.percentile_ms(0.5) == 2.0
    assert counts.percentile_ms(0.999) == 90.0
    assert journal.counts("unknown").percentile_ms(0.5) is None


def test_an_invocation_has_its_own_log_lines() -> None:
    journal = Journal()
    for text in ("START RequestId: a Version: $LATEST", "printed", "END RequestId: a", "REPORT RequestId: a"):
        journal.log(line("a", text))
    journal.log(line("b", "of another"))
    journal.ended(ended(request_id="a"))
    entry = journal.find("a")

    assert entry is not None
    assert [each.record.text.split()[0] for each in journal.lines_of(entry)] == ["START", "printed", "END", "REPORT"]


def test_a_retry_has_the_same_request_id_and_its_own_lines() -> None:
    journal = Journal()
    for attempt in ("one", "two"):
        journal.log(line("a", "START RequestId: a Version: $LATEST"))
        journal.log(line("a", attempt))
        journal.ended(ended(request_id="a"))

    newest, oldest = journal.entries()

    assert journal.find("a") is newest
    assert journal.find(str(oldest.number)) is oldest
    assert journal.lines_of(newest)[1].record.text == "two"
    assert journal.lines_of(oldest)[1].record.text == "one"


def test_lines_are_read_on_from_where_one_stopped() -> None:
    journal = Journal()
    for number in range(4):
        journal.log(line("", f"{number}", function=f"f{number % 2}"))
    first = list(journal.lines())[1]

    assert [each.record.text for each in journal.lines(after=first.number)] == ["2", "3"]
    assert [each.record.text for each in journal.lines("f0")] == ["0", "2"]


def test_a_function_that_prints_without_end_is_bounded() -> None:
    journal = Journal()
    for _ in range(40):
        journal.log(line("", "x" * 64_000))
    for _ in range(3 * ring.MAX_LINES):
        journal.log(line("", "y"))

    assert len(list(journal.lines())) == ring.MAX_LINES


def test_what_runs_now_is_known_until_it_ends() -> None:
    journal = Journal()
    journal.log(line("a", "START RequestId: a Version: $LATEST"))
    journal.log(line("b", "START RequestId: a handler prints this"))

    assert [each.request_id for each in journal.running()] == ["a"]

    journal.log(line("a", "END RequestId: a"))
    assert journal.running() == []


def test_a_watch_gets_what_comes_and_is_told_what_it_missed() -> None:
    async def scene() -> tuple[list[Any], int, list[Any], int]:
        journal = Journal()
        journal.ended(ended(request_id="before"))
        with journal.watch() as seen:
            for _ in range(watch.MAX_WAITING + 5):
                journal.ended(ended())
            first, dropped = await seen.take()
            journal.log(line("", "next"))
            second, none = await seen.take()
        journal.ended(ended())
        assert not seen._waiting
        return first, dropped, second, none

    first, dropped, second, none = asyncio.run(scene())

    assert (len(first), dropped, len(second), none) == (watch.MAX_WAITING, 5, 1, 0)
    assert isinstance(first[0], Entry)
    assert first[0].ended.request_id != "before"


def test_an_invocation_costs_the_runtime_microseconds() -> None:
    journal, result = Journal(), Result(b"{}")
    began = time.perf_counter()
    for number in range(5_000):
        request_id = str(number)
        for text in ("START RequestId: ", "END RequestId: ", "REPORT RequestId: "):
            journal.log(LogRecord("hello", request_id, 0.0, text + request_id))
        journal.ended(Ended("hello", request_id, "", "http", 0.0, b"{}", result))

    assert (time.perf_counter() - began) / 5_000 < 100e-6  # 8 µs on an idle machine
