"""Lambda authorizers of a REST API.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiauth.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from emulator.template.errors import TemplateError
from emulator.template.model import function_name
from emulator.template.rest_model import Authorizer

Properties = Mapping[str, Any]
_SOURCES = ("Headers", "QueryStrings", "StageVariables", "Context")
_TTL_S, _LONGEST_TTL_S = 300, 3600


def read(api: str, given: Mapping[str, Properties]) -> dict[str, Authorizer]:
    """Turn resolved properties into authorizers.

    Raises:
        TemplateError: one is not a Lambda authorizer, or could not be deployed.
    """
    return {name: _authorizer(f"{api}: authorizer {name}", name, each) for name, each in given.items()}


def _authorizer(place: str, name: str, given: Properties) -> Authorizer:
    kind = _kind(place, given)
    identity = given.get("Identity") or {}
    headers, query, variables, context = (tuple(map(str, identity.get(key) or ())) for key in _SOURCES)
    token = kind == "TOKEN"
    found = Authorizer(
        name=name,
        function=function_name(str(given["FunctionArn"])),
        kind=kind,
        headers=(str(identity.get("Header") or "Authorization"),) if token else headers,
        query=query,
        stage_variables=variables,
        context=context,
        validation=_expression(place, identity.get("ValidationExpression")) if token else None,
        ttl_s=_ttl(place, identity.get("ReauthorizeEvery")),
    )
    if not token and found.ttl_s and not any((headers, query, variables, context)):
        raise TemplateError(f"{place} needs an Identity with at least one of {', '.join(_SOURCES)}")
    return found


def _expression(place: str, given: Any) -> str | None:
    try:
        return None if given is None else re.compile(str(given)).pattern
    except re.error as wrong:
        raise TemplateError(f"{place} has the ValidationExpression {given}: {wrong}") from wrong


def _kind(place: str, given: Properties) -> Any:
    if "UserPoolArn" in given:
        raise TemplateError(f"{place} is a Cognito user pool, which is not emulated; use a Lambda authorizer")
    if "FunctionArn" not in given:
        raise TemplateError(f"{place} has no FunctionArn; only Lambda authorizers are supported")
    kind = given.get("FunctionPayloadType") or "TOKEN"
    if kind not in ("TOKEN", "REQUEST"):
        raise TemplateError(f"{place} has the payload type {kind}, known are TOKEN and REQUEST")
    return kind


def _ttl(place: str, given: Any) -> int:
    """Return for how long an answer is kept: 300 s unless the template says otherwise, as on AWS."""
    seconds = _TTL_S if given is None else int(given)
    if not 0 <= seconds <= _LONGEST_TTL_S:
        raise TemplateError(f"{place} has ReauthorizeEvery {seconds}, allowed are 0 to {_LONGEST_TTL_S} seconds")
    return seconds
