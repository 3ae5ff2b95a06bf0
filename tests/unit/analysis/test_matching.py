"""Which finding is which problem, when code is edited, moved, copied and renamed."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.analysis.tracking.matching import LONG_AGO, Sighting, match
from functions.analysis.tracking.places import Place, settle
from functions.analysis.tracking.renames import moves
from tests.unit.analysis.sightings import Version, of_file, of_version

METHOD = "def pay(cart):\n    total = 0\n    bad(total)\n    return total\n"
OTHER = "def ship(box):\n    label(box)\n    weigh(box)\n    return box\n"


def matched(before: Version, now: Version, **known: bool) -> dict[tuple[str, int], tuple[str, int]]:
    """(path, number) now to (path, number) before."""
    old = [replace(one, **known) for one in of_version(before)]
    new = of_version(now)
    return {(a[1], a[2]): (b[1], b[2]) for a, b in match(new, old, moved(before, now)).items()}


def moved(before: Version, now: Version) -> dict[str, str]:
    gone = {path: text for path, text in before.items() if path not in now}
    come = {path: text for path, text in now.items() if path not in before}
    lines = {path: of_file(path, text) for path, text in {**gone, **come}.items()}
    return moves(gone, come, lines, lines)


def test_a_method_that_moves_in_its_file_is_the_same():
    assert matched({"a": METHOD + OTHER}, {"a": OTHER + METHOD}) == {("a", 0): ("a", 0)}


def test_a_method_that_moves_to_another_file_is_the_same():
    assert matched({"a": METHOD + OTHER, "b": ""}, {"a": OTHER, "b": METHOD}) == {("b", 0): ("a", 0)}


def test_of_a_method_and_its_copy_the_original_is_the_same_and_the_copy_is_new():
    copy = METHOD.replace("pay", "pay_again")

    assert matched({"a": METHOD}, {"a": copy + METHOD}) == {("a", 1): ("a", 0)}
    assert matched({"a": METHOD}, {"a": METHOD + copy}) == {("a", 0): ("a", 0)}
    assert matched({"z": METHOD}, {"a": METHOD, "z": METHOD}) == {("z", 0): ("z", 0)}


def test_a_file_that_is_renamed_and_edited_keeps_its_findings():
    edited = METHOD.replace("total = 0", "total = 1") + OTHER

    assert matched({"old.py": METHOD}, {"new.py": edited}) == {("new.py", 0): ("old.py", 0)}


def test_a_folder_that_moves_takes_its_files_along_though_each_finding_is_edited():
    before = {f"src/{name}/models.py": f"def {name}():\n    bad({name})\n" for name in "abc"}
    now = {f"lib/{name}/models.py": f"def {name}():\n    bad(not_{name})\n" for name in "abc"}

    assert matched(before, now) == {(f"lib/{name}/models.py", 0): (f"src/{name}/models.py", 0) for name in "abc"}


def test_a_block_that_is_indented_anew_is_the_same():
    indented = METHOD.replace("    bad(total)", "    if total:\n        bad( total )")

    assert matched({"a": METHOD}, {"a": indented}) == {("a", 0): ("a", 0)}


def test_of_two_equal_lines_the_one_that_stays_is_told_by_its_surroundings():
    before = "def f():\n    one()\n    bad()\n    two()\n\n    three()\n    bad()\n    four()\n"
    now = "def f():\n    one()\n    two()\n\n    three()\n    bad()\n    four()\n"

    assert matched({"a": before}, {"a": now}) == {("a", 0): ("a", 1)}


def test_a_third_equal_line_is_one_new_finding():
    assert len(matched({"a": "bad\nbad\n"}, {"a": "bad\nbad\nbad\n"})) == 2


def test_a_finding_without_a_line_is_known_by_its_rule_and_path():
    lineless = Sighting(key="k", path="a", rule="r", digest="d")

    assert match([replace(lineless, key="n")], [lineless]) == {"n": "k"}
    assert match([replace(lineless, key="n", path="b")], [lineless], {"a": "b"}) == {"n": "k"}


def test_an_edited_line_between_the_same_lines_is_the_same():
    assert matched({"a": METHOD}, {"a": METHOD.replace("bad(total)", "bad(total, 2)")}) == {("a", 0): ("a", 0)}


def test_another_rule_is_never_the_same():
    assert matched({"a": METHOD}, {"a": METHOD.replace("bad", "bad2")}) == {}


def test_what_another_finding_fits_better_is_not_taken():
    """The line left `a` for `b` with all that surrounds it; what stands in `a` now is another use of it."""
    block = "one()\ntwo()\nthree()\nbad()\nfour()\nfive()\nsix()\n"
    before, now = {"a": block, "b": "x()\n"}, {"a": "seven()\nbad()\neight()\n", "b": "x()\n" + block}

    assert matched(before, now) == {("b", 0): ("a", 0)}


def test_a_rewritten_function_keeps_an_open_finding_and_asks_again_about_a_dismissed_one():
    rewritten = "def pay(cart):\n    items = list(cart)\n    bad(items)\n    print(items)\n"

    assert matched({"a": METHOD}, {"a": rewritten}) == {("a", 0): ("a", 0)}
    assert matched({"a": METHOD}, {"a": rewritten}, dismissed=True) == {}


@pytest.mark.parametrize(
    "now",
    [
        {"b": METHOD + OTHER},
        {"a": OTHER + METHOD},
        {"a": METHOD.replace("    ", "\t")},
        {"a": METHOD.replace("bad(total)", "bad(int(total))")},
    ],
)
def test_a_dismissed_finding_that_moves_or_is_edited_is_the_same(now):
    assert len(matched({"a": METHOD, "c": "x"}, now | {"c": "x"}, dismissed=True)) == 1


def test_a_line_alone_elsewhere_says_nothing_long_after():
    old = of_file("a", "one()\nbad()\ntwo()\n", "old")
    new = of_file("b", "three()\nbad()\nfour()\n")

    assert match(new, old) != {}
    assert match(new, old, steps=LONG_AGO) == {}


def test_long_after_a_dismissed_problem_goes_before_another_like_it():
    (now,) = of_file("a", METHOD)
    dismissed = replace(now, key="z", dismissed=True, rank=0)
    fixed = replace(now, key="a", rank=2)

    assert match([now], [fixed, dismissed], steps=LONG_AGO) == {now.key: "z"}


def test_a_problem_is_in_one_place_of_an_analysis_only():
    first, second = Place("a", "", 0, 0, 1, 0), Place("b", "", 1, 0, 1, 0)
    known = {first.at: {0: ["p"]}, second.at: {0: ["p"], 1: ["q"]}}

    assert settle([second, first], known, ()).ids == {first: ["p"], second: ["q"]}
    assert settle([first], known, ["p"]).ids == {}


# -- for any edit

LINES = st.sampled_from(["bad()", "bad2()", "bad(x)", "  bad()", "one()", "two()", "def f", "  y()", "", "def g"])
SOURCES = st.lists(LINES, max_size=8).map("\n".join)
VERSIONS = st.dictionaries(st.sampled_from(["a.py", "b.py", "d/a.py", "e/a.py", "c.py"]), SOURCES, max_size=5)


@settings(max_examples=150, deadline=None)
@given(VERSIONS, VERSIONS, st.randoms(use_true_random=False))
def test_the_order_in_which_findings_are_given_changes_nothing(before, now, random):
    old, new = of_version(before), of_version(now)
    whither = moved(before, now)
    shuffled_old, shuffled_new = random.sample(old, len(old)), random.sample(new, len(new))

    assert match(shuffled_new, shuffled_old, whither) == match(new, old, whither)


@settings(max_examples=150, deadline=None)
@given(VERSIONS, VERSIONS)
def test_each_problem_is_found_once_and_by_its_own_rule(before, now):
    rules = {one.key: one.rule for one in of_version(before, "old")}

    found = match(of_version(now), of_version(before, "old"), moved(before, now))

    assert len(set(found.values())) == len(found)
    assert all(rules[found[one.key]] == one.rule for one in of_version(now) if one.key in found)


@settings(max_examples=200, deadline=None)
@given(VERSIONS, VERSIONS)
def test_looking_at_what_differs_alone_comes_to_the_same(before, now):
    same = {path for path, text in now.items() if before.get(path) == text}
    whither = moved(before, now)

    whole = match(of_version(now), of_version(before), whither)

    part = match(
        [one for one in of_version(now) if one.path not in same],
        [one for one in of_version(before) if one.path not in same],
        whither,
    )
    kept = {one.key: one.key for one in of_version(now) if one.path in same}
    assert whole == part | kept


@settings(max_examples=100, deadline=None)
@given(SOURCES, st.integers(0, 8), st.sampled_from(["one()", "new()", ""]))
def test_a_line_more_makes_no_finding_new(source, at, line):
    lines = source.split("\n")
    edited = "\n".join([*lines[:at], line, *lines[at:]])

    assert len(matched({"a": source}, {"a": edited})) == len(of_file("a", source))


def test_twenty_thousand_findings_of_a_folder_that_moved_are_matched_within_a_second():
    text = "\n".join(f"def f{n % 3}\n  bad({n})\n  x{n}()" for n in range(10))
    before = {f"src/app{n % 50}/part{n}.py": text + f"\n# {n}" for n in range(2_000)}
    now = {path.replace("src/", "lib/"): source + "\nbad()" for path, source in before.items()}
    old, new = of_version(before), of_version(now)
    lines_old, lines_new = _by_path(old), _by_path(new)

    began = time.process_time()
    found = match(new, old, moves(before, now, lines_old, lines_new))
    spent = time.process_time() - began

    assert len(found) == len(old) == 20_000
    assert spent < 1.0


def _by_path(found: list[Sighting]) -> dict[str, list[Sighting]]:
    by_path: dict[str, list[Sighting]] = {}
    for one in found:
        by_path.setdefault(one.path, []).append(one)
    return by_path
