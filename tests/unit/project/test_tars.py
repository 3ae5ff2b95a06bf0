"""What only a tar, or what it is packed with, can do to its reader."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import stat
import tarfile
import zlib

import pytest

from tests.unit.project import archives
from tests.unit.project.archives import tar_of
from tests.unit.project.reading import FILES, code_of, read


def test_name_that_is_not_utf8_is_refused(tmp_path):
    tar = archives.changed(tar_of(("a?.py", b"1"), mode="w"), _not_utf8)

    assert code_of(tar, tmp_path) == "path_not_utf8"


def _not_utf8(data: bytearray) -> None:
    data[1] = 0xFF
    data[148:156] = b"        "
    data[148:156] = b"%06o\0 " % sum(data[:512])


@pytest.mark.parametrize(
    ("type_", "code"),
    [
        (tarfile.SYMTYPE, "symlink"),
        (tarfile.LNKTYPE, "hardlink"),
        (tarfile.CHRTYPE, "device"),
        (tarfile.BLKTYPE, "device"),
        (tarfile.FIFOTYPE, "fifo"),
        (tarfile.CONTTYPE, "special_file"),
    ],
)
def test_tar_members_that_are_no_files_are_refused(tmp_path, type_, code):
    assert code_of(tar_of(("l", b"", {"type": type_, "linkname": "/etc/passwd"})), tmp_path) == code


@pytest.mark.parametrize("bit", [stat.S_ISUID, stat.S_ISGID, stat.S_ISVTX])
def test_tar_members_with_special_permissions_are_refused(tmp_path, bit):
    assert code_of(tar_of(("a", b"1", {"mode": bit | 0o755})), tmp_path) == "setuid"


def test_sparse_tars_are_refused(tmp_path):
    assert code_of(archives.sparse_tar(2**63), tmp_path) == "sparse"
    pax = {"pax_headers": {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(2**60)}}
    assert code_of(tar_of(("s", b"1\n0\n1\n" + b"\0" * 506, pax)), tmp_path) == "sparse"


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_tar_cut_anywhere_is_refused(tmp_path, mode):
    whole = tar_of(*((f"{n}.py", os.urandom(700)) for n in range(5)), mode=mode)
    last = len(whole.rstrip(b"\0")) if mode == "w" else len(whole) - 1

    for cut in range(600, last, max(1, last // 40)):
        assert code_of(whole[:cut], tmp_path) in ("truncated", "malformed_archive"), cut


def test_broken_tar_header_is_not_taken_for_the_end(tmp_path):
    whole = bytearray(tar_of(("a.py", b"1"), ("b.py", b"2"), mode="w"))
    whole[1024 + 3] ^= 0xFF

    assert code_of(bytes(whole), tmp_path) == "truncated"


def test_second_tar_behind_the_end_is_refused(tmp_path):
    tar = tar_of(("a.py", b"1"), mode="w")

    assert code_of(tar + tar, tmp_path) == "trailing_data"


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_tar_bomb_is_refused_before_it_unfolds(tmp_path, compress):
    member = tarfile.TarInfo("zeros")
    member.size = 40 << 20
    plain = member.tobuf() + b"\0" * ((40 << 20) + 1024)

    assert code_of(compress(plain), tmp_path) == "bomb_ratio"


def test_bomb_of_headers_is_refused(tmp_path):
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 1 << 30

    assert code_of(gzip.compress(header.tobuf() + b"a" * (1 << 20)), tmp_path) == "header_too_large"


def test_xz_that_wants_too_much_memory_is_refused(tmp_path):
    tar = tar_of(*FILES.items(), mode="w")
    packed = bytearray(lzma.compress(tar, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]))
    block = 12
    packed[block + 4] = 34  # the dictionary's size as LZMA2 codes it: 512 MiB
    packed[block + 8 : block + 12] = zlib.crc32(packed[block : block + 8]).to_bytes(4, "little")

    assert code_of(bytes(packed), tmp_path) == "malformed_archive"


def test_several_xz_streams_are_one(tmp_path):
    tar = tar_of(*FILES.items(), mode="w")

    assert len(read(lzma.compress(tar[:700]) + lzma.compress(tar[700:]), tmp_path).files) == len(FILES)


def test_negative_sizes_in_a_tar_are_refused(tmp_path):
    header = bytearray(tarfile.TarInfo("a").tobuf(tarfile.GNU_FORMAT))
    header[124:136] = tarfile.itn(-1024, 12, tarfile.GNU_FORMAT)
    header[148:156] = b"        "
    header[148:156] = b"%06o\0 " % sum(header)

    assert code_of(bytes(header) + b"\0" * 2048, tmp_path) in ("lying_size", "malformed_archive")
