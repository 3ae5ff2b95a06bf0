"""What only a zip can do to its reader."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile

import pytest

from tests.unit.project import archives
from tests.unit.project.archives import zip_of
from tests.unit.project.reading import FILES, code_of, paths, read


def test_nul_in_a_name_is_refused(tmp_path):
    assert code_of(zip_of(("a\0.py", b"1")), tmp_path) == "path_nul"


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


def test_overlapping_entries_are_refused(tmp_path):
    assert code_of(archives.overlapping_zip(), tmp_path) == "overlapping_entries"


def test_encrypted_entries_are_refused(tmp_path):
    assert code_of(archives.encrypted_zip(), tmp_path) == "encrypted"


@pytest.mark.parametrize("says", [10, 4_999_999, 5_000_001])
def test_lies_about_sizes_are_found_out(tmp_path, says):
    assert code_of(archives.lying_zip(os.urandom(5_000_000), says), tmp_path) == "lying_size"


def test_unknown_compression_is_refused(tmp_path):
    assert code_of(zip_of(("a", b"1"), method=zipfile.ZIP_LZMA), tmp_path) == "unsupported_compression"


def test_zip_cut_anywhere_is_refused(tmp_path):
    whole = zip_of(*((f"{n}.py", os.urandom(700)) for n in range(5)))

    for cut in range(4, len(whole), 97):
        assert code_of(whole[:cut], tmp_path) in ("truncated", "malformed_archive"), cut


def test_directory_with_more_entries_than_it_says_is_refused(tmp_path):
    data = bytearray(zip_of(*((f"f{n}", b"") for n in range(20_001)), method=zipfile.ZIP_STORED))
    place = data.rfind(archives.END)
    data[place + 8 : place + 12] = struct.pack("<HH", 1, 1)

    assert code_of(bytes(data), tmp_path) == "too_many_files"


def test_zip_behind_something_else_is_refused(tmp_path):
    zip_ = zip_of(*FILES.items())

    assert code_of(b"%PDF-1.7\n" + zip_, tmp_path) == "unknown_format"
    assert code_of(zip_of(("a", b"1")) + zip_, tmp_path) == "malformed_archive"
    assert code_of(zip_ + b"tail", tmp_path) == "malformed_archive"


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
