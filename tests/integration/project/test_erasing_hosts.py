"""A deleted project takes with it what came of its repository and of those who listen to it."""

from __future__ import annotations

from tests.integration.project.hosts import client, connected, deps, host, reaching, woken
from tests.integration.project.keep import later
from tests.integration.project.test_erasing import rows

__all__ = ["client", "connected", "deps", "host", "reaching", "woken"]
EVERYTHING = {"repositories", "hooks", "hook_deliveries", "fetches", "pull_requests", "webhooks", "versions"}


def test_what_came_of_a_repository_goes_with_its_project(connected, admin, host):
    connected.repository.commit({"a.py": "1"})
    assert connected.github("push", connected.payload("github.push")).status == 202
    assert connected.github("pull_request", connected.payload("github.pull_request"), "d-2").status == 202
    connected.run()
    path = f"/v1/projects/{connected.project_id}"
    webhook = {"url": host.url_of("hook"), "events": ["analysis.completed"]}
    assert connected.client.post(f"{path}/webhooks", webhook).status == 201
    waits = connected.ask(ref="main")
    assert not {name for name, many in rows(admin).items() if not many} & (EVERYTHING | {"fetch_queue"})

    assert connected.client.call("DELETE", path).status == 202

    assert connected.client.get(f"/v1/fetches/{waits['id']}").status == 404
    assert connected.github("push", connected.payload("github.push"), "d-3").status in (401, 404)
    for _ in range(4):
        later(admin, "26 hours")
        connected.app.handler_map["sweep"]({}, None)
    assert {name: many for name, many in rows(admin).items() if many} == {}
