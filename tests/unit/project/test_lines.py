"""Lines that differ: the shortest answer, a right answer in any case, and never slow."""

from __future__ import annotations

import random
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.project.diffs.hunks import NO_END, Hunk, counts, hunks, lines_of
from functions.project.diffs.lines import Block, Budget, compare

LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n", b"d\n"]), max_size=30)


def applied(old: list[bytes], new: list[bytes], blocks: list[Block]) -> list[bytes]:
    """The new lines, made from the old ones and what the blocks say is new."""
    made, at = [], 0
    for block in blocks:
        made += old[at : block.old_start] + new[block.new_start : block.new_end]
        at = block.old_end
    return made + old[at:]


def longest_common(old: list[bytes], new: list[bytes]) -> int:
    row = [0] * (len(new) + 1)
    for line in old:
        before = row
        row = [0]
        for j, other in enumerate(new):
            row.append(before[j] + 1 if line == other else max(before[j + 1], row[j]))
    return row[-1]


@given(LINES, LINES)
def test_the_answer_is_right_and_the_shortest(old, new):
    blocks = compare(old, new, Budget())

    assert applied(old, new, blocks) == new
    assert sum(block.old_end - block.old_start for block in blocks) == len(old) - longest_common(old, new)


@given(LINES, LINES, st.integers(0, 60))
@settings(max_examples=60)
def test_the_answer_is_right_when_the_budget_is_spent(old, new, steps):
    assert applied(old, new, compare(old, new, Budget(steps))) == new


def test_lines_that_occur_once_are_kept_when_the_budget_is_spent():
    old = [b"%d\n" % n for n in range(3_000)]
    new = [line for n, line in enumerate(old) for line in ((line, b"x\n") if n % 2 else (b"y\n",))]

    blocks = compare(old, new, Budget())

    assert applied(old, new, blocks) == new
    assert sum(block.old_end - block.old_start for block in blocks) == 1_500


def test_hostile_texts_are_compared_within_seconds():
    chance = random.Random(4)
    old = [chance.choice((b"{\n", b"}\n", b"\n")) for _ in range(200_000)]
    new = [chance.choice((b"{\n", b"}\n", b"\n")) for _ in range(200_000)]

    started = time.process_time()
    blocks = compare(old, new, Budget())

    assert time.process_time() - started < 6
    assert applied(old, new, blocks) == new


def test_hunks_are_those_of_a_unified_diff():
    old = b"".join(b"%d\n" % n for n in range(1, 21))
    new = old.replace(b"3\n", b"three\n", 1).replace(b"18\n", b"18\n18.5\n")

    assert hunks(old, new, Budget()) == [
        Hunk(1, 6, 1, 6, [" 1", " 2", "-3", "+three", " 4", " 5", " 6"]),
        Hunk(16, 5, 16, 6, [" 16", " 17", " 18", "+18.5", " 19", " 20"]),
    ]


def test_a_last_line_without_its_end_differs_from_one_with_it():
    (hunk,) = hunks(b"a\nb", b"a\nb\n", Budget())

    assert hunk.lines == [" a", "-b", NO_END, "+b"]
    assert counts(b"a\nb", b"a\nb\n", Budget()) == (1, 1)


def test_what_is_new_or_gone_is_one_hunk():
    assert hunks(b"", b"a\n", Budget()) == [Hunk(0, 0, 1, 1, ["+a"])]
    assert hunks(b"a\n", b"", Budget()) == [Hunk(1, 1, 0, 0, ["-a"])]
    assert hunks(b"a\n", b"a\n", Budget()) == []


def test_text_that_is_no_utf8_is_shown_all_the_same():
    (hunk,) = hunks(b"caf\xe9\n", b"cafe\n", Budget())

    assert hunk.lines == ["-caf�", "+cafe"]


def test_only_line_feeds_end_lines():
    assert lines_of(b"a\r\nb\x0cc\rd\n") == [b"a\r\n", b"b\x0cc\rd\n"]
