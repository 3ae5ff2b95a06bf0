"""Calls a bundle as API Gateway would, in this process: no socket, no patching."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from kernel.http import Application

ORG = "01890000-0000-7000-8000-00000000000a"
OTHER_ORG = "01890000-0000-7000-8000-00000000000b"
USER = "01890000-0000-7000-8000-000000000001"


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    json: Any


@dataclass(frozen=True)
class BundleClient:
    """One caller of one bundle. `roles` of None calls without an authorizer, as on a public route."""

    app: Application
    user: str = USER
    org: str = ORG
    roles: str | None = "owner"
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_role(self, roles: str | None) -> BundleClient:
        return replace(self, roles=roles)

    def of(self, org: str) -> BundleClient:
        return replace(self, org=org)

    def with_headers(self, **headers: str) -> BundleClient:
        return replace(self, headers={**self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}})

    def get(self, path: str) -> Reply:
        return self.call("GET", path)

    def post(self, path: str, body: object = None) -> Reply:
        return self.call("POST", path, json.dumps(body) if body is not None else None)

    def put(self, path: str, body: object = None) -> Reply:
        return self.call("PUT", path, json.dumps(body))

    def delete(self, path: str) -> Reply:
        return self.call("DELETE", path)

    def call(self, method: str, path: str, body: str | None = None) -> Reply:
        answer = self.app(self._event(method, path, body), None)
        text = answer["body"]
        is_json = "json" in str(answer["headers"].get("Content-Type", ""))
        return Reply(answer["statusCode"], answer["headers"], json.loads(text) if is_json and text else text)

    def _event(self, method: str, target: str, body: str | None) -> dict[str, Any]:
        url = urlsplit(target)
        query: dict[str, list[str]] = {}
        for name, value in parse_qsl(url.query, keep_blank_values=True):
            query.setdefault(name, []).append(value)
        resource, parameters = self._match(method, url.path)
        headers = {"content-type": "application/json", **self.headers}
        authorizer = {"principalId": self.user, "org_id": self.org, "roles": self.roles, "session_id": "s1"}
        return {
            "resource": resource,
            "path": url.path,
            "httpMethod": method,
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
            "multiValueQueryStringParameters": query or None,
            "pathParameters": parameters or None,
            "stageVariables": None,
            "requestContext": {
                "requestId": "r1",
                "resourcePath": resource,
                "httpMethod": method,
                "path": url.path,
                "identity": {"sourceIp": "127.0.0.1", "userAgent": "test"},
                **({"authorizer": authorizer} if self.roles is not None else {}),
            },
            "body": body,
            "isBase64Encoded": False,
        }

    def _match(self, method: str, path: str) -> tuple[str, dict[str, str]]:
        have = path.strip("/").split("/")
        for pattern in sorted(self.app.routes, key=lambda p: [s.startswith("{") for s in p.split("/")]):
            want = pattern.strip("/").split("/")
            fits = len(want) == len(have) and all(w == h or w.startswith("{") for w, h in zip(want, have, strict=True))
            if fits:
                return pattern, {w.strip("{}"): h for w, h in zip(want, have, strict=True) if w.startswith("{")}
        raise AssertionError(f"no route for {method} {path}")
