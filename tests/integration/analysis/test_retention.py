"""What goes when its time is over, and what stays however old it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from functions.analysis.service import retention
from kernel.errors import Unavailable
from kernel.ids import new_id
from tests.integration.analysis.house import House
from tests.integration.analysis.test_faults import Killed

PROJECT = "01890000-0000-7000-8000-0000000000f1"
OLD = b"import os\n\n\ndef f(x=[]):\n    return eval(x)\n"


def age(house: House, *analyses: Any, days: int = 100) -> None:
    """Let analyses have ended so many days ago, and every project have its turn."""
    for one in analyses:
        house.sql(
            "UPDATE analysis.analyses SET completed_at = now() - make_interval(days => :days) WHERE id = :id",
            id=one.id,
            days=days,
        )
    house.sql("UPDATE analysis.retention SET next_at = now()")


def ids(house: House) -> set[str]:
    return {item["id"] for item in house.items("/v1/analyses")}


def three(house: House) -> list[Any]:
    """Three versions after each other, of which all but the newest are old."""
    made = [house.publish({"a.py": OLD, "b.py": b"x = %d\n" % n}) for n in range(3)]
    age(house, *made)
    return made


def test_old_analysis_goes_with_its_rows_artifacts_and_results(house):
    first, second, newest = three(house)

    assert retention.retain(house.deps) == 1

    assert ids(house) == {second.id, newest.id}
    assert house.sql("SELECT count(*) FROM analysis.analysis_files WHERE analysis_id = :id", id=first.id) == [(0,)]
    assert house.deps.blobs.keys(f"artifacts/{house.org}/{first.id}/") == []
    assert len(house.deps.blobs.keys(f"artifacts/{house.org}/{newest.id}/")) == 7
    left = house.sql("SELECT count(*) FROM analysis.file_results WHERE status <> 'extra'")
    assert left == [(3,)]  # a.py, which all have, and b.py of the two that are left


def test_newest_analysis_and_what_it_is_compared_with_stay_however_old(house):
    _, second, newest = three(house)
    retention.retain(house.deps)
    age(house, second, newest, days=3_000)

    assert retention.retain(house.deps) == 0
    assert ids(house) == {second.id, newest.id}
    assert house.publish({"a.py": OLD, "b.py": b"x = 9\n"}).new_findings == 0


def test_baseline_that_was_set_stays(house):
    first, second, newest = three(house)
    house.sql("UPDATE analysis.analyses SET baseline_version_id = :v WHERE id = :id", v=first.version_id, id=newest.id)

    assert retention.retain(house.deps) == 0
    assert ids(house) == {first.id, second.id, newest.id}


def test_young_analyses_stay_as_long_as_the_settings_say(house):
    made = [house.publish({"b.py": b"x = %d\n" % n}) for n in range(4)]
    age(house, *made, days=20)
    assert retention.retain(house.deps) == 0

    key = f"configurations/{house.org}/{new_id()}.json"
    house.deps.blobs.put(key, json.dumps({"schema": 1, "retention_days": 10}).encode(), "application/json")
    house.sql("UPDATE analysis.analyses SET config_key = :key WHERE id = :id", key=key, id=made[-1].id)
    age(house, days=0)

    assert retention.retain(house.deps) == 2
    assert ids(house) == {made[2].id, made[3].id}


def test_history_of_findings_survives_the_analyses_that_it_names(house):
    gone = house.publish({"a.py": OLD})
    second, third = (house.publish({"a.py": b"x = %d\n" % n}) for n in range(2))
    before = house.sql("SELECT problem_id, seq, change, analysis_id FROM analysis.problem_history ORDER BY 1, 2")
    age(house, gone, second, third)

    assert retention.retain(house.deps) == 1

    assert before != []
    assert (
        house.sql("SELECT problem_id, seq, change, analysis_id FROM analysis.problem_history ORDER BY 1, 2") == before
    )
    for item in house.items(f"/v1/findings?project_id={PROJECT}"):
        assert house.client.get(f"/v1/findings/{item['id']}").status == 200


def test_project_has_its_turn_once_a_day_and_only_one_worker_gets_it(house):
    three(house)

    with ThreadPoolExecutor(3) as pool:
        gone = list(pool.map(lambda _: retention.retain(house.deps), range(3)))

    assert sorted(gone) == [0, 0, 1]
    assert house.sql("SELECT next_at > now() + interval '23 hours' FROM analysis.retention") == [(True,)]


@pytest.mark.parametrize("number", range(2, 7, 2))
def test_retention_that_was_killed_anywhere_is_finished_by_the_next_turn(house, number):
    first, second, newest = three(house)
    opened: list[Any] = []

    @contextmanager
    def cut(caller: Any) -> Iterator[Any]:
        opened.append(caller)
        with house.deps.work(caller) as work:
            yield work
            if len(opened) == number:
                raise Killed

    with pytest.raises(Killed):
        retention.retain(replace(house.deps, work=cut))
    house.sql("UPDATE analysis.retention SET next_at = now()")
    retention.retain(house.deps)

    assert ids(house) == {second.id, newest.id}
    assert house.deps.blobs.keys(f"artifacts/{house.org}/{first.id}/") == []


def test_content_that_is_planned_again_while_it_goes_is_not_lost(house):
    for n in range(4):
        house.publish({"a.py": b"y = %d\n" % n, "b.py": b"x = 1\n"})
    house.sql("UPDATE analysis.analyses SET completed_at = now() - interval '100 days'")
    age(house)
    events = [house.published({"a.py": b"y = %d\n" % n}, project=new_id()) for n in range(3)]

    with ThreadPoolExecutor(2) as pool:
        gone = pool.submit(retention.retain, house.deps)
        planned = [pool.submit(house.plan, event) for event in events]
        assert [one.result() for one in planned] == [[]] * 3
    assert house.drain() == []

    assert gone.result() == 2
    assert house.sql(
        "SELECT count(*) FROM analysis.analysis_files AS file"
        " LEFT JOIN analysis.file_results AS known ON known.id = file.result_id WHERE known.id IS NULL"
    ) == [(0,)]


def test_store_that_is_down_costs_a_turn_and_no_rows(house):
    three(house)
    before = ids(house)

    class Down:
        def __getattr__(self, name: str) -> Any:
            if name == "delete":
                raise Unavailable("objects")
            return getattr(house.deps.blobs, name)

    assert retention.retain(replace(house.deps, blobs=Down())) == 0
    assert ids(house) == before
