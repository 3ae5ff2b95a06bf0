"""A whole installation's way in: the authorizer and the routes, called as the gateway calls them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from functions.auth.authorizer import Authorizer
from kernel.http import Application
from tests.client import BundleClient, Reply

SETUP_TOKEN = "a-set-up-token-that-up-prints"
ARN = "arn:aws:execute-api:us-east-1:000000000000:abc/live/{method}/{path}"
ADA = {"email": "ada@example.com", "password": "engines weave algebra", "name": "Ada Lovelace"}
BOB = {"email": "bob@example.com", "password": "bob builds a bridge", "name": "Bob"}


@dataclass(frozen=True)
class _Raw(BundleClient):
    address: str = "198.51.100.1"
    context: Mapping[str, Any] | None = None

    def _event(self, method: str, target: str, body: str | None) -> dict[str, Any]:
        event = super()._event(method, target, body)
        event["requestContext"]["identity"]["sourceIp"] = self.address
        event["requestContext"].pop("authorizer", None)
        if self.context is not None:
            event["requestContext"]["authorizer"] = dict(self.context)
        return event


@dataclass(frozen=True)
class World:
    """Somebody in front of the gateway; `token` is sent as a bearer token and goes through the authorizer."""

    app: Application
    authorize: Authorizer
    token: str | None = None
    address: str = "198.51.100.1"
    headers: Mapping[str, str] = field(default_factory=dict)

    def bearing(self, token: str | None) -> World:
        return replace(self, token=token)

    def at(self, address: str) -> World:
        return replace(self, address=address)

    def with_headers(self, **headers: str) -> World:
        return replace(self, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def get(self, path: str) -> Reply:
        return self.call("GET", path)

    def post(self, path: str, body: object = None) -> Reply:
        return self.call("POST", path, json.dumps(body) if body is not None else None)

    def put(self, path: str, body: object = None) -> Reply:
        return self.call("PUT", path, json.dumps(body))

    def delete(self, path: str) -> Reply:
        return self.call("DELETE", path)

    def call(self, method: str, path: str, body: str | None = None) -> Reply:
        context = None
        if self.token is not None:
            try:
                grant = self.authorize(asked(self.token, method=method, path=path), None)
            except Exception as refused:  # API Gateway knows this one by its text alone
                if str(refused) != "Unauthorized":
                    raise
                return Reply(401, {}, {"code": "unauthorized"})
            context = {**grant["context"], "principalId": grant["principalId"]}
        client = _Raw(self.app, headers=self.headers, address=self.address, context=context)
        return client.call(method, path, body)

    def set_up(self, **changes: str) -> Reply:
        return self.post(
            "/v1/auth/setup", {"token": SETUP_TOKEN, "organisation": "Analytical Engines", **ADA, **changes}
        )

    def log_in(self, email: str = ADA["email"], password: str = ADA["password"]) -> Reply:
        return self.post("/v1/auth/login", {"email": email, "password": password})

    def refresh(self, refresh_token: str) -> Reply:
        return self.post("/v1/auth/refresh", {"refresh_token": refresh_token})

    def owner(self) -> World:
        """Set the installation up; the result is its owner."""
        reply = self.set_up()
        assert reply.status == 201, reply.json
        return self.bearing(reply.json["access_token"])

    def invite(self, role: str, email: str = BOB["email"]) -> Reply:
        return self.post("/v1/auth/invitations", {"email": email, "role": role})

    def join(self, role: str = "reviewer", **who: str) -> Reply:
        """Invite somebody and register as them."""
        profile = {**BOB, **who}
        invitation = self.invite(role, profile["email"])
        assert invitation.status == 201, invitation.json
        return self.bearing(None).post("/v1/auth/register", {"invitation": invitation.json["token"], **profile})


def asked(token: str, *, method: str = "GET", path: str = "/v1/auth/me") -> dict[str, Any]:
    """The event that a REQUEST authorizer gets."""
    headers = {"Authorization": f"Bearer {token}"}
    return {
        "type": "REQUEST",
        "methodArn": ARN.format(method=method, path=path.lstrip("/")),
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
    }
