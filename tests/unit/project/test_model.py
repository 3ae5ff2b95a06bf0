"""The rules of uploads, trees, packs and paths."""

from __future__ import annotations

import io
import tarfile
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.project import packs
from functions.project.limits import PACK_TARGET
from functions.project.manifests import files_of, manifest_of
from functions.project.model import Blob, File, Tree
from functions.project.packs import Packer
from functions.project.paths import check_path, check_paths, without_common_folder
from functions.project.uploads import Upload, UploadKind, UploadState, key_of_upload
from kernel.errors import Conflict, DomainError, Invalid
from tests.client import ORG, USER

NOW = datetime(2026, 1, 2, tzinfo=UTC)
UPLOAD = Upload(
    id=USER,
    org_id=ORG,
    project_id=USER,
    kind=UploadKind.PACK,
    size_bytes=1,
    sha256="a" * 64,
    filename="",
    label="",
    created_by=USER,
    created_at=NOW,
    expires_at=NOW + timedelta(minutes=15),
)


def test_an_upload_ends_once():
    for ended in (UPLOAD.stored(), UPLOAD.refused("truncated", "too short")):
        assert ended.state is not UploadState.WAITING
        with pytest.raises(Conflict):
            ended.stored()
        with pytest.raises(Conflict):
            ended.refused("x", "y")


def test_an_upload_is_over_when_even_a_put_that_began_in_time_has_ended():
    assert not UPLOAD.is_over(UPLOAD.expires_at)
    assert not UPLOAD.is_over(UPLOAD.expires_at + timedelta(minutes=5))
    assert UPLOAD.is_over(UPLOAD.expires_at + timedelta(minutes=5, seconds=1))


def test_the_key_of_an_upload_leads_back_to_it():
    assert key_of_upload(UPLOAD.key) == (ORG, USER)
    for other in (f"{UPLOAD.key}/x", UPLOAD.key.upper(), f"{UPLOAD.key}\n", f"x{UPLOAD.key}", "uploads//"):
        assert key_of_upload(other) is None


def file(path: str = "a.py", **changes: object) -> File:
    return replace(File(path, "100644", "a" * 64, 1), **changes)  # type: ignore[arg-type]


def test_a_tree_has_one_hash_whatever_the_order():
    one, two = Tree.of([file("a"), file("b")]), Tree.of([file("b"), file("a")])

    assert one == two
    assert one.sha256 == two.sha256
    others = [file("c"), file("b", mode="100755"), file("b", sha256="b" * 64)]
    assert len({one.sha256, *(Tree.of([file("a"), other]).sha256 for other in others)}) == 4


@given(
    st.lists(st.from_regex(r"[a-zü\"' -][a-zü\"'-]{0,5}(/[a-z-]{1,4}){0,2}", fullmatch=True), min_size=1, max_size=9)
)
def test_a_manifest_is_read_as_it_was_written(paths):
    tree = Tree(tuple(file(path) for path in paths))
    manifest = manifest_of(tree, {"a" * 64: Blob("a" * 64, 1, "packs/o/p.tar", 512)})

    assert tuple(files_of(manifest)) == tree.files
    assert manifest.count(b"\n") == len(paths)


@given(st.text())
def test_any_text_is_a_path_or_is_refused_with_a_code(path):
    try:
        check_path(path)
    except Invalid as refused:
        code = refused.code
    else:
        code = ""
        assert not path.startswith("/")
        assert not {"", ".", ".."} & set(path.split("/"))
        assert not set(path) & set("\0\n\r\\")
    assert code == "" or code.startswith("path_")


NAMES = st.lists(st.sampled_from(["a", "A", "b", "ab", "a-"]), min_size=1, max_size=3).map("/".join)


@given(st.lists(NAMES, max_size=7))
def test_exactly_what_cannot_live_on_a_system_without_case_is_refused(paths):
    lower = [path.lower() for path in paths]
    within = any(one.startswith(f"{other}/") for one in lower for other in lower)

    try:
        check_paths(paths)
    except Invalid as refused:
        code = refused.code
    else:
        code = ""

    assert bool(code) == (within or len(set(lower)) < len(lower))
    assert code in ("", "duplicate_path", "case_collision", "file_directory_clash")


def test_deep_paths_cost_no_more_than_their_length():
    deep = [f"{n:05}/" + "/".join("a" * 500) for n in range(2_000)]

    tracemalloc.start()
    check_paths(deep)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak_bytes < 20 * sum(map(len, deep))


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([], "empty_version"),
        ([file(str(n)) for n in range(20_001)], "too_many_files"),
        ([file(str(n), size_bytes=45_000_000) for n in range(5)], "too_large_unpacked"),
        ([file(size_bytes=50_000_001)], "file_too_large"),
        ([file(mode="120000")], "bad_mode"),
        ([file("a"), file("a")], "duplicate_path"),
    ],
)
def test_a_tree_that_breaks_a_rule_is_refused(files, code):
    with pytest.raises(DomainError) as refused:
        Tree.of(files)

    assert refused.value.code == code


def test_only_a_folder_around_everything_is_common():
    assert without_common_folder(["top/a", "top/b/c"]) == len("top/")
    assert without_common_folder(["top/a", "b"]) == 0
    assert without_common_folder(["top/a", "other/b"]) == 0
    assert without_common_folder(["a"]) == 0
    assert without_common_folder([]) == 0


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=2_000), max_size=12))
def test_a_pack_is_read_as_it_was_written(tmp_path, contents):
    packer = Packer(tmp_path)
    hashes = {packer.add(content): content for content in contents}
    made = packer.finish()

    for pack in made:
        data = pack.path.read_bytes()
        assert packs.read(pack.path) == pack
        assert {blob.sha256: data[blob.offset : blob.offset + blob.size_bytes] for blob in pack.blobs} == hashes
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            assert [member.name for member in tar] == list(hashes)
    assert bool(made) == bool(contents)


def test_packs_stay_small_unless_one_blob_is_large(tmp_path):
    packer = Packer(tmp_path)
    for n, size in enumerate((PACK_TARGET // 2, PACK_TARGET // 3, PACK_TARGET // 3, PACK_TARGET + 1, 10)):
        packer.add(bytes([n]) * size)

    made = packer.finish()

    assert [len(pack.blobs) for pack in made] == [2, 1, 1, 1]
    assert all(pack.path.stat().st_size < PACK_TARGET + 4_096 for pack in made)


def test_the_same_blobs_make_the_same_pack(tmp_path):
    ids = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        packer = Packer(tmp_path / name)
        for content in (b"a", b"b"):
            packer.add(content)
        ids.append([pack.id for pack in packer.finish()])

    assert ids[0] == ids[1]
