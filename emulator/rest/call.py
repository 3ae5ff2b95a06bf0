"""One request on its way through the gateway, with what has been found out about it so far."""

from __future__ import annotations

import base64
import os
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from emulator.rest.headers import lowered, received
from emulator.rest.targets import Target
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


@dataclass
class Call:
    """`now` is in seconds since 1970; `base` is the stage's part of the path, empty where it was left out.

    What a request authorizer, a key or a signature adds comes in while the call is served.
    """

    request: Request
    api: Api
    now: float
    trace: str
    target: Target | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    base: str = ""
    authorizer: Mapping[str, Any] | None = None
    caller: Caller | None = None
    key: UsedKey | None = None

    def __post_init__(self) -> None:
        self.given = lowered(self.request)
        self.request_id = str(uuid.uuid4())
        self.extended_id = base64.b64encode(os.urandom(11)).decode()

    @cached_property
    def path(self) -> str:
        """The path without the stage, still percent-encoded; leading slashes count as one, as on AWS."""
        return "/" + self._rest.lstrip("/")

    @property
    def _rest(self) -> str:
        return self.request.path[len(self.base) :]

    @cached_property
    def headers(self) -> dict[str, list[str]]:
        return received(self.request, self.given, self.trace)

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The values of each parameter. A semicolon splits as an ampersand does."""
        found: dict[str, list[str]] = {}
        if self.request.query:
            for name, value in parse_qsl(self.request.query.replace(";", "&"), keep_blank_values=True):
                found.setdefault(name, []).append(value)
        return found

    @cached_property
    def method_arn(self) -> str:
        """The ARN that policies are held against."""
        assert self.target is not None, "only a route has a method"
        return f"{self.target.arn}/{self.request.method}{self.path}"

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
            "httpMethod": request.method,
            "identity": self._identity(),
            "path": f"/{self.api.stage}{self._rest}" if self.base else request.path,
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


_last_clf: tuple[int, str] = (-1, "")


def _clf(second: int) -> str:
    """Return a time as access logs write it, `23/Nov/2026:15:04:05 +0000`; made once a second."""
    global _last_clf
    if _last_clf[0] != second:
        _last_clf = (second, time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(second)))
    return _last_clf[1]
