"""A WebSocket API without sockets: connecting, routing, closing, and what functions are told."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes.api_gateway_authorizer_event import APIGatewayAuthorizerRequestEvent
from aws_lambda_powertools.utilities.data_classes.api_gateway_websocket_event import APIGatewayWebSocketEvent
from aws_lambda_powertools.utilities.parser.models import (
    APIGatewayWebSocketConnectEventModel,
    APIGatewayWebSocketDisconnectEventModel,
    APIGatewayWebSocketMessageEventModel,
)

from emulator.clock import ManualClock
from emulator.runtime.results import UNHANDLED, Result, Throttled
from emulator.template.websocket_model import WebSocketApi, WebSocketAuthorizer, WebSocketRoute, WebSocketStage
from emulator.web.messages import Request, Response
from emulator.web.websocket import Closed
from emulator.websocket import routing
from emulator.websocket.front import Front
from emulator.websocket.hub import Hub
from emulator.websocket.management import Management
from emulator.websocket.session import NotOpened, Session
from emulator.websocket.stage import stages_of

OK = {"statusCode": 200}
Handler = Callable[[dict[str, Any]], Any]
ROUTES = {
    "$connect": WebSocketRoute("$connect", "connect"),
    "$disconnect": WebSocketRoute("$disconnect", "disconnect"),
    "$default": WebSocketRoute("$default", "default"),
    "ask": WebSocketRoute("ask", "ask", two_way=True),
    "tell": WebSocketRoute("tell", "tell"),
}


class Raised(Exception):
    """Ends a handler as an error of the function."""


class Api:
    """A hub over handlers in this process; `events` holds what each function got, in order."""

    def __init__(
        self, handlers: Mapping[str, Handler] | None = None, *, stages: tuple[WebSocketStage, ...] = (), **api: Any
    ) -> None:
        self.handlers = dict(handlers or {})
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.clock = ManualClock()
        self.api = WebSocketApi("Chat", **{"routes": ROUTES, "stages": stages or (WebSocketStage("live"),), **api})
        given: dict[str, Any] = {"invoke": self.invoke, "clock": self.clock, "domain": lambda _: "chat.local"}
        self.hub = Hub(stages_of([self.api], integration_s=0.2, **given), self.clock)
        self.manage = Management(self.hub)

    async def invoke(self, reference: str, payload: bytes, *, trace_id: str, origin: str) -> Result:
        event = json.loads(payload)
        self.events.append((reference, event))
        try:
            answer = self.handlers.get(reference, lambda _: OK)(event)
            answer = await answer if asyncio.iscoroutine(answer) else answer
        except Raised as raised:
            document = {"errorMessage": str(raised), "errorType": "Exception"}
            return Result(json.dumps(document).encode(), UNHANDLED)
        return Result(answer if isinstance(answer, bytes) else json.dumps(answer).encode())

    def of(self, function: str) -> list[dict[str, Any]]:
        return [event for name, event in self.events if name == function]

    async def call(
        self, method: str, connection_id: str, body: bytes = b"", *, place: str = "/live", signed: bool = True
    ) -> Response:
        headers = [("Authorization", "AWS4-HMAC-SHA256 x")] if signed else []
        path = f"{place}/%40connections/{connection_id.replace('=', '%3D')}"
        answer = await self.manage(Request(method, path, headers=headers, body=body))
        assert answer is not None
        return answer


def run(scene: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(10):
            await scene()
        assert len(asyncio.all_tasks()) == 1, "a task is left"

    asyncio.run(main())


@contextlib.asynccontextmanager
async def session(api: Api, path: str = "/live", **given: Any) -> AsyncIterator[Session]:
    async with await Session.open(api.hub, path, **given) as opened:
        yield opened


async def refused(api: Api, path: str = "/live", **given: Any) -> Response:
    with pytest.raises(NotOpened) as caught:
        await Session.open(api.hub, path, **given)
    return caught.value.response


def action(name: str, **more: Any) -> str:
    return json.dumps({"action": name, **more})


# events


def test_the_events_of_a_connection_are_those_of_aws():
    async def scene():
        api = Api(stages=(WebSocketStage("live", {"tone": "calm"}),))
        async with session(api, headers={"User-Agent": "wscat", "X-Key": "k"}, query={"room": "1"}) as talk:
            await talk.say(action("tell", text="hi"))
        connect, message, disconnect = (event for _, event in api.events)

        assert connect["headers"] == {
            "Host": "localhost", "User-Agent": "wscat", "X-Key": "k", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Port": "80",
            "X-Forwarded-Proto": "http", "X-Amzn-Trace-Id": connect["headers"]["X-Amzn-Trace-Id"],
        }  # fmt: skip
        assert connect["multiValueHeaders"]["X-Key"] == ["k"]
        assert connect["queryStringParameters"] == {"room": "1"}
        assert connect["multiValueQueryStringParameters"] == {"room": ["1"]}
        assert connect["stageVariables"] == message["stageVariables"] == {"tone": "calm"}
        shared = {
            "messageDirection": "IN", "stage": "live", "connectedAt": 1_700_000_000_000, "requestTimeEpoch": 1_700_000_000_000,
            "requestTime": "14/Nov/2023:22:13:20 +0000", "identity": {"userAgent": "wscat", "sourceIp": "127.0.0.1"},
            "domainName": "chat.local", "connectionId": talk.connection.id, "apiId": "Chat",
        }  # fmt: skip
        for event, route, kind in (
            (connect, "$connect", "CONNECT"),
            (message, "tell", "MESSAGE"),
            (disconnect, "$disconnect", "DISCONNECT"),
        ):
            context = event["requestContext"]
            assert shared.items() <= context.items()
            assert (context["routeKey"], context["eventType"]) == (route, kind)
            assert context["requestId"] == context["extendedRequestId"]
            assert len(context["requestId"]) == 16
            assert event["isBase64Encoded"] is False
        assert message.keys() == {"requestContext", "body", "isBase64Encoded", "stageVariables"}
        assert json.loads(message["body"]) == {"action": "tell", "text": "hi"}
        assert len(message["requestContext"]["messageId"]) == 16
        assert disconnect["headers"] == {"Host": "chat.local", "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""}
        assert disconnect["requestContext"]["disconnectStatusCode"] == 1000

    run(scene)


def test_what_a_request_does_not_have_its_event_does_not_have():
    async def scene():
        api = Api()
        async with session(api):
            pass
        connect = api.of("connect")[0]

        assert connect.keys() == {"headers", "multiValueHeaders", "requestContext", "isBase64Encoded"}
        assert connect["requestContext"]["identity"] == {"sourceIp": "127.0.0.1"}
        assert "authorizer" not in connect["requestContext"]

    run(scene)


RECORDED = {
    "routeKey", "eventType", "extendedRequestId", "requestTime", "messageDirection", "stage", "connectedAt", "requestTimeEpoch",
    "identity", "requestId", "domainName", "connectionId", "apiId",
}  # fmt: skip
"""What every recorded `requestContext` has: Powertools' apiGatewayWebSocketApi*.json, aws-lambda-go's apigw-websocket-*.json."""


def test_no_field_of_a_recorded_event_is_missing_and_none_is_made_up():
    async def scene():
        api = Api()
        async with session(api) as talk:
            await talk.say(action("tell"))
        connect, message, disconnect = (event["requestContext"].keys() for _, event in api.events)

        assert connect == RECORDED
        assert message == RECORDED | {"messageId"}
        assert disconnect == RECORDED | {"disconnectStatusCode", "disconnectReason"}

    run(scene)


def test_the_events_parse_with_powertools():
    async def scene():
        api = Api(authorizer=WebSocketAuthorizer("guard", "guard"), handlers={"guard": allow()})
        async with session(api, headers={"X-Key": "k"}) as talk:
            await talk.say(action("tell"))
        guard, connect, message, disconnect = (event for _, event in api.events)

        assert APIGatewayAuthorizerRequestEvent(guard).headers["X-Key"] == "k"
        assert APIGatewayWebSocketEvent(connect).request_context.connection_id == talk.connection.id
        assert APIGatewayWebSocketConnectEventModel(**connect).request_context.route_key == "$connect"
        assert APIGatewayWebSocketMessageEventModel(**message).request_context.route_key == "tell"
        assert APIGatewayWebSocketDisconnectEventModel(**disconnect).request_context.disconnect_status_code == 1000

    run(scene)


@pytest.mark.parametrize(
    ("code", "reason", "told"),
    [(1005, "", "Client-side close frame status not set"), (4000, "bye", "bye"), (1001, "", "")],
)
def test_a_disconnect_says_how_the_connection_ended(code, reason, told):
    async def scene():
        api = Api()
        async with session(api) as talk:
            await talk.leave(code, reason)
        (event,) = api.of("disconnect")

        assert event["requestContext"]["disconnectStatusCode"] == code
        assert event["requestContext"]["disconnectReason"] == told

    run(scene)


# connecting


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"statusCode": 403, "body": "no"}, 403),
        ({"statusCode": "418"}, 418),
        ({"statusCode": 302}, 302),
        ({"statusCode": 1}, 502),
        ({"statusCode": "x"}, 502),
        (None, 502),
        ("words", 502),
        (b"no json", 502),
        ({"statusCode": 200, "body": {}}, 502),
    ],
)
def test_only_an_answer_of_2xx_opens_a_connection(answer, status):
    async def scene():
        api = Api({"connect": lambda _: answer})

        assert (await refused(api)).status == status
        assert not api.of("disconnect")

    run(scene)


def test_a_failure_of_the_function_is_a_502_a_late_one_a_504():
    async def fail(_: Any) -> None:
        raise Raised("no")

    async def scene():
        broken = await refused(Api({"connect": fail}))
        late = await refused(Api({"connect": lambda _: asyncio.sleep(1)}))

        assert (broken.status, json.loads(broken.body)["message"]) == (502, "Internal server error")
        assert (late.status, json.loads(late.body)["message"]) == (504, "Endpoint request timed out")
        assert json.loads(broken.body).keys() == {"message", "connectionId", "requestId"}

    run(scene)


def test_a_function_that_is_not_run_is_a_500():
    def throttle(_: Any) -> None:
        raise Throttled("connect")

    async def scene():
        assert (await refused(Api({"connect": throttle}))).status == 500

    run(scene)


def test_the_function_chooses_the_subprotocol():
    async def scene():
        api = Api({"connect": lambda _: {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "chat.v2"}}})
        async with session(api, headers={"Sec-WebSocket-Protocol": "chat.v1, chat.v2"}) as talk:
            assert talk.subprotocol == "chat.v2"

    run(scene)


def test_connect_and_disconnect_need_no_route():
    async def scene():
        api = Api(routes={"ask": ROUTES["ask"]}, handlers={"ask": lambda _: {"body": "yes"}})
        async with session(api) as talk:
            await talk.say(action("ask"))
            assert await talk.hear() == "yes"

    run(scene)


def test_an_api_for_iam_wants_a_signed_request():
    async def scene():
        api = Api(signed=True)

        assert (await refused(api)).status == 403
        async with session(api, headers={"Authorization": "AWS4-HMAC-SHA256 Credential=…"}):
            pass
        async with session(api, query={"X-Amz-Signature": "1"}):
            pass

    run(scene)


# authorizers


def allow(effect: str = "Allow", resource: str = "*", **more: Any) -> Handler:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}
    return lambda _: {"principalId": "ada", "policyDocument": {"Statement": [statement]}, **more}


def guarded(answer: Handler, *sources: str, **given: Any) -> Api:
    return Api({"guard": answer}, authorizer=WebSocketAuthorizer("guard", "guard", sources), **given)


def test_what_the_authorizer_says_comes_with_every_event():
    async def scene():
        api = guarded(allow(context={"role": "admin", "level": 3, "ok": True}))
        async with session(api) as talk:
            await talk.say(action("tell"))

        for function in ("connect", "tell", "disconnect"):
            told = api.of(function)[0]["requestContext"]["authorizer"]
            assert {"principalId": "ada", "role": "admin", "level": "3", "ok": "true"}.items() <= told.items()
        assert len(api.of("guard")) == 1

    run(scene)


def test_the_authorizer_is_asked_as_aws_asks_it():
    async def scene():
        api = guarded(allow())
        async with session(api, headers={"X-Key": "k"}):
            pass
        asked = api.of("guard")[0]

        assert asked["type"] == "REQUEST"
        assert asked["methodArn"] == "arn:aws:execute-api:us-east-1:000000000000:Chat/live/$connect"
        assert {"Connection": "upgrade", "Upgrade": "websocket", "content-length": "0", "X-Key": "k"}.items() <= asked[
            "headers"
        ].items()
        assert (
            asked["queryStringParameters"] == asked["multiValueQueryStringParameters"] == asked["stageVariables"] == {}
        )
        assert asked["requestContext"]["eventType"] == "CONNECT"

    run(scene)


@pytest.mark.parametrize(
    ("answer", "status", "message"),
    [
        (allow("Deny"), 403, "User is not authorized to access this resource with an explicit deny"),
        (allow("Allow", "arn:aws:execute-api:*:*:*/other/*"), 403, "User is not authorized to access this resource"),
        (lambda _: {"isAuthorized": True}, 500, None),
        (allow(context={"x": "y" * 9000}), 500, None),
        (allow(context={"x": []}), 500, None),
    ],
)
def test_an_authorizer_that_does_not_allow_refuses(answer, status, message):
    async def scene():
        api = guarded(answer)
        response = await refused(api)

        assert (response.status, json.loads(response.body)["message"]) == (status, message)
        assert not api.of("connect")

    run(scene)


@pytest.mark.parametrize(("words", "status"), [("Unauthorized", 401), ("anything else", 500)])
def test_an_authorizer_that_raises_refuses(words, status):
    def fail(_: Any) -> None:
        raise Raised(words)

    async def scene():
        assert (await refused(guarded(fail))).status == status

    run(scene)


def test_a_missing_identity_source_is_a_401_without_a_call():
    sources = (
        "route.request.header.X-Key",
        "route.request.querystring.room",
        "stageVariables.tone",
        "context.identity.sourceIp",
    )

    async def scene():
        api = guarded(allow(), *sources, stages=(WebSocketStage("live", {"tone": "calm"}),))
        for given in ({}, {"headers": {"x-key": "k"}}, {"headers": {"x-key": ""}, "query": {"room": "1"}}):
            response = await refused(api, **given)
            assert (response.status, json.loads(response.body)["message"]) == (401, "Unauthorized")
        assert not api.events
        async with session(api, headers={"x-key": "k"}, query={"room": "1"}):
            pass

    run(scene)


# messages


@pytest.mark.parametrize(
    ("expression", "message", "key"),
    [
        ("$request.body.action", {"action": "ask"}, "ask"),
        ("${request.body.action}", {"action": "ask"}, "ask"),
        ("$request.body.to.name", {"to": {"name": "ask"}}, "ask"),
        ("$request.body.list[1].name", {"list": [0, {"name": "ask"}]}, "ask"),
        ("${request.body.a}/${request.body.b}", {"a": "x", "b": "y"}, "x/y"),
        ("$request.body.action", {"action": 7}, "7"),
        ("$request.body.action", {"action": True}, "true"),
        ("$request.body.action", {"action": {}}, None),
        ("$request.body.action", {"other": 1}, None),
        ("$request.body.action", [1], None),
        ("fixed", {}, "fixed"),
    ],
)
def test_the_selection_expression_reads_the_message(expression, message, key):
    assert routing.evaluate(expression, json.dumps(message)) == key


@pytest.mark.parametrize(
    ("message", "function"),
    [
        (action("tell"), "tell"),
        (action("unknown"), "default"),
        ("no json", "default"),
        ("", "default"),
        ("[]", "default"),
        (action("$connect"), "default"),
        (action("$disconnect"), "default"),
    ],
)
def test_a_message_takes_its_route_or_the_default(message, function):
    async def scene():
        api = Api()
        async with session(api) as talk:
            await talk.say(message)

        assert [name for name, _ in api.events] == ["connect", function, "disconnect"]
        assert api.of(function)[0]["requestContext"]["routeKey"] == ("tell" if function == "tell" else "$default")

    run(scene)


def test_a_message_without_a_route_is_forbidden():
    async def scene():
        api = Api(routes={"ask": ROUTES["ask"]})
        async with session(api) as talk:
            await talk.say("no json")
            frame = await talk.hear()

            told = json.loads(frame)
            assert (
                frame
                == f'{{"message": "Forbidden", "connectionId":"{talk.connection.id}", "requestId":"{told["requestId"]}"}}'
            )

    run(scene)


def test_only_a_route_with_a_response_answers():
    async def scene():
        answer = {"statusCode": 500, "body": "said"}
        api = Api({"ask": lambda _: answer, "tell": lambda _: answer})
        async with session(api) as talk:
            await talk.say(action("tell"))
            await talk.say(action("ask"))
            assert await talk.hear() == "said"
            assert talk._inbox.empty()

    run(scene)


@pytest.mark.parametrize("route", ["tell", "ask"])
def test_a_failure_is_told_in_a_frame(route):
    def fail(_: Any) -> None:
        raise Raised("no")

    async def scene():
        for handler, words in (
            (fail, "Internal server error"),
            (lambda _: None, "Internal server error"),
            (lambda _: asyncio.sleep(1), "Endpoint request timed out"),
        ):
            api = Api({route: handler})
            async with session(api) as talk:
                await talk.say(action(route))
                told = json.loads(await talk.hear())
                assert told == {"message": words, "connectionId": talk.connection.id, "requestId": told["requestId"]}
                assert told["requestId"] == api.of(route)[0]["requestContext"]["requestId"]

    run(scene)


def test_a_route_may_have_less_time():
    async def scene():
        routes = {"tell": WebSocketRoute("tell", "tell", timeout_s=0.05)}
        async with session(Api({"tell": lambda _: asyncio.sleep(0.1, OK)}, routes=routes)) as talk:
            await talk.say(action("tell"))
            assert json.loads(await talk.hear())["message"] == "Endpoint request timed out"

    run(scene)


def test_messages_of_a_connection_overlap_within_bounds():
    at_once = [0, 0]

    async def count(_: Any) -> Any:
        at_once[0] += 1
        at_once[1] = max(at_once)
        await asyncio.sleep(0.01)
        at_once[0] -= 1
        return OK

    async def scene():
        api = Api({"tell": count})
        async with session(api) as talk:
            for _ in range(50):
                await talk.say(action("tell"))
        assert len(api.of("tell")) == 50
        assert at_once[1] == 16

    run(scene)


def test_a_binary_message_closes_with_1003():
    async def scene():
        api = Api()
        async with session(api) as talk:
            await talk.say(b"\0")
            with pytest.raises(Closed) as closed:
                await talk.hear()
            assert closed.value.code == 1003
        assert api.of("disconnect")[0]["requestContext"]["disconnectStatusCode"] == 1003

    run(scene)


# limits


@pytest.mark.parametrize(("talks", "after_s"), [(False, 600.0), (True, 7200.0)])
def test_an_idle_or_old_connection_is_closed(talks, after_s):
    async def scene():
        api = Api()
        async with session(api) as talk:
            began = api.clock.now()
            while talk.closed is None:
                await asyncio.sleep(0)
                if talks and talk.closed is None:
                    await talk.say(action("tell"))
                    await asyncio.sleep(0)
                api.clock.advance(min(api.clock.next() or 0, 300.0))
                await asyncio.sleep(0)
            assert api.clock.now() - began == after_s
            assert (talk.closed.code, talk.closed.reason) == (1001, "Going away")
        assert api.of("disconnect")[0]["requestContext"]["disconnectReason"] == "Going away"

    run(scene)


# @connections


def test_a_function_posts_reads_and_deletes():
    async def scene():
        api = Api()
        async with session(api, headers={"User-Agent": "wscat"}) as talk:
            await asyncio.sleep(0)
            api.clock.advance(5)
            assert (await api.call("POST", talk.connection.id, "grüße".encode())).status == 200
            assert await talk.hear() == "grüße"

            told = await api.call("GET", talk.connection.id)
            assert json.loads(told.body) == {
                "connectedAt": "2023-11-14T22:13:20.000Z",
                "identity": {"sourceIp": "127.0.0.1", "userAgent": "wscat"},
                "lastActiveAt": "2023-11-14T22:13:25.000Z",
            }
            assert (await api.call("DELETE", talk.connection.id)).status == 204
            with pytest.raises(Closed) as closed:
                await talk.hear()
            assert closed.value.code == 1000
        assert (await api.call("POST", talk.connection.id)).status == 410
        assert len(api.of("disconnect")) == 1

    run(scene)


def test_calls_are_refused_as_aws_refuses_them():
    async def scene():
        api = Api(stages=(WebSocketStage("live"), WebSocketStage("test")))
        async with session(api) as talk:
            known = talk.connection.id
            await asyncio.sleep(0)
            calls = [
                (await api.call("GET", "BFHPhfCWIAMCKlQ="), 410, "GoneException"),
                (await api.call("GET", known, place="/test"), 410, "GoneException"),
                (await api.call("GET", known, place="/nowhere"), 403, "ForbiddenException"),
                (await api.call("GET", known, signed=False), 403, "MissingAuthenticationTokenException"),
                (await api.call("GET", "short"), 400, "BadRequestException"),
                (await api.call("POST", known, b"x" * 131_073), 413, "PayloadTooLargeException"),
            ]
            for answer, status, kind in calls:
                assert (answer.status, dict(answer.headers)["x-amzn-ErrorType"]) == (status, kind)
            assert calls[0][0].body == b""
            for place in ("/live", "/Chat/live", ""):
                assert (await api.call("POST", known, b"x" * 131_072, place=place)).status == 200

    run(scene)


def test_a_connection_is_gone_while_its_function_connects():
    async def scene():
        async def meet(event: dict[str, Any]) -> Any:
            statuses.append((await api.call("POST", event["requestContext"]["connectionId"])).status)
            return OK

        statuses: list[int] = []
        api = Api({"connect": meet})
        async with session(api):
            assert statuses == [410]

    run(scene)


def test_a_client_that_takes_nothing_is_too_much(monkeypatch):
    monkeypatch.setattr("emulator.websocket.management._SLOW_S", 0.01)

    async def scene():
        api = Api()
        async with session(api) as talk:
            await asyncio.sleep(0)
            async with talk.connection.sending:
                answer = await api.call("POST", talk.connection.id, b"x")
            assert (answer.status, dict(answer.headers)["x-amzn-ErrorType"]) == (429, "LimitExceededException")

    run(scene)


# places


def test_a_path_names_a_stage():
    api = Api(stages=(WebSocketStage("live"), WebSocketStage("test")))

    assert api.hub.at("/live") is api.hub.at("/Chat/live") is api.hub.stages[0]
    assert api.hub.at("/") is None
    assert api.hub.at("/nowhere") is None
    assert api.hub.at("/a/Chat/live") is None
    assert Api().hub.at("/") is not None


def test_a_gateway_serves_no_other_sockets_and_leaves_the_rest_alone():
    async def rest(_: Request) -> Response:
        return Response(200, body=b"rest")

    async def scene():
        upgrade = [("Upgrade", "websocket")]

        async def edge(request: Request) -> Response:
            return Response(200, body=b"edge")

        handler = Front(Api().hub).before(rest, edge)
        assert (await handler(Request("GET", "/nowhere", headers=upgrade))).status == 403
        assert (await handler(Request("GET", "/live", headers=upgrade))).status == 426
        assert (await handler(Request("GET", "/live"))).body == b"rest"
        assert (await handler(Request("GET", "/live/%40connections/x"))).body == b"edge"
        assert Front(Hub([], ManualClock())).before(rest, edge) is rest

    run(scene)


def test_connections_are_counted():
    async def scene():
        api = Api()
        async with session(api), session(api):
            await asyncio.sleep(0)
            assert api.hub.status() == {"Chat/live": 2}
        assert api.hub.status() == {"Chat/live": 0}

    run(scene)
