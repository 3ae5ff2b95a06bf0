"""What destinations and dead-letter queues get, and what becomes of records that nobody takes."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest

from emulator.asynchronous.letters import Bounds
from emulator.asynchronous.model import New
from emulator.asynchronous.store import Store
from emulator.aws.clients import NoDestination
from emulator.runtime import Result, Throttled
from emulator.template import AsyncRules
from tests.unit.emulator.test_asynchronous import DONE, FAILED, Functions, play, settled

QUEUE, DEAD = "arn:aws:sqs:us-east-1:000000000000:results", "arn:aws:sns:us-east-1:000000000000:dead"
BUS, BUCKET = "arn:aws:events:us-east-1:000000000000:event-bus/b", "arn:aws:s3:::failures"


class Services:
    """Stands in for AWS: keeps what it was given, after refusing as often as told."""

    def __init__(self, refusals: int = 0, error: Exception | None = None) -> None:
        self.refusals, self.error = refusals, error or ConnectionError("it is down")
        self.taken: list[tuple[str, bytes, dict[str, str]]] = []
        self.asked = 0

    async def put(self, destination, document, attributes=None):
        self.asked += 1
        if self.asked <= self.refusals:
            raise self.error
        self.taken.append((destination, document, dict(attributes or {})))


def outcome(tmp_path, functions, services, event=b'{"a": 1}', dead=0):
    """Let one event run its course; return its request id."""
    found = []

    async def scene(queue, store):
        found.append(await queue.submit("f", event))
        await settled(functions, store, dead=dead)
        found.append(await queue.dead_letters())

    play(tmp_path, functions, scene, put=services.put)
    return found


def test_a_success_is_recorded_without_an_error(tmp_path):
    functions, services = Functions([Result(b'{"x": 2}')], AsyncRules(on_success=QUEUE, on_failure=DEAD)), Services()

    request_id, _ = outcome(tmp_path, functions, services)

    ((destination, document, attributes),) = services.taken
    assert (destination, attributes) == (QUEUE, {})
    assert json.loads(document) == {
        "version": "1.0",
        "timestamp": "1970-01-01T00:00:00.000Z",
        "requestContext": {
            "requestId": request_id,
            "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST",
            "condition": "Success",
            "approximateInvokeCount": 1,
        },
        "requestPayload": {"a": 1},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
        "responsePayload": {"x": 2},
    }


@pytest.mark.parametrize("destination", [QUEUE, DEAD, BUS, BUCKET, "kafka://lost"])
def test_a_failure_is_recorded_after_the_last_attempt(tmp_path, destination):
    functions, services = Functions([FAILED] * 3, AsyncRules(on_failure=destination)), Services()

    request_id, letters = outcome(tmp_path, functions, services)

    ((taken, document, _),) = services.taken
    record = json.loads(document)
    assert taken == destination
    assert record["requestContext"] == {
        "requestId": request_id,
        "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 3,
    }
    assert record["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": "Unhandled",
    }
    assert record["responsePayload"] == {"errorMessage": "no"}
    assert letters == []


def test_a_retry_that_succeeds_counts_its_attempts(tmp_path):
    functions, services = Functions([FAILED, DONE], AsyncRules(on_success=QUEUE)), Services()

    outcome(tmp_path, functions, services)

    assert json.loads(services.taken[0][1])["requestContext"]["approximateInvokeCount"] == 2


def test_an_event_too_old_after_two_attempts_is_recorded_with_the_last_answer(tmp_path):
    functions, services = Functions([FAILED] * 3, AsyncRules(max_age_s=120, on_failure=QUEUE)), Services()

    outcome(tmp_path, functions, services)

    record = json.loads(services.taken[0][1])
    assert record["requestContext"]["condition"] == "EventAgeExceeded"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["responsePayload"] == {"errorMessage": "no"}


def test_an_event_that_never_ran_has_no_response(tmp_path):
    functions = Functions([Throttled("f")] * 9, AsyncRules(max_age_s=60, on_failure=QUEUE, dead_letter=DEAD))
    services = Services()

    outcome(tmp_path, functions, services)

    record = json.loads(services.taken[0][1])
    assert record["requestContext"]["condition"] == "EventAgeExceeded"
    assert "responseContext" not in record
    assert "responsePayload" not in record
    assert services.taken[1][2]["ErrorCode"] == "429"


def test_nothing_is_run_or_retried_without_reserved_concurrency(tmp_path):
    functions, services = Functions([], AsyncRules(on_failure=QUEUE), reserved=0), Services()

    outcome(tmp_path, functions, services)

    record = json.loads(services.taken[0][1])
    assert record["requestContext"]["condition"] == "ZeroReservedConcurrency"
    assert record["requestContext"]["approximateInvokeCount"] == 0
    assert functions.calls == []


def test_a_dead_letter_queue_gets_the_event_as_it_was_with_what_went_wrong(tmp_path):
    failed = Result(json.dumps({"errorMessage": "é" * 1000, "errorType": "E"}).encode(), "Unhandled")
    functions, services = Functions([failed], AsyncRules(max_retries=0, dead_letter=DEAD)), Services()

    request_id, _ = outcome(tmp_path, functions, services, b'{ "raise_error" : 1 }')

    assert services.taken == [
        (DEAD, b'{ "raise_error" : 1 }', {"RequestID": request_id, "ErrorCode": "200", "ErrorMessage": "é" * 512})
    ]


def test_a_destination_and_a_dead_letter_queue_both_get_theirs(tmp_path):
    rules = AsyncRules(max_retries=0, on_failure=QUEUE, dead_letter=DEAD)
    functions, services = Functions([FAILED], rules), Services()

    outcome(tmp_path, functions, services)

    assert sorted(destination for destination, _, _ in services.taken) == sorted([QUEUE, DEAD])


def test_a_function_is_invoked_with_the_record(tmp_path):
    arn = "arn:aws:lambda:us-east-1:000000000000:function:g"
    functions = Functions([FAILED], AsyncRules(max_retries=0, on_failure=arn))

    outcome(tmp_path, functions, Services())

    assert [name for _, name, _ in functions.calls] == ["f", "g"]
    assert functions.calls[0][2] != functions.calls[1][2]
    assert json.loads(functions.events[1][2])["requestPayload"] == {"a": 1}
    assert functions.events[1][0] == "destination"


def test_a_destination_that_is_away_for_a_while_gets_its_record_once(tmp_path):
    functions, services = Functions([DONE], AsyncRules(on_success=QUEUE)), Services(refusals=3)

    outcome(tmp_path, functions, services)

    assert len(services.taken) == 1
    assert functions.clock.now() == 1 + 2 + 4
    assert len(functions.calls) == 1


@pytest.mark.parametrize(("error", "asked"), [(ConnectionError("it is down"), 8), (NoDestination("no such kind"), 1)])
def test_a_destination_that_refuses_for_good_leaves_a_dead_letter_with_the_reason(tmp_path, error, asked):
    functions = Functions([FAILED], AsyncRules(max_retries=0, on_failure=QUEUE))
    services = Services(refusals=99, error=error)

    _, letters = outcome(tmp_path, functions, services, dead=1)

    assert services.asked == asked
    assert letters[0]["reason"] == f"RetriesExhausted: no; destination {QUEUE} refused: {error}"
    assert letters[0]["destination"] == QUEUE


def test_a_dead_event_is_put_back_with_all_its_attempts(tmp_path):
    functions = Functions([FAILED] * 5)

    async def scene(queue, store):
        request_id = await queue.submit("f", b"{}")
        await settled(functions, store, dead=1)
        assert await queue.redeliver(request_id) == 1
        await settled(functions, store)
        assert await queue.redeliver(request_id) == 0

    play(tmp_path, functions, scene)
    assert len(functions.calls) == 6
    assert len({request_id for _, _, request_id in functions.calls}) == 1


def test_a_dead_record_is_put_back_for_its_destination(tmp_path):
    functions, services = Functions([DONE], AsyncRules(on_success=QUEUE)), Services(refusals=8)

    async def scene(queue, store):
        request_id = await queue.submit("f", b"{}")
        await settled(functions, store, dead=1)
        assert await queue.redeliver(request_id) == 1
        await settled(functions, store)

    play(tmp_path, functions, scene, put=services.put)
    assert len(functions.calls) == 1
    assert json.loads(services.taken[0][1])["requestContext"]["approximateInvokeCount"] == 1


def test_dead_letters_are_listed_by_page_and_deleted(tmp_path):
    functions = Functions([FAILED] * 5, AsyncRules(max_retries=0))

    async def scene(queue, store):
        ids = [await queue.submit("f", b"%d" % number) for number in range(5)]
        await settled(functions, store, dead=5)
        first = await queue.dead_letters(limit=3)
        rest = await queue.dead_letters(limit=3, before=first[-1]["id"])
        assert [each["request_id"] for each in first + rest] == ids[::-1]
        assert all("payload" not in each for each in first)
        assert [each.payload for each in await store.letters.find(ids[2])] == [b"2"]
        assert await queue.delete(ids[2]) == 1
        assert await queue.delete(ids[2]) == 0
        assert (await store.counts())["dead"] == 4

    play(tmp_path, functions, scene)


def test_the_oldest_dead_letters_go_with_one_warning(tmp_path, caplog):
    functions = Functions([FAILED] * 9, AsyncRules(max_retries=0))

    async def scene(queue, store):
        store.letters.bounds = Bounds(count=3, age_s=3600)
        for number in range(6):
            await queue.submit("f", b"%d" % number)
            await settled(functions, store, dead=min(number + 1, 3))
        assert [each.payload for each in await store.letters.page()] == [b"5", b"4", b"3"]
        functions.clock.advance(3601)
        await queue.submit("f", b"new")
        await settled(functions, store, dead=1)

    play(tmp_path, functions, scene)
    assert caplog.text.count("dead letters are over their bounds") == 1


def test_a_record_survives_a_restart_between_answer_and_destination(tmp_path):
    functions, services = Functions([DONE], AsyncRules(on_success=QUEUE)), Services(refusals=1)

    async def first(queue, store):
        await queue.submit("f", b"{}")
        async with asyncio.timeout(5):
            while not services.asked:
                await asyncio.sleep(0.002)

    async def second(queue, store):
        await settled(functions, store)

    play(tmp_path, functions, first, put=services.put)
    play(tmp_path, functions, second, put=services.put)
    assert len(services.taken) == 1
    assert len(functions.calls) == 1


def test_a_queue_of_an_older_version_is_taken_over(tmp_path):
    path = tmp_path / "queue.sqlite"
    old = sqlite3.connect(path)
    old.execute(
        "create table jobs (id integer primary key, request_id text not null, function text not null, payload blob"
        " not null, accepted_at real not null, due_at real not null, attempts integer not null default 0,"
        " stumbles integer not null default 0, dead text)"
    )
    old.execute("create index due on jobs (function, due_at) where dead is null")
    old.execute("insert into jobs values (1, 'r', 'f', '{}', 0, 0, 1, 0, null), (2, 's', 'f', '{}', 0, 0, 3, 0, 'old')")
    old.commit()
    old.close()
    functions = Functions([])

    async def scene(queue, store):
        await settled(functions, store, dead=1)

    play(tmp_path, functions, scene)
    assert [request_id for _, _, request_id in functions.calls] == ["r"]


def test_a_queue_in_memory_leaves_no_file(tmp_path: Path):
    async def main() -> None:
        store = Store(None)
        store.start()
        await store.add(New("r", "f", b"{}"), 0.0)
        assert await store.counts() == {"pending": 1, "dead": 0}
        await store.stop()

    asyncio.run(main())
    assert list(tmp_path.iterdir()) == []
