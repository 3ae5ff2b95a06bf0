"""Lambda authorizers of an HTTP API: what they are asked, and what their answer means.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from emulator.http_api import event, event_v1
from emulator.http_api.event import Call, Found
from emulator.http_api.identity import select
from emulator.http_api.refusals import FAILED, UNAUTHORIZED, Refused
from emulator.rest.policies import Asked, Decision, decide
from emulator.runtime.results import Result
from emulator.template.http_model import DEFAULT, LambdaAuthorizer
from emulator.template.model import ACCOUNT, REGION
from emulator.web.messages import Request


@dataclass(frozen=True, slots=True)
class Grant:
    """An authorizer's answer: a decision for all routes, or statements to hold against each; and its context."""

    allowed: bool | None
    statements: tuple[Mapping[str, Any], ...]
    context: Mapping[str, Any] | None

    def allows(self, asked: Asked) -> bool:
        return decide(self.statements, asked) is Decision.ALLOW if self.allowed is None else self.allowed


def route_arn(request: Request, found: Found) -> str:
    """Return the ARN that a policy is held against: stage, method and the path below the stage."""
    api, path = found.api, event.raw_path(request.path)
    path = path if api.stage == DEFAULT else path.removeprefix(f"/{api.stage}")
    target = f"{api.name}/{api.stage}/{request.method}/{path.lstrip('/')}"
    return f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{target}"


def asked_for(request: Request, found: Found, call: Call) -> Asked:
    """Describe a request to the language of policies."""
    now = datetime.fromtimestamp(call.time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    keys = {
        "aws:currenttime": now,
        "aws:epochtime": str(int(call.time)),
        "aws:securetransport": "false",
        "aws:sourceip": request.source_ip,
        "aws:useragent": request.header("user-agent") or "",
    }
    return Asked(route_arn(request, found), keys)


def identity_of(authorizer: LambdaAuthorizer, request: Request, found: Found, call: Call) -> tuple[str, ...]:
    """Return the values of the identity sources.

    Raises:
        Refused: one is missing or empty; 401, and the authorizer is not asked.
    """
    values = tuple(select(source, request, found, call) or "" for source in authorizer.sources)
    if not all(values):
        raise Refused(UNAUTHORIZED)
    return values


def question(
    authorizer: LambdaAuthorizer, request: Request, found: Found, call: Call, *, identity: tuple[str, ...]
) -> dict[str, Any]:
    """Build the event that asks an authorizer about a request."""
    arn = route_arn(request, found)
    if authorizer.version == "2.0":
        sources = {"identitySource": list(identity)} if identity else {"identitySource": None}
        asked = event.asked(request, found, call)
        del asked["version"]
        return {"version": "2.0", "type": "REQUEST", "routeArn": arn, **sources, **asked}
    token = ",".join(identity) or None
    asked = event_v1.asked(request, found, call)
    del asked["requestContext"]["authorizer"]
    return {
        "version": "1.0",
        "type": "REQUEST",
        "methodArn": arn,
        "identitySource": token,
        "authorizationToken": token,
        **asked,
    }


def grant_of(authorizer: LambdaAuthorizer, result: Result) -> Grant:
    """Read an authorizer's answer.

    Raises:
        Refused: it raised `Unauthorized` (401), failed, or answered in another format (500).
    """
    try:
        answer = json.loads(result.payload)
    except ValueError as broken:
        raise Refused(FAILED) from broken
    if not isinstance(answer, dict):
        raise Refused(FAILED)
    if result.error is not None:
        raise Refused(UNAUTHORIZED if answer.get("errorMessage") == "Unauthorized" else FAILED)
    context = answer.get("context")
    if context is not None and not isinstance(context, dict):
        raise Refused(FAILED)
    if authorizer.simple:
        return Grant(_decision(answer), (), context or None)
    return Grant(None, _statements(answer), _with_principal(authorizer, answer, context))


def _decision(answer: Mapping[str, Any]) -> bool:
    decision = answer.get("isAuthorized")
    if not isinstance(decision, bool):
        raise Refused(FAILED)
    return decision


def _statements(answer: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    document = answer.get("policyDocument")
    given = document.get("Statement") if isinstance(document, dict) else None
    statements = [given] if isinstance(given, dict) else given
    if not isinstance(statements, list) or not all(isinstance(each, dict) for each in statements):
        raise Refused(FAILED)
    return tuple(statements)


def _with_principal(
    authorizer: LambdaAuthorizer, answer: Mapping[str, Any], context: Mapping[str, Any] | None
) -> Mapping[str, Any] | None:
    """Format 1.0 is that of REST APIs, whose context holds the principal."""
    if authorizer.version == "1.0" and "principalId" in answer:
        return {"principalId": answer["principalId"], **(context or {})}
    return context or None
