"""WebSocket APIs over real sockets, with real function processes and real AWS clients."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
import pytest
import websockets
from botocore.config import Config
from botocore.exceptions import ClientError
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from emulator.clock import SystemClock
from emulator.server import Emulator, Options
from emulator.testing import running

from .conftest import APPS, eventually, send

APP = APPS / "websocket" / "template.yaml"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("websocket")


@pytest.fixture(scope="module")
def clock() -> SystemClock:
    return SystemClock()


@pytest.fixture(scope="module")
def emulator(data: Path, clock: SystemClock) -> Iterator[Emulator]:
    options = Options(
        template=APP, parameters={"Notes": str(data / "notes.jsonl")}, port=0, edge_port=0, data=data, clock=clock
    )
    with running(options) as served:
        yield served


def dial(emulator: Emulator, path: str = "/live", *, port: str = "all", **given: Any) -> ClientConnection:
    return connect(f"ws://127.0.0.1:{emulator.ports[port]}{path}", open_timeout=20, **given)


def ask(client: ClientConnection, action: str = "ask", **more: Any) -> Any:
    client.send(json.dumps({"action": action, **more}))
    return json.loads(client.recv(20))


def noted(data: Path, kind: str, connection_id: str) -> list[dict[str, Any]]:
    """Return the events of a kind that a connection's functions noted."""
    lines = (data / "notes.jsonl").read_text().splitlines()
    contexts = [json.loads(line)["requestContext"] for line in lines]
    return [each for each in contexts if each["eventType"] == kind and each["connectionId"] == connection_id]


def management(endpoint: str) -> Any:
    return boto3.client(
        "apigatewaymanagementapi",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"max_attempts": 0}, read_timeout=10),
    )


def test_a_client_talks_to_a_function(emulator, data):
    with dial(emulator, "/live?room=1", user_agent_header="tester") as client:
        event = ask(client, text="hi")
        context = event["requestContext"]
        assert (context["routeKey"], context["stage"], context["apiId"]) == ("ask", "live", "Chat")
        assert event["stageVariables"] == {"tone": "calm"}
        assert context["identity"] == {"userAgent": "tester", "sourceIp": "127.0.0.1"}
        client.close(4001, "enough")

    (met,) = noted(data, "CONNECT", context["connectionId"])
    assert met["connectedAt"] == context["connectedAt"]
    eventually(lambda: bool(noted(data, "DISCONNECT", context["connectionId"])))
    (left,) = noted(data, "DISCONNECT", context["connectionId"])
    assert (left["disconnectStatusCode"], left["disconnectReason"]) == (4001, "enough")


def test_a_client_that_vanishes_is_told_once(emulator, data):
    with dial(emulator) as client:
        connection_id = ask(client)["requestContext"]["connectionId"]
        client.socket.shutdown(socket.SHUT_RDWR)

    eventually(lambda: bool(noted(data, "DISCONNECT", connection_id)))
    assert [each["disconnectStatusCode"] for each in noted(data, "DISCONNECT", connection_id)] == [1006]


def test_a_client_that_leaves_while_it_is_let_in_is_told_both(emulator, data):
    with socket.create_connection(("127.0.0.1", emulator.ports["all"])) as opened:
        opened.sendall(
            b"GET /live?wait=0.1 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"User-Agent: leaving\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        time.sleep(0.05)

    def kinds() -> list[str]:
        found = [json.loads(line)["requestContext"] for line in (data / "notes.jsonl").read_text().splitlines()]
        return [each["eventType"] for each in found if each["identity"].get("userAgent") == "leaving"]

    eventually(lambda: kinds() == ["CONNECT", "DISCONNECT"])


@pytest.mark.parametrize(("query", "status", "body"), [("status=403&say=no", 403, b"no"), ("fail=1", 502, None)])
def test_the_function_refuses_the_upgrade(emulator, query, status, body):
    with pytest.raises(InvalidStatus) as refused:
        dial(emulator, f"/live?{query}")

    assert refused.value.response.status_code == status
    assert body in (None, refused.value.response.body)


def test_the_function_chooses_the_subprotocol(emulator):
    with dial(emulator, subprotocols=["one", "two"]) as client:
        assert client.subprotocol == "two"


def test_the_authorizer_lets_in_whom_it_knows(emulator):
    with dial(emulator, "/Guarded/prod?room=1", additional_headers={"X-Key": "ada"}) as client:
        client.send('{"to": {"name": "ada"}}')
        told = json.loads(client.recv(20))["requestContext"]["authorizer"]
        assert {"principalId": "ada", "room": "1", "level": "2"}.items() <= told.items()


@pytest.mark.parametrize(
    ("key", "query", "status"),
    [("eve", "?room=1", 403), ("nobody", "?room=1", 401), ("ada", "", 401), (None, "?room=1", 401)],
)
def test_the_authorizer_refuses_others(emulator, key, query, status):
    with pytest.raises(InvalidStatus) as refused:
        dial(emulator, f"/prod{query}", additional_headers={"X-Key": key} if key else {})

    assert refused.value.response.status_code == status


def test_failures_come_as_frames(emulator):
    with dial(emulator) as client:
        for action, words in (("misbehave", "Internal server error"), ("slow", "Endpoint request timed out")):
            told = ask(client, action)
            assert told.keys() == {"message", "connectionId", "requestId"}
            assert told["message"] == words
    with dial(emulator, "/prod?room=1", additional_headers={"X-Key": "ada"}) as client:
        client.send("no json")
        assert json.loads(client.recv(20))["message"] == "Forbidden"


@pytest.mark.parametrize("message", ["x" * (32 * 1024 + 1), ["x" * 32 * 1024] * 4 + ["x"]], ids=["frame", "message"])
def test_what_is_too_large_closes_with_1009(emulator, message):
    with dial(emulator) as client, pytest.raises(ConnectionClosed) as closed:
        client.send(message)
        client.recv(10)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_a_message_of_128_kb_in_frames_of_32_kb_is_served(emulator):
    frame = json.dumps({"action": "ask", "text": ""})[:-2]
    whole = frame + "x" * (128 * 1024 - len(frame) - 2) + '"}'
    with dial(emulator) as client:
        client.send([whole[start : start + 32 * 1024] for start in range(0, len(whole), 32 * 1024)])
        assert json.loads(client.recv(20))["body"] == whole


@pytest.mark.parametrize("by", ["event", "template", "default"])
def test_a_function_reaches_its_connection_as_deployed_code_does(emulator, by):
    with dial(emulator) as client:
        told = ask(client, "reply", by=by)

        assert told == {"by": by, "socket": f"ws://127.0.0.1:{emulator.ports['edge']}/Chat/live"}


def test_the_domain_of_an_event_speaks_tls(emulator, data):
    with dial(emulator) as client:
        domain = ask(client)["requestContext"]["domainName"]
    trusted = ssl.create_default_context(cafile=data / "emulator" / "tls" / "bundle.pem")
    trusted.verify_flags |= ssl.VERIFY_X509_STRICT
    with connect(f"wss://{domain}/live", ssl=trusted) as client:
        known = ask(client)["requestContext"]["connectionId"]
        client.send(b"x")
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(10)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1003
    eventually(lambda: len(noted(data, "DISCONNECT", known)) == 1)


@pytest.mark.parametrize("place", ["all", "edge", "/live", "/Chat/live"])
def test_boto3_posts_reads_and_deletes(emulator, data, place):
    port, path = ("edge", place) if place.startswith("/") else (place, "/live")
    api = management(f"http://127.0.0.1:{emulator.ports[port]}{path}")
    with dial(emulator, port="edge" if place == "/live" else "all") as client:
        known = ask(client)["requestContext"]["connectionId"]
        api.post_to_connection(ConnectionId=known, Data="x" * 100_000)
        assert client.recv(10) == "x" * 100_000
        told = api.get_connection(ConnectionId=known)
        assert told["Identity"]["SourceIp"] == "127.0.0.1"
        assert told["ConnectedAt"] <= told["LastActiveAt"]
        api.delete_connection(ConnectionId=known)
        with pytest.raises(ConnectionClosed):
            client.recv(10)

    with pytest.raises(api.exceptions.GoneException):
        api.post_to_connection(ConnectionId=known, Data=b"late")
    eventually(lambda: bool(noted(data, "DISCONNECT", known)))


def test_boto3_is_refused_as_by_aws(emulator):
    api = management(f"http://127.0.0.1:{emulator.ports['edge']}/live")
    with dial(emulator) as client:
        known = ask(client)["requestContext"]["connectionId"]
        with pytest.raises(api.exceptions.PayloadTooLargeException):
            api.post_to_connection(ConnectionId=known, Data=b"x" * (128 * 1024 + 1))
        with pytest.raises(ClientError, match="BadRequestException"):
            api.get_connection(ConnectionId="short")
        other = management(f"http://127.0.0.1:{emulator.ports['edge']}/nowhere")
        with pytest.raises(other.exceptions.ForbiddenException):
            other.get_connection(ConnectionId=known)
        unsigned = send(emulator.ports["all"], "POST", f"/live/@connections/{quote(known)}", "x")
        assert unsigned.status == 403


def test_other_paths_are_forbidden_to_sockets_and_open_to_requests(emulator):
    with pytest.raises(InvalidStatus) as refused:
        dial(emulator, "/nowhere")

    assert refused.value.response.status_code == 403
    assert send(emulator.ports["all"], "GET", "/nowhere").status == 403


def test_an_idle_client_is_sent_away_when_the_clock_says_so(emulator, clock):
    with dial(emulator) as client, pytest.raises(ConnectionClosed) as closed:
        ask(client)
        clock.advance(599)
        client.ping().wait(10)
        clock.advance(599)
        ask(client)
        clock.advance(601)
        client.recv(10)

    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1001, "Going away")


def test_two_hundred_clients_lose_nothing(emulator):
    async def one(number: int) -> list[int]:
        async with websockets.connect(f"ws://127.0.0.1:{emulator.ports['all']}/live", open_timeout=60) as client:
            for index in range(10):
                await client.send(json.dumps({"action": "ask", "index": number * 10 + index}))
            return sorted([json.loads(json.loads(await client.recv())["body"])["index"] for _ in range(10)])

    async def all_of_them() -> list[list[int]]:
        return await asyncio.gather(*(one(number) for number in range(200)))

    found = asyncio.run(all_of_them())

    assert found == [list(range(number * 10, number * 10 + 10)) for number in range(200)]


def test_the_status_counts_connections(emulator):
    def counted() -> dict[str, int]:
        return send(emulator.ports["edge"], "GET", "/_emulator/status").json["websockets"]  # type: ignore[no-any-return]

    eventually(lambda: counted() == {"Chat/live": 0, "Guarded/prod": 0})
    with dial(emulator) as client:
        ask(client)
        assert counted() == {"Chat/live": 1, "Guarded/prod": 0}


def test_an_emulator_that_stops_tells_its_clients_and_its_functions(tmp_path):
    options = Options(
        template=APP, parameters={"Notes": str(tmp_path / "notes.jsonl")}, port=0, edge_port=0, data=tmp_path
    )
    with contextlib.ExitStack() as opened:
        with running(options) as served:
            client = opened.enter_context(dial(served, port="edge"))
            connection_id = ask(client)["requestContext"]["connectionId"]
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(10)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1001
    assert [each["disconnectStatusCode"] for each in noted(tmp_path, "DISCONNECT", connection_id)] == [1001]
