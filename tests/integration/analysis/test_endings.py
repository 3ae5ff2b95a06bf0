"""However often and in whatever order its messages come, an analysis ends once, and each of its files is accounted for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from kernel.ids import new_id
from tests.integration.analysis.house import DONE, WORK, House
from tests.integration.analysis.test_faults import Killed, deadly

FILES = {"a.py": b"import os\n", "b.py": b"import sys\n", "c.txt": b"hello\n"}
STEAL = "UPDATE analysis.leases SET holder = gen_random_uuid() WHERE kind = 'merge'"


def states(house: House) -> list[str]:
    return [one["state"] for one in house.client.get("/v1/analyses").json["items"]]


def merge_of(house: House) -> str:
    house.plan(house.published(FILES))
    house.work(*house.sent(WORK))
    (message,) = house.sent(WORK)
    return message


def test_merge_that_is_delivered_after_the_completion_changes_nothing(house):
    merge = merge_of(house)
    house.work(merge)
    before = house.sql("SELECT * FROM analysis.analyses")

    assert house.work(merge) == []

    assert house.sql("SELECT * FROM analysis.analyses") == before
    assert house.sql("SELECT * FROM analysis.leases") == []
    assert len(house.sent(DONE)) == 1


def test_plan_that_was_killed_before_its_acknowledgement_is_not_made_again(house):
    event = house.published(FILES)
    house.plan(event)
    planned = house.sent(WORK)

    assert house.plan(event) == []

    assert (len(planned), house.sent(WORK)) == (1, [])
    assert house.sql("SELECT count(*) FROM analysis.analysis_files") == [(3,)]


def test_plan_that_was_killed_before_its_commit_leaves_nothing_and_is_made_again(house):
    event = house.published(FILES)

    @contextmanager
    def cut(caller: Any) -> Iterator[Any]:
        with house.deps.work(caller) as work:
            yield work
            raise Killed

    with pytest.raises(Killed):
        house.with_deps(replace(house.deps, work=cut)).plan(event)
    left = house.sql("SELECT id FROM analysis.analyses UNION SELECT id FROM analysis.leases")

    assert (left, house.sent(WORK)) == ([], [])
    assert house.plan(event) == []
    assert house.drain() == []
    assert states(house) == ["completed"]


def test_two_plans_of_one_version_at_once_make_one_analysis(house):
    event = house.published(FILES)
    again = json.dumps(json.loads(event) | {"id": new_id()})

    with ThreadPoolExecutor(2) as pool:
        failures = list(pool.map(house.plan, [event, again]))

    assert failures == [[], []]
    assert len(house.sent(WORK)) == 1
    assert house.sql("SELECT count(*) FROM analysis.shards") == [(1,)]


def test_version_that_is_published_again_after_its_completion_stays_as_it_is(house):
    event = house.published(FILES)
    house.plan(event)
    house.drain()

    house.plan(json.dumps(json.loads(event) | {"id": new_id()}))

    assert (states(house), house.sent(WORK)) == (["completed"], [])


def test_merges_that_waited_for_one_that_is_given_up_are_announced(house):
    house.plan(house.published(FILES), house.published(FILES | {"d.py": b"x = 1\n"}))
    house.work(*house.sent(WORK))
    one, other = house.sent(WORK)

    class Cut:
        def ready(self) -> None:
            house.work(other)
            raise Killed

    for _ in range(3):
        with pytest.raises(Killed):
            house.with_deps(replace(house.deps, graph=Cut(), lease_s=0)).work(one)
        house.sql("UPDATE analysis.leases SET until = now() - interval '1 second' WHERE holder IS NOT NULL")
    house.work(one)

    assert house.drain() == []
    assert sorted(states(house)) == ["completed", "failed"]


def test_merge_that_was_taken_over_before_its_end_completes_nothing(house):
    merge = merge_of(house)
    blobs = house.deps.blobs

    class Robbed:
        def put(self, *given: Any) -> None:
            house.sql(STEAL)
            blobs.put(*given)

        def __getattr__(self, name: str) -> Any:
            return getattr(blobs, name)

    assert house.with_deps(replace(house.deps, blobs=Robbed())).work(merge) == []

    assert (states(house), house.sent(DONE)) == (["merging"], [])


def test_merge_that_was_taken_over_before_it_is_given_up_fails_nothing(house):
    merge = merge_of(house)
    house.sql("UPDATE analysis.leases SET attempts = 3 WHERE kind = 'merge'")
    opened: list[Any] = []

    @contextmanager
    def robbed(caller: Any) -> Iterator[Any]:
        if opened:
            house.sql(STEAL)
        opened.append(caller)
        with house.deps.work(caller) as work:
            yield work

    house.with_deps(replace(house.deps, work=robbed)).work(merge)

    assert states(house) == ["merging"]


def test_every_file_of_an_analysis_with_a_lost_shard_is_listed_with_its_reason(house):
    files = {f"f{number}.txt": b"%d" % number for number in range(250)} | {"link": b"f1.txt"}
    house.plan(house.published(files, mode={"link": "120000"}))
    lost, read = house.sent(WORK)
    for _ in range(3):
        with pytest.raises(Killed):
            deadly(house, lease_s=0).work(lost)

    house.work(lost, read)
    house.drain()

    (analysis,) = house.client.get("/v1/analyses").json["items"]
    listed = house.items(f"/v1/analyses/{analysis['id']}/files")
    skipped = [one for one in listed if one["status"] == "skipped"]
    assert (analysis["state"], len(listed)) == ("completed", 251)
    assert {one["reason"] for one in skipped} == {"engine_failed", "symlink"}
    assert len(skipped) == analysis["totals"]["skipped"] == 201
    assert analysis["progress"]["files_done"] == 251
