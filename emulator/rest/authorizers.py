"""Lambda authorizers of a REST API: what they are asked, and what their policy means for a request."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from emulator.rest.event import Call, Match, proxy_event
from emulator.rest.refusals import (
    AUTHORIZER_BROKEN,
    AUTHORIZER_FAILED,
    DENIED,
    DENIED_EXPLICITLY,
    UNAUTHORIZED,
    Refusal,
)
from emulator.runtime.results import Result
from emulator.template import Api, Authorizer
from emulator.template.model import ACCOUNT, REGION
from emulator.web.messages import Request


class Refused(Exception):
    """The request does not reach the function."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.kind)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Grant:
    """An authorizer's answer: its policy's statements and the context for the function."""

    statements: tuple[Mapping[str, Any], ...]
    context: Mapping[str, str]


def method_arn(api: Api, request: Request) -> str:
    """Return the ARN that an authorizer's policy is held against."""
    return f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api.name}/{api.stage}/{request.method}/{request.path.lstrip('/')}"


def identity_of(authorizer: Authorizer, request: Request) -> tuple[str, ...]:
    """Return the values of the identity sources.

    Raises:
        Refused: one is missing although the authorizer needs it; 401 without a call.
    """
    query = dict(parse_qsl(request.query, keep_blank_values=True)) if authorizer.query else {}
    values = [request.header(name.lower()) for name in authorizer.headers]
    values += [query.get(name) for name in authorizer.query]
    needed = authorizer.kind == "TOKEN" or authorizer.ttl_s > 0
    if needed and not all(values):
        raise Refused(UNAUTHORIZED)
    found = tuple(value or "" for value in values)
    if authorizer.validation and found and re.fullmatch(authorizer.validation, found[0]) is None:
        raise Refused(UNAUTHORIZED)
    return found


def event(authorizer: Authorizer, request: Request, found: Match, *, call: Call, api: Api) -> dict[str, Any]:
    """Build the event that asks an authorizer about a request."""
    arn = method_arn(api, request)
    if authorizer.kind == "TOKEN":
        token = request.header(authorizer.headers[0].lower())
        return {"type": "TOKEN", "methodArn": arn, "authorizationToken": token}
    asked = proxy_event(request, found, call=call, api=api)
    del asked["body"], asked["isBase64Encoded"]
    return {"type": "REQUEST", "methodArn": arn, **asked}


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
        statements = answer["policyDocument"]["Statement"]
        statements = (statements,) if isinstance(statements, dict) else tuple(statements)
        context = {"principalId": _string(answer["principalId"])}
        context |= {str(name): _string(value) for name, value in (answer.get("context") or {}).items()}
    except (KeyError, TypeError, AttributeError) as missing:
        raise Refused(AUTHORIZER_BROKEN) from missing
    if not all(isinstance(statement, dict) for statement in statements):
        raise Refused(AUTHORIZER_BROKEN)
    return Grant(statements, context)


def check(grant: Grant, arn: str) -> None:
    """Hold a policy against a method's ARN: a deny beats every allow, and silence denies.

    Raises:
        Refused: 403.
    """
    effects = {str(statement.get("Effect")) for statement in grant.statements if _applies(statement, arn)}
    if "Deny" in effects:
        raise Refused(DENIED_EXPLICITLY)
    if "Allow" not in effects:
        raise Refused(DENIED)


def _applies(statement: Mapping[str, Any], arn: str) -> bool:
    actions, resources = _list(statement.get("Action")), _list(statement.get("Resource"))
    invoked = any(_like(action.lower(), "execute-api:invoke") for action in actions)
    return invoked and any(_like(resource, arn) for resource in resources)


def _list(given: Any) -> list[str]:
    return [str(each) for each in given] if isinstance(given, list) else [str(given)]


def _like(pattern: str, text: str) -> bool:
    """Match IAM's wildcards: `*` is any text, slashes included, `?` one character."""
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, text, re.DOTALL) is not None


def _string(value: Any) -> str:
    """Return a context value as the function sees it: always text.

    Raises:
        TypeError: it is a list or a map, which API Gateway refuses.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise TypeError("an authorizer's context holds text, numbers and booleans only")
