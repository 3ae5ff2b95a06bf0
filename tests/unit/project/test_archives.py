"""Every archive is either read whole or refused with its own code; its names and sizes are never believed."""

from __future__ import annotations

import os
import stat
import tarfile
import zipfile
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.errors import DomainError
from tests.unit.project import archives
from tests.unit.project.archives import tar_of, zip_of
from tests.unit.project.reading import FILES, code_of, paths, read


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


def test_wrong_checksums_are_refused(tmp_path):
    assert code_of(archives.zip_with_bad_crc(), tmp_path) == "bad_crc"
    packed = bytearray(tar_of(*FILES.items()))
    packed[-8] ^= 0xFF
    assert code_of(bytes(packed), tmp_path) == "bad_crc"


@pytest.mark.parametrize("lie", [False, True], ids=["declared", "undeclared"])
def test_zip_bomb_is_refused(tmp_path, lie):
    bomb = archives.modest_zip_bomb(256 << 20) if lie else archives.zip_bomb(256 << 20)

    assert code_of(bomb, tmp_path) in ("bomb_ratio", "file_too_large")
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 2 * len(bomb) + 4096


def test_archive_in_an_archive_is_only_a_file(tmp_path):
    inner = archives.zip_bomb(64 << 20)

    assert paths(read(zip_of(("in.zip", inner), ("a.py", b"")), tmp_path)) == ["a.py", "in.zip"]


def test_too_many_entries_are_refused(tmp_path):
    empty = [(f"f{n}", b"") for n in range(20_001)]

    assert code_of(zip_of(*empty, method=zipfile.ZIP_STORED), tmp_path) == "too_many_files"
    assert code_of(tar_of(*empty, mode="w"), tmp_path) == "too_many_files"


def test_large_files_and_large_trees_are_refused(tmp_path):
    half = os.urandom(1 << 20) * 45

    assert code_of(tar_of(("a", half + b"x" * (5 << 20)), mode="w"), tmp_path) == "file_too_large"
    assert code_of(tar_of(*((f"{n}", half) for n in range(5)), mode="w"), tmp_path) == "too_large_unpacked"


def test_unpacking_that_takes_too_long_is_refused(tmp_path):
    ticks = iter(range(0, 100_000, 50))

    with pytest.raises(DomainError) as refused:
        read(tar_of(*FILES.items()), tmp_path, clock=lambda: next(ticks))
    assert refused.value.code == "too_slow"


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n" + b"x" * 600, b"Rar!\x1a\x07\x00", b"<html>" * 200])
def test_what_is_no_archive_is_refused(tmp_path, content):
    assert code_of(content, tmp_path) == "unknown_format"


def test_ending_must_fit_the_content(tmp_path):
    assert code_of(zip_of(*FILES.items()), tmp_path, "code.tar.gz") == "format_mismatch"
    assert read(zip_of(*FILES.items()), tmp_path, "code.ZIP")


@pytest.mark.parametrize(
    "content", [zip_of(), tar_of(), tar_of(("d", b"", {"type": tarfile.DIRTYPE}))], ids=["zip", "tar", "folder"]
)
def test_archive_without_files_is_refused(tmp_path, content):
    assert code_of(content, tmp_path) == "empty_version"


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
