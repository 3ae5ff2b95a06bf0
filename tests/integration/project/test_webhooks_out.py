"""Webhooks to the outside: signed, retried, logged, told once, and never let into places that are not theirs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
import sqlalchemy as sa

from functions.project import bootstrap
from tests.client import OTHER_ORG
from tests.codehost import CodeHost
from tests.githost import answer
from tests.integration.project.hosts import client, connected, deps, host, reaching, woken
from tests.integration.project.outside import Outside

__all__ = ["client", "connected", "deps", "host", "reaching", "woken"]
VERSION = "01890000-0000-7000-8000-0000000000f1"


@dataclass
class Receiver:
    """Keeps what it is told; `say` is the status of the next answers."""

    say: int = 204
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    told: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    lost: bool = False

    def serve(self, handler: BaseHTTPRequestHandler) -> bool:
        content = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.told.append(({name.lower(): value for name, value in handler.headers.items()}, content))
        if self.lost:
            handler.close_connection = True
            return True
        answer(handler, self.say, self.body, self.headers)
        return True


@pytest.fixture
def receiver(host) -> Receiver:
    made = Receiver()
    host.before = made.serve
    return made


@pytest.fixture
def outside(connected, admin, receiver) -> Outside:
    return Outside.of(connected, CodeHost(), admin)


@pytest.fixture
def hook(outside, host) -> Callable[..., Any]:
    def make(**about: Any) -> Any:
        body = {"url": f"{host.url}/hooks?channel=7", "events": ["gate.changed"], **about}
        reply = outside.connected.client.post(f"/v1/projects/{outside.project_id}/webhooks", body)
        assert reply.status == 201, reply.json
        return reply.json

    return make


def gate(outside: Outside, **about: Any) -> dict[str, Any]:
    return outside.event("gate.changed", **{"version_id": VERSION, "analysis_id": VERSION, "gate": "failed", **about})


def log(outside: Outside, webhook: Any) -> list[Any]:
    reply = outside.connected.client.get(f"/v1/webhooks/{webhook['id']}/deliveries")
    assert reply.status == 200, reply.json
    return reply.json["items"]


def test_an_event_is_told_with_a_signature_that_anybody_can_check(outside, hook, receiver):
    webhook = hook()

    outside.take(gate(outside))
    assert receiver.told == []
    assert outside.post() == ["delivered"]

    ((headers, body),) = receiver.told
    key = base64.b64decode(webhook["secret"].removeprefix("whsec_"))
    said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
    assert (len(key), headers["webhook-signature"]) == (32, f"v1,{expected}")
    told = json.loads(body)
    assert (told["type"], told["data"]["gate"]) == ("gate.changed", "failed")
    assert told["data"]["project_id"] == outside.project_id


def test_webhooks_are_told_no_keys_of_objects(outside, hook, receiver):
    hook(events=["analysis.completed"])

    outside.take(outside.analysed(VERSION))
    outside.post()

    ((_, body),) = receiver.told
    assert b"artifacts" not in body


def test_a_secret_is_shown_once_and_again_only_as_a_new_one(outside, hook, receiver, admin):
    webhook, client = hook(), outside.connected.client
    path = f"/v1/webhooks/{webhook['id']}"
    shown = client.get(path)
    assert shown.json["secret"] is None
    assert all(one["secret"] is None for one in outside.connected.all("webhooks"))
    assert webhook["secret"].encode() not in bytes(outside.column("sealed_secret", "webhooks")[0])

    changed = client.with_headers(if_match=shown.headers["ETag"])
    rotated = changed.call("PATCH", path, json.dumps({"rotate_secret": True}))

    assert rotated.json["secret"] not in (None, webhook["secret"])
    assert changed.call("PATCH", path, json.dumps({"enabled": False})).status == 412
    assert client.call("PATCH", path, json.dumps({"enabled": False})).status == 428


def test_an_event_that_comes_twice_is_told_once(outside, hook, receiver):
    hook()
    event = gate(outside)

    outside.take(event, event)
    outside.take({**event, "id": event["id"]})
    outside.post()

    assert (len(receiver.told), outside.post()) == (1, [])


def test_only_chosen_events_are_told(outside, hook, receiver):
    webhook = hook(events=["finding.*"])
    assert webhook["events"] == ["finding.dismissed", "finding.fixed", "finding.reopened"]

    outside.take(gate(outside))
    assert outside.post() == []
    outside.take(outside.event("finding.fixed", finding_ids=["f1"], at="2026-01-02T03:04:05Z"))

    assert outside.post() == ["delivered"]


def test_a_delivery_that_fails_is_tried_again_and_all_of_it_is_logged(outside, hook, receiver):
    webhook = hook()
    receiver.say, receiver.body = 500, b"out of order " * 1_000
    outside.take(gate(outside))
    assert outside.post() == ["waiting"]
    assert outside.post() == []
    receiver.say = 200
    outside.later()
    assert outside.post() == ["delivered"]

    (delivery,) = log(outside, webhook)
    assert (delivery["state"], [one["status"] for one in delivery["attempts"]]) == ("delivered", [500, 200])
    assert all(len(one["excerpt"]) <= 1_000 and one["duration_ms"] >= 0 for one in delivery["attempts"])
    assert len({headers["webhook-id"] for headers, _ in receiver.told}) == 1
    assert len({body for _, body in receiver.told}) == 1


def test_a_receiver_that_asks_to_wait_is_left_alone_for_so_long(outside, hook, receiver):
    hook()
    receiver.say, receiver.headers = 429, {"Retry-After": "600"}
    outside.take(gate(outside))

    outside.post()

    assert outside.waits_s() > 590


def test_a_lost_answer_is_told_again_under_the_same_id(outside, hook, receiver):
    webhook = hook()
    receiver.lost = True
    outside.take(gate(outside))
    assert outside.post() == ["waiting"]
    receiver.lost = False
    outside.later()
    outside.post()

    assert len({headers["webhook-id"] for headers, _ in receiver.told}) == 1
    assert [one["code"] for one in log(outside, webhook)[0]["attempts"]] == ["host_unavailable", None]


def test_after_a_day_of_failures_a_webhook_is_disabled_with_the_reason_and_can_be_enabled(outside, hook, receiver):
    webhook, client = hook(), outside.connected.client
    receiver.say = 500
    outside.take(gate(outside))
    states = outside.post()
    with outside.admin.begin() as connection:
        connection.execute(sa.text("UPDATE project.webhooks SET failing_since = now() - interval '23 hours'"))
    for _ in range(8):
        outside.later()
        states += outside.post()

    assert states == ["waiting"] * 8 + ["failed"]
    shown = client.get(f"/v1/webhooks/{webhook['id']}")
    assert (shown.json["enabled"], shown.json["disabled_reason"]) == (False, "failing")
    outside.take(gate(outside))
    assert outside.post() == []

    (delivery,) = log(outside, webhook)
    again = f"/v1/deliveries/{delivery['id']}/redeliver"
    assert (client.post(again).status, client.post(again).json["code"]) == (409, "webhook_disabled")
    changed = client.with_headers(if_match=shown.headers["ETag"])
    enabled = changed.call("PATCH", f"/v1/webhooks/{webhook['id']}", json.dumps({"enabled": True}))
    assert (enabled.json["enabled"], enabled.json["disabled_reason"]) == (True, None)
    receiver.say = 204
    assert client.post(again).status == 202
    assert outside.post() == ["delivered"]


def test_a_receiver_that_is_gone_is_not_told_again(outside, hook, receiver):
    webhook = hook()
    receiver.say = 410
    outside.take(gate(outside))

    assert outside.post() == ["failed"]

    assert outside.connected.client.get(f"/v1/webhooks/{webhook['id']}").json["disabled_reason"] == "gone"


def test_a_delivery_is_told_again_under_its_id(outside, hook, receiver):
    webhook = hook()
    outside.take(gate(outside))
    outside.post()
    (delivery,) = log(outside, webhook)

    reply = outside.connected.client.post(f"/v1/deliveries/{delivery['id']}/redeliver")

    assert (reply.status, reply.json["state"], outside.post()) == (202, "waiting", ["delivered"])
    assert [headers["webhook-id"] for headers, _ in receiver.told] == [delivery["id"]] * 2


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.7/",
        "http://127.0.0.1/hook",
        "ftp://example.com/",
        "https://user:word@example.com/",
        "https://2130706433/",
        "https://[::ffff:10.0.0.7]/",
    ],
)
def test_an_address_inside_is_refused_when_it_is_given(outside, url):
    body = {"url": url, "events": ["gate.changed"]}

    reply = outside.connected.client.post(f"/v1/projects/{outside.project_id}/webhooks", body)

    assert reply.status == 422


def test_a_name_that_leads_inside_later_is_not_called(outside, hook, receiver, stored):
    """The receiver is on loopback: without the operator's word nothing reaches it."""
    webhook = hook()
    outside.take(gate(outside))

    assert outside.with_deps(web=partial(bootstrap.web_of, stored)).post() == ["waiting"]

    assert receiver.told == []
    assert log(outside, webhook)[0]["attempts"][0]["code"] in ("address_refused", "url_refused")


def test_a_redirect_is_not_followed(outside, hook, receiver):
    webhook = hook()
    receiver.say, receiver.headers = 302, {"Location": "https://169.254.169.254/"}
    outside.take(gate(outside))

    assert outside.post() == ["waiting"]

    assert log(outside, webhook)[0]["attempts"][0]["code"] == "redirect_refused"


def test_only_maintainers_change_webhooks_and_nobody_sees_those_of_others(outside, hook):
    webhook, client = hook(), outside.connected.client
    path, listed = f"/v1/webhooks/{webhook['id']}", f"/v1/projects/{outside.project_id}/webhooks"
    reviewer, stranger = client.as_role("reviewer"), client.of(OTHER_ORG)

    assert (reviewer.get(path).status, reviewer.get(f"{path}/deliveries").status) == (200, 200)
    assert (reviewer.delete(path).status, reviewer.post(listed, {"url": "https://a.b", "events": ["gate.changed"]}).status) == (403, 403)  # fmt: skip
    assert [stranger.get(one).status for one in (path, f"{path}/deliveries", listed)] == [404] * 3
    assert (stranger.delete(path).status, stranger.call("PATCH", path, "{}").status) == (404, 404)
    assert client.delete(path).status == 204
    assert client.get(path).status == 404


def test_a_webhook_that_is_removed_takes_what_waits_with_it(outside, hook, receiver):
    webhook = hook()
    outside.take(gate(outside))

    outside.connected.client.delete(f"/v1/webhooks/{webhook['id']}")

    assert (outside.post(), receiver.told) == ([], [])
    assert outside.column("count(*)", "webhook_deliveries") == [0]


def test_deliveries_of_a_month_ago_are_forgotten(outside, hook, receiver):
    webhook = hook()
    outside.take(gate(outside))
    outside.post()
    with outside.admin.begin() as connection:
        connection.execute(sa.text("UPDATE project.webhook_deliveries SET created_at = now() - interval '31 days'"))

    outside.take(gate(outside))

    assert [one["state"] for one in log(outside, webhook)] == ["waiting"]
