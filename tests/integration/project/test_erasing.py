"""A deleted project is gone at once, and what it owned follows, wherever that was cut off."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from functions.project.adapters.erasing import owned
from functions.project.ports.tasks import ERASE, Task
from functions.project.service import erasing
from functions.project.tables import metadata
from tests.client import ORG, OTHER_ORG
from tests.integration.project.conftest import Sender, entry, key_of, pack_of, sha256
from tests.integration.project.keep import collected, export, later, send, sweep
from tests.integration.project.test_garbage import readable
from tests.integration.project.test_versions import outbox

A, B = b"print('a')\n", b"print('b')\n"
BOB = "01890000-0000-7000-8000-000000000002"
KEPT = {"audit", "idempotency", "inbox", "outbox", "relay_lease", "tasks", "arrivals"}


def filled(sender: Sender) -> str:
    """A project with something in every table that this piece knows; the id of its newest version."""
    told = json.dumps({"commit": "0" * 40, "at": "2026-01-02T03:04:05Z", "author": "", "files": []}).encode()
    sender.upload(told, "history")
    own = b"own %s\n" % sender.project_id.encode()
    first = send(sender, {"a.py": A, "b.py": own}, history=sha256(told))
    second = sender.publish({"b.py": own}, parent_id=first["id"], merge_parent_id=first["id"]).json
    sender.client.put(f"/v1/projects/{sender.project_id}/members/{BOB}", {"role": "admin"})
    export(sender, second["id"])
    path = f"/v1/projects/{sender.project_id}"
    etag = sender.client.get(f"{path}/settings").headers["ETag"]
    changed = sender.client.with_headers(if_match=etag)
    assert changed.call("PATCH", f"{path}/settings", json.dumps({"exclude": ["x/**"]})).status == 200
    sender.publish({"a.py": A}, label="under other settings")
    return str(second["id"])


def beside(sender: Sender) -> Sender:
    """Another project of the organisation."""
    return replace(sender, project_id=sender.client.post("/v1/projects", {"name": "other"}).json["id"])


def rows(admin: sa.Engine) -> dict[str, int]:
    with admin.begin() as connection:
        return {
            table.name: connection.execute(sa.text(f"SELECT count(*) FROM project.{table.name}")).scalar_one()
            for table in metadata.sorted_tables
            if table.name not in KEPT
        }


def delete(sender: Sender) -> int:
    return sender.client.call("DELETE", f"/v1/projects/{sender.project_id}").status


def test_a_deleted_project_is_gone_at_once(sender, ada, admin):
    version = filled(sender)
    upload = sender.promise(pack_of(A))

    assert delete(sender) == 202

    path = f"/v1/projects/{sender.project_id}"
    gone = [path, f"{path}/versions", f"{path}/members", f"{path}/settings", f"/v1/versions/{version}"]
    gone += [f"/v1/versions/{version}/{part}" for part in ("files", "diff", "archive", "content?path=b.py")]
    gone += [f"/v1/uploads/{upload['id']}"]
    assert {place: ada.get(place).status for place in gone} == dict.fromkeys(gone, 404)
    assert ada.get("/v1/projects").json["items"] == []
    assert sender.publish({"a.py": A}).status == 404
    assert delete(sender) == 404
    assert ada.post("/v1/projects", {"name": "compiler"}).status == 201
    (event,) = [event for event in outbox(admin) if event["type"] == "project.deleted"]
    assert (event["data"]["project_id"], event["orgid"]) == (sender.project_id, ORG)


def test_after_deletion_nothing_of_the_project_is_left_and_all_of_another_is(sender, ada, admin):
    other = beside(sender)
    kept = filled(other)
    before, objects = rows(admin), set(sender.objects())
    filled(sender)

    delete(sender)
    assert sweep(sender)["erased"] == 1
    collected(sender, admin)

    after = rows(admin)
    gone = {"exports"}  # those of the other project have expired meanwhile
    assert {name: many for name, many in after.items() if name not in gone | {"projects", "objects"}} == {
        name: many for name, many in before.items() if name not in gone | {"projects", "objects"}
    }
    assert after["projects"] == 1
    assert {key for key in sender.objects() if not key.startswith("exports/")} == {
        key for key in objects if not key.startswith("exports/")
    }
    assert readable(other, kept)
    assert ada.get(f"/v1/projects/{other.project_id}/members").json["items"] != []


def test_the_last_project_leaves_an_empty_house(sender, admin):
    filled(sender)

    delete(sender)
    sweep(sender)
    collected(sender, admin)

    assert {name: many for name, many in rows(admin).items() if many} == {}
    assert sender.objects() == []


def test_an_upload_that_may_still_arrive_is_waited_for(sender, admin, count):
    content = pack_of(A)
    upload = sender.promise(content)
    delete(sender)

    sweep(sender)
    assert count("uploads") == 1
    sender.put(upload, content)
    later(admin, "30 minutes")
    sweep(sender)

    assert (count("uploads"), count("projects"), count("arrivals")) == (0, 0, 0)
    assert sender.objects("uploads/") == []


def test_content_that_arrives_after_all_is_thrown_away(sender, admin):
    content = pack_of(A)
    upload = sender.promise(content)
    delete(sender)
    later(admin, "30 minutes")
    sweep(sender)

    sender.place(upload, content)
    assert sender.notify(key_of(upload)) == {key_of(upload): "unknown"}

    assert sender.objects("uploads/") == []


def test_a_kill_at_any_step_goes_on(sender, deps, admin, monkeypatch):
    monkeypatch.setattr(erasing, "ERASE_BATCH", 1)
    filled(sender)
    delete(sender)

    class Dying:
        def __init__(self, left: int) -> None:
            self.left = left

        def __call__(self, caller: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                raise KeyboardInterrupt
            return deps.work(caller)

    task = Task(ERASE, ORG, sender.project_id, 1)
    for n in range(100):
        try:
            erasing.erase(replace(deps, work=Dying(n % 3)), task, deadline=deps.monotonic() + 60)
        except KeyboardInterrupt:
            continue
        break

    assert n < 99
    collected(sender, admin)
    assert {name: many for name, many in rows(admin).items() if many} == {}


def test_erasing_stops_when_its_time_is_over_and_goes_on(sender, deps, admin, count):
    filled(sender)
    delete(sender)
    task = deps.tasks.claim(ERASE, lease_s=60)

    erasing.erase(deps, task, deadline=deps.monotonic() - 1)

    assert count("projects") == 1
    assert (sweep(sender)["erased"], count("projects")) == (1, 0)


def test_deleting_tells_once_and_is_only_for_admins(sender, ada, admin):
    assert ada.as_role("maintainer").call("DELETE", f"/v1/projects/{sender.project_id}").status == 403
    assert ada.of(OTHER_ORG).call("DELETE", f"/v1/projects/{sender.project_id}").status == 404
    bob = replace(ada, user=BOB, roles="viewer")
    ada.put(f"/v1/projects/{sender.project_id}/members/{BOB}", {"role": "admin"})

    assert [bob.call("DELETE", f"/v1/projects/{sender.project_id}").status for _ in range(2)] == [202, 404]
    assert sum(event["type"] == "project.deleted" for event in outbox(admin)) == 1


def test_a_publish_that_began_before_the_deletion_leaves_nothing(sender, deps, admin):
    sender.upload(pack_of(A))

    class Between:
        """Deletes the project between the two units of work of a request."""

        def __init__(self) -> None:
            self.used = 0

        def __call__(self, caller: Any) -> Any:
            self.used += 1
            if self.used == 2:
                assert delete(sender) == 202
            return deps.work(caller)

    reply = sender.of(replace(deps, work=Between())).publish({"a.py": A})
    sweep(sender)
    collected(sender, admin)

    assert reply.status == 404
    assert {name: many for name, many in rows(admin).items() if many} == {}
    assert sender.objects() == []


def test_every_table_of_a_project_is_erased(admin):
    """Each table has the project in a column, hangs on one that has, or holds nothing that is one project's."""
    shared = KEPT | {"blobs", "objects", "exports", "projects"}
    named = {table.name for table in owned()}
    hanging = {
        table.name
        for table in metadata.sorted_tables
        for key in table.foreign_key_constraints
        if key.ondelete == "CASCADE" and key.referred_table.name in named
    }

    assert {table.name for table in metadata.sorted_tables} - named - hanging - shared == set()
    rights = sa.text("SELECT has_table_privilege('coderev_project', 'project.' || :name, 'DELETE')")
    with admin.connect() as connection:
        refused = [table.name for table in owned() if not connection.execute(rights, {"name": table.name}).scalar_one()]
    assert refused == []


@pytest.mark.parametrize("files", [3_000])
def test_thousands_of_rows_are_erased_in_bounded_batches(sender, admin, count, files):
    contents = [b"%d\n" % n for n in range(files)]
    sender.upload(pack_of(*contents))
    body = {"files": [entry(f"{n}.py", content) for n, content in enumerate(contents)]}
    assert sender.client.post(f"/v1/projects/{sender.project_id}/versions", body).status == 201

    delete(sender)
    sweep(sender)

    assert (count("project_blobs"), count("versions"), count("blobs")) == (0, 0, files)
    collected(sender, admin)
    assert count("blobs") == 0
