"""The HTTP contract of comparisons: statuses, bodies, and who may do what."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from functions.comparison import bootstrap, routes
from tests.client import OTHER_ORG, BundleClient

NEW = {"name": "shorter prompt", "baseline": "review-1", "candidate": "review-2", "metric": "accepted_ratio"}


@pytest.fixture
def ada(settings, empty) -> BundleClient:
    return BundleClient(routes.build(bootstrap.connect(settings)))


def test_created_comparison_is_a_draft_and_can_be_read(ada):
    made = ada.post("/v1/comparisons", NEW)
    read = ada.get(f"/v1/comparisons/{made.json['id']}")

    assert (made.status, made.json["state"], made.json["better"]) == (201, "draft", "higher")
    assert (read.status, read.json) == (200, made.json)


def test_a_variant_is_not_compared_with_itself(ada):
    reply = ada.post("/v1/comparisons", NEW | {"candidate": "Review-1"})

    assert (reply.status, reply.json["code"]) == (422, "same_variant")


def test_the_metric_must_be_one_that_is_measured(ada):
    reply = ada.post("/v1/comparisons", NEW | {"metric": "vibes"})

    assert (reply.status, reply.json["errors"][0]["loc"]) == (422, ["metric"])


def test_a_name_is_taken_once_in_an_organisation(ada):
    ada.post("/v1/comparisons", NEW)

    assert ada.post("/v1/comparisons", NEW).status == 409
    assert ada.of(OTHER_ORG).post("/v1/comparisons", NEW).status == 201


def test_repeat_with_the_same_idempotency_key_gets_the_first_answer(ada, admin):
    ada = ada.with_headers(idempotency_key="k1")

    first, second = ada.post("/v1/comparisons", NEW), ada.post("/v1/comparisons", NEW)

    assert first.json == second.json
    assert count(admin, "comparison.comparisons") == 1


def test_another_organisation_sees_nothing(ada):
    made = ada.post("/v1/comparisons", NEW).json
    eve = ada.of(OTHER_ORG)

    assert eve.get(f"/v1/comparisons/{made['id']}").status == 404
    assert eve.get("/v1/comparisons").json["items"] == []


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), (None, 403), ("reviewer", 201)])
def test_creating_needs_a_reviewer(ada, role, status):
    assert ada.as_role(role).post("/v1/comparisons", NEW).status == status


def test_pages_follow_each_other(ada):
    names = [f"comparison {n}" for n in range(3)]
    for name in names:
        ada.post("/v1/comparisons", NEW | {"name": name})

    first = ada.get("/v1/comparisons?limit=2").json
    second = ada.get(f"/v1/comparisons?limit=2&cursor={first['next_cursor']}").json

    assert [item["name"] for item in first["items"] + second["items"]] == names
    assert second["next_cursor"] is None


def test_event_and_audit_entry_commit_with_the_comparison(ada, admin):
    ada.post("/v1/comparisons", NEW)
    ada.post("/v1/comparisons", NEW)  # refused: leaves neither

    assert count(admin, "comparison.outbox") == 1
    assert count(admin, "comparison.audit") == 1


def test_health_needs_no_caller(ada):
    assert ada.as_role(None).get("/v1/comparison/health").json == {"status": "ok", "service": "comparison"}


def count(admin: sa.Engine, table: str) -> int:
    with admin.begin() as connection:
        return connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()
