"""`Auth` of an HTTP API: JWT, Lambda and IAM authorizers.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-httpapi-httpapiauth.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from emulator.template.errors import TemplateError
from emulator.template.http_model import HttpAuthorizer, IamAuthorizer, JwtAuthorizer, LambdaAuthorizer
from emulator.template.model import function_name
from emulator.web.guard import is_loopback

Properties = Mapping[str, Any]
IAM = "AWS_IAM"
KNOWN = {"Authorizers", "DefaultAuthorizer", "EnableIamAuthorizer"}
_JWT = {"AuthorizationScopes", "IdentitySource", "JwtConfiguration"}
_LAMBDA = {
    "AuthorizerPayloadFormatVersion", "EnableFunctionDefaultPermissions", "EnableSimpleResponses", "FunctionArn",
    "FunctionInvokeRole", "Identity",
}  # fmt: skip
_IDENTITY = {"Context", "Headers", "QueryStrings", "ReauthorizeEvery", "StageVariables"}
_MAX_TTL_S = 3600
_PREFIXES = (
    ("Headers", "$request.header."),
    ("QueryStrings", "$request.querystring."),
    ("StageVariables", "$stageVariables."),
    ("Context", "$context."),
)


def authorizers(api: str, auth: Properties) -> dict[str, HttpAuthorizer]:
    """Read all authorizers of an API.

    Raises:
        TemplateError: one lacks a property, or has one that AWS refuses.
    """
    found = {name: _authorizer(f"{api}: authorizer {name}", name, each) for name, each in _declared(api, auth)}
    if auth.get("EnableIamAuthorizer") is True:
        found[IAM] = IamAuthorizer()
    default = auth.get("DefaultAuthorizer")
    if default is not None and default not in found:
        raise TemplateError(f"{api}: the default authorizer {default} is not among its Authorizers")
    return found


def warnings(api: str, auth: Properties) -> list[str]:
    """Name what is declared and left out."""
    unknown = [f"Auth.{name}" for name in sorted(set(auth) - KNOWN)]
    for name, each in _declared(api, auth):
        known = _JWT if "JwtConfiguration" in each else _LAMBDA
        place = f"Auth.Authorizers.{name}"
        unknown += [f"{place}.{other}" for other in sorted(set(each) - known)]
        unknown += [f"{place}.Identity.{other}" for other in sorted(set(each.get("Identity") or {}) - _IDENTITY)]
    return [f"{api}: {name} is not emulated" for name in unknown]


def _declared(api: str, auth: Properties) -> Iterable[tuple[str, Properties]]:
    declared = auth.get("Authorizers") or {}
    if not isinstance(declared, Mapping) or not all(isinstance(each, Mapping) for each in declared.values()):
        raise TemplateError(f"{api}: Auth.Authorizers is not a map of authorizers")
    return declared.items()


def _authorizer(place: str, name: str, given: Properties) -> HttpAuthorizer:
    if given.get("JwtConfiguration"):
        return _jwt(place, name, given)
    if "FunctionArn" not in given:
        raise TemplateError(f"{place} has neither a JwtConfiguration nor a FunctionArn")
    return _lambda(place, name, given)


def _jwt(place: str, name: str, given: Properties) -> JwtAuthorizer:
    configuration = {str(key).lower(): value for key, value in given["JwtConfiguration"].items()}
    issuer, audience = str(configuration.get("issuer") or ""), strings(configuration.get("audience"))
    source = given.get("IdentitySource")
    if not issuer or not audience:
        raise TemplateError(f"{place} has a JwtConfiguration without issuer or audience")
    if not _reachable(issuer):
        raise TemplateError(f"{place} has the issuer {issuer}; it must be an https address, or one of this machine")
    if not source:
        raise TemplateError(f"{place} has no IdentitySource")
    return JwtAuthorizer(name, issuer, audience, str(source), strings(given.get("AuthorizationScopes")))


def _reachable(issuer: str) -> bool:
    address = urlsplit(issuer)
    return bool(address.hostname) and (
        address.scheme == "https" or (address.scheme == "http" and is_loopback(address.hostname or ""))
    )


def _lambda(place: str, name: str, given: Properties) -> LambdaAuthorizer:
    version = str(given.get("AuthorizerPayloadFormatVersion", ""))
    if version not in ("1.0", "2.0"):
        raise TemplateError(f"{place} has no AuthorizerPayloadFormatVersion of 1.0 or 2.0")
    simple = given.get("EnableSimpleResponses") is True
    if simple and version == "1.0":
        raise TemplateError(f"{place} enables simple responses, which need AuthorizerPayloadFormatVersion 2.0")
    identity = given.get("Identity") or {}
    ttl_s = int(identity.get("ReauthorizeEvery", 300))
    if not 0 <= ttl_s <= _MAX_TTL_S:
        raise TemplateError(f"{place} has ReauthorizeEvery {ttl_s}; it is from 0 to {_MAX_TTL_S} seconds")
    return LambdaAuthorizer(
        name=name,
        function=function_name(str(given["FunctionArn"])),
        version="1.0" if version == "1.0" else "2.0",
        simple=simple,
        sources=tuple(prefix + each for key, prefix in _PREFIXES for each in strings(identity.get(key))),
        ttl_s=ttl_s,
    )


def strings(given: Any) -> tuple[str, ...]:
    """Return a list of a template as text; one value counts as a list of it, nothing as an empty one."""
    if given is None:
        return ()
    return tuple(map(str, given)) if isinstance(given, list) else (str(given),)
