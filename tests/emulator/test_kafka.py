"""Kafka sources against a broker: order, retries, partial batches, a broker that restarts or loses its end."""

from __future__ import annotations

import json

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from emulator.sources.kafka_topics import ensure_topic
from emulator.testing import running
from tests.emulator.brokers import a_broker
from tests.emulator.conftest import APPS, eventually, options, send
from tests.emulator.test_asynchronous import submit


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    broker = a_broker(tmp_path_factory.mktemp("broker"))
    yield broker
    broker.stop()


@pytest.fixture(scope="module")
def emulator(broker, tmp_path_factory):
    data = tmp_path_factory.mktemp("kafka")
    _commit_past_the_end(broker, "lates", "late")
    given = options(
        data,
        template=APPS / "kafka" / "template.yaml",
        parameters={"Brokers": broker.servers, "File": str(data / "notes.jsonl")},
        kafka_bootstrap=broker.servers,
        kafka_partitions=3,
    )
    with running(given) as served:
        eventually(lambda: all(each["state"] in ("polling", "disabled") for each in _kafka(served)), 20)
        yield served


def _commit_past_the_end(broker, topic, group):
    ensure_topic(broker.servers, topic, 1)
    broker.send(topic, ["x", "y"])
    consumer = KafkaConsumer(bootstrap_servers=broker.servers, group_id=group, enable_auto_commit=False)
    place = TopicPartition(topic, 0)
    consumer.assign([place])
    consumer.commit({place: OffsetAndMetadata(999, "", -1)})
    consumer.close()


def _kafka(emulator):
    return send(emulator.ports["edge"], "GET", "/_emulator/status").json["kafka"]


def _source(emulator, function):
    return next(each for each in _kafka(emulator) if each["function"] == function)


def _notes(emulator, function):
    file = emulator.options.data / "notes.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return [each for each in map(json.loads, lines) if each["function"] == function]


def _values(emulator, function, place):
    return [value for each in _notes(emulator, function) if each["place"] == place for value in each["values"]]


def test_missing_topics_are_created_with_the_given_partitions(broker, emulator):
    consumer = KafkaConsumer(bootstrap_servers=broker.servers)

    assert len(consumer.partitions_for_topic("orders")) == 3
    consumer.close()


def test_batches_arrive_in_order_in_the_shape_of_a_self_managed_kafka(broker, emulator):
    broker.send("orders", [str(number) for number in range(500)])

    eventually(lambda: len(_values(emulator, "take", "orders-0")) >= 500)
    assert _values(emulator, "take", "orders-0") == [str(number) for number in range(500)]
    note = next(each for each in _notes(emulator, "take") if each["place"] == "orders-0")
    assert len(note["values"]) <= 50
    assert (note["event"]["eventSource"], note["event"]["bootstrapServers"]) == ("SelfManagedKafka", broker.servers)
    record = note["event"]["records"]
    assert (record["topic"], record["partition"], record["offset"], record["key"]) == ("orders", 0, 0, "aw==")
    assert record["headers"] == [{"h": [1, -1]}]
    assert record["timestampType"] == "CREATE_TIME"
    assert record["timestamp"] > 1_600_000_000_000


def test_more_than_is_buffered_arrives_whole_and_in_order(broker, emulator):
    values = [str(number) for number in range(1500)]
    before = {partition: len(_values(emulator, "take", f"orders-{partition}")) for partition in range(3)}
    for partition in range(3):
        broker.send("orders", values, partition)

    for partition, count in before.items():
        eventually(lambda at=partition, n=count: len(_values(emulator, "take", f"orders-{at}")) >= n + 1500, 20)
        assert _values(emulator, "take", f"orders-{partition}")[count:] == values


def test_a_failed_batch_comes_again_while_other_partitions_go_on(broker, emulator):
    broker.send("orders", ["fail"], partition=1)
    broker.send("orders", ["good"], partition=2)

    eventually(lambda: _values(emulator, "take", "orders-1")[-2:] == ["fail", "fail"])
    assert _values(emulator, "take", "orders-2")[-1] == "good"


def test_a_partial_failure_comes_again_from_that_record_on(broker, emulator):
    broker.send("items", ["a", "b", "later", "c", "d"])

    eventually(lambda: len(_values(emulator, "partly", "items-0")) >= 5)
    assert _values(emulator, "partly", "items-0") == ["a", "b", "later", "c", "d"]


def test_an_on_failure_destination_can_be_a_topic(broker, emulator):
    submit(emulator.ports["edge"], "Doomed", {"n": 1})
    consumer = KafkaConsumer(
        "doomed", bootstrap_servers=broker.servers, auto_offset_reset="earliest", consumer_timeout_ms=10_000
    )

    document = json.loads(next(consumer).value)
    consumer.close()
    assert document["requestPayload"] == {"n": 1}


def test_a_managed_cluster_has_its_own_event_and_only_what_the_filter_wants_of_the_same_topic(broker, emulator):
    good = json.dumps({"kind": "good", "size": 5})
    broker.send("orders", [good, json.dumps({"kind": "bad", "size": 5}), json.dumps({"kind": "good", "size": 1})], 1)

    eventually(lambda: _values(emulator, "managed", "orders-1") == [good])
    event = _notes(emulator, "managed")[0]["event"]
    assert (event["eventSource"], event["bootstrapServers"]) == ("aws:kafka", broker.servers)
    assert event["eventSourceArn"].endswith(":cluster/sales/abcd1234-abcd-cafe-abab-9876543210ab-4")
    eventually(lambda: good in _values(emulator, "take", "orders-1"))


def test_what_the_filter_dropped_is_done(broker, emulator):
    eventually(lambda: _source(emulator, "Managed")["lag_total"] == 0)
    assert _source(emulator, "Managed")["filtered"] > 1000


def test_lost_records_go_into_a_topic_with_their_keys(broker, emulator):
    broker.send("losses", ["a", "b"])
    consumer = KafkaConsumer(
        "lost", bootstrap_servers=broker.servers, auto_offset_reset="earliest", consumer_timeout_ms=10_000
    )

    first, second = next(consumer), next(consumer)
    consumer.close()
    assert (first.key, second.key) == (b"k", b"k")
    document = json.loads(first.value)
    assert document["requestContext"]["condition"] == "RetriesExhausted"
    assert document["payload"]["records"]["losses-0"][0]["value"] == "YQ=="
    eventually(lambda: _source(emulator, "Failing")["given_up"] == 2)


def test_a_disabled_mapping_is_there_and_its_configuration_without_effect_is_named(emulator):
    assert _source(emulator, "Sleeping")["state"] == "disabled"
    named = {warning for warning in emulator.template.warnings if warning.startswith("Sleeping.Orders")}
    assert named == {
        f"Sleeping.Orders: {name} is not emulated"
        for name in ("LoggingConfig", "MetricsConfig", "SchemaRegistryConfig")
    }


def test_a_lost_broker_on_demand_is_found_again(broker, emulator):
    faults = emulator.sources.mappings.faults(_source(emulator, "Take")["uuid"])
    faults.lose_broker(0.5)
    eventually(lambda: _source(emulator, "Take")["state"].startswith("waiting for the broker"))
    broker.send("orders", ["while it was lost"])

    eventually(lambda: "while it was lost" in _values(emulator, "take", "orders-0"))


def test_done_batches_are_committed(broker, emulator):
    def committed():
        admin = KafkaAdminClient(bootstrap_servers=broker.servers)
        try:
            offsets = admin.list_group_offsets("take")
        finally:
            admin.close()
        found = offsets.get("take", offsets)
        return {place.partition: offset.offset for place, offset in found.items() if place.topic == "orders"}

    eventually(lambda: committed().get(0) == 2001)


def test_sources_survive_a_broker_that_restarts(broker, emulator):
    broker.stop()
    broker.start()
    broker.send("orders", ["after the restart"])

    eventually(lambda: "after the restart" in _values(emulator, "take", "orders-0"), 20)


def test_a_position_past_the_end_of_the_log_starts_over_from_the_earliest(broker, emulator):
    eventually(lambda: _values(emulator, "take", "lates-0") == ["x", "y"], 20)


def test_sources_survive_a_broker_that_forgot_everything(broker, emulator):
    broker.forget_everything()
    ensure_topic(broker.servers, "orders", 3)
    broker.send("orders", ["first of the new log"])

    eventually(lambda: "first of the new log" in _values(emulator, "take", "orders-0"), 20)
