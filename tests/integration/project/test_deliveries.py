"""Events may come twice, late, never, at once, or forged, and a process may die at any step: the end is the same."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from kernel.errors import Unavailable
from tests.client import ORG, OTHER_ORG
from tests.integration.project.conftest import key_of, pack_of
from tests.unit.project.archives import tar_of, zip_of

A, B = b"print('a')\n", b"print('b')\n"


def test_event_may_come_twice_and_changes_nothing_the_second_time(sender, count, admin):
    content = zip_of(("a.py", A))
    upload = sender.promise(content, "archive")
    sender.put(upload, content)

    first, second = sender.notify(key_of(upload), key_of(upload)), sender.notify(key_of(upload))

    assert (first, second) == ({key_of(upload): "repeated"}, {key_of(upload): "repeated"})
    assert (sender.state(upload)["state"], count("versions"), published(admin)) == ("stored", 1, 1)


def test_content_sent_again_after_the_end_is_thrown_away(sender):
    content = pack_of(A)
    upload = sender.promise(content)
    sender.put(upload, content)
    sender.notify(key_of(upload))

    sender.put(upload, content)
    sender.notify(key_of(upload))

    assert sender.state(upload)["state"] == "stored"
    assert sender.objects("uploads/") == []


@pytest.mark.parametrize(
    "key",
    [
        "uploads/../packs/x",
        "packs/x.tar",
        "uploads/",
        f"uploads/{ORG}",
        f"uploads/{ORG}/{ORG}",
        f"uploads/{OTHER_ORG}/{ORG}",
        f"uploads/{ORG.upper()}/{ORG}",
        "uploads/a/b\n",
        "",
    ],
)
def test_events_about_unknown_keys_are_ignored(sender, count, key):
    assert sender.notify(key) == {key: "unknown"}
    assert count("audit") == 1  # the project's creation


def test_event_that_names_another_organisation_is_ignored(sender):
    content = pack_of(A)
    upload = sender.promise(content)
    sender.put(upload, content)

    assert sender.notify(key_of(upload, OTHER_ORG)) == {key_of(upload, OTHER_ORG): "unknown"}
    assert sender.state(upload)["state"] == "waiting"


def test_event_before_its_object_leaves_the_upload_waiting(sender, admin):
    upload = sender.promise(pack_of(A))

    assert sender.notify(key_of(upload)) == {key_of(upload): "waiting"}

    assert sender.state(upload)["state"] == "waiting"
    with admin.begin() as connection:
        assert connection.execute(sa.text("SELECT attempts FROM project.arrivals")).scalar_one() == 0


def test_sweep_takes_what_no_event_told_about(sender, admin):
    content = pack_of(A)
    upload = sender.promise(content)
    sender.put(upload, content)

    assert sender.sweep() == {}  # a minute has not passed
    pass_time(admin, "2 minutes")

    assert sender.sweep() == {key_of(upload): "stored"}
    assert sender.state(upload)["state"] == "stored"


def test_sweep_ends_what_was_never_sent(sender, admin):
    upload = sender.promise(pack_of(A))

    pass_time(admin, "16 minutes")
    assert sender.sweep() == {key_of(upload): "waiting"}  # a PUT that began in time may still end
    pass_time(admin, "6 minutes")
    assert sender.sweep() == {key_of(upload): "refused"}

    assert (sender.state(upload)["code"], sender.sweep()) == ("expired", {})


def test_sweep_stops_when_its_time_is_over(sender, deps, admin):
    upload = sender.promise(pack_of(A))
    pass_time(admin, "2 minutes")
    ticks = iter(range(0, 10_000, 1_000))

    assert sender.of(replace(deps, monotonic=lambda: next(ticks))).sweep() == {}
    assert sender.sweep() == {key_of(upload): "waiting"}


def test_upload_that_fails_each_time_is_refused_at_last(sender, admin):
    content = pack_of(A)
    upload = sender.promise(content)
    sender.put(upload, content)
    with admin.begin() as connection:
        connection.execute(sa.text("UPDATE project.arrivals SET attempts = 5"))

    sender.notify(key_of(upload))

    assert sender.state(upload)["code"] == "failed"


@pytest.mark.parametrize("kind", ["pack", "archive"])
def test_death_at_any_step_is_repaired_by_the_next_delivery(sender, deps, count, admin, kind):
    content = pack_of(A, B) if kind == "pack" else tar_of(("a.py", A), ("b.py", B))
    deaths = 0
    for step in itertools.count():
        upload = sender.promise(content, kind, label=str(step))
        sender.put(upload, content)
        try:
            sender.of(dying(deps, step)).notify(key_of(upload))
        except Died:
            deaths += 1
        sender.notify(key_of(upload))
        assert sender.state(upload)["state"] == "stored", step
        assert sender.objects("uploads/") == [], step
        if deaths == step:
            break

    assert deaths >= 8
    assert count("blobs") == 2
    assert count("versions") == published(admin) == (deaths + 1 if kind == "archive" else 0)


def test_parallel_deliveries_publish_once(sender, count, admin):
    content = zip_of(("a.py", A))
    upload = sender.promise(content, "archive")
    sender.put(upload, content)
    threads = [threading.Thread(target=sender.notify, args=[key_of(upload)]) for _ in range(2)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (sender.state(upload)["state"], count("versions"), published(admin)) == ("stored", 1, 1)


def test_store_that_is_down_is_told_so_that_the_event_comes_again(sender, deps):
    content = pack_of(A)
    upload = sender.promise(content)
    sender.put(upload, content)
    down = sender.of(replace(deps, store=Down()))

    for _ in range(6):
        with pytest.raises(Unavailable):
            down.notify(key_of(upload))
        assert sender.state(upload)["state"] == "waiting"

    assert sender.notify(key_of(upload)) == {key_of(upload): "stored"}


class Died(BaseException):
    """The process ended here."""


def dying(deps: Any, steps: int) -> Any:
    """The same dependencies, in a process that dies before its port is used for the `steps`+1st time."""
    left = [steps]

    def step() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Died

    @contextmanager
    def work(caller: Any) -> Iterator[Any]:
        step()
        with deps.work(caller) as open_:
            yield open_
            step()  # before the commit
        step()

    return replace(deps, work=work, store=Mortal(deps.store, step), arrivals=Mortal(deps.arrivals, step))


class Mortal:
    def __init__(self, port: Any, step: Any) -> None:
        self._port, self._step = port, step

    def __getattr__(self, name: str) -> Any:
        self._step()
        return getattr(self._port, name)


class Down:
    def __getattr__(self, name: str) -> Any:
        raise Unavailable("objects")


def pass_time(admin: sa.Engine, interval: str) -> None:
    """Move what is stored into the past."""
    with admin.begin() as connection:
        past = f"- interval '{interval}'"
        connection.execute(sa.text(f"UPDATE project.arrivals SET check_at = check_at {past}"))
        connection.execute(sa.text(f"UPDATE project.uploads SET expires_at = expires_at {past}"))


def published(admin: sa.Engine) -> int:
    with admin.begin() as connection:
        query = "SELECT count(*) FROM project.outbox WHERE message LIKE '%version.published%'"
        return connection.execute(sa.text(query)).scalar_one()
