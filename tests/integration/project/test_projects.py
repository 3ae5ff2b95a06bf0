"""A project's name, its rest in the archive, and the roles that some have in it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.client import OTHER_ORG, USER
from tests.integration.project.conftest import entry, pack_of
from tests.integration.project.keep import send
from tests.integration.project.test_versions import outbox

A = b"print('a')\n"
BOB = "01890000-0000-7000-8000-000000000002"


def patch(client, path: str, body: object, etag: str | None = None):
    headed = client.with_headers(if_match=etag) if etag else client
    return headed.call("PATCH", path, json.dumps(body))


def test_a_project_is_renamed_by_who_knows_its_state(sender, ada):
    path = f"/v1/projects/{sender.project_id}"
    etag = ada.get(path).headers["ETag"]

    blind = patch(ada, path, {"name": "interpreter"})
    done = patch(ada, path, {"name": "interpreter"}, etag)
    stale = patch(ada, path, {"description": "x"}, etag)
    odd = patch(ada, path, {"description": "x"}, '"x"')
    same = patch(ada, path, {"name": "interpreter"}, done.headers["ETag"])

    assert (blind.status, done.status, stale.status, odd.status) == (428, 200, 412, 412)
    assert (done.json["name"], same.headers["ETag"]) == ("interpreter", done.headers["ETag"])
    assert ada.get(path).json == done.json


def test_names_stay_unique_when_a_project_is_renamed(sender, ada):
    other = ada.post("/v1/projects", {"name": "other"}).json
    path = f"/v1/projects/{other['id']}"

    taken = patch(ada, path, {"name": "compiler"}, ada.get(path).headers["ETag"])

    assert (taken.status, taken.json["project_id"]) == (409, sender.project_id)
    assert ada.get(path).json["name"] == "other"


def test_an_archived_project_is_read_only_until_it_is_not(sender, ada, admin):
    version = send(sender, {"a.py": A})["id"]
    path = f"/v1/projects/{sender.project_id}"

    archived = ada.post(f"{path}/archive")

    assert (archived.status, archived.json["archived_at"] is not None) == (200, True)
    refused = [
        sender.publish({"b.py": A}),
        patch(ada, path, {"name": "x"}, ada.get(path).headers["ETag"]),
        ada.post(f"{path}/uploads", {"kind": "pack", "size_bytes": 1, "sha256": "0" * 64}),
        patch(ada, f"/v1/versions/{version}", {"label": "x"}),
        ada.post(f"{path}/archive"),
    ]
    assert [(reply.status, reply.json["code"]) for reply in refused] == [(409, "archived")] * 5
    assert ada.get(f"/v1/versions/{version}").status == 200
    assert ada.get("/v1/projects?archived=false").json["items"] == []
    assert len(ada.get("/v1/projects?archived=true").json["items"]) == 1
    assert (ada.post(f"{path}/unarchive").status, sender.publish({"b.py": A}).status) == (200, 201)
    assert ada.post(f"{path}/unarchive").json["code"] == "not_archived"
    told = [event["data"]["archived"] for event in outbox(admin) if event["type"] == "project.archived"]
    assert told == [True, False]


def test_a_role_in_a_project_raises_that_in_the_organisation_for_this_project(sender, ada):
    sender.upload(pack_of(A))
    other = ada.post("/v1/projects", {"name": "other"}).json["id"]
    bob = replace(ada, user=BOB, roles="viewer")
    body = {"files": [entry("a.py", A)]}
    path = f"/v1/projects/{sender.project_id}"
    assert bob.post(f"{path}/versions", body).status == 403

    made = ada.put(f"{path}/members/{BOB}", {"role": "maintainer"})

    assert (made.status, made.json["role"]) == (200, "maintainer")
    assert bob.post(f"{path}/versions", body).status == 201
    assert bob.post(f"{path}/archive").status == 200
    assert bob.post(f"/v1/projects/{other}/versions", body).status == 403
    assert bob.call("DELETE", path).status == 403
    assert bob.post("/v1/projects", {"name": "mine"}).status == 403
    assert ada.delete(f"{path}/members/{BOB}").status == 204
    assert bob.post(f"{path}/unarchive").status == 403


def test_a_role_in_a_project_never_lowers_that_in_the_organisation(sender, ada):
    sender.upload(pack_of(A))

    ada.put(f"/v1/projects/{sender.project_id}/members/{USER}", {"role": "viewer"})

    assert sender.publish({"a.py": A}).status == 201


def test_members_are_listed_by_all_and_changed_by_admins_of_the_project(sender, ada, admin):
    path = f"/v1/projects/{sender.project_id}/members"
    bob = replace(ada, user=BOB, roles="viewer")
    for n in range(3, 6):
        assert ada.put(f"{path}/01890000-0000-7000-8000-00000000000{n}", {"role": "reviewer"}).status == 200

    assert bob.put(f"{path}/{BOB}", {"role": "admin"}).status == 403
    ada.put(f"{path}/{BOB}", {"role": "admin"})
    assert bob.put(f"{path}/{USER}", {"role": "admin"}).status == 200
    assert ada.put(f"{path}/{BOB}", {"role": "owner"}).status == 422
    first = bob.get(f"{path}?limit=3").json
    rest = bob.get(f"{path}?limit=3&cursor={first['next_cursor']}").json
    assert [item["user_id"][-1] for item in first["items"] + rest["items"]] == ["1", "2", "3", "4", "5"]
    maintainer = replace(ada, user=BOB.replace("2", "9"), roles="maintainer")
    assert maintainer.delete(f"{path}/{BOB}").status == 403
    assert (bob.delete(f"{path}/{BOB}").status, bob.delete(f"{path}/{BOB}").status) == (204, 404)
    told = [event["data"] for event in outbox(admin) if event["type"] == "project.member_changed"]
    assert [(data["user_id"][-1], data["role"]) for data in told[-2:]] == [("1", "admin"), ("2", None)]


def test_another_organisation_sees_and_changes_no_members(sender, ada, count):
    eve = ada.of(OTHER_ORG)
    path = f"/v1/projects/{sender.project_id}"

    assert eve.get(f"{path}/members").status == 404
    assert eve.put(f"{path}/members/{BOB}", {"role": "admin"}).status == 404
    assert eve.delete(f"{path}/members/{BOB}").status == 404
    assert eve.post(f"{path}/archive").status == eve.post(f"{path}/unarchive").status == 404
    assert patch(eve, path, {"name": "x"}, '"1"').status == 404
    assert eve.call("DELETE", path).status == 404
    assert count("members") == 0
    assert count("projects WHERE deleted_at IS NULL AND archived_at IS NULL") == 1


def test_the_same_member_again_tells_nobody(sender, ada, admin):
    for _ in range(2):
        ada.put(f"/v1/projects/{sender.project_id}/members/{BOB}", {"role": "reviewer"})

    assert sum(event["type"] == "project.member_changed" for event in outbox(admin)) == 1


@pytest.mark.parametrize("action", ["archive", "unarchive"])
def test_only_a_maintainer_archives(sender, ada, action):
    assert ada.as_role("reviewer").post(f"/v1/projects/{sender.project_id}/{action}").status == 403


def test_archiving_repeated_with_one_key_is_answered_alike(sender, ada):
    keyed, path = ada.with_headers(idempotency_key="k1"), f"/v1/projects/{sender.project_id}/archive"

    first, second = keyed.post(path), keyed.post(path)

    assert (first.status, second.status, first.json) == (200, 200, second.json)
