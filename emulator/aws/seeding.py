"""Makes what a template declares in moto, and what the local store holds. Runs in moto's process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

Client = Callable[[str], Any]
"""Returns the boto3 client of a service."""
Properties = Mapping[str, Any]
_QUEUE = (
    "ContentBasedDeduplication", "DeduplicationScope", "DelaySeconds", "FifoQueue", "FifoThroughputLimit", "MaximumMessageSize",
    "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds", "VisibilityTimeout",
)  # fmt: skip
_TABLE = (
    "AttributeDefinitions",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "LocalSecondaryIndexes",
    "ProvisionedThroughput",
)
_LATE = ("AWS::SNS::Subscription",)
_PREVIOUS, _CURRENT = "AWSPREVIOUS", "AWSCURRENT"


def seed(resources: list[dict[str, Any]], store: Mapping[str, Mapping[str, Any]], client: Client) -> list[str]:
    """Make everything and return a sentence for each thing that could not be made."""
    failed: list[str] = []
    for name, make in (*_of_resources(resources, client), *_of_store(store, client)):
        try:
            make()
        except (BotoCoreError, ClientError, KeyError, TypeError, ValueError) as refused:
            failed.append(f"{name} was not made: {refused}")
    return failed


def _of_resources(resources: list[dict[str, Any]], client: Client) -> Iterator[tuple[str, Callable[[], object]]]:
    """Queues come first as they are, then what names other resources."""
    for each in sorted(resources, key=lambda each: each["kind"] in _LATE):
        if each["kind"] in _MAKERS:
            yield each["logical_id"], _task(each, client)
    for each in resources:
        if each["kind"] == "AWS::SQS::Queue" and "RedrivePolicy" in each["properties"]:
            yield each["logical_id"], _redrive(each, client)


def _task(resource: dict[str, Any], client: Client) -> Callable[[], object]:
    return lambda: _MAKERS[resource["kind"]](client, resource["name"], resource["properties"])


def _redrive(resource: dict[str, Any], client: Client) -> Callable[[], object]:
    policy = {"RedrivePolicy": _json(resource["properties"]["RedrivePolicy"])}

    def make() -> None:
        sqs = client("sqs")
        sqs.set_queue_attributes(QueueUrl=sqs.get_queue_url(QueueName=resource["name"])["QueueUrl"], Attributes=policy)

    return make


def _of_store(store: Mapping[str, Mapping[str, Any]], client: Client) -> Iterator[tuple[str, Callable[[], object]]]:
    for name, value in store["ssm"].items():
        yield f"parameter {name}", lambda name=name, value=value: _parameter(client, name, value)  # type: ignore[misc]
    for name, value in store["secretsmanager"].items():
        yield f"secret {name}", lambda name=name, value=value: _secret(client, name, value)  # type: ignore[misc]


def _parameter(client: Client, name: str, value: Any) -> None:
    for each in value if isinstance(value, list) else [value]:
        client("ssm").put_parameter(Name=name, Value=_json(each), Type="SecureString", Overwrite=True)


def _secret(client: Client, name: str, value: Any) -> None:
    staged = isinstance(value, Mapping) and set(value) <= {_CURRENT, _PREVIOUS}
    values = [value[stage] for stage in (_PREVIOUS, _CURRENT) if stage in value] if staged else [value]
    client("secretsmanager").create_secret(Name=name, SecretString=_json(values[0]))
    for later in values[1:]:
        client("secretsmanager").put_secret_value(SecretId=name, SecretString=_json(later))


def _queue(client: Client, name: str, given: Properties) -> None:
    attributes = {key: _json(given[key]) for key in _QUEUE if key in given}
    client("sqs").create_queue(QueueName=name, Attributes=attributes, tags=_tags(given))


def _topic(client: Client, name: str, given: Properties) -> None:
    attributes = {key: _json(given[key]) for key in ("FifoTopic", "ContentBasedDeduplication") if key in given}
    topic = client("sns").create_topic(Name=name, Attributes=attributes)["TopicArn"]
    for each in given.get("Subscription") or []:
        _subscription(client, "", {"TopicArn": topic, **each})


def _subscription(client: Client, _name: str, given: Properties) -> None:
    if given["Protocol"] == "lambda":
        raise ValueError("topics do not invoke functions here")
    attributes = {
        key: _json(given[key]) for key in ("FilterPolicy", "FilterPolicyScope", "RawMessageDelivery") if key in given
    }
    client("sns").subscribe(
        TopicArn=given["TopicArn"], Protocol=given["Protocol"], Endpoint=given["Endpoint"], Attributes=attributes
    )


def _bus(client: Client, name: str, _given: Properties) -> None:
    client("events").create_event_bus(Name=name)


def _table(client: Client, name: str, given: Properties) -> None:
    asked = {key: _whole(given[key]) for key in _TABLE if key in given}
    if "ProvisionedThroughput" not in asked:
        asked["BillingMode"] = "PAY_PER_REQUEST"
    if view := (given.get("StreamSpecification") or {}).get("StreamViewType"):
        asked["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": view}
    client("dynamodb").create_table(TableName=name, **asked)
    if expiry := given.get("TimeToLiveSpecification"):
        client("dynamodb").update_time_to_live(TableName=name, TimeToLiveSpecification=expiry)


def _declared_parameter(client: Client, name: str, given: Properties) -> None:
    client("ssm").put_parameter(Name=name, Value=_json(given.get("Value", "")), Type=given.get("Type", "String"))


def _declared_secret(client: Client, name: str, given: Properties) -> None:
    client("secretsmanager").create_secret(Name=name, SecretString=given["SecretString"])


def _bucket(client: Client, name: str, _given: Properties) -> None:
    client("s3").create_bucket(Bucket=name)


_MAKERS: Mapping[str, Callable[[Client, str, Properties], None]] = {
    "AWS::SQS::Queue": _queue,
    "AWS::SNS::Topic": _topic,
    "AWS::SNS::Subscription": _subscription,
    "AWS::Events::EventBus": _bus,
    "AWS::DynamoDB::Table": _table,
    "AWS::SSM::Parameter": _declared_parameter,
    "AWS::SecretsManager::Secret": _declared_secret,
    "AWS::S3::Bucket": _bucket,
}


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _tags(given: Properties) -> dict[str, str]:
    return {str(each["Key"]): str(each["Value"]) for each in given.get("Tags") or []}


def _whole(value: Any) -> Any:
    """Turn the numbers that templates write as text into numbers, as CloudFormation does."""
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, Mapping):
        return {key: int(each) if key.endswith("CapacityUnits") else _whole(each) for key, each in value.items()}
    return value
