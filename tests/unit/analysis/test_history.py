"""What git says of the past, and what follows from it."""

from __future__ import annotations

import json

import pytest

from functions.analysis.history import LARGEST_BYTES, MOST_COMMITS, History
from functions.analysis.hotspots import WIDEST_COMMIT, Hotspot, Measured, coupling, hotspots


def commit(*files: str | tuple[str, int, int], author: str = "ada", at: str = "2026-01-02T03:04:05Z") -> str:
    rows = [[one, 3, 1] if isinstance(one, str) else list(one) for one in files]
    return json.dumps({"commit": "c", "at": at, "author": author, "files": rows})


def history(*lines: str) -> History:
    return History.read("\n".join(lines).encode())


def test_commits_are_read_newest_first():
    read = history(commit("b.py", at="2026-01-03T00:00:00Z"), commit("a.py"))

    assert [one.files[0].path for one in read.commits] == ["b.py", "a.py"]
    assert (read.since, read.ignored, read.cut) == ("2026-01-02T03:04:05Z", 0, False)


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "null",
        "[" * 100_000,
        '{"at": "yesterday", "files": []}',
        '{"at": "2026-01-02T03:04:05", "files": []}',
        '{"at": "2026-01-02T03:04:05Z", "files": {}}',
        '{"at": "2026-01-02T03:04:05Z", "files": [["a"]]}',
        '{"at": "2026-01-02T03:04:05Z", "files": [5]}',
        "\udcff",
    ],
)
def test_lines_that_are_none_are_left_out_and_counted(line):
    read = History.read((line + "\n" + commit("a.py")).encode(errors="surrogateescape"))

    assert (len(read.commits), read.ignored) == (1, 1)


def test_counts_that_git_cannot_give_are_none():
    read = history(
        json.dumps({"at": "2026-01-02T03:04:05Z", "files": [["x.png", "-", None], ["y", -4, True], ["", 1, 1]]})
    )

    assert [tuple(one) for one in read.commits[0].files] == [("x.png", 0, 0), ("y", 0, 0)]


def test_a_history_is_read_up_to_its_bounds():
    line = commit("a.py")

    assert not history(*[line] * MOST_COMMITS, "").cut
    long = history(*[line] * (MOST_COMMITS + 1))
    assert (len(long.commits), long.cut) == (MOST_COMMITS, True)
    assert History.read(b"x" * (LARGEST_BYTES + 1)).cut


FILES = {
    "hot.py": Measured(10, 90),
    "cold.py": Measured(40, 400),
    "warm.py": Measured(2, 5),
    "page.html": Measured(None, 9),
}


def test_hotspots_change_often_and_are_complex():
    past = history(
        commit("hot.py", "page.html"),
        commit("hot.py", ("warm.py", 5, 5), author="bob"),
        commit("warm.py", "gone.py"),
        commit("warm.py"),
    )

    found = hotspots(past, FILES)

    assert found.items == [
        Hotspot("hot.py", 20, 2, 6, 2, 2, 10, 90),
        Hotspot("warm.py", 6, 3, 11, 7, 2, 2, 5),
    ]
    assert found.unmeasured == ["page.html"]


def test_coupling_counts_common_commits_in_the_surer_direction():
    past = history(*[commit("hot.py", "cold.py")] * 3, *[commit("cold.py")] * 3, commit("hot.py", "warm.py"))

    found = coupling(past, FILES, path=None, support=2, confidence=0.1)

    assert [tuple(one) for one in found.items] == [("hot.py", "cold.py", 3, 0.75)]
    of_cold = coupling(past, FILES, path="cold.py", support=2, confidence=0.1)
    assert [tuple(one) for one in of_cold.items] == [("cold.py", "hot.py", 3, 0.5)]
    assert coupling(past, FILES, path=None, support=2, confidence=0.8).items == []


def test_commits_that_touch_everything_couple_nothing():
    wide = commit(*[f"f{number}.py" for number in range(WIDEST_COMMIT + 1)])
    files = [f"f{number}.py" for number in range(WIDEST_COMMIT + 1)]

    found = coupling(history(*[wide] * 5), files, path=None, support=2, confidence=0.1)

    assert (found.items, found.commits, found.wide) == ([], 0, 5)
