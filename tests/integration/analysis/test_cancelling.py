"""Cancelling, restarting, superseding and refusing analyses."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from functions.analysis import service
from functions.analysis.planning import SHARD_FILES
from functions.analysis.ports import Limits
from functions.analysis.service import cancelling
from kernel.errors import Unavailable
from kernel.identity import Caller
from kernel.ids import new_id
from tests.client import OTHER_ORG
from tests.integration.analysis.house import DONE, WORK, House
from tests.integration.analysis.test_gates import settings

FILES = {"a.py": b"import os\n", "b.py": b"import sys\n"}
MANY = {f"f{number}.txt": b"%d" % number for number in range(2 * SHARD_FILES + 1)}  # three shards


def newest(house: House) -> Any:
    return house.client.get("/v1/analyses").json["items"][0]


def cancel(house: House, analysis_id: str) -> Any:
    return house.client.post(f"/v1/analyses/{analysis_id}/cancel")


def restart(house: House, analysis_id: str) -> Any:
    return house.client.post(f"/v1/analyses/{analysis_id}/restart")


def leases(house: House) -> list[Any]:
    return list(house.sql("SELECT kind FROM analysis.leases"))


def test_a_cancelled_analysis_runs_no_shard_any_more(house):
    house.plan(house.published(MANY))
    first, *rest = house.sent(WORK)
    house.work(first)

    reply = cancel(house, newest(house)["id"])

    assert (reply.status, reply.json["state"], reply.json["reason"]) == (200, "cancelled", "cancelled")
    assert house.work(*rest) == []
    found = newest(house)
    assert (found["progress"]["shards_done"], found["progress"]["shards_total"], found["state"]) == (1, 3, "cancelled")
    assert (house.drain(), leases(house), house.sent(DONE)) == ([], [], [])


def test_a_running_shard_of_a_cancelled_analysis_stops_and_stores_nothing(house):
    house.plan(house.published(FILES))
    (shard,) = house.sent(WORK)
    clock = iter(range(0, 10_000, 60))

    @dataclass
    class Cancelling:
        engines: Any

        def engine_set(self, configuration: Any) -> str:
            return str(self.engines.engine_set(configuration))

        def read(self, contents: Sequence[Any], hold: Any, configuration: Any) -> Any:
            cancel(house, newest(house)["id"])
            hold()
            raise AssertionError("it went on")

    deps = replace(house.deps, engines=Cancelling(house.engines), elapsed=lambda: next(clock))
    assert len(house.with_deps(deps).work(shard)) == 1

    assert house.work(shard) == []
    assert (newest(house)["progress"]["files_done"], newest(house)["state"]) == (0, "cancelled")
    assert house.sql("SELECT * FROM analysis.file_results") == []


def test_a_cancelled_merge_completes_nothing_and_the_next_one_of_the_project_goes_on(house):
    house.plan(house.published(FILES), house.published(FILES | {"c.py": b"x = 1\n"}))
    house.work(*house.sent(WORK))
    one, other = house.sent(WORK)
    first = json.loads(one)["subject"]
    graph = house.deps.graph

    class Cut:
        """Somebody cancels, and another merge comes, while this one writes the graph."""

        def ready(self) -> None:
            cancel(house, first)
            assert house.work(other) == []
            raise Unavailable("another worker has taken over")

        def __getattr__(self, name: str) -> Any:
            return getattr(graph, name)

    house.with_deps(replace(house.deps, graph=Cut())).work(one)
    house.work(one)
    service.sweep(house.deps, grace_s=0)
    house.drain()

    states = {one["id"]: one["state"] for one in house.client.get("/v1/analyses").json["items"]}
    assert states.pop(first) == "cancelled"
    assert set(states.values()) == {"completed"}


def test_cancelling_while_a_shard_ends_waits_for_it_and_fails_nobody(house):
    house.plan(house.published(MANY))
    first, *_ = house.sent(WORK)
    caller, id_ = Caller.function(house.org), newest(house)["id"]
    named, project = json.loads(first)["data"]["shard_id"], newest(house)["project_id"]
    with house.deps.work(caller) as work:
        claim = work.leases.claim(named, holder=new_id(), seconds=60)

    def somebody_cancels() -> None:
        with house.deps.work(caller) as work:
            cancelling.cancel(work, id_)

    thread = threading.Thread(target=somebody_cancels)

    with house.deps.work(caller) as work:
        assert work.leases.end(claim.lease)
        thread.start()
        while not house.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):
            assert thread.is_alive()
        work.analyses.count_shard(id_, files=1)
        work.leases.next(project)
    thread.join()

    assert (newest(house)["state"], newest(house)["progress"]["shards_done"]) == ("cancelled", 1)


def test_cancelling_twice_is_once_and_what_is_over_stays_so(house):
    done = house.publish(FILES)
    house.plan(house.published(FILES | {"c.py": b"x = 1\n"}))
    waiting = newest(house)["id"]

    assert [cancel(house, waiting).status, cancel(house, waiting).status] == [200, 200]
    assert (cancel(house, done.id).status, restart(house, done.id).status) == (409, 409)
    assert len(house.sql("SELECT * FROM analysis.audit WHERE action = 'analysis.cancel'")) == 1


def test_a_restarted_analysis_reads_only_what_was_not_read(house):
    house.plan(house.published(MANY))
    first, *_ = house.sent(WORK)
    house.work(first)
    cancel(house, newest(house)["id"])
    house.engines.files = 0

    reply = restart(house, newest(house)["id"])
    assert (reply.status, reply.json["state"], reply.json["reason"]) == (200, "queued", None)
    assert house.drain() == []

    found = newest(house)
    assert (found["state"], found["progress"]["files_done"], found["totals"]["files"]) == ("completed", 401, 401)
    assert house.engines.files == 401 - SHARD_FILES
    assert leases(house) == []


def test_a_restarted_analysis_says_what_an_undisturbed_one_says(house):
    house.plan(house.published(FILES))
    cancel(house, newest(house)["id"])
    restart(house, newest(house)["id"])
    house.drain()
    again = newest(house)

    other = House(house.deps, house.admin, OTHER_ORG, house.dead).publish(FILES).model_dump(mode="json")

    same = ("state", "findings_by_severity", "new_findings", "languages", "totals", "gate")
    assert {name: again[name] for name in same} == {name: other[name] for name in same}


def test_an_analysis_that_failed_for_want_of_its_manifest_is_restarted_when_it_is_there(house):
    event = house.published(FILES)
    key = f"manifests/{house.org}/{json.loads(event)['subject']}.jsonl"
    manifest = house.deps.blobs.get(key)
    house.deps.blobs.delete(key)
    house.plan(event)
    failed = newest(house)["id"]

    restart(house, failed)
    house.drain()
    still = newest(house)
    house.deps.blobs.put(key, manifest, "application/jsonl")
    restart(house, failed)
    house.drain()

    assert (still["state"], still["reason"]) == ("failed", "manifest_missing")
    assert (newest(house)["state"], newest(house)["totals"]["files"]) == ("completed", 2)


def test_planning_of_a_restart_that_was_lost_is_announced_again(house):
    house.plan(house.published(FILES))
    cancel(house, newest(house)["id"])
    restart(house, newest(house)["id"])
    house.sent(WORK)

    assert service.sweep(house.deps, grace_s=0) == 1
    (plan,) = house.sent(WORK)
    assert house.work(plan, plan) == []
    house.drain()
    assert newest(house)["state"] == "completed"


def test_a_restart_that_is_cancelled_is_not_planned(house):
    house.plan(house.published(FILES))
    id_ = newest(house)["id"]
    cancel(house, id_)
    restart(house, id_)
    cancel(house, id_)

    assert house.drain() == []
    assert (newest(house)["state"], house.sql("SELECT * FROM analysis.shards")) == ("cancelled", [])


def test_a_restart_with_a_key_is_made_once(house):
    house.plan(house.published(FILES))
    id_ = newest(house)["id"]
    cancel(house, id_)
    keyed = house.client.with_headers(idempotency_key="k1")

    replies = [keyed.post(f"/v1/analyses/{id_}/restart") for _ in range(2)]

    assert [reply.status for reply in replies] == [200, 200]
    assert replies[0].json == replies[1].json
    assert restart(house, id_).status == 409


@pytest.mark.parametrize("verb", ["cancel", "restart"])
def test_only_reviewers_of_the_organisation_end_and_begin_analyses(house, verb):
    house.plan(house.published(FILES))
    path = f"/v1/analyses/{newest(house)['id']}/{verb}"

    assert house.client.as_role("viewer").post(path).status == 403
    assert house.client.of(OTHER_ORG).post(path).status == 404
    assert house.client.post(f"/v1/analyses/{new_id()}/{verb}").status == 404


# -- turns


def test_a_message_of_one_organisation_runs_the_shard_of_another_whose_turn_it_is(house):
    other = House(house.deps, house.admin, OTHER_ORG, house.dead)
    house.plan(house.published(MANY))
    first, second, _ = house.sent(WORK)
    house.work(first)
    other.plan(other.published(FILES))
    house.sent(WORK)

    house.work(second)

    assert newest(other)["progress"]["files_done"] == 2
    assert newest(house)["progress"]["shards_done"] == 1
    assert house.sql("SELECT count(*) FROM analysis.file_results WHERE org_id = :org", org=OTHER_ORG) == [(2,)]


# -- a newer version takes the place of an older one


def branch(house: House, text: bytes, *, main: bool = False, name: str = "topic", **also: Any) -> str:
    return house.published({"a.py": text}, branch=name, main=main, **also)


def states(house: House) -> list[tuple[str, str | None]]:
    """Oldest version first."""
    found = sorted(house.client.get("/v1/analyses").json["items"], key=lambda one: one["version_id"])
    return [(one["state"], one["reason"]) for one in found]


def test_a_newer_version_of_a_pull_request_supersedes_one_that_waits(house):
    house.plan(branch(house, b"x = 1\n"), branch(house, b"x = 2\n"))

    assert states(house) == [("cancelled", "superseded"), ("queued", None)]
    house.drain()
    assert states(house) == [("cancelled", "superseded"), ("completed", None)]


def test_versions_that_come_in_the_wrong_order_leave_the_newest(house):
    older, newer = branch(house, b"x = 1\n"), branch(house, b"x = 2\n")

    house.plan(newer, older)

    assert states(house) == [("cancelled", "superseded"), ("queued", None)]


def test_what_has_begun_and_other_branches_are_not_superseded(house):
    house.plan(branch(house, b"x = 1\n"), branch(house, b"x = 2\n", name="other"))
    house.sql("UPDATE analysis.analyses SET state = 'running' WHERE branch = 'topic'")

    house.plan(branch(house, b"x = 3\n"))

    assert states(house) == [("running", None), ("queued", None), ("queued", None)]


@pytest.mark.parametrize(
    ("said", "main", "superseded"),
    [("never", False, False), ("topic", True, False), ("always", True, True), ("always", False, True)],
)
def test_the_settings_say_which_branches_supersede(house, said, main, superseded):
    also = settings(house, supersede=said)

    house.plan(branch(house, b"x = 1\n", main=main, **also), branch(house, b"x = 2\n", main=main, **also))

    assert states(house)[0] == (("cancelled", "superseded") if superseded else ("queued", None))


# -- quotas


def test_too_many_analyses_fail_with_the_reason_and_can_be_restarted_later(house):
    tight = house.with_deps(replace(house.deps, limits=Limits(queued_per_project=1)))
    tight.plan(house.published(FILES))
    tight.plan(house.published(FILES | {"c.py": b"x = 1\n"}))
    refused = newest(house)

    assert (refused["state"], refused["reason"]) == ("failed", "quota")
    assert tight.client.post(f"/v1/analyses/{refused['id']}/restart").status == 429
    assert house.drain() == []
    assert tight.client.post(f"/v1/analyses/{refused['id']}/restart").status == 200
    assert tight.drain() == []
    assert newest(house)["state"] == "completed"


def test_the_bound_of_an_organisation_counts_its_projects_together(house):
    tight = house.with_deps(replace(house.deps, limits=Limits(queued_per_organisation=2)))
    for _ in range(3):
        tight.plan(house.published(FILES, project=new_id()))
    other = House(tight.deps, house.admin, OTHER_ORG, house.dead)
    other.plan(other.published(FILES))

    assert [one["state"] for one in house.client.get("/v1/analyses").json["items"]] == ["failed", "queued", "queued"]
    assert newest(other)["state"] == "queued"


def test_settings_bound_the_shards_of_a_project_and_the_platform_bounds_the_settings(house):
    tight = house.with_deps(replace(house.deps, limits=Limits(concurrency=2)))
    tight.plan(house.published(MANY, **settings(house, concurrency=1)))
    tight.plan(house.published(MANY | {"z.txt": b"z"}, **settings(house, concurrency=9)))

    slots = house.sql("SELECT DISTINCT analysis_id, slots FROM analysis.leases ORDER BY 2")
    assert [row.slots for row in slots] == [1, 2]


def test_settings_that_are_gone_or_of_others_are_the_defaults_and_said(house):
    gone = house.publish(FILES, config_key=f"configurations/{house.org}/{'0' * 64}.json")
    foreign = house.publish(FILES | {"c.py": b"x = 1\n"}, config_key=f"configurations/{OTHER_ORG}/{'0' * 64}.json")

    assert gone.state == foreign.state == "completed"
    notes = [
        house.sql("SELECT notes FROM analysis.analyses WHERE id = :id", id=one.id)[0][0] for one in (gone, foreign)
    ]
    assert [one[0] for one in notes] == [
        "settings: the settings are gone",
        "settings: the settings belong to another organisation",
    ]
