"""Tokens, fingerprints and clones; what another finder of copies says of the same files."""

from __future__ import annotations

import random
import time
from array import array
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.analysis.duplicates import Clone, Place, Text, clones, duplicated_lines, groups, outermost
from functions.analysis.engines.shingles import GRAM, LEAST_TOKENS, pack, shingled, unpack
from functions.analysis.engines.tokens import Tokens, tokens


def text_of(source: str, language: str = "python") -> Text:
    return Text(shingled(tokens(source.encode(), language)))


def between(left: Text, right: Text) -> list[Clone]:
    seeds = [(at, there) for at, gram in left.grams.items() for there, other in right.grams.items() if gram == other]
    return [*clones((1, 2), (left, right), seeds)]


def function(name: str, lines: int) -> str:
    body = "".join(f"    {name}_{n} = pow({name}_{n - 1}, by_{name}) + {n}\n" for n in range(1, lines - 1))
    return f"def {name}({name}_0, by_{name}):\n{body}    return {name}_{lines - 2}\n"


def count(source: str, language: str) -> int:
    return len(tokens(source.encode(), language).hashes)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("python", "x = 'a' + \"b\" + 1", "x='long one'+'''\nb\n'''+0x2f"),
        ("javascript", "x = `a ${b}` + 1.5e3", "x = 'a' + 2"),
        ("go", 'import (\n"fmt"\n)\nx := `a`', 'x := "b"'),
        ("rust", "use std::fmt;\nfn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)"),
        ("c", "#include <a.h>\nint x = 1;", "int x = 2;"),
        ("java", 'import a.b;\nString s = """\n a\n""";', 'String s = "b";'),
    ],
)
def test_literals_and_imports_do_not_count(language, one, other):
    first, second = (tokens(source.encode(), language) for source in (one, other))

    assert first.hashes == second.hashes


def test_names_count():
    assert tokens(b"a = b", "python").hashes != tokens(b"a = c", "python").hashes


def test_tokens_know_their_lines():
    found = tokens(b"a = 1\n\nb = '''\n\n'''\nc\n", "python")

    assert list(found.counts) == [3, 0, 3, 0, 0, 1, 0]


@given(st.lists(st.integers(0, 2**32 - 1), min_size=LEAST_TOKENS, max_size=LEAST_TOKENS), st.data())
@settings(max_examples=40, deadline=None)
def test_equal_runs_share_a_fingerprint_wherever_they_stand(run, data):
    """The guarantee of winnowing, for runs that are no table."""
    around = st.lists(st.integers(0, 2**32 - 1), max_size=120)
    sources = [[*data.draw(around), *run, *data.draw(around)] for _ in range(2)]
    left, right = (shingled(Tokens(array("I", source), array("I", [len(source)]))) for source in sources)

    assert len({*run[:GRAM]}) < 12 or set(left.grams) & set(right.grams)


def test_packed_fingerprints_are_read_as_they_were():
    found = shingled(tokens(function("f", 40).encode(), "python"))

    read = unpack(pack(found))

    assert [list(part) for part in (read.hashes, read.counts, read.grams, read.places)] == [
        list(part) for part in (found.hashes, found.counts, found.grams, found.places)
    ]
    assert pack(shingled(tokens(b"x = 1\n", "python"))) == b""


def test_clone_begins_and_ends_with_whole_lines_that_are_equal():
    copy = function("copy", 20)
    left, right = text_of(function("a", 5) + copy + "x = a(b)\n"), text_of("y = c(d)\n" + copy + function("b", 5))

    (found,) = between(left, right)

    assert (found.left_line, found.left_end, found.right_line, found.right_end) == (6, 25, 2, 21)
    assert found.tokens == count(copy, "python")


@pytest.mark.parametrize(("lines", "many"), [(9, 0), (12, 1)])
def test_clone_has_100_tokens_and_10_lines_at_least(lines, many):
    copy = function("copy", lines)

    assert len(between(text_of(function("a", 20) + copy), text_of(copy + function("b", 20)))) == many


def test_copy_on_few_long_lines_is_no_clone():
    copy = "x = [" + ", ".join(f"name{n}(other{n})" for n in range(60)) + "]\n"

    assert between(text_of(copy), text_of("y = 1\n" + copy)) == []


def test_repeats_within_one_text_do_not_overlap():
    text = text_of("".join(f"    case{n % 12}(one, two, three{n % 12})\n" for n in range(60)))
    seeds = [(a, b) for a, b in combinations(text.grams, 2) if text.grams[a] == text.grams[b]]

    found = [*clones((1, 1), (text, text), seeds)]

    assert found != []
    assert all(one.left_at + one.tokens <= one.right_at for one in found)


def test_groups_are_the_places_of_equal_code_the_largest_first():
    whole = Clone(1, 0, 2, 9, 300, 1, 40, 5, 44, "d1", "a1")
    part = [Clone(1, 9, 3, 0, 120, 3, 20, 1, 18, "d2", "a2"), Clone(2, 18, 3, 0, 120, 7, 24, 1, 18, "d2", "a2")]
    paths = {1: ["a"], 2: ["b"], 3: ["c", "d"]}

    found = groups([*part, whole], [], paths)

    assert [[str(place) for place in group.places] for group in found] == [["a:1", "b:5"], ["a:3", "b:7", "c:1", "d:1"]]
    assert [str(place) for _, place in outermost(found)] == ["a:1", "b:5", "c:1", "d:1"]
    assert duplicated_lines(found) == 40 + 40 + 18 + 18
    assert found[0].places[0] == Place("a", 1, 40)


@pytest.mark.parametrize(
    "hostile",
    [
        '"' + '\\"' * 26_000,
        "'" * 133_000,
        "`" * 133_000,
        '"""' * 50_000,
        "import (\n" * 16_000,
        "import {" * 20_000,
        "((" * 83_000,
        "1." * 83_000,
        "a" * 166_000,
        "\n" * 166_000,
        "x = y\n" * 26_000,
        "\x00\ufffd\u202e" * 33_000,
    ],
)
@pytest.mark.parametrize("language", ["python", "javascript"])
def test_hostile_text_costs_linear_time(hostile, language):
    before = time.process_time()

    shingled(tokens(hostile.encode(), language))

    assert time.process_time() - before < 2


JSCPD = [
    ("f3.py", 9, "f4.py", 9), ("f3.py", 25, "f5.py", 9), ("f2.py", 9, "f5.py", 27), ("f2.py", 28, "f5.py", 9),
    ("f1.py", 9, "f4.py", 25), ("f1.py", 26, "f5.py", 27), ("f0.py", 9, "f4.py", 25), ("f0.py", 26, "f5.py", 9),
]  # fmt: skip
"""What jscpd 4.0.5 says of the files below with --min-tokens 100 --min-lines 10: file and first line, twice."""


def test_copies_that_jscpd_finds_are_found_with_the_same_first_lines():
    chance = random.Random(3)
    copies = [function(f"shared{n}", 14 + n) for n in range(4)]
    files = {}
    for n in range(6):
        parts = [function(f"own{n}", 6), *chance.sample(copies, 2), f"print({n})\n"]
        files[f"f{n}.py"] = text_of("\n\n".join(parts))

    found = {
        (one, clone.left_line, other, clone.right_line)
        for (one, left), (other, right) in combinations(files.items(), 2)
        for clone in between(left, right)
    }

    assert found >= set(JSCPD)
    assert len(found) == 13  # jscpd compares a copy with the latest one before it, this with all
