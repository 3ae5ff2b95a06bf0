"""What nobody needs goes, and nothing else, whoever publishes meanwhile."""

from __future__ import annotations

import itertools
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from functions.project.adapters import SqlArrivals, SqlTasks
from functions.project.adapters import work as work_on
from functions.project.manifests import placed
from functions.project.ports import Deps
from functions.project.ports.tasks import COLLECT
from functions.project.service import collecting
from kernel.errors import Unavailable
from kernel.identity import Caller
from kernel.ids import new_id
from kernel.work import Database
from tests.client import ORG, OTHER_ORG
from tests.integration.project.conftest import Sender, key_of, pack_of, sha256
from tests.integration.project.keep import collected, later, send, sweep

A, B, C = b"print('a')\n", b"print('b')\n", b"print('c')\n"


def readable(sender: Sender, version_id: str) -> bool:
    """Whether every content of a version is where its manifest says."""
    manifest = sender.s3.get_object(Bucket=sender.bucket, Key=f"manifests/{ORG}/{version_id}.jsonl")["Body"].read()
    packs: dict[str, bytes] = {}
    for file in placed(manifest):
        if file.object not in packs:
            packs[file.object] = sender.s3.get_object(Bucket=sender.bucket, Key=file.object)["Body"].read()
        if sha256(packs[file.object][file.offset : file.offset + file.size_bytes]) != file.sha256:
            return False
    return True


def test_what_was_sent_and_never_published_goes_after_a_day(sender, admin, count):
    sender.upload(pack_of(A))
    version = send(sender, {"b.py": B})["id"]

    later(admin, "2 hours")
    sweep(sender)
    assert (count("blobs"), count("blobs WHERE marked_at IS NOT NULL")) == (2, 1)
    collected(sender, admin)

    assert count("blobs") == 1
    assert len(sender.objects("packs/")) == 1
    assert readable(sender, version)


def test_asking_for_a_marked_blob_gives_it_its_grace_anew(sender, ada, admin, count):
    sender.upload(pack_of(A))
    later(admin, "2 hours")
    sweep(sender)
    assert count("blobs WHERE marked_at IS NOT NULL") == 1

    question = {"blobs": [{"sha256": sha256(A), "size_bytes": len(A)}]}
    assert ada.post(f"/v1/projects/{sender.project_id}/blobs/missing", question).json == {"missing": []}

    assert count("blobs WHERE marked_at IS NOT NULL") == 0


@pytest.mark.parametrize("again", ["publish", "send"])
def test_a_marked_blob_that_is_published_or_sent_again_stays(sender, admin, count, again):
    sender.upload(pack_of(A))
    later(admin, "2 hours")
    sweep(sender)

    if again == "publish":
        assert sender.publish({"a.py": A}).status == 201
    else:
        sender.upload(pack_of(A))

    assert count("blobs WHERE marked_at IS NOT NULL") == 0


def test_what_was_collected_can_be_sent_again(sender, admin, count):
    sender.upload(pack_of(A))
    collected(sender, admin)
    assert (count("blobs"), sender.objects("packs/"), sender.publish({"a.py": A}).json["code"]) == (
        0,
        [],
        "blobs_missing",
    )

    version = send(sender, {"a.py": A})["id"]
    collected(sender, admin)

    assert readable(sender, version)


def test_a_pack_stays_whole_as_long_as_one_of_its_blobs_is_needed(sender, admin, count):
    sender.upload(pack_of(A, B))
    version = sender.publish({"b.py": B}).json["id"]

    collected(sender, admin)

    assert (count("blobs"), len(sender.objects("packs/"))) == (1, 1)
    assert readable(sender, version)


def test_manifests_without_a_version_and_histories_without_one_go(sender, deps, admin):
    told = json.dumps({"commit": "0" * 40, "at": "2026-01-02T03:04:05Z", "author": "", "files": []}).encode()
    sender.upload(told, "history")
    kept = send(sender, {"a.py": A}, history=sha256(told))["id"]
    other = told.replace(b"0000000", b"1111111")
    sender.upload(other, "history")

    with pytest.raises(KeyboardInterrupt):
        sender.of(replace(deps, work=Dying(deps.work))).publish({"a.py": A}, label="x")
    assert (len(sender.objects("manifests/")), len(sender.objects("histories/"))) == (2, 2)
    collected(sender, admin)

    assert sender.objects("manifests/") == [f"manifests/{ORG}/{kept}.jsonl"]
    assert sender.objects("histories/") == [f"histories/{ORG}/{sha256(told)}.jsonl"]
    assert len(sender.objects("configurations/")) == 1


def test_settings_that_no_version_is_analysed_under_go_and_the_others_stay(sender, deps, admin):
    send(sender, {"a.py": A})
    kept = sender.objects("configurations/")
    path = f"/v1/projects/{sender.project_id}/settings"
    changing = sender.client.with_headers(if_match=sender.client.get(path).headers["ETag"])
    assert changing.call("PATCH", path, json.dumps({"exclude": ["x/**"]})).status == 200
    with pytest.raises(KeyboardInterrupt):
        sender.of(replace(deps, work=Dying(deps.work))).publish({"a.py": A}, label="x")
    assert len(sender.objects("configurations/")) == 2

    later(admin, "2 hours")
    sweep(sender)
    assert len(sender.objects("configurations/")) == 2
    collected(sender, admin)

    assert sender.objects("configurations/") == kept


class Dying:
    """Dies where the second unit of work of a request would begin."""

    def __init__(self, work: Any) -> None:
        self._work, self._left = work, 1

    def __call__(self, caller: Caller) -> Any:
        self._left -= 1
        if self._left < 0:
            raise KeyboardInterrupt
        return self._work(caller)


def test_a_pack_that_was_stored_and_never_counted_goes(sender, deps, admin):
    content = pack_of(A)
    upload = sender.promise(content)
    sender.put(upload, content)

    class Stop(Dying):
        def __init__(self, work: Any) -> None:
            self._work, self._left = work, 2

    with pytest.raises(KeyboardInterrupt):
        sender.of(replace(deps, work=Stop(deps.work))).notify(key_of(upload))
    assert len(sender.objects("packs/")) == 1
    with admin.begin() as connection:
        connection.exec_driver_sql("DELETE FROM project.arrivals")
    collected(sender, admin)

    assert sender.objects("packs/") == []


def test_versions_from_before_are_counted_first(sender, admin, count):
    version = send(sender, {"a.py": A, "b.py": B})["id"]
    with admin.begin() as connection:
        connection.exec_driver_sql("DELETE FROM project.project_blobs")
        connection.exec_driver_sql("UPDATE project.versions SET counted = false")
        connection.exec_driver_sql("DELETE FROM project.objects")

    collected(sender, admin)

    assert count("project_blobs") == 2
    assert readable(sender, version)


def test_nothing_is_marked_until_all_versions_are_counted(sender, deps, admin, count):
    send(sender, {"a.py": A})
    with admin.begin() as connection:
        connection.exec_driver_sql("DELETE FROM project.project_blobs")
        connection.exec_driver_sql("UPDATE project.versions SET counted = false")

    collecting.collect(deps, Caller.function(ORG), grace_s=0, deadline=deps.monotonic() - 1)

    assert (count("project_blobs"), count("blobs WHERE marked_at IS NOT NULL")) == (0, 0)


def test_an_object_that_is_being_deleted_cannot_be_announced(sender, deps, admin):
    sender.upload(pack_of(A))
    with admin.begin() as connection:
        connection.exec_driver_sql("UPDATE project.objects SET doomed_at = now()")

    content = pack_of(A)
    upload = sender.promise(content)
    sender.put(upload, content)
    with pytest.raises(Unavailable):
        sender.notify(key_of(upload))

    assert sender.state(upload)["state"] == "waiting"


def test_a_collector_that_died_is_followed_when_it_cannot_run_any_more(sender, deps, admin):
    class Dead:
        def __init__(self, store: Any) -> None:
            self._store = store

        def __getattr__(self, name: str) -> Any:
            return getattr(self._store, name)

        def delete(self, key: str) -> None:
            raise KeyboardInterrupt

    sender.upload(pack_of(A))
    later(admin, "26 hours")
    sweep(sender)
    later(admin, "26 hours")
    with pytest.raises(KeyboardInterrupt):
        sweep(sender.of(replace(deps, store=Dead(deps.store))))
    assert len(sender.objects("packs/")) == 1

    later(admin, "9 minutes")
    assert sweep(sender)["collected"] == 0
    later(admin, "2 minutes")
    sweep(sender)

    assert sender.objects("packs/") == []


def test_an_organisation_collects_only_its_own(sender, ada, admin, count):
    eve = replace(sender, client=ada.of(OTHER_ORG))
    theirs = replace(eve, project_id=eve.client.post("/v1/projects", {"name": "theirs"}).json["id"])
    version = send(sender, {"a.py": A})["id"]
    upload = theirs.promise(pack_of(A))
    theirs.put(upload, pack_of(A))
    theirs.notify(key_of(upload, OTHER_ORG))
    assert count("tasks WHERE kind = 'collect'") == 2

    collected(sender, admin)

    assert (count("blobs"), len(sender.objects("packs/"))) == (1, 1)
    assert readable(sender, version)


class Everybody:
    """Lets all callers in: the embedded policies stay in the thread that loaded them."""

    def require(self, caller: Caller, action: str, **resource: object) -> None:
        return


PSYCOPG = {"drivername": "postgresql+psycopg"}
CONTENTS = [b"content %d\n" % n for n in range(60)]


@dataclass
class Hammer:
    """Publishers, collectors and deleters, each in its own thread with its own bundle, until the time is over."""

    sender: Sender
    deps: Deps
    until: float
    published: list[str] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)

    @property
    def running(self) -> bool:
        """Until the time is over, and on a busy machine until something was published."""
        now = time.monotonic()
        return now < self.until or (len(self.published) < 8 and now < self.until + 30)

    def publish(self, seed: int) -> None:
        mine = self.sender.of(self.deps)
        for n in itertools.takewhile(lambda _: self.running, itertools.count(seed, 7)):
            chosen = {f"f{k}.py": CONTENTS[(n * (k + 1)) % len(CONTENTS)] for k in range(4)}
            mine.upload(pack_of(*dict.fromkeys(chosen.values())))
            reply = mine.publish(chosen, label=f"{seed}-{n}")
            self.answers[reply.status] += 1
            if reply.status == 201:
                self.published.append(reply.json["id"])

    def collect(self, _: int) -> None:
        while self.running:
            grace_s = random.choice((0.0, 1.0, 3.0))
            collecting.collect(self.deps, Caller.function(ORG), grace_s=grace_s, deadline=self.until + 60)

    def delete(self, _: int) -> None:
        """Makes garbage of what only its own projects need."""
        mine = self.sender.of(self.deps)
        while self.running:
            project = mine.client.post("/v1/projects", {"name": new_id()}).json["id"]
            short = replace(mine, project_id=project)
            data = {"a.py": random.choice(CONTENTS), "b.py": project.encode()}
            short.upload(pack_of(*data.values()))
            short.publish(data)
            assert short.client.call("DELETE", f"/v1/projects/{project}").status == 202
            sweep(short)

    def guarded(self, work: Callable[[int], None], seed: int) -> None:
        """A store that is busy for a moment is no failure: the same is asked again."""
        while self.running:
            try:
                work(seed)
            except Unavailable:
                self.answers[503] += 1
            except Exception as failed:  # noqa: BLE001 - told by the test's own thread
                return self.failures.append(failed)


def test_publishers_and_collectors_at_once_lose_nothing(sender, stored, deps):
    """The collectors leave three seconds at most, and often none: only locks protect what is being published."""
    engine = sa.create_engine(sa.make_url(stored.database_url.get_secret_value()).set(**PSYCOPG), pool_size=8)
    database = Database(engine, "project")
    wide = replace(
        deps,
        permissions=Everybody(),
        work=partial(work_on, database),
        arrivals=SqlArrivals(database),
        tasks=SqlTasks(database),
        nudge=lambda _: None,
    )
    hammer = Hammer(sender, wide, time.monotonic() + 3)
    work = [hammer.publish, hammer.publish, hammer.publish, hammer.collect, hammer.delete]
    threads = [threading.Thread(target=hammer.guarded, args=(one, seed)) for seed, one in enumerate(work, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()

    print("\nanswers:", dict(hammer.answers))
    assert hammer.failures == []
    assert set(hammer.answers) <= {201, 200, 409, 503}
    assert len(hammer.published) >= 8
    assert [version for version in hammer.published if not readable(sender, version)] == []


def test_every_organisation_has_its_turn(sender, deps, admin, count):
    send(sender, {"a.py": A})

    assert sweep(sender)["collected"] == 0  # an hour has not passed
    later(admin, "2 hours")
    assert (sweep(sender)["collected"], sweep(sender)["collected"]) == (1, 0)
    assert count(f"tasks WHERE kind = '{COLLECT}'") == 1


def test_a_full_list_is_looked_through_part_by_part(sender, deps, monkeypatch, count):
    monkeypatch.setattr(collecting, "COLLECT_BATCH", 2)
    monkeypatch.setattr(collecting, "DELETED_AT_ONCE", 1)
    for n in range(5):
        sender.upload(pack_of(b"%d" % n))
    send(sender, {"a.py": A})

    for _ in range(2):
        collecting.collect(deps, Caller.function(ORG), grace_s=-1, deadline=deps.monotonic() + 60)

    assert (count("blobs"), len(sender.objects("packs/"))) == (1, 1)


def test_what_a_project_needs_is_counted_once_however_many_versions_need_it(sender, admin):
    first = send(sender, {f"{n}.py": b"%d" % n for n in range(50)})
    second = sender.publish({f"{n}.py": b"%d" % n for n in range(49)}, parent_id=first["id"])

    with admin.begin() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM project.project_blobs")).scalar_one() == 50
    assert second.status == 201
