"""Content that arrives: verified before it counts, refused with its reason, and taken once however often it is told."""

from __future__ import annotations

import itertools
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from functions.project.limits import LARGEST_ARCHIVE, LARGEST_PACK
from functions.project.packs import Packer
from kernel.errors import Unavailable
from tests.client import ORG, OTHER_ORG
from tests.integration.project.conftest import entry, key_of, pack_of, sha256
from tests.unit.project import archives
from tests.unit.project.archives import tar_of, zip_of

A, B = b"print('a')\n", b"print('b')\n"


def test_pack_is_stored_and_its_blobs_count(sender, count):
    content = pack_of(A, B)

    upload = sender.upload(content)

    assert (upload["state"], upload["code"], upload["version_id"]) == ("stored", None, None)
    assert count("blobs") == 2
    assert count("arrivals") == 0
    assert sender.objects() == [f"packs/{ORG}/{sha256(content)}.tar"]


@pytest.mark.parametrize("make", [zip_of, tar_of], ids=["zip", "tar.gz"])
def test_archive_becomes_a_version(sender, ada, make):
    files = {"top/a.py": A, "top/b/c.py": B, "top/-rf": b""}

    upload = sender.upload(make(*files.items()), "archive", label="v1")

    version = ada.get(f"/v1/versions/{upload['version_id']}").json
    found = ada.get(f"/v1/versions/{upload['version_id']}/files").json["items"]
    assert (upload["state"], version["label"], version["created_by"]) == ("stored", "v1", ada.user)
    assert found == [entry("-rf", b""), entry("a.py", A), entry("b/c.py", B)]
    assert sender.objects("uploads/") == []


def test_archive_and_sent_files_make_the_same_tree(sender):
    upload = sender.upload(zip_of(("a.py", A)), "archive")

    same = sender.publish({"a.py": A})

    assert (same.status, same.json["id"]) == (200, upload["version_id"])


def test_blobs_that_are_stored_already_are_not_stored_again(sender, count):
    sender.upload(pack_of(A, B))

    sender.upload(zip_of(("x/a.py", A), ("y.py", B)), "archive")

    assert (count("blobs"), len(sender.objects("packs/"))) == (2, 1)


HOSTILE = {
    "path_traversal": zip_of(("ok.py", A), ("../x", b"1")),
    "path_too_long": zip_of(("ok.py", A), ("x" * 4_000, b"1")),
    "symlink": tar_of(("ok.py", A), ("l", b"", {"type": b"2", "linkname": "/etc/passwd"})),
    "encrypted": archives.encrypted_zip(),
    "overlapping_entries": archives.overlapping_zip(),
    "lying_size": archives.lying_zip(b"A" * 5_000, 10),
    "bad_crc": archives.zip_with_bad_crc(),
    "truncated": tar_of(("ok.py", os.urandom(5_000)))[:-100],
    "bomb_ratio": archives.zip_bomb(40 << 20),
    "unknown_format": b"MZ" + os.urandom(600),
    "empty_version": zip_of(),
}


@pytest.mark.parametrize("code", HOSTILE)
def test_hostile_archive_is_refused_and_leaves_nothing(sender, count, code):
    upload = sender.upload(HOSTILE[code], "archive")

    assert (upload["state"], upload["code"], upload["version_id"]) == ("refused", code, None)
    assert upload["detail"]
    assert [count(table) for table in ("blobs", "versions", "arrivals")] == [0, 0, 0]
    assert sender.objects() == []


def test_pack_whose_blobs_are_not_what_they_are_called_is_refused(sender, count):
    content = bytearray(pack_of(A, B))
    content[512] ^= 1

    upload = sender.upload(bytes(content))

    assert (upload["state"], upload["code"], count("blobs"), sender.objects()) == (
        "refused",
        "wrong_blob_hash",
        0,
        [],
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (os.urandom(2_000), "malformed_pack"),
        (tar_of(("../x", A), mode="w"), "malformed_pack"),
        (tar_of((sha256(A), b"", {"type": b"2", "linkname": "/etc/passwd"}), mode="w"), "malformed_pack"),
        (pack_of(A, B, A), "malformed_pack"),
        (pack_of(A, b"0" * 50_000_001), "file_too_large"),
        (pack_of(A, B)[:1024], "truncated_pack"),
        (pack_of(A, b"x" * 2_000)[:2_000], "truncated_pack"),
        (archives.sparse_tar(2**40), "malformed_pack"),
    ],
    ids=["random", "name", "link", "twice", "large", "no end", "cut", "sparse"],
)
def test_what_is_no_pack_is_refused(sender, count, content, code):
    upload = sender.upload(content)

    assert (upload["state"], upload["code"], count("blobs")) == ("refused", code, 0)


def test_the_store_itself_refuses_another_body(sender):
    content = pack_of(A)
    upload = sender.promise(content)

    assert sender.put(upload, pack_of(B)) in (400, 403)
    shorter = upload["headers"] | {"Content-Length": str(len(content) - 1)}
    assert sender.put(upload | {"headers": shorter}, content[:-1]) in (400, 403)
    assert sender.objects() == []
    assert sender.put(upload, content) == 200


def test_connection_that_breaks_off_leaves_nothing(sender):
    content = pack_of(A, os.urandom(200_000))
    upload = sender.promise(content)
    url = urlsplit(upload["url"])
    head = f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in upload["headers"].items()) + "\r\n"

    with socket.create_connection((url.hostname, url.port)) as connection:
        connection.sendall(head.encode() + content[:100_000])

    assert sender.notify(key_of(upload)) == {key_of(upload): "waiting"}
    assert sender.put(upload, content) == 200
    assert sender.notify(key_of(upload)) == {key_of(upload): "stored"}


@pytest.mark.parametrize(
    ("sent", "code"),
    [(lambda c: c[:-1], "truncated"), (lambda c: c + b"x", "wrong_size"), (lambda c: c[:-1] + b"x", "wrong_hash")],
    ids=["shorter", "longer", "other"],
)
def test_other_content_than_promised_never_counts(sender, count, sent, code):
    content = pack_of(A)
    upload = sender.promise(content)
    sender.place(upload, sent(content))

    sender.notify(key_of(upload))

    assert (sender.state(upload)["state"], sender.state(upload)["code"]) == ("refused", code)
    assert (count("blobs"), sender.objects()) == (0, [])


@pytest.mark.parametrize(("kind", "limit"), [("pack", LARGEST_PACK), ("archive", LARGEST_ARCHIVE)])
def test_promise_of_too_much_is_refused(sender, ada, kind, limit):
    body = {"kind": kind, "size_bytes": limit + 1, "sha256": "a" * 64}

    reply = ada.post(f"/v1/projects/{sender.project_id}/uploads", body)

    assert (reply.status, reply.json["code"]) == (413, "too_large")


def test_event_may_come_twice_and_changes_nothing_the_second_time(sender, count, admin):
    content = zip_of(("a.py", A))
    upload = sender.promise(content, "archive")
    sender.put(upload, content)

    first, second = sender.notify(key_of(upload), key_of(upload)), sender.notify(key_of(upload))

    assert (first, second) == ({key_of(upload): "repeated"}, {key_of(upload): "repeated"})
    assert (sender.state(upload)["state"], count("versions"), published(admin)) == ("stored", 1, 1)


def test_content_sent_again_after_the_end_is_thrown_away(sender):
    content = pack_of(A)
    upload = sender.promise(content)
    sender.put(upload, content)
    sender.notify(key_of(upload))

    sender.put(upload, content)
    sender.notify(key_of(upload))

    assert sender.state(upload)["state"] == "stored"
    assert sender.objects("uploads/") == []


@pytest.mark.parametrize(
    "key",
    [
        "uploads/../packs/x",
        "packs/x.tar",
        "uploads/",
        f"uploads/{ORG}",
        f"uploads/{ORG}/{ORG}",
        f"uploads/{OTHER_ORG}/{ORG}",
        f"uploads/{ORG.upper()}/{ORG}",
        "uploads/a/b\n",
        "",
    ],
)
def test_events_about_unknown_keys_are_ignored(sender, count, key):
    assert sender.notify(key) == {key: "unknown"}
    assert count("audit") == 1  # the project's creation


def test_event_that_names_another_organisation_is_ignored(sender):
    content = pack_of(A)
    upload = sender.promise(content)
    sender.put(upload, content)

    assert sender.notify(key_of(upload, OTHER_ORG)) == {key_of(upload, OTHER_ORG): "unknown"}
    assert sender.state(upload)["state"] == "waiting"


def test_event_before_its_object_leaves_the_upload_waiting(sender, admin):
    upload = sender.promise(pack_of(A))

    assert sender.notify(key_of(upload)) == {key_of(upload): "waiting"}

    assert sender.state(upload)["state"] == "waiting"
    with admin.begin() as connection:
        assert connection.execute(sa.text("SELECT attempts FROM project.arrivals")).scalar_one() == 0


def test_sweep_takes_what_no_event_told_about(sender, admin):
    content = pack_of(A)
    upload = sender.promise(content)
    sender.put(upload, content)

    assert sender.sweep() == {}  # a minute has not passed
    pass_time(admin, "2 minutes")

    assert sender.sweep() == {key_of(upload): "stored"}
    assert sender.state(upload)["state"] == "stored"


def test_sweep_ends_what_was_never_sent(sender, admin):
    upload = sender.promise(pack_of(A))

    pass_time(admin, "16 minutes")
    assert sender.sweep() == {key_of(upload): "waiting"}  # a PUT that began in time may still end
    pass_time(admin, "6 minutes")
    assert sender.sweep() == {key_of(upload): "refused"}

    assert (sender.state(upload)["code"], sender.sweep()) == ("expired", {})


def test_sweep_stops_when_its_time_is_over(sender, deps, admin):
    upload = sender.promise(pack_of(A))
    pass_time(admin, "2 minutes")
    ticks = iter(range(0, 10_000, 1_000))

    assert sender.of(replace(deps, monotonic=lambda: next(ticks))).sweep() == {}
    assert sender.sweep() == {key_of(upload): "waiting"}


def test_upload_that_fails_each_time_is_refused_at_last(sender, admin):
    content = pack_of(A)
    upload = sender.promise(content)
    sender.put(upload, content)
    with admin.begin() as connection:
        connection.execute(sa.text("UPDATE project.arrivals SET attempts = 5"))

    sender.notify(key_of(upload))

    assert sender.state(upload)["code"] == "failed"


@pytest.mark.parametrize("kind", ["pack", "archive"])
def test_death_at_any_step_is_repaired_by_the_next_delivery(sender, deps, count, admin, kind):
    content = pack_of(A, B) if kind == "pack" else tar_of(("a.py", A), ("b.py", B))
    deaths = 0
    for step in itertools.count():
        upload = sender.promise(content, kind, label=str(step))
        sender.put(upload, content)
        try:
            sender.of(dying(deps, step)).notify(key_of(upload))
        except Died:
            deaths += 1
        sender.notify(key_of(upload))
        assert sender.state(upload)["state"] == "stored", step
        assert sender.objects("uploads/") == [], step
        if deaths == step:
            break

    assert deaths >= 8
    assert count("blobs") == 2
    assert count("versions") == published(admin) == (deaths + 1 if kind == "archive" else 0)


def test_parallel_deliveries_publish_once(sender, count, admin):
    content = zip_of(("a.py", A))
    upload = sender.promise(content, "archive")
    sender.put(upload, content)
    threads = [threading.Thread(target=sender.notify, args=[key_of(upload)]) for _ in range(2)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (sender.state(upload)["state"], count("versions"), published(admin)) == ("stored", 1, 1)


def test_store_that_is_down_is_told_so_that_the_event_comes_again(sender, deps):
    content = pack_of(A)
    upload = sender.promise(content)
    sender.put(upload, content)
    down = sender.of(replace(deps, store=Down()))

    for _ in range(6):
        with pytest.raises(Unavailable):
            down.notify(key_of(upload))
        assert sender.state(upload)["state"] == "waiting"

    assert sender.notify(key_of(upload)) == {key_of(upload): "stored"}


def test_disk_is_as_empty_as_before_even_after_a_killed_process(sender, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    old, young = tmp_path / "coderev-upload-old", tmp_path / "coderev-upload-young"
    for left in (old, young):
        left.mkdir()
        (left / "content").write_bytes(b"x")
    os.utime(old, (0, 0))

    sender.upload(zip_of(("a.py", A)), "archive")
    sender.upload(HOSTILE["bomb_ratio"], "archive")

    assert list(tmp_path.iterdir()) == [young]


def test_packer_makes_packs_that_are_packs(sender, tmp_path, count):
    packer = Packer(tmp_path)
    for content in (A, B, A, b"", b"x" * 700):
        packer.add(content)

    (pack,) = packer.finish()
    upload = sender.upload(pack.path.read_bytes())

    assert (upload["state"], count("blobs"), len(pack.blobs)) == ("stored", 4, 4)
    assert sender.objects() == [f"packs/{ORG}/{pack.id}.tar"]


class Died(BaseException):
    """The process ended here."""


def dying(deps: Any, steps: int) -> Any:
    """The same dependencies, in a process that dies before its port is used for the `steps`+1st time."""
    left = [steps]

    def step() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Died

    @contextmanager
    def work(caller: Any) -> Iterator[Any]:
        step()
        with deps.work(caller) as open_:
            yield open_
            step()  # before the commit
        step()

    return replace(deps, work=work, store=Mortal(deps.store, step), arrivals=Mortal(deps.arrivals, step))


class Mortal:
    def __init__(self, port: Any, step: Any) -> None:
        self._port, self._step = port, step

    def __getattr__(self, name: str) -> Any:
        self._step()
        return getattr(self._port, name)


class Down:
    def __getattr__(self, name: str) -> Any:
        raise Unavailable("objects")


def pass_time(admin: sa.Engine, interval: str) -> None:
    """Move what is stored into the past."""
    with admin.begin() as connection:
        past = f"- interval '{interval}'"
        connection.execute(sa.text(f"UPDATE project.arrivals SET check_at = check_at {past}"))
        connection.execute(sa.text(f"UPDATE project.uploads SET expires_at = expires_at {past}"))


def published(admin: sa.Engine) -> int:
    with admin.begin() as connection:
        query = "SELECT count(*) FROM project.outbox WHERE message LIKE '%version.published%'"
        return connection.execute(sa.text(query)).scalar_one()
