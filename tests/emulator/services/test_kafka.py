"""The embedded broker: what it keeps, and what it lets go."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

from emulator.services.kafka_trim import trim
from emulator.services.process import ROOT
from emulator.services.testing import services_for_tests
from emulator.services.topics import ensure_topics, read

TOPICS = ROOT / "infra" / "kafka" / "topics.yaml"
TOPIC = "coderev.project.v1"
OTHER = 5


@pytest.fixture(scope="module")
def bootstrap() -> Iterator[str]:
    with services_for_tests("kafka") as services:
        yield services.environment["KAFKA_BOOTSTRAP_SERVERS"]


@pytest.fixture
def partition(bootstrap: str) -> TopicPartition:
    """A partition of its own for each test, with ten records."""
    place = TopicPartition(TOPIC, next(numbers))
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    for number in range(10):
        producer.send(place.topic, str(number).encode(), partition=place.partition).get(5)
    producer.close()
    return place


numbers = iter(range(OTHER))


def commit(bootstrap: str, group: str, place: TopicPartition, position: int) -> None:
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    consumer.assign([place])
    consumer.seek(place, position)
    consumer.poll(1000, max_records=1)
    consumer.seek(place, position)
    consumer.commit()
    consumer.close()


def first(bootstrap: str, place: TopicPartition) -> int:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False)
    try:
        return int(consumer.beginning_offsets([place])[place])
    finally:
        consumer.close()


def test_what_all_groups_have_read_is_let_go(bootstrap: str, partition: TopicPartition) -> None:
    commit(bootstrap, "quick", partition, 8)
    commit(bootstrap, "slow", partition, 3)

    assert trim(bootstrap, keep_s=0)[partition] == 3
    assert first(bootstrap, partition) == 3


def test_what_is_young_stays(bootstrap: str, partition: TopicPartition) -> None:
    for group in ("quick", "slow"):
        commit(bootstrap, group, partition, 8)

    assert partition not in trim(bootstrap, keep_s=60)
    assert first(bootstrap, partition) == 0


def test_what_one_group_has_not_begun_stays(bootstrap: str, partition: TopicPartition) -> None:
    commit(bootstrap, "quick", partition, 8)
    commit(bootstrap, "slow", TopicPartition(TOPIC, OTHER), 0)

    assert partition not in trim(bootstrap, keep_s=0)
    assert first(bootstrap, partition) == 0


def test_topics_are_created_once_with_limits(bootstrap: str) -> None:
    assert ensure_topics(bootstrap, TOPICS) == []
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        admin.delete_topics(["coderev.ai.dead.v1"])
        assert ensure_topics(bootstrap, TOPICS, retention_bytes=1 << 20) == ["coderev.ai.dead.v1"]
        assert {topic.name for topic in read(TOPICS)} <= set(admin.list_topics())
    finally:
        admin.close()
