"""ai asks provider through the Lambda Invoke API: both real, the API served by a small HTTP server."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import pytest
from botocore.config import Config

from functions.ai.adapters.routing import InvokedRoutes
from functions.ai.model import Route
from functions.provider import bootstrap, routes
from kernel.errors import NotFound, Unavailable
from kernel.identity import Caller
from kernel.invoke import Functions
from tests.client import ORG, OTHER_ORG, BundleClient

KEY = "sk-canary-4f1c9a7b2e8d"
NEW = {"name": "p", "kind": "openai_compatible", "base_url": "https://m.example.com/v1", "model": "m", "api_key": KEY}


class Zone:
    def addresses(self, host: str, port: int) -> list[str]:
        return ["93.184.216.34"]


class _Invoke(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server: Any = self.server
        event = json.loads(self.rfile.read(int(self.headers["content-length"])))
        server.paths.append(self.path)
        body = json.dumps(server.function(event, None)).encode()
        self.send_response(200)
        if server.broken:
            self.send_header("X-Amz-Function-Error", "Unhandled")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


@pytest.fixture
def deps(settings, empty):
    return replace(bootstrap.connect(settings), names=Zone())


@pytest.fixture
def lambda_api(deps, settings):
    with HTTPServer(("127.0.0.1", 0), _Invoke) as running:
        server: Any = running
        app = routes.build(deps, ticket_key=bootstrap.ticket_key(settings))
        server.timeout, server.function, server.paths, server.broken = 10, app.handler_map["resolve"], [], False
        yield server


@pytest.fixture
def ask(lambda_api, settings):
    """Ask in another thread, and answer in this one, for a function handles its events in one thread."""
    client = boto3.client(
        "lambda",
        endpoint_url=f"http://127.0.0.1:{lambda_api.server_address[1]}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 0}, connect_timeout=2, read_timeout=10),
    )
    asked = InvokedRoutes(Functions(lambda: client, "coderev", bootstrap.ticket_key(settings)))

    def review(org: str) -> Route:
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(asked.review, Caller.function(org))
            lambda_api.handle_request()
            return answer.result(timeout=10)

    yield review
    client.close()


def test_the_route_arrives_with_its_key(ask, deps, lambda_api):
    BundleClient(routes.build(deps)).post("/v1/providers", NEW)

    route = ask(ORG)

    assert lambda_api.paths == ["/2015-03-31/functions/coderev-provider-resolve/invocations"]
    assert (route.base_url, route.address, route.api_key) == ("https://m.example.com/v1", "93.184.216.34", KEY)
    assert (route.name, route.model, route.built_in) == ("p", "m", False)
    assert KEY not in repr(route)


def test_another_organisation_has_no_route(ask, deps):
    BundleClient(routes.build(deps)).post("/v1/providers", NEW)

    with pytest.raises(NotFound):
        ask(OTHER_ORG)


def test_a_broken_function_is_unavailable(ask, lambda_api):
    lambda_api.broken = True

    with pytest.raises(Unavailable):
        ask(ORG)
