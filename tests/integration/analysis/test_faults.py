"""Repeats, disorder, killed workers, damaged stores: nothing is lost, nothing is counted twice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from functions.analysis import service
from functions.analysis.engines.text import CIRCUMSTANTIAL
from functions.analysis.planning import SHARD_FILES
from functions.analysis.routes import build
from kernel.errors import Unavailable
from kernel.ids import new_id
from tests.client import OTHER_ORG
from tests.integration.analysis.house import DONE, WORK, House

FILES = {"a.py": b"import os\n", "b.py": b"import sys\n", "c.txt": b"hello\n"}


class Killed(BaseException):
    """Stands for SIGKILL: no handler runs, no lease is given back."""


@dataclass
class Deadly:
    """Engines that take the worker with them."""

    engines: Any
    error: type[BaseException] = Killed

    def engine_set(self, configuration: Any) -> str:
        return str(self.engines.engine_set(configuration))

    def notes(self, configuration: Any) -> list[str]:
        return list(self.engines.notes(configuration))

    def problems(self, custom_rules: str) -> list[str]:
        return list(self.engines.problems(custom_rules))

    def read(self, contents: Sequence[Any], hold: Any, configuration: Any) -> Any:
        raise self.error("engines")

    def rest(self) -> None: ...


def deadly(house: House, error: type[BaseException] = Killed, *, lease_s: float = 60.0) -> House:
    return house.with_deps(replace(house.deps, engines=Deadly(house.engines, error), lease_s=lease_s))


def test_version_announced_twice_is_analysed_once(house):
    event = house.published(FILES)

    house.plan(event, event)
    house.drain()
    renamed = json.dumps(json.loads(event) | {"id": new_id()})
    house.plan(renamed)

    assert len(house.client.get("/v1/analyses").json["items"]) == 1
    assert house.sent(WORK) == []


def test_shard_delivered_twice_is_run_and_counted_once(house):
    house.plan(house.published(FILES))
    (shard,) = house.sent(WORK)

    house.work(shard, shard)
    house.work(shard)

    found = house.client.get("/v1/analyses").json["items"][0]
    assert (house.engines.files, found["progress"]["shards_done"], found["progress"]["files_done"]) == (3, 1, 3)
    assert len(house.sent(WORK)) == 1


def test_merge_delivered_twice_completes_once(house):
    house.plan(house.published(FILES))
    house.work(*house.sent(WORK))
    (merge,) = house.sent(WORK)

    house.work(merge, merge)

    assert len(house.sent(DONE)) == 1


def test_merge_that_comes_before_its_shards_waits_for_them(house):
    house.plan(house.published(FILES))
    analysis = house.client.get("/v1/analyses").json["items"][0]["id"]

    early = house.work(house.envelope("merge.ready", analysis, {"analysis_id": analysis}))

    assert early == []
    assert house.client.get(f"/v1/analyses/{analysis}").json["state"] == "queued"
    house.drain()
    assert house.client.get(f"/v1/analyses/{analysis}").json["state"] == "completed"


def test_work_of_an_analysis_that_is_gone_is_nothing(house):
    stale = {"analysis_id": new_id(), "shard_id": new_id()}

    assert house.work(house.envelope("shard.ready", stale["shard_id"], stale)) == []
    assert house.dead.reasons == []


def test_shard_of_a_killed_worker_is_taken_over_when_its_lease_ends(house):
    house.plan(house.published(FILES))
    (shard,) = house.sent(WORK)
    with pytest.raises(Killed):
        deadly(house).work(shard)

    while_leased = house.work(shard)
    house.sql("UPDATE analysis.leases SET until = now()")
    after = house.work(shard)

    assert (len(while_leased), after) == (1, [])
    assert house.drain() == []
    assert house.client.get("/v1/analyses").json["items"][0]["state"] == "completed"


def test_worker_that_comes_back_from_the_dead_counts_nothing(house):
    house.plan(house.published(FILES))
    (shard,) = house.sent(WORK)

    @dataclass
    class Slow(Deadly):
        def read(self, contents: Sequence[Any], hold: Any, configuration: Any) -> Any:
            documents = self.engines.read(contents, hold, configuration)
            house.sql("UPDATE analysis.leases SET until = now()")
            house.work(shard)
            return documents

    house.with_deps(replace(house.deps, engines=Slow(house.engines))).work(shard)

    progress = house.client.get("/v1/analyses").json["items"][0]["progress"]
    assert (progress["shards_done"], progress["files_done"]) == (1, 3)


def test_long_shard_keeps_its_lease(house):
    house.plan(house.published(FILES))
    (shard,) = house.sent(WORK)
    clock = iter(range(0, 10_000, 60))

    @dataclass
    class Long(Deadly):
        def read(self, contents: Sequence[Any], hold: Any, configuration: Any) -> Any:
            house.sql("UPDATE analysis.leases SET until = now() + interval '1 second'")
            documents = self.engines.read(contents, hold, configuration)
            house.sql("UPDATE analysis.leases SET until = until - interval '2 seconds'")
            assert len(house.work(shard)) == 1
            return documents

    long = house.with_deps(replace(house.deps, engines=Long(house.engines), elapsed=lambda: next(clock)))

    assert long.work(shard) == []
    assert house.client.get("/v1/analyses").json["items"][0]["progress"]["shards_done"] == 1


def test_shard_that_was_taken_over_is_not_read_on(house):
    house.plan(house.published(FILES))
    (shard,) = house.sent(WORK)
    clock = iter(range(0, 10_000, 60))

    @dataclass
    class Robbed(Deadly):
        def read(self, contents: Sequence[Any], hold: Any, configuration: Any) -> Any:
            house.sql("UPDATE analysis.leases SET holder = gen_random_uuid()")
            return self.engines.read(contents, hold, configuration)

    lost = house.with_deps(replace(house.deps, engines=Robbed(house.engines), elapsed=lambda: next(clock))).work(shard)

    assert len(lost) == 1
    assert house.sql("SELECT attempts FROM analysis.leases") == [(1,)]


def test_shard_that_kills_three_workers_is_given_up_and_the_analysis_completes(house):
    house.plan(house.published(FILES))
    (shard,) = house.sent(WORK)
    for _ in range(3):
        with pytest.raises(Killed):
            deadly(house, lease_s=0).work(shard)

    house.work(shard)
    house.drain()

    analysis = house.client.get("/v1/analyses").json["items"][0]
    files = house.items(f"/v1/analyses/{analysis['id']}/files")
    assert (analysis["state"], {one["reason"] for one in files}) == ("completed", {"engine_failed"})
    assert analysis["totals"]["skipped"] == 3


def test_engines_that_cannot_start_are_asked_again_and_leave_no_lease(house):
    house.plan(house.published(FILES))
    (shard,) = house.sent(WORK)

    assert len(deadly(house, Unavailable).work(shard)) == 1
    assert house.work(shard) == []


@pytest.mark.parametrize("reason", sorted(CIRCUMSTANTIAL))
def test_content_that_circumstances_kept_from_being_read_is_read_by_the_next_analysis(house, reason):
    @dataclass
    class Strained(Deadly):
        def read(self, contents: Sequence[Any], hold: Any, configuration: Any) -> Any:
            stop = {"status": "skipped", "reason": reason}
            return [
                document | stop if content.file.path == "a.py" else document
                for content, document in zip(contents, self.engines.read(contents, hold, configuration), strict=True)
            ]

    strained = house.with_deps(replace(house.deps, engines=Strained(house.engines)))
    first = strained.publish(FILES)
    house.engines.files = 0
    second = house.publish(FILES)

    listed = house.items(f"/v1/analyses/{first.id}/files?status=skipped")
    assert [(one["path"], one["reason"]) for one in listed] == [("a.py", reason)]
    assert (first.state, first.totals.skipped) == ("completed", 1)
    assert (house.engines.files, second.totals.skipped, second.progress.files_cached) == (1, 0, 2)


def test_lost_messages_are_announced_again_by_the_sweep(house):
    house.plan(house.published(FILES))
    house.sent(WORK)

    early = service.sweep(house.deps)
    again = service.sweep(house.deps, grace_s=0)
    house.drain()

    assert (early, again) == (0, 1)
    assert house.client.get("/v1/analyses").json["items"][0]["state"] == "completed"
    assert service.sweep(house.deps, grace_s=0) == 0


def test_shard_of_a_killed_worker_is_announced_again_by_the_sweep(house):
    house.plan(house.published(FILES))
    (shard,) = house.sent(WORK)
    with pytest.raises(Killed):
        deadly(house, lease_s=0).work(shard)

    assert service.sweep(house.deps) == 1
    assert house.drain() == []
    assert house.client.get("/v1/analyses").json["items"][0]["state"] == "completed"


def test_content_that_changed_in_the_store_is_skipped_with_the_reason(house):
    event = house.published(FILES)
    version = json.loads(event)["subject"]
    lines = house.deps.blobs.get(f"manifests/{house.org}/{version}.jsonl").decode().splitlines()
    pack = json.loads(lines[0])["object"]
    house.deps.blobs.put(pack, house.deps.blobs.get(pack).replace(b"import os", b"import io"), "application/x-tar")

    house.plan(event)
    house.drain()

    analysis = house.of_version(version)
    skipped = house.items(f"/v1/analyses/{analysis.id}/files?status=skipped")
    assert analysis.state == "completed"
    assert [(one["path"], one["reason"]) for one in skipped] == [("a.py", "content_changed")]


def test_pack_that_is_gone_skips_its_files(house):
    event = house.published(FILES)
    version = json.loads(event)["subject"]
    pack = json.loads(house.deps.blobs.get(f"manifests/{house.org}/{version}.jsonl").splitlines()[0])["object"]
    house.deps.blobs.delete(pack)

    house.plan(event)
    house.drain()

    analysis = house.of_version(version)
    assert (analysis.state, analysis.totals.skipped) == ("completed", 3)


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [(None, "manifest_missing"), (b'{"path": 1}\n', "manifest_malformed"), (b"{", "manifest_malformed")],
)
def test_version_without_a_usable_manifest_fails_with_the_reason(house, manifest, reason):
    event = house.published(FILES)
    version = json.loads(event)["subject"]
    key = f"manifests/{house.org}/{version}.jsonl"
    if manifest is None:
        house.deps.blobs.delete(key)
    else:
        house.deps.blobs.put(key, manifest, "application/jsonl")

    assert house.plan(event) == []

    analysis = house.of_version(version)
    assert (analysis.state, analysis.reason) == ("failed", reason)


def test_malformed_and_foreign_events_are_buried_with_the_reason(house):
    event = json.loads(house.published(FILES))
    foreign = event | {"data": event["data"] | {"manifest_key": f"manifests/{OTHER_ORG}/x.jsonl"}}
    broken = event | {"data": {"version_id": "x"}}

    assert house.plan(json.dumps(foreign), json.dumps(broken), "{") == []

    assert [reason.partition(":")[0] for reason in house.dead.reasons] == ["refused", "malformed", "malformed"]
    assert house.client.get("/v1/analyses").json["items"] == []


def test_equal_contents_are_read_once_and_counted_for_each_file(house):
    analysis = house.publish({f"copy{number}.py": b"import os\n" for number in range(40)})

    assert house.engines.files == 1
    assert (analysis.progress.files_done, analysis.new_findings) == (40, 40)


def test_many_files_are_cut_into_shards_that_run_in_any_order(house):
    house.plan(house.published({f"f{number}.txt": b"%d" % number for number in range(2 * SHARD_FILES + 1)}))
    shards = house.sent(WORK)

    house.work(*reversed(shards))
    house.drain()

    analysis = house.client.get("/v1/analyses").json["items"][0]
    assert (len(shards), analysis["state"]) == (3, "completed")
    assert analysis["progress"]["files_done"] == 2 * SHARD_FILES + 1


def test_moved_code_is_not_new_and_a_second_copy_is(house):
    house.publish({"a.py": b"import os\n"})

    moved = house.publish({"b.py": b"import os\n"})
    copied = house.publish({"b.py": b"import os\n", "c.py": b"import os\n"})

    assert (moved.new_findings, copied.new_findings) == (0, 1)


def test_findings_are_new_against_the_parent_version(house):
    parent = house.publish({"a.py": b"import os\n"})
    house.publish({"a.py": b"x = 1\n"})

    again = house.publish({"a.py": b"import os\n"}, parent=parent.version_id)

    assert (again.baseline_id, again.new_findings) == (parent.id, 0)


HOSTILE = {
    "long.js": b"x=1;" * 2_500_000,
    "deep.py": b"(" * 5_000 + b")" * 5_000,
    "latin.py": b"x = '\xe9\xff'\n",
    "broken.py": b"def f(:\n  return (\n",
    "-rf": b"not a flag\n",
    "dir/" + "x" * 3_900: b"a path of some 4,000 characters\n",
    "empty.py": b"",
    "line\nend.py": b"import os\n",
    "quote'\"\\.py": b"import os\n",
}


@pytest.mark.slow
def test_hostile_files_are_read_or_listed_with_a_reason(house):
    analysis = house.publish(HOSTILE)

    files = {one["path"]: one for one in house.items(f"/v1/analyses/{analysis.id}/files")}
    assert analysis.state == "completed"
    assert set(files) == set(HOSTILE)
    assert all(one["status"] == "parsed" or one["reason"] for one in files.values())
    assert files["long.js"]["reason"] == "too-large"
    assert files["broken.py"]["status"] == "partial"


def test_merges_of_one_project_take_turns(house):
    first, second = house.published(FILES), house.published(FILES | {"d.py": b"x = 1\n"})
    house.plan(first, second)
    house.work(*house.sent(WORK))
    one, other = house.sent(WORK)
    graph = house.deps.graph

    class Watched:
        """Lets the other merge come while this one writes the graph."""

        def ready(self) -> None:
            assert house.work(other) == []
            graph.ready()

        def __getattr__(self, name: str) -> Any:
            return getattr(graph, name)

    house.with_deps(replace(house.deps, graph=Watched())).work(one)

    states = [analysis["state"] for analysis in house.client.get("/v1/analyses").json["items"]]
    assert sorted(states) == ["completed", "merging"]
    assert house.drain() == []
    assert {analysis["state"] for analysis in house.client.get("/v1/analyses").json["items"]} == {"completed"}


def test_killed_merge_is_taken_over_and_completes_once(house):
    house.plan(house.published(FILES))
    house.work(*house.sent(WORK))
    (merge,) = house.sent(WORK)

    class Cut:
        def ready(self) -> None:
            raise Killed

    with pytest.raises(Killed):
        house.with_deps(replace(house.deps, graph=Cut())).work(merge)
    while_leased = house.work(merge)
    house.sql("UPDATE analysis.leases SET until = now()")

    assert (len(while_leased), house.work(merge)) == (1, [])
    assert len(house.sent(DONE)) == 1
    assert house.sql("SELECT * FROM analysis.leases") == []


def test_merge_that_kills_three_workers_fails_with_the_reason(house):
    house.plan(house.published(FILES))
    house.work(*house.sent(WORK))
    (merge,) = house.sent(WORK)

    class Cut:
        def ready(self) -> None:
            raise Killed

    for _ in range(3):
        with pytest.raises(Killed):
            house.with_deps(replace(house.deps, graph=Cut(), lease_s=0)).work(merge)
    house.work(merge)

    analysis = house.client.get("/v1/analyses").json["items"][0]
    assert (analysis["state"], analysis["reason"]) == ("failed", "merge_failed")
    assert house.sql("SELECT * FROM analysis.leases") == []


def test_long_merge_keeps_its_lease_and_a_lost_one_completes_nothing(house):
    house.plan(house.published(FILES))
    house.work(*house.sent(WORK))
    (merge,) = house.sent(WORK)
    clock = iter(range(0, 10_000, 60))
    graph = house.deps.graph

    class Robbed:
        def write(self, *given: Any) -> None:
            hold = given[-1]
            hold()
            house.sql("UPDATE analysis.leases SET holder = gen_random_uuid() WHERE kind = 'merge'")
            hold()

        def __getattr__(self, name: str) -> Any:
            return getattr(graph, name)

    lost = house.with_deps(replace(house.deps, graph=Robbed(), elapsed=lambda: next(clock))).work(merge)

    assert (len(lost), house.sent(DONE)) == (1, [])


def test_results_are_not_shared_between_organisations(house):
    house.publish(FILES)
    other = House(house.deps, house.admin, OTHER_ORG, house.dead)
    house.engines.files = 0

    analysis = other.publish(FILES)

    assert (house.engines.files, analysis.progress.files_cached) == (3, 0)
    assert len(other.client.get("/v1/analyses").json["items"]) == 1


def test_the_schedule_sweeps_before_it_relays(house):
    class Relay:
        def run(self, event: Any) -> dict[str, int]:
            return {"sent": 0}

    house.plan(house.published(FILES))
    house.sql("UPDATE analysis.leases SET until = now() - interval '2 minutes'")
    relay = build(house.deps, Relay()).handler_map["relay"]

    assert relay({}, None) == {"sent": 0, "swept": 0}
    assert relay({"resources": ["rule"]}, None) == {"sent": 0, "swept": 1}


@pytest.mark.parametrize("damage", ["manifest", "pack", "content"])
def test_sources_lost_before_the_merge_cost_only_the_excerpts(house, damage):
    event = house.published(FILES)
    version = json.loads(event)["subject"]
    manifest = f"manifests/{house.org}/{version}.jsonl"
    pack = json.loads(house.deps.blobs.get(manifest).splitlines()[0])["object"]
    house.plan(event)
    house.work(*house.sent(WORK))

    if damage == "content":
        house.deps.blobs.put(pack, house.deps.blobs.get(pack).replace(b"import", b"IMPORT"), "application/x-tar")
    else:
        house.deps.blobs.delete(manifest if damage == "manifest" else pack)
    house.drain()

    analysis = house.of_version(version)
    places = house.artifact(analysis.id, "review-context.json")["places"]
    assert (analysis.state, {one["excerpt"] for one in places}) == ("completed", {""})


def test_object_store_that_is_down_delays_a_shard_without_using_up_its_attempts(house):
    house.plan(house.published(FILES))
    (shard,) = house.sent(WORK)

    class Down:
        def get_range(self, key: str, offset: int, size_bytes: int) -> bytes:
            raise Unavailable("objects")

    for _ in range(5):
        assert len(house.with_deps(replace(house.deps, blobs=Down())).work(shard)) == 1

    assert house.work(shard) == []
    assert (
        house.items(f"/v1/analyses/{house.client.get('/v1/analyses').json['items'][0]['id']}/files?status=skipped")
        == []
    )


def test_object_store_that_is_down_delays_a_merge(house):
    house.plan(house.published(FILES))
    house.work(*house.sent(WORK))
    (merge,) = house.sent(WORK)
    blobs = house.deps.blobs

    class Down:
        def put(self, key: str, data: bytes, content_type: str) -> None:
            raise Unavailable("objects")

        def __getattr__(self, name: str) -> Any:
            return getattr(blobs, name)

    assert len(house.with_deps(replace(house.deps, blobs=Down())).work(merge)) == 1
    assert house.work(merge) == []
    assert len(house.sent(DONE)) == 1
