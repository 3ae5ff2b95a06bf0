"""Route precedence, as a pure function."""

from __future__ import annotations

import pytest

from emulator.rest.routes import Routes
from emulator.template import ApiRoute
from emulator.web.guard import is_loopback

PATHS = ("/", "/a", "/a/{id}", "/a/fixed", "/a/{id}/b", "/{proxy+}", "/a/{id}/{rest+}")


@pytest.mark.parametrize(
    ("method", "path", "expected", "parameters"),
    [
        ("GET", "/", "/", {}),
        ("GET", "/a", "/a", {}),
        ("GET", "/a/fixed", "/a/fixed", {}),
        ("GET", "/a/7", "/a/{id}", {"id": "7"}),
        ("GET", "/a/x%20y", "/a/{id}", {"id": "x%20y"}),
        ("GET", "/a/7/b", "/a/{id}/b", {"id": "7"}),
        ("GET", "/a/7/c/d", "/a/{id}/{rest+}", {"id": "7", "rest": "c/d"}),
        ("GET", "/z/y", "/{proxy+}", {"proxy": "z/y"}),
        ("GET", "/a/", "/a", {}),
    ],
)
def test_the_most_specific_resource_wins(method, path, expected, parameters):
    for paths in (PATHS, PATHS[::-1]):
        found = Routes(ApiRoute("GET", each, each) for each in paths).match(method, path)

        assert (found.route.path, found.path_parameters) == (expected, parameters)


def test_a_method_beats_any_and_a_missing_method_falls_through():
    routes = Routes(
        [
            ApiRoute("ANY", "/a/{id}", "any"),
            ApiRoute("GET", "/a/{id}", "get"),
            ApiRoute("POST", "/b/{id}", "post"),
            ApiRoute("ANY", "/{proxy+}", "rest"),
        ]
    )

    assert routes.match("GET", "/a/1").route.function == "get"
    assert routes.match("PUT", "/a/1").route.function == "any"
    assert routes.match("PUT", "/b/1").route.function == "rest"
    assert Routes([ApiRoute("GET", "/a", "f")]).match("POST", "/a") is None


def test_a_method_is_exact_and_head_is_not_get():
    routes = Routes([ApiRoute("GET", "/a", "f")])

    assert routes.match("HEAD", "/a") is None
    assert routes.match("get", "/a") is None
    assert routes.match("GET", "//a/").route.function == "f"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("app.localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("[::1]", True),
        ("localhost.evil.example", False),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_loopback_names(host, loopback):
    assert is_loopback(host) is loopback
