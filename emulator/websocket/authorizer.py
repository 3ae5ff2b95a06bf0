"""The Lambda authorizer of `$connect`.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.rest import authorizers as rest
from emulator.rest.headers import lowered
from emulator.rest.policies import Asked, Decision, decide
from emulator.rest.refusals import DENIED, DENIED_EXPLICITLY
from emulator.rest.refusals import Refused as RestRefused
from emulator.runtime.results import Result
from emulator.template.websocket_model import WebSocketAuthorizer, WebSocketStage
from emulator.web.messages import Request
from emulator.websocket.answers import Refused

_LARGEST_BYTES = 8 * 1024


def check_sources(authorizer: WebSocketAuthorizer, event: Mapping[str, Any], stage: WebSocketStage) -> None:
    """See that every identity source is there, before the authorizer is asked.

    Raises:
        Refused: 401; one is missing or empty.
    """
    if not all(_source(source.removeprefix("route."), event, stage) for source in authorizer.sources):
        raise Refused(401, "Unauthorized")


def _source(source: str, event: Mapping[str, Any], stage: WebSocketStage) -> str | None:
    kind, _, name = source.rpartition(".")
    if kind == "request.header":
        return {key.lower(): str(value) for key, value in event["headers"].items()}.get(name.lower())
    if kind == "request.querystring":
        return event["queryStringParameters"].get(name)  # type: ignore[no-any-return]
    if kind == "stageVariables":
        return stage.variables.get(name)
    if source.startswith("context."):
        return _within(event["requestContext"], source.removeprefix("context."))
    return None


def _within(found: Any, path: str) -> str | None:
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return None if found is None else str(found)


def granted(result: Result, request: Request, arn: str) -> Mapping[str, Any]:
    """Return the context that later events carry.

    Raises:
        Refused: 401 where the authorizer raised `Unauthorized`, 403 where its policy denies or is silent, 500 where it
            failed, answered no policy, or answered more than 8 KB.
    """
    if len(result.payload) > _LARGEST_BYTES:
        raise Refused(500, None)
    try:
        grant = rest.grant_of(result)
    except RestRefused as refused:
        raise Refused(refused.refusal.status, refused.refusal.message) from refused
    decision = decide(grant.statements, Asked(arn, _keys(request)))
    if decision is not Decision.ALLOW:
        raise Refused(403, (DENIED_EXPLICITLY if decision is Decision.DENY else DENIED).message)
    return grant.context


def _keys(request: Request) -> dict[str, str]:
    """Return what a policy's conditions may ask about a request."""
    given = lowered(request)
    keys = {
        "aws:referer": given.get("referer"),
        "aws:securetransport": "true" if given.get("x-forwarded-proto") == "https" else "false",
        "aws:sourceip": request.source_ip,
        "aws:useragent": given.get("user-agent"),
    }
    return {name: value for name, value in keys.items() if value is not None}
