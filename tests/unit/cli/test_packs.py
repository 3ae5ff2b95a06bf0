"""Packs are what the server takes, and equal trees make equal packs."""

from __future__ import annotations

import hashlib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from cli import packs
from cli.tree import File
from functions.project import packs as server


def file_of(content: bytes, path: str = "a") -> File:
    return File(path, "100644", hashlib.sha256(content).hexdigest(), len(content), key=content.hex())


def read(file: File) -> bytes:
    return bytes.fromhex(file.key)


@given(st.lists(st.binary(max_size=1500), unique=True, max_size=8))
def test_the_server_reads_what_was_packed(tmp_path_factory: object, contents: list[bytes]) -> None:
    pack = packs.build(map(file_of, contents), read)
    path = Path(str(tmp_path_factory.mktemp("pack"))) / "pack.tar"  # type: ignore[attr-defined]
    path.write_bytes(pack.content)

    found = server.read(path)

    assert found.id == pack.sha256
    assert [pack.content[each.offset : each.offset + each.size_bytes] for each in found.blobs] == contents


@given(st.lists(st.integers(0, 5_000), max_size=40), st.integers(2_048, 12_000))
def test_no_group_passes_the_limit_unless_it_is_one_large_blob(sizes: list[int], limit: int) -> None:
    files = [File(str(index), "100644", f"{index:064x}", size) for index, size in enumerate(sizes)]

    groups = list(packs.plan(files, limit))

    assert [file for group in groups for file in group] == files
    for group in groups:
        size = sum(packs.member_bytes(file.size_bytes) for file in group) + 1024
        assert size <= limit or len(group) == 1


def test_equal_contents_travel_once() -> None:
    files = [file_of(b"same", "a"), file_of(b"same", "b"), file_of(b"other", "c")]

    assert [[file.path for file in group] for group in packs.plan(files)] == [["a", "c"]]


def test_nothing_makes_no_pack() -> None:
    assert list(packs.plan([])) == []
