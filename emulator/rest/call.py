"""One request on its way through the gateway, with what has been found out about it so far."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from emulator.rest.headers import DROPPED, SIGNED, lowered, received
from emulator.rest.targets import Target
from emulator.runtime.runtime import new_trace_id
from emulator.template import Api
from emulator.template.model import ACCOUNT
from emulator.web.messages import Request


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed a request, as IAM would name them."""

    access_key: str
    account: str = ACCOUNT
    user: str = "local"

    @property
    def user_arn(self) -> str:
        return f"arn:aws:iam::{self.account}:user/{self.user}"


@dataclass(frozen=True, slots=True)
class UsedKey:
    """The API key that a request came with."""

    id: str
    value: str = field(repr=False)


class Call:
    """What is known of a request. `now` is in seconds since 1970.

    `X-HTTP-Method-Override` is the method where a client sends it. What an authorizer, a key or a signature adds comes in while the call is served.
    """

    __slots__ = (
        "_headers", "_query", "_rest", "api", "authorizer", "caller", "extended_id", "given", "invocation_id", "key",
        "method", "now", "parameters", "path", "request", "request_id", "staged", "target", "trace",
    )  # fmt: skip

    def __init__(self, request: Request, api: Api, now: float) -> None:
        self.request, self.api, self.now = request, api, now
        self.given = lowered(request)
        self.method = self.given.get("x-http-method-override", request.method).upper()
        self.trace = self.given.get("x-amzn-trace-id") or new_trace_id()
        noise = os.urandom(43)
        self.request_id, self.invocation_id = _uuid(noise[:16]), _uuid(noise[16:32])
        self.extended_id = base64.urlsafe_b64encode(noise[32:]).decode()
        self.target: Target | None = None
        self.parameters: Mapping[str, str] = {}
        self.authorizer: Mapping[str, Any] | None = None
        self.caller: Caller | None = None
        self.key: UsedKey | None = None
        self._headers: dict[str, list[str]] | None = None
        self._query: dict[str, list[str]] | None = None
        self.staged, self._rest = False, request.path
        self.path = "/" + request.path.lstrip("/")

    def take(self, target: Target, parameters: Mapping[str, str], base: str = "") -> None:
        """Go on to a route. `base` is what the path has in front of the route's."""
        self.target, self.api, self.parameters = target, target.api, parameters
        if base:
            self.staged, self._rest = True, self.request.path[len(base) :]
            self.path = "/" + self._rest.lstrip("/")

    @property
    def headers(self) -> dict[str, list[str]]:
        if self._headers is None:
            signed = self.target is not None and self.target.signed
            self._headers = received(self.request, self.given, self.trace, dropped=SIGNED if signed else DROPPED)
        return self._headers

    @property
    def query(self) -> dict[str, list[str]]:
        """The values of each parameter. A semicolon splits as an ampersand does."""
        if self._query is None:
            self._query = {}
            if self.request.query:
                for name, value in parse_qsl(self.request.query.replace(";", "&"), keep_blank_values=True):
                    self._query.setdefault(name, []).append(value)
        return self._query

    @property
    def told_trace(self) -> str:
        """Return the trace as a client is told it beside a function's answer; of its own one it knows all but the root."""
        if self.target is None or not self.target.lineage or "x-amzn-trace-id" in self.given:
            return self.trace.partition(";")[0]
        return f"{self.trace};Lineage=1:{self.target.lineage}:0"

    @property
    def method_arn(self) -> str:
        """The ARN that policies are held against."""
        assert self.target is not None, "only a route has a method"
        return f"{self.target.arn}/{self.method}{self.path}"

    @property
    def context(self) -> dict[str, Any]:
        """`requestContext` of the event, `$context` of templates, as far as it is known by now."""
        request, fixed = self.request, self.target.context if self.target else self.api_context()
        domain = self.given.get("host", "localhost").rsplit(":", 1)[0]
        found = {
            **fixed,
            "domainName": domain,
            "domainPrefix": domain.split(".")[0],
            "extendedRequestId": self.extended_id,
            "httpMethod": self.method,
            "identity": self._identity(),
            "path": f"/{self.api.stage}{self._rest}" if self.staged else request.path,
            "protocol": request.protocol,
            "requestId": self.request_id,
            "requestTime": _clf(int(self.now)),
            "requestTimeEpoch": int(self.now * 1000),
        }
        if self.authorizer is not None:
            found["authorizer"] = dict(self.authorizer)
        return found

    def api_context(self) -> dict[str, Any]:
        return {"accountId": ACCOUNT, "apiId": self.api.name, "stage": self.api.stage}

    def _identity(self) -> dict[str, Any]:
        """Return who calls, as far as the connection, a key and a signature tell."""
        caller, key = self.caller, self.key
        return {
            "accessKey": caller and caller.access_key,
            "accountId": caller and caller.account,
            **({"apiKey": key.value, "apiKeyId": key.id} if key else {}),
            "caller": caller and caller.access_key,
            "cognitoAuthenticationProvider": None,
            "cognitoAuthenticationType": None,
            "cognitoIdentityId": None,
            "cognitoIdentityPoolId": None,
            "principalOrgId": None,
            "sourceIp": self.request.source_ip,
            "user": caller and caller.access_key,
            "userAgent": self.given.get("user-agent"),
            "userArn": caller and caller.user_arn,
        }


def _uuid(noise: bytes) -> str:
    """Return 16 random bytes as a UUID of version 4."""
    digits = noise.hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


_last_clf: tuple[int, str] = (-1, "")


def _clf(second: int) -> str:
    """Return a time as access logs write it, `23/Nov/2026:15:04:05 +0000`; made once a second."""
    global _last_clf
    if _last_clf[0] != second:
        _last_clf = (second, time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(second)))
    return _last_clf[1]
