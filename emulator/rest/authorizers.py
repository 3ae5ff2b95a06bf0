"""Lambda authorizers of a REST API: what they are asked, what their answer is worth, and how long it is kept.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from emulator.rest.call import Call
from emulator.rest.event import authorizer_event
from emulator.rest.policies import Asked, Decision, Statement, decide, listed
from emulator.rest.refusals import (
    AUTHORIZER_BROKEN,
    AUTHORIZER_FAILED,
    DENIED,
    DENIED_EXPLICITLY,
    UNAUTHORIZED,
    URI_TOO_LONG,
    Refused,
)
from emulator.runtime.results import Result
from emulator.template import Authorizer

_LONGEST_ARN, _LONGEST_RESOURCE = 1600, 512
_CACHE_SIZE = 1000


@dataclass(frozen=True, slots=True)
class Grant:
    """An authorizer's answer: its policy's statements, the context for the function, and the client's API key."""

    statements: Sequence[Statement]
    context: Mapping[str, Any]
    key: str | None = field(default=None, repr=False)


def identity_of(authorizer: Authorizer, call: Call) -> tuple[str, ...]:
    """Return the values of the identity sources.

    Raises:
        Refused: one is missing although the authorizer needs it, or the token is not of the declared form;
            401 without a call.
    """
    values = [call.given.get(name.lower()) for name in authorizer.headers]
    values += [call.query.get(name, [""])[-1] for name in authorizer.query]
    values += [call.api.variables.get(name) for name in authorizer.stage_variables]
    values += [_context_value(call, name) for name in authorizer.context]
    if not all(values) and (authorizer.kind == "TOKEN" or authorizer.ttl_s > 0):
        raise Refused(UNAUTHORIZED)
    found = tuple(value or "" for value in values)
    if authorizer.validation and re.fullmatch(authorizer.validation, found[0]) is None:
        raise Refused(UNAUTHORIZED)
    return found


def question(authorizer: Authorizer, call: Call) -> bytes:
    """Return the event that asks an authorizer about a request.

    Raises:
        Refused: 414; the path makes the method's ARN longer than API Gateway takes.
    """
    if len(call.method_arn) > _LONGEST_ARN:
        raise Refused(URI_TOO_LONG)
    if authorizer.kind == "REQUEST":
        return json.dumps(authorizer_event(call)).encode()
    token = call.given.get(authorizer.headers[0].lower())
    return json.dumps({"type": "TOKEN", "methodArn": call.method_arn, "authorizationToken": token}).encode()


def grant_of(result: Result) -> Grant:
    """Read an authorizer's answer.

    Raises:
        Refused: it raised `Unauthorized` (401), failed, or answered no policy (500).
    """
    try:
        answer = json.loads(result.payload)
    except ValueError as broken:
        raise Refused(AUTHORIZER_BROKEN) from broken
    if result.error is not None:
        said = answer.get("errorMessage") if isinstance(answer, dict) else None
        raise Refused(UNAUTHORIZED if said == "Unauthorized" else AUTHORIZER_FAILED)
    try:
        key = answer.get("usageIdentifierKey")
        return Grant(_statements(answer["policyDocument"]), _context(answer), None if key is None else str(key))
    except (KeyError, TypeError, AttributeError) as missing:
        raise Refused(AUTHORIZER_BROKEN) from missing


def check(grant: Grant, call: Call) -> None:
    """Hold a policy against a request: a deny beats every allow, and silence denies.

    Raises:
        Refused: 403.
    """
    decision = decide(grant.statements, Asked(call.method_arn, condition_keys(call)))
    if decision is not Decision.ALLOW:
        raise Refused(DENIED_EXPLICITLY if decision is Decision.DENY else DENIED)


def condition_keys(call: Call) -> dict[str, str]:
    """Return what a policy's conditions may ask about a request."""
    keys = {
        "aws:currenttime": datetime.fromtimestamp(call.now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:epochtime": str(int(call.now)),
        "aws:referer": call.given.get("referer"),
        "aws:securetransport": "true" if call.given.get("x-forwarded-proto") == "https" else "false",
        "aws:sourceip": call.request.source_ip,
        "aws:useragent": call.given.get("user-agent"),
    }
    return {name: value for name, value in keys.items() if value is not None}


class Grants:
    """Remembers answers for as long as their authorizer says; a cached policy is held against each new method."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], tuple[Grant, float]] = {}

    def get(self, key: tuple[str, ...], now: float) -> Grant | None:
        grant, until = self._known.get(key, (None, 0.0))
        return grant if until > now else None

    def put(self, key: tuple[str, ...], grant: Grant, until: float) -> None:
        self._known.pop(key, None)
        if len(self._known) >= _CACHE_SIZE:
            self._known.pop(next(iter(self._known)))
        self._known[key] = (grant, until)


def _context_value(call: Call, name: str) -> str | None:
    found: Any = call.context
    for part in name.removeprefix("context.").split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return None if found is None else str(found)


def _statements(document: Any) -> tuple[Statement, ...]:
    given = document["Statement"]
    statements = (given,) if isinstance(given, dict) else tuple(given)
    for statement in statements:
        resources = listed(statement.get("Resource", statement.get("NotResource")))
        if statement["Effect"] not in ("Allow", "Deny") or max(map(len, resources), default=0) > _LONGEST_RESOURCE:
            raise TypeError("a statement has no known effect, or its resource is too long")
        if not ({"Action", "NotAction"} & set(statement) and {"Resource", "NotResource"} & set(statement)):
            raise TypeError("a statement names no action or no resource")
    return statements


def _context(answer: Mapping[str, Any]) -> dict[str, str]:
    found = {str(name): _text(value) for name, value in (answer.get("context") or {}).items() if value is not None}
    return {"principalId": _text(answer["principalId"]), **found}


def _text(value: Any) -> str:
    """Return a context value as the function sees it: always text.

    Raises:
        TypeError: it is a list or a map, which API Gateway refuses.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise TypeError("an authorizer's context holds text, numbers and booleans only")
