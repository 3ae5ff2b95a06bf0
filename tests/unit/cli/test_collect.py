"""What a review takes along, and what it lists with a reason instead."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.collect import working_tree
from cli.errors import UserError
from cli.names import LARGEST_FILE_BYTES
from cli.tree import Tree
from tests.unit.cli.conftest import Checkout, unprivileged


def names(tree: Tree) -> list[str]:
    return [file.path for file in tree.files]


def reasons(tree: Tree) -> dict[str, str]:
    return {each.path: each.reason for each in tree.skipped}


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may reach, unlike pytest's."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_checkout_gives_what_git_tracks_or_would_track(checkout: Checkout) -> None:
    checkout.commit(a_py="a = 1\n", sub__b_py="b = 2\n")
    checkout.write(".gitignore", "*.log\n")
    checkout.write("new.py", "new = 1\n")
    checkout.write("noise.log", "noise")
    (checkout.folder / "a.py").unlink()

    with working_tree(checkout.folder) as tree:
        assert names(tree) == [".gitignore", "new.py", "sub/b.py"]
        assert tree.skipped == ()


def test_a_folder_inside_a_checkout_is_reviewed_alone(checkout: Checkout) -> None:
    checkout.commit(a_py="a = 1\n", sub__b_py="b = 2\n")

    with working_tree(checkout.folder / "sub") as tree:
        assert names(tree) == ["b.py"]


def test_an_ignored_folder_that_is_named_is_walked(checkout: Checkout) -> None:
    checkout.commit(a_py="a = 1\n")
    checkout.write(".gitignore", "build/\n")
    checkout.write("build/made.py", "x = 1\n")

    with working_tree(checkout.folder / "build") as tree:
        assert names(tree) == ["made.py"]


def test_an_empty_repository_is_an_empty_tree(checkout: Checkout) -> None:
    with working_tree(checkout.folder) as tree:
        assert (tree.files, tree.skipped, tree.commit) == ((), (), None)


def test_content_mode_and_hash_are_those_of_the_file(tmp_path: Path) -> None:
    script = tmp_path / "run.sh"
    script.write_bytes(b"#!/bin/sh\n\xff\n")
    script.chmod(0o755)

    with working_tree(tmp_path) as tree:
        (file,) = tree.files
        assert (file.mode, file.size_bytes) == ("100755", 12)
        assert file.sha256 == hashlib.sha256(script.read_bytes()).hexdigest()
        assert tree.read(file) == script.read_bytes()


def test_outside_of_git_tools_folders_are_left_out_and_named(tmp_path: Path) -> None:
    tools = ("node_modules/x.js", ".venv/lib/y.py", ".venv/pyvenv.cfg", "pkg/__pycache__/z.pyc")
    for name in ("a.py", "venv/is_code.py", "pkg/b.py", ".git/HEAD/x", *tools):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")

    with working_tree(tmp_path) as tree:
        assert names(tree) == ["a.py", "pkg/b.py", "venv/is_code.py"]
        assert sorted(each.path for each in tree.skipped) == [".venv", "node_modules", "pkg/__pycache__"]


@pytest.mark.parametrize("as_checkout", [True, False], ids=["checkout", "folder"])
def test_symbolic_links_are_listed_and_loops_are_not_entered(tmp_path: Path, as_checkout: bool) -> None:
    if as_checkout:
        Checkout(tmp_path)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.py").write_text("a = 1\n")
    (tmp_path / "sub" / "loop").symlink_to("..")
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "outside").symlink_to("/etc/passwd")

    with working_tree(tmp_path) as tree:
        assert names(tree) == ["sub/a.py"]
        assert reasons(tree) == dict.fromkeys(("outside", "self", "sub/loop"), "it is a symbolic link")


def test_a_tracked_folder_that_became_a_link_leads_nowhere(checkout: Checkout, tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere"
    secret.mkdir()
    (secret / "b.py").write_text("secret")
    checkout.commit(sub__b_py="b = 2\n")
    (checkout.folder / "sub" / "b.py").unlink()
    (checkout.folder / "sub").rmdir()
    (checkout.folder / "sub").symlink_to(secret)

    with working_tree(checkout.folder) as tree:
        assert names(tree) == []
        assert reasons(tree)["sub/b.py"] == "it lies behind a symbolic link"


def test_names_like_flags_are_names(checkout: Checkout) -> None:
    for name in ("--help", "-rf", "--output=x", "@file", "a b"):
        checkout.write(name, name)

    with working_tree(checkout.folder) as tree:
        assert names(tree) == sorted(("--help", "-rf", "--output=x", "@file", "a b"))


def test_a_folder_named_like_a_flag_is_reviewed(checkout: Checkout) -> None:
    checkout.write("--cached/a.py", "a = 1\n")

    with working_tree(checkout.folder / "--cached") as tree:
        assert names(tree) == ["a.py"]


@pytest.mark.parametrize("as_checkout", [True, False], ids=["checkout", "folder"])
def test_names_that_are_not_utf8_are_listed(tmp_path: Path, as_checkout: bool) -> None:
    if as_checkout:
        Checkout(tmp_path)
    (tmp_path / os.fsdecode(b"caf\xe9.py")).write_text("x")
    (tmp_path / "café.py").write_text("x")

    with working_tree(tmp_path) as tree:
        assert names(tree) == ["café.py"]
        assert reasons(tree) == {"caf\\xe9.py": "its name is not UTF-8"}


@pytest.mark.parametrize("as_checkout", [True, False], ids=["checkout", "folder"])
def test_a_path_of_4000_characters_is_listed(tmp_path: Path, as_checkout: bool) -> None:
    if as_checkout:
        Checkout(tmp_path)
    handle = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 199, dir_fd=handle)
        deeper = os.open("d" * 199, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = deeper
    os.close(os.open("f.py", os.O_WRONLY | os.O_CREAT, dir_fd=handle))
    os.close(handle)

    with working_tree(tmp_path) as tree:
        (left_out,) = tree.skipped
        assert tree.files == ()
        assert len(left_out.path) > 3_990
        assert "longer than" in left_out.reason


def test_what_may_not_be_read_is_listed(open_folder: Path) -> None:
    (open_folder / "a.py").write_text("a = 1\n")
    (open_folder / "secret.py").write_text("s = 1\n")
    (open_folder / "secret.py").chmod(0)
    (open_folder / "closed").mkdir(mode=0)

    with unprivileged(), working_tree(open_folder) as tree:
        assert names(tree) == ["a.py"]
        assert reasons(tree) == {
            "closed": "the folder cannot be read: permission denied",
            "secret.py": "it cannot be read: permission denied",
        }


def test_special_files_are_listed_and_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with working_tree(tmp_path) as tree:
        assert reasons(tree) == {"pipe": "it is not a regular file"}


def test_files_over_the_limit_are_listed(tmp_path: Path) -> None:
    with (tmp_path / "huge.bin").open("wb") as file:
        file.truncate(LARGEST_FILE_BYTES + 1)

    with working_tree(tmp_path) as tree:
        assert reasons(tree) == {"huge.bin": "it is larger than 50 MB (50,000,001 bytes)"}


def test_a_repository_inside_is_listed(checkout: Checkout) -> None:
    inner = checkout.folder / "inner"
    inner.mkdir()
    Checkout(inner).commit(a_py="a = 1\n")

    with working_tree(checkout.folder) as tree:
        assert reasons(tree) == {"inner": "it is a repository of its own"}


def test_names_that_differ_only_in_case_do_not_stop_the_rest(tmp_path: Path) -> None:
    for name in ("Readme", "readme", "a.py"):
        (tmp_path / name).write_text(name)

    with working_tree(tmp_path) as tree:
        assert names(tree) == ["Readme", "a.py"]
        assert "differs" in reasons(tree)["readme"]


def test_a_single_file_is_a_tree_of_one(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("1\n")
    (tmp_path / "two.py").write_text("2\n")

    with working_tree(tmp_path / "one.py") as tree:
        assert names(tree) == ["one.py"]


def test_a_file_that_changes_while_it_is_read_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("a = 1\n")

    with working_tree(tmp_path) as tree:
        (tmp_path / "a.py").write_text("a = 2\n")
        with pytest.raises(UserError, match="changed while it was being read"):
            tree.read(tree.files[0])


def test_hashes_are_remembered_and_an_edit_is_noticed(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("a = 1\n")
    with working_tree(tmp_path) as first:
        young = first.files[0].sha256
    path.write_text("a = 2\n")

    with working_tree(tmp_path) as second:
        assert second.files[0].sha256 == hashlib.sha256(b"a = 2\n").hexdigest() != young


def test_hooks_and_monitors_of_a_hostile_checkout_do_not_run(checkout: Checkout, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    script = checkout.write("evil.sh", f"#!/bin/sh\ntouch {marker}\n")
    script.chmod(0o755)
    checkout.git("config", "core.fsmonitor", str(script))
    checkout.git("config", "core.hooksPath", str(checkout.folder))
    checkout.git("config", "core.sshCommand", str(script))

    with working_tree(checkout.folder):
        assert not marker.exists()
