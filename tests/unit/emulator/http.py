"""HTTP APIs in this process, for the tests of their rules: `gateway(tmp_path, api, events)`."""

from __future__ import annotations

import asyncio
import json
import textwrap
from urllib.parse import quote

from emulator.clock import ManualClock
from emulator.http_api.front import HttpFront
from emulator.http_api.urls import FunctionUrls
from emulator.runtime.results import UNHANDLED, Result, Throttled
from emulator.template import load
from emulator.web.messages import Request


class Functions:
    """Runs handlers in this process. `asked` holds the events of each function."""

    def __init__(self, handlers):
        self._handlers = handlers
        self.asked = {name: [] for name in handlers}

    async def __call__(self, reference, payload, *, request_id, trace_id, origin):
        event = json.loads(payload)
        self.asked[reference].append(event)
        try:
            answer = self._handlers[reference](event)
        except Throttled:
            raise
        except Exception as failed:  # noqa: BLE001 - whatever a handler raises is its result
            document = {"errorMessage": str(failed), "errorType": type(failed).__name__}
            return Result(json.dumps(document).encode(), UNHANDLED)
        return Result(answer if isinstance(answer, bytes) else json.dumps(answer).encode())


class Gateway:
    """Sends requests to what a template declares; an answer has `status`, `headers` (a list of pairs) and `body`."""

    def __init__(self, template, functions, clock):
        self.template, self.functions, self.clock = template, functions, clock
        self._front = HttpFront(template.http, invoke=functions, clock=clock)
        self._urls = FunctionUrls(template.http.urls, invoke=functions, clock=clock)

    def send(self, method, target, body=b"", headers=(), **given):
        path, _, query = target.partition("?")
        pairs = list(headers.items() if isinstance(headers, dict) else headers)
        request = Request(method, quote(path, safe="/%"), query, [("Host", "localhost:8000"), *pairs], body, **given)
        return asyncio.run(self._answer(request))

    async def _answer(self, request):
        found = await self._urls(request)
        return found if found is not None else await self._front(request)

    def event(self, method, target, body=b"", headers=(), **given):
        """Return the event that the function `Echo` got."""
        response = self.send(method, target, body, headers, **given)
        assert response.status == 200, response
        return self.functions.asked["Echo"][-1]


def gateway(tmp_path, *, api="", events="", function="", guard=None, echo=None, clock=None):
    """Return the gateway of the function `Echo` behind the HTTP API `Api`, which `Guard` may authorise.

    Args:
        api: Properties of the API; events: those of the function; function: its further properties; all as YAML.
    """
    text = f"""
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Description: for tests
{textwrap.indent(textwrap.dedent(api), " " * 6)}
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: handlers.echo
{textwrap.indent(textwrap.dedent(function), " " * 6)}
      Events:
        None: {{ Type: HttpApi, Properties: {{ ApiId: !Ref Api, Path: /echo, Method: ANY, Auth: {{ Authorizer: NONE }} }} }}
{textwrap.indent(textwrap.dedent(events), " " * 8)}
  Guard:
    Type: AWS::Serverless::Function
    Properties: {{ Runtime: python3.13, Handler: handlers.guard }}
"""
    file = tmp_path / "template.yaml"
    file.write_text(text)
    handlers = {
        "Echo": echo or (lambda event: {"statusCode": 200, "body": "ok"}),
        "Guard": guard or (lambda event: None),
    }
    return Gateway(load(file), Functions(handlers), clock or ManualClock())


def of(response, name):
    """Return the values of a header."""
    return [value for given, value in response.headers if given.lower() == name]
