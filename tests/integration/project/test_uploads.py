"""Content that arrives: verified before it counts, refused with its reason, and taken once however often it is told."""

from __future__ import annotations

import os
import socket
from urllib.parse import urlsplit

import pytest

from functions.project.limits import LARGEST_ARCHIVE, LARGEST_PACK
from functions.project.packs import Packer
from tests.client import ORG
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


@pytest.mark.parametrize(
    ("about", "main"),
    [
        ({}, True),
        ({"branch": "main", "commit": "1" * 40}, True),
        ({"branch": "topic/1", "commit": "2" * 40, "label": "try"}, False),
        ({"branch": "topic/1", "main": True}, True),
        ({"main": False}, False),
    ],
    ids=str,
)
def test_an_archive_says_where_it_comes_from_and_whether_it_moves_the_main_line(sender, ada, about, main):
    upload = sender.upload(zip_of(("a.py", A)), "archive", **about)

    version = ada.get(f"/v1/versions/{upload['version_id']}").json
    told = {"branch": None, "commit": None, "label": about.get("commit", "")[:12], **about, "main": main}
    assert {name: version[name] for name in told} == told


@pytest.mark.parametrize("about", [{"branch": "topic"}, {"commit": "1" * 40}, {"main": False}], ids=str)
def test_only_an_archive_says_where_it_comes_from(sender, ada, about):
    body = {"kind": "pack", "size_bytes": 10, "sha256": sha256(A), **about}

    assert ada.post(f"/v1/projects/{sender.project_id}/uploads", body).status == 422


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


def test_packer_makes_packs_that_are_packs(sender, tmp_path, count):
    packer = Packer(tmp_path)
    for content in (A, B, A, b"", b"x" * 700):
        packer.add(content)

    (pack,) = packer.finish()
    upload = sender.upload(pack.path.read_bytes())

    assert (upload["state"], count("blobs"), len(pack.blobs)) == ("stored", 4, 4)
    assert sender.objects() == [f"packs/{ORG}/{pack.id}.tar"]


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
