"""Where a version comes from is kept with it, and of all that only its label changes."""

from __future__ import annotations

import json

import pytest

from tests.client import OTHER_ORG
from tests.integration.project.conftest import entry, pack_of, sha256
from tests.integration.project.keep import send
from tests.integration.project.test_versions import outbox

A, B = b"print('a')\n", b"print('b')\n"
COMMIT = {"commit": "0" * 40, "at": "2026-01-02T03:04:05+00:00", "author": "Ada", "files": [["a.py", 1, 0]]}


def history(*commits: object) -> bytes:
    return "".join(json.dumps(commit) + "\n" for commit in commits).encode()


def test_a_version_says_its_branch_author_message_and_history(sender, ada, admin):
    told = history(COMMIT, {**COMMIT, "files": [["logo.png", None, None]]})
    assert sender.upload(told, "history")["state"] == "stored"

    made = send(
        sender,
        {"a.py": A},
        branch="topic/1",
        author="Ada <ada@example.org>",
        message="One\n\ntwo",
        history=sha256(told),
    )

    assert (made["branch"], made["main"]) == ("topic/1", False)
    assert (made["author"], made["message"]) == ("Ada <ada@example.org>", "One\n\ntwo")
    (event,) = [event for event in outbox(admin) if event["type"] == "version.published"]
    stored = sender.s3.get_object(Bucket=sender.bucket, Key=event["data"]["history_key"])["Body"].read()
    assert (stored, event["data"]["branch"], event["data"]["main"]) == (told, "topic/1", False)


@pytest.mark.parametrize(
    ("about", "main"),
    [({}, True), ({"branch": "main"}, True), ({"branch": "topic"}, False), ({"branch": "topic", "main": True}, True)],
)
def test_the_main_line_is_no_branch_the_default_branch_or_what_is_said(sender, about, main):
    assert send(sender, {"a.py": A}, **about)["main"] is main


def test_the_same_tree_on_another_branch_is_another_version(sender):
    first = send(sender, {"a.py": A}, branch="one")

    again, other = sender.publish({"a.py": A}, branch="one"), sender.publish({"a.py": A}, branch="two")

    assert (again.status, again.json["id"], other.status) == (200, first["id"], 201)


@pytest.mark.parametrize(
    "bad",
    [
        b"no json\n",
        history({**COMMIT, "at": "yesterday"}),
        history({**COMMIT, "at": "2026-01-02T03:04:05"}),
        history({**COMMIT, "commit": "HEAD"}),
        history({**COMMIT, "files": [["a.py", -1, 0]]}),
        history({**COMMIT, "files": [["a.py", True, 0]]}),
        history({**COMMIT, "files": [["a.py", 1]]}),
        history({**COMMIT, "files": [["\ud800", 1, 1]]}),
        history({**COMMIT, "files": {}}),
        history({**COMMIT, "secret": 1}),
        history([]),
        b"[" * 100_000,
        b'{"commit": "\xff"}\n',
    ],
)
def test_a_malformed_history_is_refused(sender, bad):
    refused = sender.upload(bad, "history")

    assert (refused["state"], refused["code"]) == ("refused", "malformed_history")
    assert sender.objects("histories/") == []


def test_a_history_of_too_many_commits_is_refused(sender):
    assert sender.upload(history(COMMIT) * 2_001, "history")["code"] == "too_many_commits"


def test_a_history_that_nobody_sent_is_refused(sender, ada):
    sender.upload(pack_of(A))
    told = history(COMMIT)
    eve = ada.of(OTHER_ORG)
    mine = eve.post("/v1/projects", {"name": "theirs"}).json
    sender.upload(told, "history")

    unknown = sender.publish({"a.py": A}, history="0" * 64)
    body = {"files": [entry("a.py", A)], "history": sha256(told)}
    foreign = eve.post(f"/v1/projects/{mine['id']}/versions", body)

    assert (unknown.status, unknown.json["code"]) == (422, "unknown_history")
    assert foreign.status == 409  # they have not even the blobs


def test_versions_are_found_by_branch_and_label(sender, ada):
    one = send(sender, {"a.py": A}, branch="topic", label="first")
    two = send(sender, {"b.py": A}, branch="topic")
    send(sender, {"c.py": A})

    def found(query: str) -> list[str]:
        return [item["id"] for item in ada.get(f"/v1/projects/{sender.project_id}/versions?{query}").json["items"]]

    assert found("branch=topic") == [two["id"], one["id"]]
    assert found("label=first") == [one["id"]]
    assert found("branch=topic&label=second") == []


def test_a_label_can_be_changed_and_nothing_else(sender, ada, admin):
    made = send(sender, {"a.py": A}, label="first")
    path = f"/v1/versions/{made['id']}"
    etag = ada.get(path).headers["ETag"]

    changed = ada.call("PATCH", path, json.dumps({"label": "second"}))
    stale = ada.with_headers(if_match=etag).call("PATCH", path, json.dumps({"label": "third"}))
    other = ada.call("PATCH", path, json.dumps({"files": []}))

    assert (changed.status, changed.json) == (200, made | {"label": "second"})
    assert (stale.status, other.status) == (412, 422)
    assert ada.get(path).json["label"] == "second"
    with admin.begin() as connection:
        (details,) = connection.exec_driver_sql(
            "SELECT details FROM project.audit WHERE action = 'project.label'"
        ).one()
    assert (details["before"], details["label"]) == ("first", "second")
    assert ada.of(OTHER_ORG).call("PATCH", path, json.dumps({"label": "x"})).status == 404
    assert ada.as_role("viewer").call("PATCH", path, json.dumps({"label": "x"})).status == 403


def test_a_merge_names_its_other_parent(sender, ada):
    one, two = send(sender, {"a.py": A}), send(sender, {"a.py": B})

    merged = send(sender, {"a.py": A, "b.py": B}, parent_id=one["id"], merge_parent_id=two["id"])
    bad = sender.publish({"a.py": A}, merge_parent_id=sender.project_id)

    assert (merged["parent_id"], merged["merge_parent_id"]) == (one["id"], two["id"])
    assert (bad.status, bad.json["code"]) == (422, "unknown_parent")


def test_equal_folders_make_equal_trees_whatever_the_order(sender):
    one = send(sender, {"x/a.py": A, "x/b.py": B})
    two = sender.publish({"x/b.py": B, "x/a.py": A}, force=True).json
    three = sender.publish({"y/a.py": A, "y/b.py": B}).json

    assert one["tree_sha256"] == two["tree_sha256"] != three["tree_sha256"]
