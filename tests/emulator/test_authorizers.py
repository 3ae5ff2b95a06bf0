"""Lambda authorizers in front of a route."""

from __future__ import annotations

import pytest


def test_an_allowed_caller_reaches_the_function_with_the_context_as_text(gateway):
    context = gateway("GET", "/token", headers={"Authorization": "all"}).json["requestContext"]["authorizer"]

    assert (context["principalId"], context["number"], context["flag"]) == ("ada", "7", "true")


@pytest.mark.parametrize(
    ("token", "status", "body"),
    [
        ("nobody", 401, {"message": "Unauthorized"}),
        ("denied", 403, {"Message": "User is not authorized to access this resource with an explicit deny"}),
        ("crash", 500, {"message": None}),
        ("shapeless", 500, {"message": None}),
    ],
)
def test_a_refusal_looks_as_on_aws(gateway, token, status, body):
    reply = gateway("GET", "/token", headers={"Authorization": token})

    assert (reply.status, reply.json) == (status, body)


def test_a_missing_token_is_a_401_without_a_call(gateway):
    assert gateway("GET", "/token").status == 401


def test_a_policy_for_one_method_allows_only_that(gateway):
    assert gateway("GET", "/token", headers={"Authorization": "one"}).status == 200
    assert gateway("GET", "/token/other", headers={"Authorization": "one"}).status == 200


def test_a_request_authorizer_sees_the_request(gateway):
    assert gateway("GET", "/headers", headers={"X-Key": "all"}).status == 200
    assert gateway("GET", "/headers", headers={"X-Key": "nobody"}).status == 401


def test_a_grant_is_cached_only_where_the_template_says_so(gateway):
    def asked_at(path: str) -> str:
        return gateway("GET", path, headers={"Authorization": "timed"}).json["requestContext"]["authorizer"]["at"]

    assert asked_at("/cached") == asked_at("/cached")
    assert asked_at("/token") != asked_at("/token")
