"""What is committed reaches Kafka: at least once, in order, whoever is killed or down meanwhile."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from kafka import KafkaConsumer, TopicPartition

from functions.version.adapters import work
from functions.version.model import Experiment, ExperimentCreated
from functions.version.tables import commons
from kernel import resources
from kernel.errors import Unavailable
from kernel.identity import Caller
from kernel.ids import new_id
from kernel.relay import Relay
from kernel.settings import Settings
from kernel.work import Database
from tests.client import ORG, USER

TOPIC = "coderev.version.v1"
ADA = Caller(user_id=USER, org_id=ORG, roles=frozenset({"owner"}), request_id="request-1")


@dataclass
class House:
    database: Database
    relay: Relay
    nudged: list[int]

    def publish(self, *names: str, experiment_id: str | None = None) -> None:
        for name in names:
            with work(self.database, ADA) as open_:
                open_.events.add(ExperimentCreated(_experiment(experiment_id or new_id(), name, open_.now)))


def _experiment(id: str, name: str, now: Any) -> Experiment:
    return Experiment(id=id, org_id=ORG, name=name, hypothesis="h", created_by=USER, created_at=now)


@pytest.fixture(scope="module")
def connected(settings: Settings, kafka: str) -> Iterator[Settings]:
    connected = settings.model_copy(update={"kafka_bootstrap_servers": kafka})
    yield connected
    resources.producer(connected).close()


@pytest.fixture
def house(connected: Settings, empty: None) -> House:
    nudged: list[int] = []
    database = Database(resources.engine(connected), "version", nudge=lambda: nudged.append(1))
    return House(database, Relay(database, commons, partial(resources.producer, connected)), nudged)


@pytest.fixture
def arrivals(kafka: str) -> Iterator[Any]:
    """Read what arrives in the topic from now on."""
    consumer = KafkaConsumer(bootstrap_servers=kafka, group_id=None, consumer_timeout_ms=500, enable_auto_commit=False)
    assigned = [TopicPartition(TOPIC, number) for number in consumer.partitions_for_topic(TOPIC) or {0}]
    consumer.assign(assigned)
    consumer.seek_to_end()
    for partition in assigned:
        consumer.position(partition)
    yield lambda: [record for record in consumer]
    consumer.close()


def names(records: list[Any]) -> list[str]:
    return [json.loads(record.value)["data"]["name"] for record in records]


def test_a_committed_event_arrives_as_a_cloud_event_keyed_by_its_aggregate(house, arrivals):
    house.publish("a")

    assert house.relay.run({}) == {"sent": 1}
    (record,) = arrivals()
    event = json.loads(record.value)
    assert (event["specversion"], event["type"], event["orgid"]) == ("1.0", "experiment.created", ORG)
    assert (event["correlationid"], event["source"]) == ("request-1", "coderev/version")
    assert record.key.decode() == event["subject"] == event["data"]["experiment_id"]


def test_what_is_rolled_back_is_never_sent(house, arrivals):
    with pytest.raises(RuntimeError), work(house.database, ADA) as open_:
        open_.events.add(ExperimentCreated(_experiment(new_id(), "lost", open_.now)))
        raise RuntimeError

    assert house.relay.run({}) == {"sent": 0}
    assert house.nudged == []


def test_a_commit_with_events_nudges_the_relay_and_one_without_does_not(house):
    house.publish("a")
    house.database.ping()

    assert house.nudged == [1]


def test_events_of_one_aggregate_arrive_in_the_order_of_their_commits(house, arrivals):
    expected = [f"name {number}" for number in range(1200)]
    house.publish(*expected, experiment_id=new_id())

    house.relay.run({})

    assert names(arrivals()) == expected


def test_a_relay_that_dies_between_sending_and_marking_sends_again(house, arrivals):
    house.publish("a")
    house.relay._send(house.relay._take())  # killed here: sent, not marked

    house.relay.run({})

    records = arrivals()
    assert names(records) == ["a", "a"]
    assert len({json.loads(record.value)["id"] for record in records}) == 1, "the inbox can tell"


def test_two_relays_at_once_send_each_event_once(house, arrivals):
    house.publish(*(str(number) for number in range(200)))
    relays = [threading.Thread(target=house.relay.run, args=({},)) for _ in range(2)]

    for relay in relays:
        relay.start()
    for relay in relays:
        relay.join()

    assert sorted(names(arrivals()), key=int) == [str(number) for number in range(200)]


def test_the_lease_of_a_dead_relay_expires(house, admin):
    house.publish("a")
    assert house.relay._lease(str(uuid.uuid4()))

    assert house.relay.run({}) == {"sent": 0}
    with admin.begin() as connection:
        connection.execute(sa.text("UPDATE version.relay_lease SET until = now() - interval '1 second'"))
    assert house.relay.run({}) == {"sent": 1}


def test_events_wait_while_the_broker_is_down(house, settings):
    house.publish("a")
    nowhere = settings.model_copy(update={"kafka_bootstrap_servers": "127.0.0.1:1"})
    cut_off = Relay(house.database, commons, partial(resources.producer, nowhere))

    with pytest.raises(Unavailable):
        cut_off.run({})
    assert house.relay.run({}) == {"sent": 1}


def test_resend_repeats_what_a_broker_may_have_lost(house, arrivals):
    house.publish("a")
    house.relay.run({})

    assert house.relay.run({"resend_s": 120}) == {"sent": 1}
    assert names(arrivals()) == ["a", "a"]


def test_a_sweep_forgets_what_was_sent_long_ago(house, admin):
    house.publish("old", "new")
    house.relay.run({})
    with admin.begin() as connection:
        connection.execute(sa.text("UPDATE version.outbox SET sent_at = now() - interval '2 hours' WHERE id = 1"))

    house.relay.run({"resources": ["rule"]})

    with admin.begin() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM version.outbox")).scalar_one() == 1
