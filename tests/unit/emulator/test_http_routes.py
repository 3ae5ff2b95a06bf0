"""Which route of an HTTP API a request takes, and how much of it gets through."""

from __future__ import annotations

import itertools

import pytest

from emulator.clock import ManualClock
from emulator.http_api.routes import Routes
from emulator.template.http_model import HttpApi, HttpParts, HttpRoute
from tests.unit.emulator.http import gateway

KEYS = (
    "GET /pets/dog/1",
    "GET /pets/dog/{id}",
    "GET /pets/{proxy+}",
    "ANY /{proxy+}",
    "POST /pets/dog/1",
    "ANY /a/{b}/{c}",
)


@pytest.mark.parametrize(
    ("method", "path", "key", "parameters"),
    [
        ("GET", "/pets/dog/1", "GET /pets/dog/1", {}),
        ("GET", "/pets/dog/2", "GET /pets/dog/{id}", {"id": "2"}),
        ("GET", "/pets/cat/1", "GET /pets/{proxy+}", {"proxy": "cat/1"}),
        ("POST", "/test/5", "ANY /{proxy+}", {"proxy": "test/5"}),
        ("POST", "/pets/dog/2", "ANY /{proxy+}", {"proxy": "pets/dog/2"}),
        ("GET", "/pets/dog/a%20b%2Fc", "GET /pets/dog/{id}", {"id": "a b/c"}),
        ("GET", "/pets/d%6Fg/1", "GET /pets/dog/1", {}),
        ("GET", "//pets/dog/1", "GET /pets/dog/1", {}),
        ("GET", "/pets/dog/1/", "GET /pets/{proxy+}", {"proxy": "dog/1/"}),
        ("PUT", "/a/1/2", "ANY /a/{b}/{c}", {"b": "1", "c": "2"}),
    ],
)
def test_a_full_match_beats_a_greedy_one(method, path, key, parameters):
    for keys in itertools.islice(itertools.permutations(KEYS), 0, 720, 90):
        routes = Routes(HttpRoute(*each.split(" "), each) for each in keys)

        found = routes.match(method, path)

        assert (found.route.key, found.parameters) == (key, parameters)


def test_a_method_beats_any_and_a_full_match_beats_a_longer_greedy_one():
    keys = ("ANY /x/{id}", "GET /x/{id}", "GET /{a}/{b}", "GET /x/y/{rest+}", "ANY /{a}/{b}/{c}")
    routes = Routes(HttpRoute(*each.split(" "), each) for each in keys)

    assert routes.match("GET", "/x/1").route.key == "GET /x/{id}"
    assert routes.match("PUT", "/x/1").route.key == "ANY /x/{id}"
    assert routes.match("GET", "/x/y/z").route.key == "ANY /{a}/{b}/{c}"
    assert routes.match("GET", "/x/y/z/z").route.key == "GET /x/y/{rest+}"


def test_paths_are_exact_and_a_greedy_variable_is_never_empty():
    routes = Routes(
        [HttpRoute("GET", "/a", "f"), HttpRoute("GET", "/b/{rest+}", "f"), HttpRoute("GET", "/c/{id}", "f")]
    )

    assert [routes.match("GET", path) for path in ("/a/", "/b", "/b/", "/c/", "/")] == [None] * 5
    assert routes.match("POST", "/a") is None


def test_the_default_route_takes_the_rest(tmp_path):
    http = gateway(tmp_path, events="All: { Type: HttpApi, Properties: { ApiId: !Ref Api } }")

    event = http.event("PATCH", "/any/thing?x=1")

    assert (event["routeKey"], event["rawPath"], "pathParameters" in event) == ("$default", "/any/thing", False)
    assert http.event("GET", "/echo")["routeKey"] == "ANY /echo"


def test_without_a_default_route_nothing_answers(tmp_path):
    assert gateway(tmp_path).send("GET", "/other") is None


def test_a_rate_is_a_bucket_that_the_clock_refills(tmp_path):
    clock = ManualClock()
    http = gateway(
        tmp_path,
        api='RouteSettings: { "ANY /echo": { ThrottlingRateLimit: 0.5, ThrottlingBurstLimit: 2 } }',
        clock=clock,
    )

    def statuses(number):
        return [http.send("GET", "/echo").status for _ in range(number)]

    assert statuses(3) == [200, 200, 429]
    assert http.send("GET", "/echo").body == b'{"message":"Too Many Requests"}'
    clock.advance(2)
    assert statuses(2) == [200, 429]
    clock.advance(3600)
    assert statuses(3) == [200, 200, 429]


def test_a_stage_with_a_name_stands_before_the_path_that_clients_use():
    route, rest = HttpRoute("GET", "/pets", "f", api="Beta"), HttpRoute("ANY", "$default", "f", api="Beta")
    parts = HttpParts(apis={"Beta": HttpApi("Beta", stage="beta"), "Plain": HttpApi("Plain")}, routes=(route, rest))

    assert parts.served(route) == "/beta/pets"
    assert parts.served(rest) == "/beta"
    assert parts.served(HttpRoute("GET", "/pets", "f", api="Plain")) == "/pets"
