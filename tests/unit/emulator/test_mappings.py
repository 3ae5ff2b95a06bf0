"""Event source mappings as the Lambda API sees them: states, refusals, what a restart keeps."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from emulator.clock import ManualClock
from emulator.sources.kafka_faults import KafkaFaults
from emulator.sources.mappings import Mappings
from emulator.sources.mappings_rules import MappingRefused
from emulator.template import KafkaMapping, function_arn

BROKERS = {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["b-1:9092", "b-2:9092"]}}
WANTED = {
    "FunctionName": "take",
    "Topics": ["orders"],
    "SelfManagedEventSource": BROKERS,
    "SourceAccessConfigurations": [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:0:secret:kafka"}],
    "StartingPosition": "TRIM_HORIZON",
}
CLUSTER = "arn:aws:kafka:us-east-1:111122223333:cluster/sales/abcd1234-abcd-cafe-abab-9876543210ab-4"


class Source:
    """Remembers whether it works."""

    def __init__(self, mapping: KafkaMapping, faults: KafkaFaults) -> None:
        self.mapping, self.works = mapping, False
        self.result, self.state = "OK", {"lag": {}}

    def start(self) -> None:
        self.works = True

    async def stop(self) -> None:
        self.works = False


class Fixture:
    def __init__(self, file: Path, declared: list[KafkaMapping], **given: Any) -> None:
        self.sources: list[Source] = []
        self.clock = ManualClock()
        self.mappings = Mappings(
            declared,
            file=file,
            launch=self._launch,
            clock=self.clock,
            exists=lambda name: name in ("take", "take:live", function_arn("take")),
            transition_s=0.01,
            **given,
        )
        self.mappings.start()

    def _launch(self, mapping: KafkaMapping, faults: KafkaFaults) -> Source:
        self.sources.append(Source(mapping, faults))
        return self.sources[-1]

    @property
    def working(self) -> list[KafkaMapping]:
        return [source.mapping for source in self.sources if source.works]

    async def state(self, uuid: str, state: str) -> dict[str, Any]:
        async with asyncio.timeout(5):
            while (found := self.mappings.get(uuid))["State"] != state:
                await asyncio.sleep(0.002)
        return found


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Any]:
    """Run a test with mappings that keep their file in one place."""

    def runs(test: Callable[[Fixture], Awaitable[Any]], *declared: KafkaMapping, **given: Any) -> Any:
        async def main() -> Any:
            fixture = Fixture(tmp_path / "mappings.json", list(declared), **given)
            try:
                return await test(fixture)
            finally:
                await fixture.mappings.stop()

        return asyncio.run(main())

    return runs


def refused(run: Callable[..., Any], request: dict[str, Any], **given: Any) -> MappingRefused:
    async def create(fixture: Fixture) -> None:
        await fixture.mappings.create(request)

    with pytest.raises(MappingRefused) as refusal:
        run(create, **given)
    return refusal.value


def test_a_new_mapping_is_creating_then_enabled_and_has_the_shape_of_the_api(run):
    async def test(fixture: Fixture) -> None:
        created = await fixture.mappings.create(WANTED)
        assert (created["State"], created["StateTransitionReason"]) == ("Creating", "USER_INITIATED")
        enabled = await fixture.state(created["UUID"], "Enabled")
        assert enabled["SelfManagedKafkaEventSourceConfig"] == {"ConsumerGroupId": created["UUID"]}
        assert (enabled["BatchSize"], enabled["Topics"]) == (100, ["orders"])
        assert enabled["FunctionArn"] == function_arn("take")
        assert enabled["SelfManagedEventSource"] == BROKERS
        assert enabled["LastProcessingResult"] == "OK"
        assert [mapping.bootstrap for mapping in fixture.working] == ["b-1:9092,b-2:9092"]
        shape = botocore.session.get_session().get_service_model("lambda").shape_for("EventSourceMappingConfiguration")
        assert enabled.keys() <= shape.members.keys()

    run(test)


def test_one_of_a_managed_cluster_and_an_alias_keeps_both_arns(run):
    async def test(fixture: Fixture) -> None:
        request = {
            "FunctionName": "take:live",
            "Topics": ["t"],
            "EventSourceArn": CLUSTER,
            "StartingPosition": "LATEST",
        }
        created = await fixture.mappings.create(request)
        assert created["EventSourceArn"] == CLUSTER
        assert created["FunctionArn"] == f"{function_arn('take')}:live"
        assert "ConsumerGroupId" in created["AmazonManagedKafkaEventSourceConfig"]
        assert [each["UUID"] for each in fixture.mappings.list(source=CLUSTER)] == [created["UUID"]]

    run(test)


def test_changes_go_through_their_states_and_need_a_mapping_at_rest(run):
    async def test(fixture: Fixture) -> None:
        id = (await fixture.mappings.create(WANTED))["UUID"]
        for verb in (fixture.mappings.update(id, {"BatchSize": 7}), fixture.mappings.delete(id)):
            with pytest.raises(MappingRefused, match="because it is in use") as refusal:
                await verb
            assert (refusal.value.kind, refusal.value.status) == ("ResourceInUseException", 400)
        await fixture.state(id, "Enabled")

        updating = await fixture.mappings.update(id, {"BatchSize": 7})
        assert (updating["State"], updating["BatchSize"]) == ("Updating", 7)
        await fixture.state(id, "Enabled")
        assert [mapping.batch_size for mapping in fixture.working] == [7]

        assert (await fixture.mappings.disable(id))["State"] == "Disabling"
        await fixture.state(id, "Disabled")
        assert fixture.working == []
        assert (await fixture.mappings.enable(id))["State"] == "Enabling"
        await fixture.state(id, "Enabled")
        assert [mapping.group for mapping in fixture.working] == [id]

        assert (await fixture.mappings.delete(id))["State"] == "Deleting"
        async with asyncio.timeout(5):
            while fixture.mappings.list():
                await asyncio.sleep(0.002)
        assert fixture.working == []

    run(test)


def test_what_the_api_made_survives_a_restart_and_what_it_deleted_does_not(run):
    async def first(fixture: Fixture) -> str:
        kept = await fixture.mappings.create({**WANTED, "Enabled": False, "BatchSize": 9})
        gone = await fixture.mappings.create({**WANTED, "Topics": ["other"]})
        await fixture.state(gone["UUID"], "Enabled")
        await fixture.state(kept["UUID"], "Disabled")
        await fixture.mappings.delete(gone["UUID"])
        return kept["UUID"]

    async def second(fixture: Fixture) -> list[dict[str, Any]]:
        return fixture.mappings.list("take")

    id = run(first)
    (found,) = run(second)

    assert (found["UUID"], found["State"], found["BatchSize"]) == (id, "Disabled", 9)
    assert found["SelfManagedKafkaEventSourceConfig"] == {"ConsumerGroupId": id}


def test_a_file_that_cannot_be_read_is_put_aside(run, tmp_path, caplog):
    (tmp_path / "mappings.json").write_text("{broken")

    async def test(fixture: Fixture) -> list[dict[str, Any]]:
        return fixture.mappings.list()

    assert run(test) == []
    assert (tmp_path / "mappings.broken").exists()
    assert "cannot be read" in caplog.text


def test_those_of_the_template_are_listed_with_an_id_that_stays(run):
    declared = KafkaMapping("Take.Orders", "take", "orders", uuid="u-1", group="g", properties={"Topics": ["orders"]})

    async def test(fixture: Fixture) -> tuple[dict[str, Any], int]:
        return fixture.mappings.get("u-1"), len(fixture.working)

    found, working = run(test, declared)
    assert (found["State"], found["Topics"], working) == ("Enabled", ["orders"], 1)


def test_an_unknown_id_is_not_found(run):
    async def test(fixture: Fixture) -> None:
        with pytest.raises(MappingRefused, match=r"^The resource you requested does not exist\.$") as refusal:
            fixture.mappings.get("nothing")
        assert (refusal.value.kind, refusal.value.status) == ("ResourceNotFoundException", 404)
        with pytest.raises(MappingRefused):
            await fixture.mappings.delete("nothing")

    run(test)


def test_a_second_mapping_of_the_same_topic_and_function_is_a_conflict_that_names_the_first(run):
    async def test(fixture: Fixture) -> None:
        id = (await fixture.mappings.create(WANTED))["UUID"]
        with pytest.raises(MappingRefused) as refusal:
            await fixture.mappings.create({**WANTED, "FunctionName": function_arn("take")})
        assert (refusal.value.kind, refusal.value.status) == ("ResourceConflictException", 409)
        assert refusal.value.message == (
            f'An event source mapping with event source ("b-1:9092,b-2:9092"), function ("{function_arn("take")}"), '
            f'topics ("orders") already exists. Please update or delete the existing mapping with UUID {id}'
        )
        await fixture.mappings.create({**WANTED, "Topics": ["another"]})

    run(test)


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"SelfManagedEventSource": ...}, "InvalidParameterValueException", "Unrecognized event source."),
        ({"EventSourceArn": "arn:aws:mq:us-east-1:1:b"}, "InvalidParameterValueException", "Unsupported source arn"),
        ({"FunctionName": "nobody"}, "InvalidParameterValueException", "Function does not exist"),
        ({"StartingPosition": ...}, "InvalidParameterValueException", "Value null at 'startingPosition'"),
        ({"StartingPosition": "FIRST"}, "ValidationException", "enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]"),
        ({"StartingPosition": "AT_TIMESTAMP"}, "InvalidParameterValueException", "Need to specify a timestamp"),
        ({"StartingPositionTimestamp": 5}, "InvalidParameterValueException", "only supported with"),
        (
            {"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": 9e9},
            "InvalidParameterValueException",
            "cannot be in the future",
        ),
        ({"Topics": ["a", "b"]}, "InvalidParameterValueException", "'topics'"),
        (
            {"BatchSize": 10_001},
            "ValidationException",
            "1 validation error detected: Value '10001' at 'batchSize' failed to satisfy constraint: Member must have",
        ),
        (
            {"BatchSize": 0, "MaximumBatchingWindowInSeconds": 301},
            "ValidationException",
            "2 validation errors detected",
        ),
        ({"MaximumRetryAttempts": 10_001}, "ValidationException", "maximumRetryAttempts"),
        ({"MaximumRecordAgeInSeconds": 59}, "InvalidParameterValueException", "between 60 and 604800"),
        ({"ParallelizationFactor": 2}, "InvalidParameterValueException", "Unsupported ParallelizationFactor"),
        (
            {"FilterCriteria": {"Filters": [{"Pattern": "{"}]}},
            "InvalidParameterValueException",
            "Invalid filter pattern",
        ),
        ({"FilterCriteria": {"Filters": [{}]}}, "InvalidParameterValueException", "Invalid filter pattern definition."),
        ({"DestinationConfig": {"OnSuccess": {}}}, "InvalidParameterValueException", "Unsupported DestinationConfig"),
        (
            {"DestinationConfig": {"OnFailure": {"Destination": "kafka://orders"}}},
            "InvalidParameterValueException",
            "must not be the topic of the event source",
        ),
        (
            {"ProvisionedPollerConfig": {"MinimumPollers": 5, "MaximumPollers": 2}},
            "InvalidParameterValueException",
            "MinimumPollers",
        ),
    ],
)
def test_what_aws_refuses_is_refused(run, change, kind, message):
    request = {name: value for name, value in {**WANTED, **change}.items() if value is not ...}

    refusal = refused(run, request)

    assert refusal.kind == kind
    assert message in refusal.message


def test_access_configurations_are_asked_for_only_when_strict(run):
    request = {name: value for name, value in WANTED.items() if name != "SourceAccessConfigurations"}

    assert refused(run, request, strict=True).message == "Required 'sourceAccessConfigurations' parameter is missing."

    async def create(fixture: Fixture) -> str:
        return (await fixture.mappings.create(request))["State"]

    assert run(create) == "Creating"


def test_all_that_is_shown_can_be_sent_as_json(run):
    async def test(fixture: Fixture) -> str:
        await fixture.mappings.create(
            {
                **WANTED,
                "ProvisionedPollerConfig": {"MinimumPollers": 1, "MaximumPollers": 3, "PollerGroupName": "shared"},
                "LoggingConfig": {"SystemLogLevel": "DEBUG"},
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
            }
        )
        (shown,) = fixture.mappings.list()
        assert shown["ProvisionedPollerConfig"]["PollerGroupName"] == "shared"
        assert shown["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        (state,) = fixture.mappings.status()
        assert state["state"] == "creating"
        return json.dumps([shown, state])

    run(test)
