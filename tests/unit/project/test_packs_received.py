"""Packs, trees and histories of hostile hosts: bounded before anything trusts them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.project.fetching import bounds
from functions.project.fetching.contents import Contents, opened
from functions.project.fetching.history import history
from functions.project.fetching.scanning import scan
from functions.project.fetching.trees import snapshot
from functions.project.packs import Packer
from kernel.errors import DomainError, Invalid, TooLarge, Unavailable
from tests.unit.project.packfiles import (
    BLOB,
    COMMIT,
    OFS_DELTA,
    REF_DELTA,
    TAG,
    TREE,
    commit,
    entry,
    number,
    pack,
    sha,
    tree,
)


@pytest.fixture
def packer(tmp_path) -> Iterator[Packer]:
    made = Packer(tmp_path)
    yield made
    made.abandon()


def never() -> None:
    """Time is not over."""


def written(folder: Path, data: bytes) -> Path:
    path = folder / "received.pack"
    path.write_bytes(data)
    return path


A = entry(BLOB, b"a" * 100)


@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [
        (pack(A, count=2), Unavailable, "host_unavailable"),
        (pack(A)[:-30], Unavailable, "host_unavailable"),
        (b"", Unavailable, "host_unavailable"),
        (pack(A, A, count=1), Invalid, "malformed_pack"),
        (pack(A, version=9), Invalid, "malformed_pack"),
        (b"KCAP" + pack(A)[4:], Invalid, "malformed_pack"),
        (pack(A, count=bounds.MOST_OBJECTS + 1), TooLarge, "repository_too_large"),
        (pack(entry(5, b"x")), Invalid, "malformed_pack"),
        (pack(entry(0, b"x")), Invalid, "malformed_pack"),
        (pack(entry(BLOB, b"x" * 50, says=49)), Invalid, "malformed_pack"),
        (pack(entry(BLOB, b"x" * 50, says=51)), Invalid, "malformed_pack"),
        (pack(entry(BLOB, b"x", says=2**40)), TooLarge, "repository_too_large"),
        (pack(b"\xbf" + b"\xff" * 12 + b"\x01"), Invalid, "malformed_pack"),
        (pack(b"\x31not zlib at all"), Invalid, "malformed_pack"),
        (
            pack(A, entry(OFS_DELTA, number(100) + number(2**40) + b"\x01a", base=b"\x10")),
            TooLarge,
            "repository_too_large",
        ),
        (pack(entry(REF_DELTA, b"\xff" * 19, base=b"\0" * 20)), Invalid, "malformed_pack"),
        (pack(entry(OFS_DELTA, b"", base=b"\x10")), Invalid, "malformed_pack"),
    ],
)
def test_a_pack_that_lies_is_refused(tmp_path, data, kind, code):
    with pytest.raises(kind) as refused:
        scan(written(tmp_path, data), never)

    assert refused.value.code == code


def test_a_bomb_is_refused_by_what_it_says_and_by_what_it_is(tmp_path):
    zeros = b"\0" * (2 * bounds.LARGEST_OBJECT)
    for bomb in (entry(BLOB, zeros), entry(BLOB, zeros, says=10)):
        started = time.monotonic()
        with pytest.raises(DomainError):
            scan(written(tmp_path, pack(bomb)), never)
        assert time.monotonic() - started < 1


def test_objects_are_bounded_together(tmp_path, monkeypatch):
    monkeypatch.setattr("functions.project.fetching.scanning.MOST_UNPACKED", 250)
    assert scan(written(tmp_path, pack(A, A)), never) == 2

    with pytest.raises(TooLarge):
        scan(written(tmp_path, pack(A, A, A)), never)


def test_time_ends_a_scan(tmp_path):
    def over() -> None:
        raise Unavailable("the host took too long", code="host_too_slow")

    with pytest.raises(Unavailable):
        scan(written(tmp_path, pack(A)), over)


@pytest.mark.parametrize(
    "entries",
    [
        [entry(REF_DELTA, number(100) + number(1) + b"\x01a", base=b"\1" * 20)],
        [A, entry(OFS_DELTA, number(7) + number(1) + b"\x01a", base=b"\x70")],
        [A, entry(OFS_DELTA, number(100) + number(9) + b"\x91\x00\x7f", base=b"\x70")],
        [entry(OFS_DELTA, number(100) + number(1) + b"\x01a", base=b"\x00")],
    ],
)
def test_deltas_that_do_not_fit_are_refused(tmp_path, entries):
    with pytest.raises(DomainError) as refused, opened(written(tmp_path, pack(*entries)), never):
        pytest.fail("nothing opens")

    assert refused.value.code == "malformed_pack"


def test_a_pack_with_another_checksum_is_refused(tmp_path):
    data = pack(A)

    with pytest.raises(Invalid), opened(written(tmp_path, data[:-1] + bytes([data[-1] ^ 1])), never):
        pytest.fail("nothing opens")


def test_a_tag_leads_to_its_commit_and_tags_of_tags_end(tmp_path):
    empty, root = b"", commit(sha("tree", b""))
    tag = f"object {sha('commit', root)}\ntype commit\ntag v1\ntagger A <a@b> 1 +0000\n\nm".encode()
    tags, entries = [tag], [entry(TAG, tag)]
    for _ in range(12):
        tags.append(f"object {sha('tag', tags[-1])}\ntype tag\ntag v\ntagger A <a@b> 1 +0000\n\nm".encode())
        entries.append(entry(TAG, tags[-1]))
    with opened(written(tmp_path, pack(entry(TREE, empty), entry(COMMIT, root), *entries)), never) as contents:
        found, endless = contents.commit(sha("tag", tag)), contents.commit(sha("tag", tags[-1]))

    assert found is not None
    assert found.sha == sha("commit", root)
    assert endless is None


@pytest.mark.parametrize("when", [0, 2**40, 2**62])
def test_odd_times_of_commits_become_times(tmp_path, when):
    root = commit(sha("tree", b""), when=when, message=b"\xff\0\x1b[31m caf\xc3\xa9\nnext")
    with opened(written(tmp_path, pack(entry(TREE, b""), entry(COMMIT, root))), never) as contents:
        made = contents.commit(sha("commit", root))

    assert made is not None
    assert 4 < len(made.at) <= 20
    assert made.message == "�[31m café\nnext"


def bomb(depth: int, width: int) -> tuple[list[bytes], str]:
    """A few trees that describe width ** depth files."""
    blob = b"x"
    entries, last, mode = [entry(BLOB, blob)], sha("blob", blob), "100644"
    for _ in range(depth):
        data = tree(*((mode, b"%04d" % n, last) for n in range(width)))
        entries.append(entry(TREE, data))
        last, mode = sha("tree", data), "40000"
    return entries, last


def test_a_tree_of_billions_of_files_is_refused(tmp_path, packer):
    entries, top = bomb(depth=10, width=20)
    root = commit(top)
    with opened(written(tmp_path, pack(*entries, entry(COMMIT, root))), never) as contents:
        with pytest.raises(TooLarge) as refused:
            snapshot(contents, top, packer)
        lines = history(contents, sha("commit", root)).splitlines()

    assert refused.value.code in ("too_many_files", "repository_too_large")
    assert [json.loads(line)["files"] for line in lines] == [[]]


def test_a_tree_that_is_too_deep_is_refused(tmp_path, packer):
    entries, top = bomb(depth=200, width=1)
    with opened(written(tmp_path, pack(*entries)), never) as contents, pytest.raises(TooLarge):
        snapshot(contents, top, packer)


@pytest.mark.parametrize(
    "data", [b"100644 a", b"100644 a\0" + b"x" * 19, b"\xff\xff", b"1006x4 a\0" + b"x" * 20, b"40000 d\0" + b"\1" * 20]
)
def test_a_broken_tree_is_refused(tmp_path, packer, data):
    with opened(written(tmp_path, pack(entry(TREE, data))), never) as contents, pytest.raises(Invalid) as refused:
        snapshot(contents, sha("tree", data), packer)

    assert refused.value.code == "malformed_pack"


def test_names_that_cannot_live_side_by_side_keep_the_first(tmp_path, packer):
    blob = sha("blob", b"x")
    inner = tree(("100644", b"x", blob))
    names = [b"README", b"a", b"readme", "e\u0301".encode(), "\u00e9".encode()]
    data = tree(
        *(("100644", name, blob) for name in names), ("40000", b"A", sha("tree", inner)), ("100644", b"\xff", blob)
    )
    with opened(written(tmp_path, pack(entry(BLOB, b"x"), entry(TREE, inner), entry(TREE, data))), never) as contents:
        taken = snapshot(contents, sha("tree", data), packer)

    assert [file.path for file in taken.files] == ["README", "a", "e\u0301"]
    assert [code for _, code in taken.notes] == [
        "case_collision",
        "case_collision",
        "file_directory_clash",
        "path_not_utf8",
    ]
    assert all(path.isascii() for path, _ in taken.notes)


def test_notes_are_bounded_and_counted(tmp_path, packer):
    link = sha("blob", b"x")
    data = tree(*(("120000", b"%04d" % n, link) for n in range(300)))
    with opened(written(tmp_path, pack(entry(BLOB, b"x"), entry(TREE, data))), never) as contents:
        taken = snapshot(contents, sha("tree", data), packer)

    assert (len(list(taken.notes)), taken.notes.total) == (100, 300)


def lineage(*trees: bytes, blobs: tuple[bytes, ...] = ()) -> tuple[bytes, list[str]]:
    """A pack with a commit for each tree, one on top of the other."""
    entries, commits = [entry(BLOB, blob) for blob in blobs], []
    for n, data in enumerate(trees):
        made = commit(sha("tree", data), *commits[-1:], when=1_700_000_000 + n)
        entries += [entry(TREE, data), entry(COMMIT, made)]
        commits.append(sha("commit", made))
    return pack(*entries), commits


def changes(contents: Contents, head: str) -> list[object]:
    return [json.loads(line)["files"] for line in history(contents, head).splitlines()]


def test_bulk_changes_say_nothing_about_their_files(tmp_path):
    blob = sha("blob", b"x\n")
    many = tree(*(("100644", b"%04d" % n, blob) for n in range(bounds.BULK + 1)))
    few = tree(*(("100644", b"%04d" % n, blob) for n in range(bounds.BULK - 1)))
    data, commits = lineage(many, few, blobs=(b"x\n",))
    with opened(written(tmp_path, data), never) as contents:
        found = changes(contents, commits[-1])

    assert found == [[["0499", 0, 1], ["0500", 0, 1]], []]


def test_folders_that_become_files_and_links_are_told_as_files_only(tmp_path):
    one = sha("blob", b"1\n")
    inner = tree(("100644", b"f", one))
    first = tree(("40000", b"d", sha("tree", inner)), ("120000", b"l", one))
    second = tree(("100644", b"d", one), ("100644", b"l", one))
    data, commits = lineage(first, second, blobs=(b"1\n",))
    with opened(written(tmp_path, data_with(data, inner)), never) as contents:
        found = changes(contents, commits[-1])

    assert found == [[["d", 1, 0], ["d/f", 0, 1], ["l", 0, 0]], [["d/f", 1, 0]]]


def data_with(data: bytes, inner: bytes) -> bytes:
    """The pack with one more tree."""
    count = int.from_bytes(data[8:12], "big")
    return pack(data[12:-20] + entry(TREE, inner), count=count + 1)


def test_a_commit_whose_parent_was_not_sent_is_left_out(tmp_path):
    made = commit(sha("tree", b""), "1" * 40)
    with opened(written(tmp_path, pack(entry(TREE, b""), entry(COMMIT, made))), never) as contents:
        assert history(contents, sha("commit", made)) == b""


def test_the_merge_base_is_the_newest_commit_that_both_have(tmp_path):
    empty = sha("tree", b"")
    root = commit(empty, when=1)
    fork = commit(empty, sha("commit", root), when=2)
    left, right = (commit(empty, sha("commit", fork), when=3, message=side) for side in (b"l", b"r"))
    alone = commit(empty, when=9)
    entries = [entry(COMMIT, made) for made in (root, fork, left, right, alone)]
    with opened(written(tmp_path, pack(entry(TREE, b""), *entries)), never) as contents:
        base = contents.merge_base(sha("commit", left), sha("commit", right))
        none = contents.merge_base(sha("commit", left), sha("commit", alone))

    assert (base, none) == (sha("commit", fork), None)
