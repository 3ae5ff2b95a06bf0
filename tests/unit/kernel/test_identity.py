"""Tickets: how one function proves to another on whose behalf it calls."""

from __future__ import annotations

import jwt
import pytest

from kernel.errors import Unauthorized
from kernel.identity import Caller, bearer_of, service_key, ticket

KEY = service_key("a-test-secret-of-48-random-bytes-3f9c1d7be2a84650")
ADA = Caller(user_id="ada", org_id="org", roles=frozenset({"owner"}), request_id="r1")


def test_a_ticket_speaks_for_its_caller():
    caller = bearer_of(ticket(ADA, to="provider-resolve", key=KEY), me="provider-resolve", key=KEY)

    assert (caller.user_id, caller.org_id, caller.roles, caller.request_id) == ("ada", "org", ADA.roles, "r1")
    assert caller.kind == "function"


def test_a_ticket_for_another_function_is_refused():
    with pytest.raises(Unauthorized):
        bearer_of(ticket(ADA, to="auth-api", key=KEY), me="provider-resolve", key=KEY)


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "x.y.z",
        jwt.encode({"sub": "ada", "aud": "f", "exp": 9_999_999_999, "iat": 1}, service_key("another secret"), "HS256"),
        jwt.encode({"sub": "ada", "aud": "f", "exp": 1, "iat": 1}, KEY, "HS256"),
        jwt.encode({"sub": "ada", "aud": "f", "iat": 1}, KEY, "HS256"),
        jwt.encode({"sub": "ada", "aud": "f", "exp": 9_999_999_999, "iat": 1}, None, "none"),
    ],
)
def test_forged_and_expired_tickets_are_refused(forged):
    with pytest.raises(Unauthorized):
        bearer_of(forged, me="f", key=KEY)


def test_no_organisation_is_an_error_where_one_is_needed():
    with pytest.raises(Unauthorized):
        _ = Caller.nobody().organisation
