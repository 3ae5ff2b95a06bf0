"""Names, Ref and GetAtt of resources, by their type.

AWS: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
("Return values" of each type).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from emulator.template.model import ACCOUNT, REGION, function_arn

_Say = Callable[[str], str]
"""Makes a value of a resource out of its name."""


def _arn(service: str, kind: str = "") -> _Say:
    return lambda name: f"arn:aws:{service}:{REGION}:{ACCOUNT}:{kind}{name}"


def _itself(name: str) -> str:
    return name


@dataclass(frozen=True, slots=True)
class Kind:
    """`naming` is the property with the name; without it the logical id is the name. `made`: the emulator makes it."""

    naming: str | None = None
    ref: _Say = _itself
    attributes: Mapping[str, _Say] = field(default_factory=dict)
    made: bool = False
    lower: bool = False


def queue_url(name: str) -> str:
    """Return the URL of a queue. boto3 asks its own endpoint whatever the URL says; others find the usual edge."""
    return f"http://localhost:4566/{ACCOUNT}/{name}"


def _role_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def _bucket_host(*parts: str) -> _Say:
    return lambda name: ".".join((name, *parts, "amazonaws.com"))


def layer_arn(logical_id: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:{logical_id}:1"


def _endpoint(scheme: str) -> _Say:
    return lambda name: f"{scheme}://{name}.execute-api.{REGION}.amazonaws.com"


def _identified(kind: str) -> Kind:
    return Kind(attributes={f"{kind}Id": _itself})


_HTTP_API = Kind(attributes={"ApiEndpoint": _endpoint("https"), "ApiId": _itself})
_REST_API = Kind(attributes={"RestApiId": _itself, "RootResourceId": lambda name: f"{name}Root"})
_WEBSOCKET_API = Kind(attributes={"ApiEndpoint": _endpoint("wss"), "ApiId": _itself})
_FUNCTION = Kind("FunctionName", attributes={"Arn": function_arn})
_LAYER = Kind(ref=layer_arn, attributes={"LayerVersionArn": layer_arn})
_secret = _arn("secretsmanager", "secret:")
KINDS: Mapping[str, Kind] = {
    "AWS::Serverless::Function": _FUNCTION,
    "AWS::Lambda::Function": _FUNCTION,
    "AWS::Serverless::LayerVersion": _LAYER,
    "AWS::Lambda::LayerVersion": _LAYER,
    "AWS::S3::Bucket": Kind(
        "BucketName",
        attributes={
            "Arn": lambda name: f"arn:aws:s3:::{name}",
            "DomainName": _bucket_host("s3"),
            "RegionalDomainName": _bucket_host("s3", REGION),
            "DualStackDomainName": _bucket_host("s3", "dualstack", REGION),
            "WebsiteURL": lambda name: f"http://{name}.s3-website-{REGION}.amazonaws.com",
        },
        made=True,
        lower=True,
    ),
    "AWS::SQS::Queue": Kind(
        "QueueName",
        queue_url,
        {"Arn": _arn("sqs"), "QueueName": _itself, "QueueUrl": queue_url},
        made=True,
    ),
    "AWS::SQS::QueuePolicy": Kind(),
    "AWS::SNS::Topic": Kind(
        "TopicName", _arn("sns"), {"Arn": _arn("sns"), "TopicArn": _arn("sns"), "TopicName": _itself}, made=True
    ),
    "AWS::SNS::Subscription": Kind(made=True),
    "AWS::SNS::TopicPolicy": Kind(),
    "AWS::Events::EventBus": Kind("Name", attributes={"Arn": _arn("events", "event-bus/"), "Name": _itself}, made=True),
    "AWS::Events::Rule": Kind("Name", attributes={"Arn": _arn("events", "rule/")}),
    "AWS::DynamoDB::Table": Kind(
        "TableName",
        attributes={
            "Arn": _arn("dynamodb", "table/"),
            "StreamArn": lambda name: f"{_arn('dynamodb', 'table/')(name)}/stream/1970-01-01T00:00:00.000",
        },
        made=True,
    ),
    "AWS::SSM::Parameter": Kind("Name", made=True),
    "AWS::SecretsManager::Secret": Kind("Name", _secret, {"Id": _secret}, made=True),
    "AWS::IAM::Role": Kind("RoleName", attributes={"Arn": _role_arn, "RoleId": lambda _name: "AROALOCALLOCALLOCAL00"}),
    "AWS::IAM::Policy": Kind("PolicyName"),
    "AWS::IAM::ManagedPolicy": Kind(
        "ManagedPolicyName", ref=lambda name: f"arn:aws:iam::{ACCOUNT}:policy/{name}", attributes={}
    ),
    "AWS::KMS::Key": Kind(attributes={"Arn": _arn("kms", "key/"), "KeyId": _itself}),
    "AWS::Serverless::Api": _REST_API,
    "AWS::Serverless::HttpApi": _HTTP_API,
    "AWS::Serverless::WebSocketApi": _WEBSOCKET_API,
    "AWS::ApiGatewayV2::Api": _WEBSOCKET_API,
    "AWS::ApiGatewayV2::Stage": Kind("StageName"),
    **{f"AWS::ApiGatewayV2::{kind}": _identified(kind) for kind in ("Authorizer", "Deployment", "Integration", "Route")},
    "AWS::Logs::LogGroup": Kind("LogGroupName", attributes={"Arn": lambda name: f"{_arn('logs', 'log-group:')(name)}:*"}),
}  # fmt: skip


def kind_of(type_name: str) -> Kind | None:
    return KINDS.get(type_name)
