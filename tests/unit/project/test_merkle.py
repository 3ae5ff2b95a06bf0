"""A tree's hash says what is in it, folder by folder."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from functions.project import merkle
from functions.project.merkle import differing, tree_of
from functions.project.model import File

A, B = "a" * 64, "b" * 64
PATHS = st.dictionaries(
    st.lists(st.sampled_from(["x", "y", "z"]), min_size=1, max_size=3).map(lambda parts: "/".join([*parts, "f.py"])),
    st.sampled_from([A, B]),
    max_size=8,
)


def files(listed: dict[str, str]) -> list[File]:
    return [File(path, "100644", sha256, 1) for path, sha256 in sorted(listed.items())]


def test_the_input_of_the_hash_is_as_documented():
    inner = hashlib.sha256(f"100755 blob {B} run.sh\n".encode()).hexdigest()
    outer = hashlib.sha256(f"100644 blob {A} a.py\n040000 tree {inner} bin\n".encode()).hexdigest()

    root = tree_of([File("bin/run.sh", "100755", B, 1), File("a.py", "100644", A, 1)])

    assert (root.sha256, root.folders["bin"].sha256) == (outer, inner)


def test_entries_are_sorted_by_the_bytes_of_their_names():
    one = tree_of(files({"a": A, "a.b": A, "a-b": A, "é": B, "z/q": A}))
    two = tree_of(reversed(files({"a": A, "a.b": A, "a-b": A, "é": B, "z/q": A})))

    assert one.sha256 == two.sha256


@given(PATHS, PATHS)
def test_what_differs_is_what_a_comparison_of_all_files_says(old, new):
    found = {(one or other).path for one, other in differing(tree_of(files(old)), tree_of(files(new)))}

    assert found == {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}
    assert (tree_of(files(old)).sha256 == tree_of(files(new)).sha256) == (old == new)


def test_equal_folders_are_never_entered(monkeypatch):
    many = {f"same/{n}/f.py": A for n in range(500)}
    before, after = tree_of(files(many | {"own/a.py": A})), tree_of(files(many | {"own/a.py": B}))
    seen: list[int] = []
    look = merkle._files
    monkeypatch.setattr(merkle, "_files", lambda old, new: seen.append(len(old)) or look(old, new))

    assert len(list(differing(before, after))) == 1
    assert len(seen) == 2  # the root and `own`


def test_deep_paths_need_no_recursion():
    path = "/".join(["d"] * 5_000)

    assert len(tree_of([File(f"{path}/f", "100644", A, 1)]).sha256) == 64
