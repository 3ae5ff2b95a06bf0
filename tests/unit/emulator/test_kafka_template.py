"""Mappings of Kafka topics as templates spell them: events of SAM and resources of CloudFormation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.template import KafkaMapping, Template, TemplateError, load

CLUSTER = "arn:aws:kafka:us-east-1:123456789012:cluster/sales/abcd1234-abcd-cafe-abab-9876543210ab-4"


def read(folder: Path, kind: str | None = None, resources: dict[str, Any] | None = None, **event: Any) -> Template:
    events = {"Topic": {"Type": kind, "Properties": event}} if kind else {}
    function = {
        "Type": "AWS::Serverless::Function",
        "Properties": {"Handler": "h.f", "Runtime": "python3.11", "CodeUri": ".", "Events": events},
    }
    document = {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Take": function, **(resources or {})}}
    file = folder / "template.json"
    file.write_text(json.dumps(document))
    return load(file)


def mapping(folder: Path, kind: str = "SelfManagedKafka", **event: Any) -> KafkaMapping:
    (found,) = read(folder, kind, **event).kafka
    return found


def test_defaults_are_those_of_lambda(tmp_path):
    found = mapping(tmp_path, KafkaBootstrapServers=["a:1", "b:2"], Topics=["t"])

    assert (found.bootstrap, found.topic, found.function, found.cluster) == ("a:1,b:2", "t", "Take", None)
    assert (found.batch_size, found.window_s, found.max_retries, found.max_age_s) == (100, 0.5, -1, -1)
    assert (found.partial, found.bisect, found.enabled, found.pollers) == (False, False, True, None)
    assert found.group == found.uuid
    assert mapping(tmp_path, KafkaBootstrapServers=["a:1"], Topics=["t"]).uuid == found.uuid


def test_everything_that_sam_takes_is_read(tmp_path):
    template = read(
        tmp_path,
        "SelfManagedKafka",
        KafkaBootstrapServers=["a:1"],
        Topics=["t"],
        BatchSize=7,
        MaximumBatchingWindowInSeconds=3,
        ConsumerGroupId="mine",
        StartingPosition="AT_TIMESTAMP",
        StartingPositionTimestamp=1700000000,
        BisectBatchOnFunctionError=True,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        MaximumRetryAttempts=4,
        MaximumRecordAgeInSeconds=60,
        DestinationConfig={"OnFailure": {"Type": "SQS", "Destination": "arn:aws:sqs:us-east-1:000000000000:dead"}},
        ProvisionedPollerConfig={"MinimumPollers": 2, "MaximumPollers": 5, "PollerGroupName": "shared"},
        FilterCriteria={"Filters": [{"Pattern": '{"value": {"a": [1]}}'}]},
        SourceAccessConfigurations=[{"Type": "BASIC_AUTH", "URI": "arn:secret"}],
        Enabled="false",
    )
    (found,) = template.kafka

    assert template.warnings == ()
    assert (found.batch_size, found.window_s, found.group) == (7, 3, "mine")
    assert (found.start, found.start_timestamp_s) == ("AT_TIMESTAMP", 1700000000)
    assert (found.bisect, found.partial, found.max_retries, found.max_age_s) == (True, True, 4, 60)
    assert found.on_failure == "arn:aws:sqs:us-east-1:000000000000:dead"
    assert (found.least_pollers, found.pollers, found.poller_group) == (2, 5, "shared")
    assert found.filters == ('{"value": {"a": [1]}}',)
    assert found.access == (("BASIC_AUTH", "arn:secret"),)
    assert found.enabled is False


def test_a_managed_cluster_is_known_by_its_arn(tmp_path):
    found = mapping(tmp_path, "MSK", Stream=CLUSTER, Topics=["t"], StartingPosition="LATEST", ConsumerGroupId="g")

    assert (found.cluster, found.bootstrap, found.group) == (CLUSTER, "", "g")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"EventSourceArn": CLUSTER, "AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": "g"}}, (CLUSTER, "")),
        (
            {
                "SelfManagedEventSource": {"Endpoints": {"KafkaBootstrapServers": ["a:1", "b:2"]}},
                "SelfManagedKafkaEventSourceConfig": {"ConsumerGroupId": "g"},
            },
            (None, "a:1,b:2"),
        ),
    ],
)
def test_a_resource_of_cloudformation_is_the_same_mapping(tmp_path, source, expected):
    given = {"FunctionName": {"Ref": "Take"}, "Topics": ["t"], "BatchSize": 9, "StartingPosition": "LATEST", **source}
    template = read(tmp_path, resources={"Made": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": given}})
    (found,) = template.kafka

    assert template.warnings == ()
    assert ((found.cluster, found.bootstrap), found.batch_size, found.group) == (expected, 9, "g")
    assert found.properties["Topics"] == ["t"]


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        ({"LoggingConfig": {"SystemLogLevel": "INFO"}}, "LoggingConfig"),
        ({"MetricsConfig": {"Metrics": ["EventCount"]}}, "MetricsConfig"),
        ({"SchemaRegistryConfig": {"SchemaRegistryURI": "https://r"}}, "SchemaRegistryConfig"),
        ({"SomethingNew": 1}, "SomethingNew"),
    ],
)
def test_what_changes_nothing_here_is_named_once(tmp_path, extra, named):
    warnings = read(tmp_path, "SelfManagedKafka", KafkaBootstrapServers=["a:1"], Topics=["t"], **extra).warnings

    assert [warning for warning in warnings if "Topic" in warning] == [f"Take.Topic: {named} is not emulated"]


def test_share_groups_are_named(tmp_path):
    given = {
        "FunctionName": "Take",
        "Topics": ["t"],
        "SelfManagedEventSource": {"Endpoints": {"KafkaBootstrapServers": ["a:1"]}},
        "SelfManagedKafkaEventSourceConfig": {"ConsumptionMode": "Queue"},
    }
    template = read(tmp_path, resources={"Made": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": given}})

    assert template.warnings == ("Take.Made: ConsumptionMode: Queue is not emulated",)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Topics": ["a", "b"]}, "exactly one topic"),
        ({"Topics": ...}, "has no Topics"),
        ({"FilterCriteria": {"Filters": [{"Pattern": '{"value": "x"}'}]}}, "not an event pattern"),
        ({"BatchSize": "many"}, "wrong kind"),
    ],
)
def test_what_is_not_a_mapping_is_refused_with_its_place(tmp_path, change, reason):
    given = {"KafkaBootstrapServers": ["a:1"], "Topics": ["t"], **change}
    event = {name: value for name, value in given.items() if value is not ...}

    with pytest.raises(TemplateError, match=reason) as refused:
        read(tmp_path, "SelfManagedKafka", **event)
    assert "Take.Topic" in str(refused.value)
