"""A deleted project leaves nothing here, whatever ran when it was deleted and wherever its erasing was cut off."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from functions.analysis.adapters import SqlWork
from functions.analysis.adapters.lifetimes import owned
from functions.analysis.service import erasing, membership
from functions.analysis.tables import metadata
from kernel.errors import Forbidden
from kernel.identity import Caller
from kernel.ids import new_id
from tests.client import ORG, OTHER_ORG, USER
from tests.integration.analysis.house import DONE, WORK, House
from tests.integration.analysis.test_foreign import LOG

ONE, TWO = "01890000-0000-7000-8000-0000000000f1", "01890000-0000-7000-8000-0000000000f2"
SHARED = b"import os\n\n\ndef shared(a):\n    return eval(a)\n"
FILES = {"a.py": SHARED, "b.py": b"import a\n\n\ndef own(x):\n    exec(x)\n", "requirements.txt": b"requests==2.0\n"}
OTHERS = {"a.py": SHARED, "c.py": b"import a\n\n\ndef other(x):\n    return eval(x)\n"}
KEPT = {"audit", "erasures", "idempotency", "inbox", "outbox", "relay_lease"}


EVERYTHING = {
    *("analyses", "analysis_files", "analysis_extras", "artifacts", "file_results", "findings", "new_findings"),
    *("problems", "problem_history", "placements", "tracks", "gates", "imports", "members", "retention"),
    *("graphs", "graph_files", "gram_contents", "grams", "clones", "duplicate_groups", "manifest_readings"),
}
"""What `filled` has rows in."""
LONG = b"".join(b"def f%d(a, b):\n    c = a * %d + b\n    return [c, a, b, c - a]\n\n\n" % (n, n) for n in range(40))


def filled(house: House) -> str:
    """A project with something of every kind; its newest analysis."""
    house.plan(member(house, "admin", "2026-01-02T00:00:01Z"))
    house.publish(FILES, project=ONE)
    analysis = house.publish(
        {**FILES, "c.py": LONG, "d.py": b"import os\n\n\n" + LONG, "e.py": b"eval(input())\n"}, project=ONE
    ).id
    assert house.client.post(f"/v1/analyses/{analysis}/imports", LOG).status == 202
    assert house.drain() == []
    finding = house.items(f"/v1/findings?project_id={ONE}")[0]["id"]
    dismissal = {"reason": "wont_fix", "comment": "ours"}
    assert house.client.post(f"/v1/findings/{finding}/dismiss", dismissal).status == 200
    return str(analysis)


def deleted(house: House, project: str = ONE) -> str:
    data = {"project_id": project, "org_id": house.org, "deleted_by": USER, "deleted_at": "2026-01-02T03:04:05Z"}
    return house.envelope("project.deleted", project, data)


def rows(house: House) -> dict[str, int]:
    """How many rows each table has, but for those that tell what happened."""
    names = [table.name for table in metadata.sorted_tables if table.name not in KEPT]
    return {name: house.sql(f"SELECT count(*) FROM analysis.{name}")[0][0] for name in names}


def nodes(house: House, project: str) -> int:
    return house.sql("SELECT count(*) FROM analysis.graph_files WHERE project_id = :id", id=project)[0][0]


def objects(house: House, analysis_id: str) -> list[str]:
    return house.deps.blobs.keys(f"artifacts/{ORG}/{analysis_id}/")


def overdue(house: House) -> None:
    house.sql("UPDATE analysis.erasures SET check_at = check_at - interval '1 hour'")


def told(house: House) -> list[str]:
    return [json.loads(message)["type"] for message in house.sent(DONE)]


def test_a_deleted_project_leaves_no_row_no_object_and_no_node(house):
    analysis = filled(house)
    assert len(objects(house, analysis)) >= 3
    assert any("/imports/" in key for key in objects(house, analysis))
    empty = {name for name, many in rows(house).items() if not many}
    assert not empty & EVERYTHING

    house.plan(deleted(house))
    assert house.drain() == []

    assert {name: many for name, many in rows(house).items() if many} == {}
    assert objects(house, analysis) == []
    assert nodes(house, ONE) == 0
    assert told(house)[-1] == "project.erased"


def test_nobody_sees_anything_of_a_deleted_project_though_it_is_not_erased_yet(house):
    analysis = house.publish(FILES, project=ONE).id
    finding = house.items(f"/v1/findings?project_id={ONE}")[0]["id"]
    other = house.publish(OTHERS, project=TWO).id

    house.plan(deleted(house))

    path = f"/v1/analyses/{analysis}"
    parts = ("", "/findings", "/files", "/artifacts", "/duplicates", "/gate", "/imports", "/graph", "/graph/hotspots")
    read = [f"{path}{part}" for part in parts] + [f"/v1/findings/{finding}", f"/v1/findings/{finding}/history"]
    assert {place: house.client.get(place).status for place in read} == dict.fromkeys(read, 404)
    dismissal = {"reason": "wont_fix", "comment": "gone"}
    written = {
        f"{path}/cancel": None,
        f"{path}/restart": None,
        f"{path}/imports": LOG,
        f"/v1/findings/{finding}/dismiss": dismissal,
    }
    assert {to: house.client.post(to, body).status for to, body in written.items()} == dict.fromkeys(written, 404)
    assert house.items(f"/v1/findings?project_id={ONE}") == []
    assert [one["id"] for one in house.items("/v1/analyses")] == [other]
    many = {"project_id": ONE, "action": "dismiss", **dismissal, "finding_ids": [finding]}
    answer = house.client.post("/v1/findings/actions", many)
    assert (answer.status, answer.json["items"]) == (200, [{"id": finding, "outcome": "not_found"}])
    house.drain()
    assert house.sql("SELECT count(*) FROM analysis.analyses")[0][0] == 1


def test_another_project_keeps_all_it_has(house):
    kept = house.publish(OTHERS, project=TWO).id
    before, artifacts, graph = rows(house), objects(house, kept), nodes(house, TWO)
    house.publish(FILES, project=ONE)

    house.plan(deleted(house))
    house.drain()

    assert rows(house) == before
    assert (objects(house, kept), nodes(house, TWO)) == (artifacts, graph)
    analysis = house.client.get(f"/v1/analyses?project_id={TWO}").json["items"][0]
    assert len(house.items(f"/v1/analyses/{analysis['id']}/findings")) >= 2


def test_a_deletion_told_twice_is_erased_once(house):
    house.publish(FILES, project=ONE)
    event = deleted(house)

    house.plan(event, event)
    house.drain()
    house.plan(event)
    house.drain()

    assert told(house).count("project.erased") == 1


def test_a_version_that_arrives_after_the_deletion_is_not_analysed(house):
    event = house.published(FILES, project=ONE)

    house.plan(deleted(house))
    house.plan(event)
    house.drain()

    assert {name: many for name, many in rows(house).items() if many} == {}


def test_work_that_runs_loses_its_lease_and_is_waited_for(house):
    house.plan(house.published(FILES, project=ONE))
    house.sql("UPDATE analysis.leases SET holder = CAST(:id AS uuid), until = now() + interval '1 minute'", id=new_id())

    house.plan(deleted(house))

    assert house.sql("SELECT count(*) FROM analysis.leases")[0][0] == 0
    assert erasing.announce(house.deps) == 0
    house.drain()
    assert house.sql("SELECT count(*) FROM analysis.analyses")[0][0] == 1
    overdue(house)
    assert erasing.announce(house.deps) == 1
    house.drain()
    assert {name: many for name, many in rows(house).items() if many} == {}


def test_work_that_waits_is_cancelled(house):
    house.plan(house.published(FILES, project=ONE))
    waiting = house.sent(WORK)

    house.plan(deleted(house))

    assert house.work(*waiting) == []
    house.drain()
    assert {name: many for name, many in rows(house).items() if many} == {}


class Tripping:
    """A unit of work, or a store, that dies at its n-th use."""

    def __init__(self, thing: Any, left: int) -> None:
        self._thing, self.left = thing, left

    def __call__(self, *arguments: Any) -> Any:
        self._use()
        return self._thing(*arguments)

    def __getattr__(self, name: str) -> Any:
        if name in ("wipe", "delete"):
            self._use()
        return getattr(self._thing, name)

    def _use(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize("part", ["work", "blobs", "graph"])
def test_a_kill_at_any_step_goes_on(house, part):
    analysis = house.publish(FILES, project=ONE).id
    house.plan(deleted(house))
    caller, finished = Caller.function(ORG), False

    for step in range(60):
        overdue(house)
        tripping = Tripping(getattr(house.deps, part), step)
        try:
            erasing.erase(replace(house.deps, **{part: tripping}), caller, ONE)
        except KeyboardInterrupt:
            continue
        finished = True
        break

    assert finished
    house.drain()
    assert {name: many for name, many in rows(house).items() if many} == {}
    assert objects(house, analysis) == []
    assert told(house).count("project.erased") == 1


def test_erasing_stops_when_its_time_is_over_and_goes_on(house):
    for n in range(3):
        house.publish({"a.py": b"x = %d\n" % n}, project=ONE)
    house.plan(deleted(house))
    ticks = iter(range(0, 100_000, 1_000))

    erasing.erase(replace(house.deps, elapsed=lambda: next(ticks)), Caller.function(ORG), ONE)

    assert "project.erased" not in told(house)
    assert erasing.announce(house.deps) == 1
    house.drain()
    assert {name: many for name, many in rows(house).items() if many} == {}


def test_an_organisation_cannot_have_another_ones_project_erased(house):
    house.publish(FILES, project=ONE)
    before = rows(house)
    eve = House(house.deps, house.admin, OTHER_ORG)

    eve.plan(deleted(eve))
    house.drain()

    assert rows(house) == before


def test_every_table_is_erased(admin):
    """Each table has the project in a column, hangs on one that has, or holds nothing of a project."""
    apart = KEPT | {"file_results", "manifest_readings", "analyses", "leases"}
    named = {table.name for table in owned()} | apart
    hanging = {
        table.name
        for table in metadata.sorted_tables
        for key in table.foreign_key_constraints
        if key.ondelete == "CASCADE" and key.referred_table.name in named | {"findings"}
    }

    assert {table.name for table in metadata.sorted_tables} - named - hanging == set()
    rights = sa.text("SELECT has_table_privilege('coderev_analysis', 'analysis.' || :name, 'DELETE')")
    with admin.connect() as connection:
        for table in owned():
            assert connection.execute(rights, {"name": table.name}).scalar_one(), table.name


def member(house: House, role: str | None, at: str) -> str:
    data = {"project_id": ONE, "org_id": house.org, "user_id": USER, "role": role, "changed_by": USER}
    return house.envelope("project.member_changed", ONE, data | {"changed_at": at})


def role(house: House, user: str = USER, org: str = ORG) -> str | None:
    with house.deps.work(Caller(user, org, frozenset({"viewer"}))) as work:
        assert isinstance(work, SqlWork)
        return membership.role_in(work, ONE)


def test_roles_in_projects_are_known_here_too(house):
    house.plan(member(house, "maintainer", "2026-01-02T00:00:01Z"))

    assert (role(house), role(house, org=OTHER_ORG), role(house, user=new_id())) == ("maintainer", None, None)


def test_older_news_of_a_role_changes_nothing(house):
    house.plan(member(house, None, "2026-01-02T00:00:02Z"))
    house.plan(member(house, "admin", "2026-01-02T00:00:01Z"))

    assert role(house) is None
    house.plan(member(house, "admin", "2026-01-02T00:00:03Z"))
    assert role(house) == "admin"


def test_what_a_role_in_the_organisation_does_not_allow_one_in_the_project_may(house):
    viewer = Caller(USER, ORG, frozenset({"viewer"}))
    with pytest.raises(Forbidden):
        membership.require(house.deps, viewer, "analysis.dismiss", ONE)

    house.plan(member(house, "maintainer", "2026-01-02T00:00:01Z"))

    membership.require(house.deps, viewer, "analysis.dismiss", ONE)
    with pytest.raises(Forbidden):
        membership.require(house.deps, viewer, "analysis.dismiss", TWO)
    with pytest.raises(Forbidden):
        membership.require(house.deps, Caller(USER, OTHER_ORG, frozenset({"viewer"})), "analysis.dismiss", ONE)


def test_a_role_in_the_project_raises_that_in_the_organisation_at_every_door(house):
    analysis = house.publish(FILES, project=ONE).id
    first, second, *_ = house.items(f"/v1/findings?project_id={ONE}")
    other = house.publish(OTHERS, project=TWO).id
    dismissal = {"reason": "wont_fix", "comment": "ours"}
    many = {"action": "dismiss", **dismissal, "finding_ids": [second["id"]]}
    doors = [
        (f"/v1/findings/{first['id']}/dismiss", dismissal, 200),
        (f"/v1/findings/{first['id']}/reopen", {"comment": "again"}, 200),
        ("/v1/findings/actions", {"project_id": ONE, **many}, 200),
        (f"/v1/analyses/{analysis}/imports", LOG, 202),
        (f"/v1/analyses/{analysis}/cancel", None, 200),
        (f"/v1/analyses/{analysis}/restart", None, 200),
    ]
    viewer = house.client.as_role("viewer")
    assert {path: viewer.post(path, body).status for path, body, _ in doors} == {path: 403 for path, *_ in doors}

    house.plan(member(house, "reviewer", "2026-01-02T00:00:01Z"))

    assert {path: viewer.post(path, body).status for path, body, _ in doors} == {path: said for path, _, said in doors}
    elsewhere = [(f"/v1/analyses/{other}/cancel", None), ("/v1/findings/actions", {"project_id": TWO, **many})]
    assert {viewer.post(path, body).status for path, body in elsewhere} == {403}
    assert viewer.of(OTHER_ORG).post(f"/v1/analyses/{analysis}/cancel").status == 403
