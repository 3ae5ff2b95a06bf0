"""Every archive is either read whole or refused with its own code; its names and sizes are never believed."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import struct
import tarfile
import time
import zipfile
import zlib
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.project.archives import reading
from functions.project.model import Tree
from functions.project.packs import Packer
from kernel.errors import DomainError
from tests.unit.project import archives
from tests.unit.project.archives import tar_of, zip_of

FILES = {"package/__init__.py": b"", "package/core.py": b"x = 1\n", "README.md": b"# read me\n"}


def read(content: bytes, folder, filename: str = "", clock=time.monotonic) -> Tree:
    path = folder / "archive"
    path.write_bytes(content)
    packer = Packer(folder)
    try:
        return reading.read(path, filename=filename, packer=packer, clock=clock)
    finally:
        packer.abandon()


def code_of(content: bytes, folder, filename: str = "") -> str:
    with pytest.raises(DomainError) as refused:
        read(content, folder, filename)
    assert len(refused.value.message) < 400
    return refused.value.code


def paths(tree: Tree) -> list[str]:
    return [file.path for file in tree.files]


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_tars_of_all_kinds_are_read(tmp_path, mode):
    assert paths(read(tar_of(*FILES.items(), mode=mode), tmp_path)) == sorted(FILES)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_zips_are_read(tmp_path, method):
    tree = read(zip_of(*FILES.items(), method=method), tmp_path)

    assert [(file.path, file.size_bytes) for file in tree.files] == [(p, len(FILES[p])) for p in sorted(FILES)]


def test_the_executable_bit_survives(tmp_path):
    tar = tar_of(("run", b"#!", {"mode": 0o755}), ("read", b"", {"mode": 0o644}))
    zip_ = zip_of(("run", b"#!", stat.S_IFREG | 0o755), ("read", b""))

    for archive in (tar, zip_):
        assert [(file.path, file.mode) for file in read(archive, tmp_path).files] == [
            ("read", "100644"),
            ("run", "100755"),
        ]


def test_one_folder_around_everything_is_left_out(tmp_path):
    wrapped = tar_of(("requests-2.32", b"", {"type": tarfile.DIRTYPE}), ("requests-2.32/a.py", b""))
    two = tar_of(("src/a.py", b""), ("README", b""))
    dotted = tar_of(("./", b"", {"type": tarfile.DIRTYPE}), ("./a.py", b""), ("./b/c.py", b""))

    assert paths(read(wrapped, tmp_path)) == ["a.py"]
    assert paths(read(two, tmp_path)) == ["README", "src/a.py"]
    assert paths(read(dotted, tmp_path)) == ["a.py", "b/c.py"]


def test_long_names_are_read_up_to_the_bound(tmp_path):
    name = "/".join(["d" * 200] * 5)

    assert paths(read(tar_of((name, b""), ("x", b"")), tmp_path)) == [name, "x"]
    assert paths(read(zip_of((name, b""), ("x", b"")), tmp_path)) == [name, "x"]


NAMES = [
    ("../../etc/x", "path_traversal"),
    ("a/../../x", "path_traversal"),
    ("/abs", "path_absolute"),
    ("C:\\x", "path_backslash"),
    ("C:/x", "path_drive"),
    ("a\\..\\..\\w.txt", "path_backslash"),
    ("a\nb", "path_control"),
    ("a/" * 4000 + "x", "path_too_long"),
    ("x" * 5000, "path_too_long"),
    ("dir/CON", "path_reserved"),
    ("dots.", "path_reserved"),
    ("a//b", "path_not_normal"),
]


@pytest.mark.parametrize(("name", "code"), NAMES)
def test_names_that_lead_elsewhere_are_refused(tmp_path, name, code):
    assert code_of(zip_of(("ok.py", b"1"), (name, b"1")), tmp_path) == code
    tar_code = code_of(tar_of(("ok.py", b"1"), (name, b"1")), tmp_path)
    assert tar_code in (code, "header_too_large")


def test_nul_in_a_name_is_refused(tmp_path):
    assert code_of(zip_of(("a\0.py", b"1")), tmp_path) == "path_nul"


def test_name_that_is_not_utf8_is_refused(tmp_path):
    tar = archives.changed(tar_of(("a?.py", b"1"), mode="w"), _not_utf8)

    assert code_of(tar, tmp_path) == "path_not_utf8"


def _not_utf8(data: bytearray) -> None:
    data[1] = 0xFF
    data[148:156] = b"        "
    data[148:156] = b"%06o\0 " % sum(data[:512])


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("a.py", "a.py"), "duplicate_path"),
        (("./a.py", "a.py"), "duplicate_path"),
        (("A.py", "a.py"), "case_collision"),
        (("a.py", "a.py/b"), "file_directory_clash"),
        (("a/b", "a"), "file_directory_clash"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_cannot_live_side_by_side_are_refused(tmp_path, names, code):
    entries = [(name, b"1") for name in names]

    assert code_of(zip_of(*entries), tmp_path) == code
    assert code_of(tar_of(*entries), tmp_path) == code


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


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        (stat.S_IFLNK | 0o777, "symlink"),
        (stat.S_IFCHR | 0o600, "device"),
        (stat.S_IFBLK | 0o600, "device"),
        (stat.S_IFIFO | 0o600, "fifo"),
        (stat.S_IFSOCK | 0o600, "special_file"),
        (stat.S_IFREG | stat.S_ISUID | 0o755, "setuid"),
    ],
)
def test_zip_entries_that_are_no_plain_files_are_refused(tmp_path, mode, code):
    assert code_of(zip_of(("ok.py", b"1"), ("l", b"/etc/passwd", mode)), tmp_path) == code


@pytest.mark.parametrize("bit", [stat.S_ISUID, stat.S_ISGID, stat.S_ISVTX])
def test_tar_members_with_special_permissions_are_refused(tmp_path, bit):
    assert code_of(tar_of(("a", b"1", {"mode": bit | 0o755})), tmp_path) == "setuid"


def test_sparse_tars_are_refused(tmp_path):
    assert code_of(archives.sparse_tar(2**63), tmp_path) == "sparse"
    pax = {"pax_headers": {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(2**60)}}
    assert code_of(tar_of(("s", b"1\n0\n1\n" + b"\0" * 506, pax)), tmp_path) == "sparse"


def test_overlapping_entries_are_refused(tmp_path):
    assert code_of(archives.overlapping_zip(), tmp_path) == "overlapping_entries"


def test_encrypted_entries_are_refused(tmp_path):
    assert code_of(archives.encrypted_zip(), tmp_path) == "encrypted"


@pytest.mark.parametrize("says", [10, 4_999_999, 5_000_001])
def test_lies_about_sizes_are_found_out(tmp_path, says):
    assert code_of(archives.lying_zip(os.urandom(5_000_000), says), tmp_path) == "lying_size"


def test_wrong_checksums_are_refused(tmp_path):
    assert code_of(archives.zip_with_bad_crc(), tmp_path) == "bad_crc"
    packed = bytearray(tar_of(*FILES.items()))
    packed[-8] ^= 0xFF
    assert code_of(bytes(packed), tmp_path) == "bad_crc"


def test_unknown_compression_is_refused(tmp_path):
    assert code_of(zip_of(("a", b"1"), method=zipfile.ZIP_LZMA), tmp_path) == "unsupported_compression"


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_tar_cut_anywhere_is_refused(tmp_path, mode):
    whole = tar_of(*((f"{n}.py", os.urandom(700)) for n in range(5)), mode=mode)
    last = len(whole.rstrip(b"\0")) if mode == "w" else len(whole) - 1

    for cut in range(600, last, max(1, last // 40)):
        assert code_of(whole[:cut], tmp_path) in ("truncated", "malformed_archive"), cut


def test_zip_cut_anywhere_is_refused(tmp_path):
    whole = zip_of(*((f"{n}.py", os.urandom(700)) for n in range(5)))

    for cut in range(4, len(whole), 97):
        assert code_of(whole[:cut], tmp_path) in ("truncated", "malformed_archive"), cut


def test_broken_tar_header_is_not_taken_for_the_end(tmp_path):
    whole = bytearray(tar_of(("a.py", b"1"), ("b.py", b"2"), mode="w"))
    whole[1024 + 3] ^= 0xFF

    assert code_of(bytes(whole), tmp_path) == "truncated"


def test_second_tar_behind_the_end_is_refused(tmp_path):
    tar = tar_of(("a.py", b"1"), mode="w")

    assert code_of(tar + tar, tmp_path) == "trailing_data"


@pytest.mark.parametrize("lie", [False, True], ids=["declared", "undeclared"])
def test_zip_bomb_is_refused(tmp_path, lie):
    bomb = archives.modest_zip_bomb(256 << 20) if lie else archives.zip_bomb(256 << 20)

    assert code_of(bomb, tmp_path) in ("bomb_ratio", "file_too_large")
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 2 * len(bomb) + 4096


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


def test_archive_in_an_archive_is_only_a_file(tmp_path):
    inner = archives.zip_bomb(64 << 20)

    assert paths(read(zip_of(("in.zip", inner), ("a.py", b"")), tmp_path)) == ["a.py", "in.zip"]


def test_too_many_entries_are_refused(tmp_path):
    empty = [(f"f{n}", b"") for n in range(20_001)]

    assert code_of(zip_of(*empty, method=zipfile.ZIP_STORED), tmp_path) == "too_many_files"
    assert code_of(tar_of(*empty, mode="w"), tmp_path) == "too_many_files"


def test_directory_with_more_entries_than_it_says_is_refused(tmp_path):
    data = bytearray(zip_of(*((f"f{n}", b"") for n in range(20_001)), method=zipfile.ZIP_STORED))
    place = data.rfind(archives.END)
    data[place + 8 : place + 12] = struct.pack("<HH", 1, 1)

    assert code_of(bytes(data), tmp_path) == "too_many_files"


def test_large_files_and_large_trees_are_refused(tmp_path):
    half = os.urandom(1 << 20) * 45

    assert code_of(tar_of(("a", half + b"x" * (5 << 20)), mode="w"), tmp_path) == "file_too_large"
    assert code_of(tar_of(*((f"{n}", half) for n in range(5)), mode="w"), tmp_path) == "too_large_unpacked"


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


def test_unpacking_that_takes_too_long_is_refused(tmp_path):
    ticks = iter(range(0, 100_000, 50))

    with pytest.raises(DomainError) as refused:
        read(tar_of(*FILES.items()), tmp_path, clock=lambda: next(ticks))
    assert refused.value.code == "too_slow"


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n" + b"x" * 600, b"Rar!\x1a\x07\x00", b"<html>" * 200])
def test_what_is_no_archive_is_refused(tmp_path, content):
    assert code_of(content, tmp_path) == "unknown_format"


def test_zip_behind_something_else_is_refused(tmp_path):
    zip_ = zip_of(*FILES.items())

    assert code_of(b"%PDF-1.7\n" + zip_, tmp_path) == "unknown_format"
    assert code_of(zip_of(("a", b"1")) + zip_, tmp_path) == "malformed_archive"
    assert code_of(zip_ + b"tail", tmp_path) == "malformed_archive"


def test_ending_must_fit_the_content(tmp_path):
    assert code_of(zip_of(*FILES.items()), tmp_path, "code.tar.gz") == "format_mismatch"
    assert read(zip_of(*FILES.items()), tmp_path, "code.ZIP")


@pytest.mark.parametrize("content", [zip_of(), tar_of(), tar_of(("d", b"", {"type": tarfile.DIRTYPE}))])
def test_archive_without_files_is_refused(tmp_path, content):
    assert code_of(content, tmp_path) == "empty_version"


def test_zip64_is_read(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, archive.open("a.py", "w", force_zip64=True) as file:
        file.write(b"x = 1\n")

    assert paths(read(buffer.getvalue(), tmp_path)) == ["a.py"]
    assert paths(read(archives.zip64_of(("a.py", b"1"), ("b.py", b"2")), tmp_path)) == ["a.py", "b.py"]


@pytest.mark.parametrize("at", [0, 4, 24, 40, 48, 56, 60, 64])
def test_broken_zip64_is_refused(tmp_path, at):
    whole = archives.zip64_of(("a.py", b"1"))
    place = whole.rfind(b"PK\x06\x06") + at
    damaged = whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]

    if at not in (4, 24):  # fields that nobody needs
        assert code_of(damaged, tmp_path) == "malformed_archive"


def test_zip64_without_its_records_is_refused(tmp_path):
    end = struct.pack("<4s4H2LH", archives.END, 0, 0, 1, 1, 0xFFFFFFFF, 0xFFFFFFFF, 0)

    assert code_of(end, tmp_path) == "malformed_archive"
    assert code_of(zip_of(("a.py", b"1"))[:-22] + end, tmp_path) == "malformed_archive"


@pytest.mark.parametrize("size", [262_144, 262_145, 3 * 262_144, 1_000_003])
@pytest.mark.parametrize("byte", [b"\0", b"ab"])
def test_content_that_ends_on_any_boundary_is_read(tmp_path, size, byte):
    content = (byte * size)[:size]

    tree = read(zip_of(("a", content), ("b", os.urandom(20_000))), tmp_path)

    assert [file.size_bytes for file in tree.files] == [size, 20_000]


def test_zip_whose_two_lists_of_names_differ_is_refused(tmp_path):
    whole = zip_of(("good.py", b"1"))

    assert code_of(whole.replace(b"good.py", b"evil.py", 1), tmp_path) == "malformed_archive"


def test_zip_that_is_encrypted_in_one_place_only_is_refused(tmp_path):
    whole = bytearray(zip_of(("a.py", b"1")))
    whole[6] |= 1

    assert code_of(bytes(whole), tmp_path) == "encrypted"


def test_folder_with_content_is_refused(tmp_path):
    assert code_of(zip_of(("a/", b"1")), tmp_path) == "malformed_archive"
    assert paths(read(zip_of(("a/", b""), ("a/b", b""), ("c", b"")), tmp_path)) == ["a/b", "c"]


@pytest.mark.parametrize("hidden", [b"x", b"\0" * 40])
def test_bytes_hidden_behind_a_file_are_refused(tmp_path, hidden):
    whole = zip_of(("a.py", b"line\n" * 100))
    size = struct.unpack_from("<L", whole, 18)[0]
    data = bytearray(whole[: 34 + size] + hidden + whole[34 + size :])
    place, end = data.rfind(archives.DIRECTORY), data.rfind(archives.END)
    data[18:22] = data[place + 20 : place + 24] = struct.pack("<L", size + len(hidden))
    data[end + 16 : end + 20] = struct.pack("<L", place)

    assert code_of(bytes(data), tmp_path) == "lying_size"


def test_negative_sizes_in_a_tar_are_refused(tmp_path):
    header = bytearray(tarfile.TarInfo("a").tobuf(tarfile.GNU_FORMAT))
    header[124:136] = tarfile.itn(-1024, 12, tarfile.GNU_FORMAT)
    header[148:156] = b"        "
    header[148:156] = b"%06o\0 " % sum(header)

    assert code_of(bytes(header) + b"\0" * 2048, tmp_path) in ("lying_size", "malformed_archive")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), make=st.sampled_from(["zip", "tar", "gz"]))
def test_no_damage_gets_past_with_anything_but_a_code(tmp_path, data, make):
    entries = [(f"{n}.py", b"line\n" * 40) for n in range(4)]
    whole = zip_of(*entries) if make == "zip" else tar_of(*entries, mode="w" if make == "tar" else "w:gz")
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))

    with suppress(DomainError):
        read(bytes(damaged), tmp_path)
