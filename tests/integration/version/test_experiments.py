"""The HTTP contract of experiments: statuses, bodies, and who may do what."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from functions.version import bootstrap, routes
from tests.client import OTHER_ORG, BundleClient

NEW = {"name": "shorter prompt", "hypothesis": "as useful at half the tokens"}


@pytest.fixture
def ada(settings, empty) -> BundleClient:
    return BundleClient(routes.build(bootstrap.connect(settings)))


def test_created_experiment_is_a_draft_and_can_be_read(ada):
    made = ada.post("/v1/experiments", NEW)
    read = ada.get(f"/v1/experiments/{made.json['id']}")

    assert (made.status, made.json["state"], made.json["revision"]) == (201, "draft", 1)
    assert (read.status, read.json, read.headers["ETag"]) == (200, made.json, '"1"')


def test_second_experiment_of_the_same_name_conflicts(ada):
    ada.post("/v1/experiments", NEW)

    reply = ada.post("/v1/experiments", NEW)

    assert (reply.status, reply.json["code"]) == (409, "conflict")


def test_repeat_with_the_same_idempotency_key_gets_the_first_answer(ada, admin):
    ada = ada.with_headers(idempotency_key="k1")

    first, second = ada.post("/v1/experiments", NEW), ada.post("/v1/experiments", NEW)

    assert (first.status, second.status) == (201, 201)
    assert first.json == second.json
    assert rows(admin, "version.experiments") == 1


def test_idempotency_key_of_another_request_is_refused(ada):
    ada = ada.with_headers(idempotency_key="k1")
    ada.post("/v1/experiments", NEW)

    reply = ada.post("/v1/experiments", NEW | {"name": "other"})

    assert (reply.status, reply.json["code"]) == (422, "idempotency_key_reused")


def test_unknown_fields_are_refused(ada):
    reply = ada.post("/v1/experiments", NEW | {"org_id": OTHER_ORG})

    assert (reply.status, reply.json["errors"][0]["loc"]) == (422, ["org_id"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[1]", 422),
        ('{"name": 1}', 422),
        (None, 400),
        ('{"name": "a\\u0000b", "hypothesis": "h"}', 422),
        ('{"name": "\\ud800", "hypothesis": "h"}', 400),
    ],
)
def test_garbage_is_refused(ada, body, status):
    assert ada.call("POST", "/v1/experiments", body).status == status


def test_another_content_type_is_refused_with_a_problem(ada):
    reply = ada.with_headers(content_type="text/plain").call("POST", "/v1/experiments", "name=x")

    assert (reply.status, reply.json["code"]) == (415, "unsupported_media_type")


def test_undeclared_method_answers_405_and_says_what_is_allowed(ada):
    reply = ada.call("DELETE", "/v1/experiments")

    assert (reply.status, reply.json["code"], reply.headers["Allow"]) == (405, "method_not_allowed", "POST, GET")


def test_another_organisation_sees_nothing(ada):
    made = ada.post("/v1/experiments", NEW).json
    eve = ada.of(OTHER_ORG)

    assert eve.get(f"/v1/experiments/{made['id']}").status == 404
    assert eve.post(f"/v1/experiments/{made['id']}/archive").status == 404
    assert eve.get("/v1/experiments").json["items"] == []
    assert eve.post("/v1/experiments", NEW).status == 201


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), (None, 403), ("reviewer", 201), ("owner", 201)])
def test_creating_needs_a_reviewer(ada, role, status):
    assert ada.as_role(role).post("/v1/experiments", NEW).status == status


@pytest.mark.parametrize("id", ["0", "../x", "01890000-0000-7000-8000-00000000000A", "%00", "a" * 10_000])
def test_malformed_ids_are_refused(ada, id):
    assert ada.get(f"/v1/experiments/{id.replace('/', '%2F')}").status == 422


def test_archive_needs_the_present_revision(ada):
    made = ada.post("/v1/experiments", NEW).json
    path = f"/v1/experiments/{made['id']}/archive"

    assert ada.with_headers(if_match='"7"').post(path).status == 412
    assert ada.with_headers(if_match='"1"').post(path).json["state"] == "archived"
    assert ada.post(path).status == 409


def test_pages_follow_each_other(ada):
    names = [f"experiment {n}" for n in range(5)]
    for name in names:
        ada.post("/v1/experiments", NEW | {"name": name})

    first = ada.get("/v1/experiments?limit=3").json
    second = ada.get(f"/v1/experiments?limit=3&cursor={first['next_cursor']}").json

    assert [item["name"] for item in first["items"] + second["items"]] == names
    assert second["next_cursor"] is None


@pytest.mark.parametrize("query", ["limit=-1", "limit=1000000000", "cursor=eHh4", "sort=name"])
def test_bad_list_queries_are_refused(ada, query):
    assert ada.get(f"/v1/experiments?{query}").status == 422


def test_event_and_audit_entry_commit_with_the_experiment(ada, admin):
    ada.post("/v1/experiments", NEW)
    ada.post("/v1/experiments", NEW)  # refused: leaves neither

    assert rows(admin, "version.outbox") == 1
    assert rows(admin, "version.audit") == 1


def test_health_needs_no_caller(ada):
    assert ada.as_role(None).get("/v1/version/health").json == {"status": "ok", "service": "version"}


def rows(admin: sa.Engine, table: str) -> int:
    with admin.begin() as connection:
        return connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()
