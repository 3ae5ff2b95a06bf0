"""What is read, and in which shards."""

from __future__ import annotations

import json

import pytest

from functions.analysis.pieces import ManifestFile
from functions.analysis.planning import (
    LARGEST_FETCHED_BYTES,
    SHARD_BYTES,
    SHARD_FILES,
    Malformed,
    cut,
    language_key,
    planned,
    read_manifest,
)


def file(path: str, *, size: int = 10, sha256: str = "", mode: str = "100644", offset: int = 0) -> ManifestFile:
    return ManifestFile(path, mode, sha256 or path.encode().hex().ljust(64, "0")[:64], size, "packs/o/p.tar", offset)


def test_manifest_is_read_in_the_order_of_paths():
    row = {"mode": "100644", "sha256": "00" * 32, "size_bytes": 1, "object": "p", "offset": 0}
    text = "\n".join(json.dumps({"path": path} | row) for path in ("b", "a", "")).encode() + b"\n"

    assert [one.path for one in read_manifest(text)] == ["", "a", "b"]


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b'{"path":"a"}',
        b'{"path":"a","mode":"1","sha256":"zz","size_bytes":1,"object":"p","offset":0}',
        b'{"path":"a","mode":"1","sha256":"00","size_bytes":1,"object":"p","offset":0}',
        b'{"path":"a\\u0000","mode":"1","sha256":"%s","size_bytes":1,"object":"p","offset":0}' % (b"00" * 32),
        b'{"path":"\\ud800","mode":"1","sha256":"%s","size_bytes":1,"object":"p","offset":0}' % (b"00" * 32),
        b'{"path":"a","mode":"1","sha256":"%s","size_bytes":-1,"object":"p","offset":0}' % (b"00" * 32),
        b'{"path":"a","mode":"1","sha256":"%s","size_bytes":1,"object":"p","offset":9223372036854775808}'
        % (b"00" * 32),
        b'{"path":"a","mode":"1","sha256":"%s","size_bytes":"1","object":"p","offset":0}' % (b"00" * 32),
    ],
)
def test_malformed_manifest_is_refused(line):
    with pytest.raises(Malformed):
        read_manifest(line)


def test_the_content_decides_the_language_only_where_the_name_does_not():
    assert language_key("a.py") == "python:module"
    assert language_key("notes.txt") == "text:module"
    assert language_key("tests/run") == "by-content:test"


def test_links_and_the_very_large_are_not_fetched():
    files = [file("link", mode="120000"), file("sub", mode="160000"), file("big", size=LARGEST_FETCHED_BYTES + 1)]

    assert [item.reason for item in planned(files)] == ["symlink", "submodule", "too-large"]


def test_shards_are_bounded_by_bytes_and_by_files():
    heavy = list(cut(planned(file(f"{n}.py", size=SHARD_BYTES // 2, offset=n) for n in range(5))))
    many = list(cut(planned(file(f"{n}.py", offset=n) for n in range(SHARD_FILES + 1))))

    assert [len(files) for files in heavy] == [2, 2, 1]
    assert [len(files) for files in many] == [SHARD_FILES, 1]


def test_one_content_larger_than_a_shard_is_a_shard_of_its_own():
    sizes = [10, SHARD_BYTES * 3, 10]

    shards = list(cut(planned(file(f"{n}.py", size=size, offset=n) for n, size in enumerate(sizes))))

    assert [[one.size_bytes for one in files] for files in shards] == [[10], [SHARD_BYTES * 3], [10]]


def test_equal_contents_are_cut_once_and_counted_each():
    same = [file(f"{n}.py", sha256="ab" * 32) for n in range(3)]

    (files,) = cut(planned([*same, file("other.txt", sha256="ab" * 32)]))

    assert [one.seqs for one in files] == [(0, 1, 2), (3,)]


def test_nothing_to_read_makes_no_shard():
    assert list(cut([])) == []
