"""Duplicates across a project: what is found, and that a merge after an edit says what a first one would say."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from functions.analysis.repositories.duplicates import MOST_OF_A_GRAM
from kernel.ids import new_id
from tests.client import BundleClient
from tests.integration.analysis.house import WORK
from tests.integration.analysis.test_faults import Killed

PROJECT = "01890000-0000-7000-8000-0000000000f1"


def block(name: str, lines: int = 16) -> bytes:
    """A function whose text no other name shares."""
    body = "".join(f"    {name}_{n} = pow({name}_{n - 1}, factor_{name}) + {n}\n" for n in range(1, lines))
    return f"def {name}({name}_0, factor_{name}):\n{body}    return {name}_{lines - 1}\n\n\n".encode()


def duplicates(house: Any, analysis: Any) -> list[dict[str, Any]]:
    return house.items(f"/v1/analyses/{analysis.id}/duplicates")


def places(group: dict[str, Any]) -> list[tuple[str, int, int]]:
    return [(place["path"], place["line"], place["end_line"]) for place in group["places"]]


def test_copied_function_is_one_group_with_its_exact_lines(house):
    one = house.publish({"a.py": block("first") + block("shared"), "b.py": block("shared") + block("second")})

    (group,) = duplicates(house, one)
    assert places(group) == [("a.py", 20, 36), ("b.py", 1, 17)]
    assert (group["lines"], group["tokens"] >= 100) == (17, True)


def test_each_place_is_a_finding_that_names_the_others(house):
    one = house.publish({f"{name}.py": block(name) + block("shared") for name in "abcde"})

    found = house.items(f"/v1/analyses/{one.id}/findings")
    assert [(item["path"], item["line"], item["end_line"]) for item in found] == [
        (f"{name}.py", 20, 36) for name in "abcde"
    ]
    assert {(item["rule"], item["severity"]) for item in found} == {("duplication/clone", "low")}
    assert found[0]["message"] == "17 lines (160 tokens) are also at b.py:20, c.py:20, d.py:20 and 1 more place"


def test_comments_spacing_imports_and_values_of_literals_make_no_difference(house):
    one = b"".join(b"    first_%d = call('a', %d, first_%d)\n" % (n, n, n) for n in range(20))
    other = b"".join(
        b'    # a remark\n\n    first_%d  =  call("bb", 9%d, first_%d)  # odd\n' % (n, n, n) for n in range(20)
    )
    imports = b"import os\nfrom a import (\n    b,\n    c,\n)\n"

    analysis = house.publish({"a.py": b"def f():\n" + one, "b.py": imports + b"def f():\n" + other})

    (group,) = duplicates(house, analysis)
    assert places(group) == [("a.py", 1, 21), ("b.py", 6, 66)]


def test_copies_that_are_short_generated_tested_vendored_or_data_are_no_findings(house):
    copy = block("shared")
    names = [
        "made_a.py", "made_b.py", "tests/a.py", "tests/b.py", "vendor/a.py", "node_modules/b.js", "a.json", "b.json",
        "a_pb2.py", "b_pb2.py",
    ]  # fmt: skip
    files = {name: (b"# @generated\n" if name.startswith("made") else b"") + copy for name in names}
    files |= {f"{name}.py": block("short", 9) + block(name) for name in "xyz"}

    one = house.publish(files)

    assert duplicates(house, one) == []
    assert house.sql("SELECT measures->>'clone_groups', measures->>'duplicated_lines' FROM analysis.analyses") == [
        ("0", "0")
    ]


def test_long_tables_of_literals_are_no_duplicates(house):
    table = b"TABLE = [\n" + b"".join(b"    ('name%d', %d, 'value'),\n" % (n, n) for n in range(60)) + b"]\n"

    assert duplicates(house, house.publish({"a.py": table, "b.py": table.replace(b"name", b"other")})) == []


def test_files_with_equal_contents_are_one_group(house):
    one = house.publish({"a/x.py": block("same"), "b/x.py": block("same"), "c.py": block("c") + block("same")})

    (group,) = duplicates(house, one)
    assert places(group) == [("a/x.py", 1, 17), ("b/x.py", 1, 17), ("c.py", 20, 36)]
    assert group["places_total"] == 3


def test_shorter_clone_inside_a_longer_one_is_not_told_twice(house):
    short, long = block("inner"), block("inner") + block("outer")
    one = house.publish({"a.py": block("a") + short, "b.py": block("b") + long, "c.py": block("c") + long})

    found = house.items(f"/v1/analyses/{one.id}/findings")

    assert [len(group["places"]) for group in duplicates(house, one)] == [2, 3]
    assert [(item["path"], item["line"], item["end_line"]) for item in found] == [
        ("a.py", 20, 36), ("b.py", 20, 55), ("c.py", 20, 55)
    ]  # fmt: skip


def test_code_that_repeats_itself_in_one_file_is_found_once_for_each_repeat(house):
    one = house.publish({"a.py": block("same") + b"x = 1\n" + block("same") + b"y = 2\n" + block("same")})

    (group,) = duplicates(house, one)
    assert [place["line"] for place in group["places"]] == [1, 21, 41]


def test_measures_count_each_line_once(house):
    one = house.publish({"a.py": block("a") + block("shared"), "b.py": block("shared"), "c.py": block("c")})

    ((measures,),) = house.sql("SELECT measures FROM analysis.analyses WHERE id = :id", id=one.id)

    assert measures["duplicated_lines"] == 34
    assert measures["duplicated_lines_density"] == round(100 * 34 / 76, 2)
    assert (measures["clone_groups"], measures["duplicated_blocks"]) == (1, 2)


def test_groups_come_in_pages_the_largest_first(house):
    copied = [block(f"name{n}", 16 + n) for n in range(5)]
    one = house.publish({"a.py": b"x = 1\n".join(copied), "b.py": b"y = 2\n".join(reversed(copied))})
    first = house.client.get(f"/v1/analyses/{one.id}/duplicates?limit=2").json
    rest = house.client.get(f"/v1/analyses/{one.id}/duplicates?limit=3&cursor={first['next_cursor']}").json

    assert [group["lines"] for group in first["items"] + rest["items"]] == [21, 20, 19, 18, 17]
    assert rest["next_cursor"] is None
    assert house.client.get(f"/v1/analyses/{one.id}/duplicates?cursor=no").status == 422


def test_duplicates_of_another_organisation_are_not_there(house):
    one = house.publish({"a.py": block("a")})
    stranger = BundleClient(house.app, org=new_id())

    assert stranger.get(f"/v1/analyses/{one.id}/duplicates").status == 404


def afresh(house: Any, files: dict[str, bytes]) -> list[dict[str, Any]]:
    """What a first analysis of a project says of these files."""
    return duplicates(house, house.publish(files, project=new_id()))


def test_incremental_duplicates_equal_those_of_a_first_analysis(house):
    chance = random.Random(5)
    pieces = [block(f"piece{n}", chance.randint(9, 24)) for n in range(12)]
    files = {f"d{n % 3}/f{n}.py": b"".join(chance.sample(pieces, 3)) for n in range(8)}
    house.publish(files)
    for _ in range(5):
        path = f"d{chance.randint(0, 2)}/f{chance.randint(0, 9)}.py"
        if chance.random() < 0.25 and path in files and len(files) > 2:
            del files[path]
        else:
            files[path] = b"".join(chance.sample(pieces, chance.randint(1, 3)))

        assert duplicates(house, house.publish(files)) == afresh(house, files)


def test_code_at_too_many_places_is_idiom_until_fewer_are_left(house):
    many = {f"f{n:02}.py": block(f"own{n}", 4) + block("common") for n in range(MOST_OF_A_GRAM + 1)}
    few = dict(list(many.items())[:-1])

    assert [len(group["places"]) for group in duplicates(house, house.publish(few))] == [MOST_OF_A_GRAM]
    assert duplicates(house, house.publish(many)) == []
    assert [len(group["places"]) for group in duplicates(house, house.publish(few))] == [MOST_OF_A_GRAM]


def cut_at(house: Any, number: int) -> Any:
    """The house whose `number`th transaction from now is killed before its commit."""
    opened: list[Any] = []

    @contextmanager
    def cut(caller: Any) -> Iterator[Any]:
        opened.append(caller)
        with house.deps.work(caller) as work:
            yield work
            if len(opened) == number:
                raise Killed

    return house.with_deps(replace(house.deps, work=cut, lease_s=0))


@pytest.mark.parametrize("number", range(4, 12, 3))
def test_merge_that_was_killed_anywhere_finds_the_same_the_second_time(house, number):
    files = {"a.py": block("a") + block("shared"), "b.py": block("shared"), "c.py": block("c")}
    house.publish(files)
    files |= {"c.py": block("c") + block("shared"), "d.py": block("a")}
    event = house.published(files)
    house.plan(event)
    house.work(*house.sent(WORK))
    (merge,) = house.sent(WORK)

    with pytest.raises(Killed):
        cut_at(house, number).work(merge)
    assert house.work(merge) == []

    version = house.client.get("/v1/analyses?limit=1").json["items"][0]
    assert version["state"] == "completed"
    assert [places(group) for group in house.items(f"/v1/analyses/{version['id']}/duplicates")] == [
        places(group) for group in afresh(house, files)
    ]
