"""From an empty project to a version: what is missing is sent once, and one use case publishes."""

from __future__ import annotations

import json
import time

import pytest
import sqlalchemy as sa

from tests.client import OTHER_ORG
from tests.integration.project.conftest import entry, pack_of, sha256

A, B = b"print('a')\n", b"print('b')\n"


def test_files_become_a_version_that_can_be_read(sender, ada):
    sender.upload(pack_of(A, B))

    made = sender.publish({"b.py": B, "a/a.py": A}, label="first", commit="0123abcd")
    read = ada.get(f"/v1/versions/{made.json['id']}")
    files = ada.get(f"/v1/versions/{made.json['id']}/files").json

    assert (made.status, read.status, read.json) == (201, 200, made.json)
    assert (made.json["file_count"], made.json["total_bytes"], made.json["parent_id"]) == (2, len(A + B), None)
    assert files == {"items": [entry("a/a.py", A), entry("b.py", B)], "next_cursor": None}


def test_only_what_is_missing_must_be_sent(sender, ada):
    sender.upload(pack_of(A))

    question = {"blobs": [{"sha256": sha256(content), "size_bytes": len(content)} for content in (B, A, B)]}
    reply = ada.post(f"/v1/projects/{sender.project_id}/blobs/missing", question)

    assert (reply.status, reply.json) == (200, {"missing": [sha256(B)]})


def test_version_with_missing_blobs_is_refused_and_they_are_named(sender, count):
    sender.upload(pack_of(A))

    reply = sender.publish({"a.py": A, "b.py": B})

    assert (reply.status, reply.json["code"], reply.json["missing"]) == (409, "blobs_missing", [sha256(B)])
    assert count("versions") == 0
    assert sender.objects("manifests/") == []


def test_another_organisation_learns_nothing(sender, ada):
    upload = sender.upload(pack_of(A))
    version = sender.publish({"a.py": A}).json
    eve = ada.of(OTHER_ORG)
    mine = eve.post("/v1/projects", {"name": "compiler"}).json
    question = {"blobs": [{"sha256": sha256(A), "size_bytes": len(A)}]}

    assert eve.get(f"/v1/projects/{sender.project_id}").status == 404
    assert eve.get(f"/v1/projects/{sender.project_id}/versions").status == 404
    assert eve.get(f"/v1/versions/{version['id']}").status == 404
    assert eve.get(f"/v1/versions/{version['id']}/files").status == 404
    assert eve.get(f"/v1/uploads/{upload['id']}").status == 404
    assert eve.post(f"/v1/projects/{sender.project_id}/blobs/missing", question).status == 404
    assert eve.post(f"/v1/projects/{mine['id']}/blobs/missing", question).json == {"missing": [sha256(A)]}
    assert eve.post(f"/v1/projects/{mine['id']}/versions", {"files": [entry("a.py", A)]}).status == 409
    assert (
        eve.post(
            f"/v1/projects/{sender.project_id}/uploads", {"kind": "pack", "size_bytes": 1, "sha256": sha256(A)}
        ).status
        == 404
    )
    stolen = {"files": [entry("a.py", A)], "parent_id": version["id"]}
    assert eve.post(f"/v1/projects/{sender.project_id}/versions", stolen).status == 404


def test_event_carries_what_analysis_needs_and_names_the_changes(sender, admin):
    sender.upload(pack_of(A, B))
    first = sender.publish({"a.py": A, "b.py": B, "c.py": A}).json

    second = sender.publish({"a.py": B, "b.py": B, "d.py": A}, parent_id=first["id"], label="next").json

    events = [event for event in outbox(admin) if event["type"] == "version.published"]
    assert [event["data"]["changed_paths"] for event in events] == [None, ["a.py", "c.py", "d.py"]]
    data = events[1]["data"]
    assert (data["version_id"], data["parent_id"], data["label"]) == (second["id"], first["id"], "next")
    manifest = sender.s3.get_object(Bucket=sender.bucket, Key=data["manifest_key"])["Body"].read().decode()
    lines = [json.loads(line) for line in manifest.splitlines()]
    assert [line["path"] for line in lines] == ["a.py", "b.py", "d.py"]
    for line, content in zip(lines, (B, B, A), strict=True):
        pack = sender.s3.get_object(Bucket=sender.bucket, Key=line["object"])["Body"].read()
        assert pack[line["offset"] : line["offset"] + line["size_bytes"]] == content


def test_the_same_tree_again_is_the_same_version_unless_forced(sender, count):
    sender.upload(pack_of(A, B))
    first = sender.publish({"a.py": A})

    again = sender.publish({"a.py": A})
    unchanged = sender.publish({"a.py": A}, parent_id=first.json["id"])
    labelled = sender.publish({"a.py": A}, label="release")
    forced = sender.publish({"a.py": A}, force=True)

    assert [reply.status for reply in (first, again, unchanged, labelled, forced)] == [201, 200, 200, 201, 201]
    assert first.json == again.json == unchanged.json
    assert count("versions") == 3


def test_repeat_with_the_same_idempotency_key_gets_the_first_answer(sender, ada, count):
    sender.upload(pack_of(A))
    path, body = f"/v1/projects/{sender.project_id}/versions", {"files": [entry("a.py", A)], "force": True}
    ada = ada.with_headers(idempotency_key="k1")

    first, second = ada.post(path, body), ada.post(path, body)

    assert (first.status, second.status, first.json) == (201, 201, second.json)
    assert count("versions") == 1


def test_parent_of_another_project_is_refused(sender, ada):
    sender.upload(pack_of(A))
    version = sender.publish({"a.py": A}).json
    other = ada.post("/v1/projects", {"name": "other"}).json

    body = {"files": [entry("a.py", A)], "parent_id": version["id"]}
    foreign = ada.post(f"/v1/projects/{other['id']}/versions", body)
    unknown = ada.post(f"/v1/projects/{other['id']}/versions", body | {"parent_id": other["id"]})

    assert (foreign.status, foreign.json["code"]) == (unknown.status, unknown.json["code"]) == (422, "unknown_parent")


def test_versions_are_listed_newest_first(sender, ada):
    sender.upload(pack_of(A))
    ids = [sender.publish({f"{n}.py": A}).json["id"] for n in range(3)]

    first = ada.get(f"/v1/projects/{sender.project_id}/versions?limit=2").json
    rest = ada.get(f"/v1/projects/{sender.project_id}/versions?limit=2&cursor={first['next_cursor']}").json

    assert [item["id"] for item in first["items"] + rest["items"]] == ids[::-1]


def test_pages_of_files_follow_each_other(sender, ada):
    sender.upload(pack_of(A))
    paths = [f"ü{n}/é.py" for n in range(5)]
    version = sender.publish(dict.fromkeys(paths, A)).json

    first = ada.get(f"/v1/versions/{version['id']}/files?limit=3").json
    rest = ada.get(f"/v1/versions/{version['id']}/files?limit=3&cursor={first['next_cursor']}").json

    assert [item["path"] for item in first["items"] + rest["items"]] == paths
    assert ada.get(f"/v1/versions/{version['id']}/files?cursor=eHh4").json["code"] == "bad_cursor"
    assert ada.get(f"/v1/versions/{version['id']}/files?cursor=a").json["code"] == "bad_cursor"


@pytest.mark.parametrize(
    ("role", "read", "publish", "create"),
    [("viewer", 200, 403, 403), ("reviewer", 200, 201, 403), ("maintainer", 200, 201, 201), (None, 403, 403, 403)],
)
def test_each_role_may_do_its_part(sender, ada, role, read, publish, create):
    sender.upload(pack_of(A))
    someone = ada.as_role(role)

    assert someone.get("/v1/projects").status == read
    body = {"files": [entry("a.py", A)]}
    assert someone.post(f"/v1/projects/{sender.project_id}/versions", body).status == publish
    question = {"blobs": []}
    missing = someone.post(f"/v1/projects/{sender.project_id}/blobs/missing", question)
    assert missing.status == (200 if publish == 201 else 403)
    assert someone.post("/v1/projects", {"name": "mine"}).status == create


def test_taken_name_conflicts_and_leads_to_the_project(sender, ada):
    reply = ada.post("/v1/projects", {"name": "compiler"})
    found = ada.get("/v1/projects?name=compiler").json["items"]

    assert (reply.status, reply.json["project_id"]) == (409, sender.project_id)
    assert [project["id"] for project in found] == [sender.project_id]
    assert ada.get("/v1/projects?name=none").json["items"] == []


@pytest.mark.parametrize("id", ["0", "..", "01890000-0000-7000-8000-00000000000A", "%00", "a" * 10_000])
def test_malformed_ids_are_refused(ada, id):
    for path in ("projects", "versions", "uploads"):
        assert ada.get(f"/v1/{path}/{id}").status == 422


def test_upload_promised_twice_with_one_key_is_one_upload(sender, ada, count):
    ada = ada.with_headers(idempotency_key="k1")
    path, body = f"/v1/projects/{sender.project_id}/uploads", {"kind": "pack", "size_bytes": 1, "sha256": sha256(A)}

    first, second = ada.post(path, body), ada.post(path, body)

    assert (first.status, second.status, first.json["id"]) == (201, 201, second.json["id"])
    assert (count("uploads"), count("arrivals")) == (1, 1)


def test_health_needs_no_caller(ada):
    assert ada.as_role(None).get("/v1/project/health").json == {"status": "ok", "service": "project"}


def test_seven_thousand_files_are_published_in_a_second(sender, ada):
    contents = [f"{n}\n".encode() * 20 for n in range(7_000)]
    question = {"blobs": [{"sha256": sha256(content), "size_bytes": len(content)} for content in contents]}
    body = {"files": [entry(f"package/{n % 100}/module_{n}.py", content) for n, content in enumerate(contents)]}
    pack = pack_of(*contents)

    started, cpu = time.perf_counter(), time.process_time()
    missing = ada.post(f"/v1/projects/{sender.project_id}/blobs/missing", question).json["missing"]
    asked = time.perf_counter()
    stored = sender.upload(pack)
    sent = time.perf_counter()
    reply = ada.post(f"/v1/projects/{sender.project_id}/versions", body)
    published = time.perf_counter()

    print(
        f"\n7,000 files: missing {asked - started:.3f} s, upload {sent - asked:.3f} s, publish {published - sent:.3f} s;"
        f" {time.process_time() - cpu:.3f} s CPU in all"
    )
    assert (len(missing), stored["state"], reply.status) == (7_000, "stored", 201)
    assert published - sent < 5  # the figure to read is printed; this only catches one query a file


def outbox(admin: sa.Engine) -> list[dict]:
    with admin.begin() as connection:
        rows = connection.execute(sa.text("SELECT message FROM project.outbox ORDER BY id"))
        return [json.loads(row[0]) for row in rows]
