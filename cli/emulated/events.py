"""`coderev events generate SOURCE`: an event as AWS would send it, ready to be edited and invoked with."""

from __future__ import annotations

import json
import time
from enum import StrEnum
from typing import Annotated, Any, Literal

import typer

from cli.emulated.paint import json_whole
from cli.errors import UserError

events = typer.Typer(help="Make events as AWS sends them.", no_args_is_help=True, rich_markup_mode=None)
generate = typer.Typer(
    help="Print the event of a source. Example: coderev events generate s3 --key a.txt", no_args_is_help=True
)
events.add_typer(generate, name="generate")

Method = Annotated[str, typer.Option("--method", "-X", help="HTTP method.")]
Path = Annotated[str, typer.Option("--path", metavar="PATH[?QUERY]", help="What is asked for.")]
Resource = Annotated[str | None, typer.Option("--resource", metavar="ROUTE", help="The route, such as /items/{id}.")]
Header = Annotated[list[str] | None, typer.Option("--header", "-H", metavar="NAME:VALUE", help="Repeatable.")]
Body = Annotated[str, typer.Option("--body", "-d", help="Body, as text.")]


class Turn(StrEnum):
    """What happens on a WebSocket."""

    CONNECT = "connect"
    MESSAGE = "message"
    DISCONNECT = "disconnect"


@generate.command("apigateway-rest")
def rest(
    method: Method = "GET", path: Path = "/", resource: Resource = None, header: Header = None, body: Body = ""
) -> None:
    """A request to a REST API.

    Example: coderev events generate apigateway-rest -X POST --path /items/7 --resource /items/{id} -d '{"n": 1}'
    """
    from emulator.console import samples_api

    json_whole(samples_api.rest(_sent(method, path, resource, header, body), time.time()))


@generate.command("apigateway-http")
def http(
    method: Method = "GET", path: Path = "/", resource: Resource = None, header: Header = None, body: Body = ""
) -> None:
    """A request to an HTTP API, payload format 2.0.

    Example: coderev events generate apigateway-http --path '/items?page=2' | coderev invoke items -e -
    """
    from emulator.console import samples_api

    json_whole(samples_api.http(_sent(method, path, resource, header, body), time.time()))


@generate.command("authorizer-token")
def authorizer_token(method: Method = "GET", path: Path = "/", header: Header = None) -> None:
    """A question to a TOKEN authorizer.

    Example: coderev events generate authorizer-token --path /items -H 'Authorization: Bearer x'
    """
    _authorizer("TOKEN", _sent(method, path, None, header, ""))


@generate.command("authorizer-request")
def authorizer_request(
    method: Method = "GET", path: Path = "/", resource: Resource = None, header: Header = None
) -> None:
    """A question to a REQUEST authorizer of a REST API.

    Example: coderev events generate authorizer-request --path /items
    """
    _authorizer("REQUEST", _sent(method, path, resource, header, ""))


@generate.command()
def websocket(
    turn: Annotated[Turn, typer.Argument(help="What happens.")] = Turn.MESSAGE,
    body: Body = '{"action": "hello"}',
    route: Annotated[str, typer.Option(help="The route of a message.")] = "$default",
) -> None:
    """A connection, a message or the end of a WebSocket.

    Example: coderev events generate websocket message --route ask -d '{"action": "ask"}'
    """
    from emulator.console import samples_api

    json_whole(samples_api.websocket(turn.value, body=body, route=route, now=time.time()))


Topic = Annotated[str, typer.Option(help="Topic.")]
Value = Annotated[list[str] | None, typer.Option("--value", help="Value of a record, as text; repeatable.")]
Key = Annotated[str | None, typer.Option("--key", help="Key of the records, as text.")]


@generate.command()
def kafka(topic: Topic = "orders", value: Value = None, key: Key = None, header: Header = None) -> None:
    """A batch of a self-managed Apache Kafka.

    Example: coderev events generate kafka --topic orders --key 7 --value '{"n": 1}' --value '{"n": 2}'
    """
    _kafka(topic, value, key, header, managed=False)


@generate.command()
def msk(topic: Topic = "orders", value: Value = None, key: Key = None, header: Header = None) -> None:
    """A batch of Amazon MSK.

    Example: coderev events generate msk --topic orders --value '{"n": 1}'
    """
    _kafka(topic, value, key, header, managed=True)


@generate.command()
def s3(
    bucket: Annotated[str, typer.Option(help="Bucket.")] = "uploads",
    key: Annotated[str, typer.Option(help="Key, as it is.")] = "example.txt",
    name: Annotated[str, typer.Option("--event-name", help="What happened.")] = "ObjectCreated:Put",
    size: Annotated[int, typer.Option(min=0, help="Bytes of the object.")] = 1024,
) -> None:
    """A notification of a bucket.

    Example: coderev events generate s3 --bucket uploads --key 'in box/a.txt' --event-name ObjectRemoved:Delete
    """
    from emulator.console import samples

    json_whole(samples.s3(bucket, key, name=name, size=size, now=time.time()))


@generate.command()
def schedule(
    name: Annotated[str, typer.Option(help="Name of the rule.")] = "nightly",
    expression: Annotated[str, typer.Option(help="rate(…) or cron(…).")] = "rate(1 day)",
    scheduler: Annotated[bool, typer.Option("--scheduler", help="As EventBridge Scheduler sends it.")] = False,
) -> None:
    """A firing of a schedule.

    Example: coderev events generate schedule --name nightly
    """
    from emulator.console import samples

    json_whole(samples.schedule(name, expression, scheduler=scheduler, now=time.time()))


@generate.command()
def eventbridge(
    source: Annotated[str, typer.Option(help="Who sends it.")] = "my.app",
    detail_type: Annotated[str, typer.Option(help="What happened.")] = "Order Placed",
    detail: Annotated[str, typer.Option(metavar="JSON", help="What is told about it.")] = "{}",
) -> None:
    """An event of a bus.

    Example: coderev events generate eventbridge --source my.app --detail '{"order": 7}'
    """
    from emulator.console import samples

    json_whole(samples.eventbridge(source, detail_type, _json(detail), now=time.time()))


@generate.command()
def sqs(
    queue: Annotated[str, typer.Option(help="Name of the queue.")] = "orders",
    body: Annotated[list[str] | None, typer.Option("--body", "-d", help="Body of a message; repeatable.")] = None,
) -> None:
    """A batch of a queue.

    Example: coderev events generate sqs --queue orders --body '{"order": 7}'
    """
    from emulator.console import samples

    json_whole(samples.sqs(queue, body or ["{}"], now=time.time()))


@generate.command()
def sns(
    topic: Annotated[str, typer.Option(help="Name of the topic.")] = "orders",
    message: Annotated[str, typer.Option(help="The message.")] = "{}",
    subject: Annotated[str | None, typer.Option(help="Its subject.")] = None,
) -> None:
    """A notification of a topic.

    Example: coderev events generate sns --topic orders --message '{"order": 7}'
    """
    from emulator.console import samples

    json_whole(samples.sns(topic, message, subject=subject, now=time.time()))


def _kafka(topic: str, values: list[str] | None, key: str | None, header: list[str] | None, *, managed: bool) -> None:
    from emulator.console import samples

    given = values or ["{}"]
    json_whole(samples.kafka(topic, given, key=key, headers=_headers(header), now=time.time(), managed=managed))


def _authorizer(kind: Literal["TOKEN", "REQUEST"], sent: Any) -> None:
    from emulator.console import samples_api

    json_whole(samples_api.authorizer(kind, sent, time.time()))


def _sent(method: str, path: str, resource: str | None, header: list[str] | None, body: str) -> Any:
    from emulator.console.samples_api import Sent

    if not path.startswith("/") or (resource is not None and not resource.startswith("/")):
        raise UserError("A path begins with a slash.")
    if not method.isalpha():
        raise UserError(f"{method} is no HTTP method.")
    return Sent(method.upper(), path, tuple(_headers(header)), body, resource)


def _headers(given: list[str] | None) -> list[tuple[str, str]]:
    split = [each.partition(":") for each in given or []]
    if any(not colon or not name.strip() for name, colon, _ in split):
        raise UserError("A header is of the form NAME:VALUE.")
    return [(name.strip(), value.strip()) for name, _, value in split]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as broken:
        raise UserError(f"The detail is not JSON: {broken}.") from broken
