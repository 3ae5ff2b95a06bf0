"""The client's rule about names is the server's: what one refuses the other does, too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import names
from functions.project import limits
from functions.project.paths import check_path, check_paths
from kernel.errors import Invalid

PARTS = st.sampled_from(
    [
        "a",
        "A",
        "é",
        "é",
        "..",
        ".",
        "",
        "con",
        "aux.c",
        "x ",
        "x.",
        "C:",
        "a\\b",
        "\x01",
        "\x85",
        "n" * 256,
        "ß",
        "ss",
        "-rf",
    ]
)
PATHS = st.lists(PARTS, min_size=1, max_size=4).map("/".join) | st.text(max_size=30)


def accepted(path: str) -> bool:
    try:
        check_path(path)
    except Invalid:
        return False
    return True


@given(PATHS)
def test_both_sides_accept_the_same_paths(path: str) -> None:
    try:
        encoded = path.encode()
    except UnicodeEncodeError:
        return

    assert (names.refusal_of_name(encoded) is None) == accepted(path)


@given(st.lists(PATHS.filter(accepted), unique=True, max_size=6))
def test_what_is_left_after_clashes_is_accepted_whole(paths: list[str]) -> None:
    clashing = names.clashes(sorted(paths))

    check_paths(path for path in sorted(paths) if path not in clashing)


def test_limits_are_the_servers() -> None:
    assert (
        names.LARGEST_FILE_BYTES,
        names.LARGEST_TREE_BYTES,
        names.MOST_FILES,
        names.LONGEST_PATH,
        names.LONGEST_NAME,
    ) == (limits.LARGEST_FILE, limits.LARGEST_TREE, limits.MOST_FILES, limits.LONGEST_PATH, limits.LONGEST_NAME)


@pytest.mark.parametrize(("name", "shown"), [(b"plain", "plain"), (b"\xff\n", "\\xff\n"), ("é".encode(), "é")])
def test_names_are_shown_whatever_their_bytes(name: bytes, shown: str) -> None:
    assert names.printable(name) == shown
