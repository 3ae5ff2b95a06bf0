"""A project with a repository at a host on loopback, and what a host would send."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from functions.project import routes
from functions.project.ports import Deps
from kernel.http import Application
from tests.client import BundleClient, Reply
from tests.githost import Host, Repository

SECRET = "a-webhook-secret-of-32-characters"
HOOKS = Path(__file__).parents[2] / "fixtures" / "hooks"


@dataclass(frozen=True)
class Connected:
    """`told` are the functions that were woken."""

    client: BundleClient
    deps: Deps
    host: Host
    project_id: str
    repository: Repository
    hook_path: str

    @property
    def app(self) -> Application:
        return self.client.app

    def with_deps(self, **changes: Any) -> Connected:
        deps = replace(self.deps, **changes)
        return replace(self, deps=deps, client=replace(self.client, app=routes.build(deps)))

    def ask(self, **wish: object) -> Any:
        reply = self.client.post(f"/v1/projects/{self.project_id}/fetches", wish)
        assert reply.status == 202, reply.json
        return reply.json

    def fetch(self, **wish: object) -> Any:
        """Ask, run, and the fetch as it then is."""
        asked = self.ask(**wish)
        self.run()
        return self.state(asked["id"])

    def run(self) -> dict[str, str]:
        return self.app.handler_map["fetch"]({}, None)

    def state(self, fetch_id: str) -> Any:
        return self.client.get(f"/v1/fetches/{fetch_id}").json

    def version(self, version_id: str) -> Any:
        return self.client.get(f"/v1/versions/{version_id}").json

    def files(self, version_id: str) -> dict[str, str]:
        items = self.client.get(f"/v1/versions/{version_id}/files").json["items"]
        return {item["path"]: item["mode"] for item in items}

    def all(self, what: str) -> list[Any]:
        return self.client.get(f"/v1/projects/{self.project_id}/{what}").json["items"]

    def post(self, body: bytes, **headers: str) -> Reply:
        """What a host sends, without an authorizer."""
        client = self.client.as_role(None).with_headers(**headers)
        return client.call("POST", self.hook_path, body.decode())

    def github(self, event: str, payload: Mapping[str, Any], delivery: str = "d-1", secret: str = SECRET) -> Reply:
        body = json.dumps(payload).encode()
        signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        named = {"X_GitHub_Event": event, "X_GitHub_Delivery": delivery, "X_Hub_Signature_256": signature}
        return self.post(body, **named)

    def gitlab(self, event: str, payload: Mapping[str, Any], delivery: str = "d-1", secret: str = SECRET) -> Reply:
        named = {"X_Gitlab_Event": event, "Idempotency_Key": delivery, "X_Gitlab_Token": secret}
        return self.post(json.dumps(payload).encode(), **named)

    def payload(self, name: str, **changes: Any) -> Any:
        """A recorded payload, of this repository; `changes` go to its main object."""
        said = json.loads((HOOKS / f"{name}.json").read_text())
        url = self.host.url_of("parser.git")
        said.get("repository", {})["clone_url"] = url
        if "project" in said:
            said["project"]["git_http_url"] = url
        inner = said.get("pull_request") or said.get("object_attributes") or said
        inner.update(changes)
        return said


def connect(client: BundleClient, deps: Deps, host: Host, name: str = "parser", **about: Any) -> Connected:
    """A project whose repository is `<name>.git` at the host."""
    repository = host.repository(f"{name}.git")
    made = client.post("/v1/projects", {"name": name}).json
    body = {"kind": "github", "url": host.url_of(f"{name}.git"), "webhook_secret": SECRET, **about}
    reply = client.put(f"/v1/projects/{made['id']}/repository", body)
    assert reply.status == 200, reply.json
    return Connected(client, deps, host, made["id"], repository, reply.json["hook_path"])
