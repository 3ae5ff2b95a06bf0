"""What happens to a record that is good, malformed, refused, a bug's victim, or met by an outage."""

from __future__ import annotations

import base64
import json

import pytest
from pydantic import BaseModel

from kernel.errors import NotFound, Unavailable
from kernel.events import Envelope, On, consume


class Ping(BaseModel):
    id: str


class Graveyard:
    """Dead letters in memory, with the same promise: it keeps the record and the reason."""

    def __init__(self) -> None:
        self.buried: list[tuple[int, str]] = []

    def bury(self, record, reason):
        self.buried.append((record["offset"], reason))


def cloud_event(data, type_="ping.sent"):
    envelope = Envelope(
        id="e1", source="coderev/test", type=type_, subject="s", time="2026-01-01T00:00:00Z", orgid="o", data=data
    )
    return envelope.model_dump_json().encode()


def batch(*values, partition=0):
    records = [
        {"topic": "pings", "partition": partition, "offset": n, "value": base64.b64encode(value).decode()}
        for n, value in enumerate(values)
    ]
    return {"records": {f"pings-{partition}": records}}


@pytest.fixture
def seen():
    return []


@pytest.fixture
def graveyard():
    return Graveyard()


def deliver(event, graveyard, handle):
    return consume(event, {"ping.sent": On(Ping, handle)}, graveyard)


def test_records_are_handled_in_order_for_the_organisation_of_the_event(seen, graveyard):
    event = batch(cloud_event({"id": "a"}), cloud_event({"id": "b"}))

    answer = deliver(event, graveyard, lambda ping, envelope: seen.append((ping.id, envelope.caller.org_id)))

    assert (answer, seen) == ({"batchItemFailures": []}, [("a", "o"), ("b", "o")])


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"not json", "malformed: "),
        (b"", "malformed: "),
        (json.dumps({"specversion": "0.3"}).encode(), "malformed: specversion, id"),
        (cloud_event({"nope": 1}), "malformed: id"),
    ],
)
def test_malformed_records_are_buried_with_the_reason_and_the_rest_is_handled(seen, graveyard, value, reason):
    answer = deliver(batch(value, cloud_event({"id": "b"})), graveyard, lambda ping, _: seen.append(ping.id))

    assert (answer, seen) == ({"batchItemFailures": []}, ["b"])
    assert graveyard.buried[0][0] == 0
    assert graveyard.buried[0][1].startswith(reason)


def test_refused_records_are_buried(graveyard):
    def refuse(ping, _):
        raise NotFound("gone")

    deliver(batch(cloud_event({"id": "a"})), graveyard, refuse)

    assert graveyard.buried == [(0, "refused: not_found: gone")]


def test_a_bug_does_not_block_the_partition(graveyard):
    deliver(batch(cloud_event({"id": "a"})), graveyard, lambda ping, _: {}["bug"])

    assert graveyard.buried == [(0, "failed: KeyError")]


def test_an_outage_stops_its_partition_where_it_met_it(seen, graveyard):
    def down_at_b(ping, _):
        if ping.id == "b":
            raise Unavailable("database")
        seen.append(ping.id)

    event = batch(*(cloud_event({"id": name}) for name in "abc"))
    event["records"] |= batch(cloud_event({"id": "z"}), partition=1)["records"]

    answer = deliver(event, graveyard, down_at_b)

    assert answer == {"batchItemFailures": [{"itemIdentifier": {"partition": "pings-0", "offset": 1}}]}
    assert seen == ["a", "z"]


def test_types_that_nobody_handles_are_skipped(seen, graveyard):
    answer = deliver(batch(cloud_event({}, "pong.sent")), graveyard, lambda ping, _: seen.append(ping.id))

    assert (answer, seen, graveyard.buried) == ({"batchItemFailures": []}, [], [])
