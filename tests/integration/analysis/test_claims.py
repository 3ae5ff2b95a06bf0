"""Whose shard is run next, and that none is forgotten: leases on the real database, messages in a list."""

from __future__ import annotations

import random
import threading
from collections import Counter, deque
from collections.abc import Iterator
from functools import partial

import pytest
import sqlalchemy as sa

from functions.analysis.adapters import work
from functions.analysis.repositories import Busy, Claim
from kernel.identity import Caller
from kernel.ids import new_id
from kernel.work import Database
from tests.client import ORG, OTHER_ORG

OFFER = sa.text(
    "INSERT INTO analysis.leases (id, org_id, analysis_id, kind, project_id, slots)"
    " VALUES (:id, :org, :analysis, 'shard', :project, :slots)"
)

WORKERS = 6


class Shop:
    """The queue of shards: projects offer them, workers claim and end them."""

    def __init__(self, begin, admin: sa.Engine) -> None:
        self.begin, self.admin = begin, admin
        self.project_of: dict[str, str] = {}

    def offer(self, count: int, *, org: str = ORG, slots: int = 4, project: str | None = None) -> list[str]:
        project, analysis = project or new_id(), new_id()
        rows = [
            {"id": new_id(), "org": org, "analysis": analysis, "project": project, "slots": slots} for _ in range(count)
        ]
        with self.admin.begin() as connection:
            connection.execute(OFFER, rows)
        self.project_of |= {row["id"]: project for row in rows}
        return [row["id"] for row in rows]

    def claim(self, named: str, *, seconds: float = 60) -> Claim | None:
        with self.begin(Caller.function(ORG)) as open_:
            return open_.leases.claim(named, holder=new_id(), seconds=seconds)

    def end(self, claim: Claim) -> list[str] | None:
        """Shards that are announced because this one has ended; None if somebody else has taken it over."""
        with self.begin(Caller.function(claim.org_id)) as open_:
            if not open_.leases.end(claim.lease):
                return None
            return [one.id for one in open_.leases.next(self.project_of[claim.lease.id])]

    def left(self) -> int:
        with self.admin.begin() as connection:
            return connection.execute(sa.text("SELECT count(*) FROM analysis.leases")).scalar_one()


@pytest.fixture
def shop(settings, admin, empty) -> Iterator[Shop]:
    """With a connection for each worker, as each is a process of its own elsewhere."""
    url = sa.make_url(settings.database_url.get_secret_value()).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, pool_size=WORKERS)
    yield Shop(partial(work, Database(engine, "analysis")), admin)
    engine.dispose()


def test_a_message_gets_the_shard_whose_turn_it_is_not_the_one_it_names(shop):
    many = shop.offer(1_000)
    for named in many[:3]:
        shop.claim(named)
    (single,) = shop.offer(1)

    assert shop.claim(many[3]).lease.id == single


def test_a_thousand_shards_delay_another_projects_single_one_by_no_more_than_one(shop):
    many = shop.offer(1_000)
    running = shop.claim(many[0])
    (single,) = shop.offer(1)
    shop.end(running)

    assert shop.claim(many[1]).lease.id == single


def test_a_single_worker_serves_projects_in_turns(shop):
    one, other = shop.offer(3), shop.offer(3)
    served = []
    for named in (*one, *other):
        claim = shop.claim(named)
        shop.end(claim)
        served.append(claim.lease.id in one)

    assert served in ([True, False] * 3, [False, True] * 3)


def test_an_organisation_with_many_projects_gets_no_more_than_one_with_few(shop):
    many = [shop.offer(4)[0] for _ in range(8)]
    few = shop.offer(4, org=OTHER_ORG)

    served = [shop.claim(many[0]).org_id for _ in range(6)]

    assert Counter(served) == {ORG: 3, OTHER_ORG: 3}
    assert few


def test_a_project_never_runs_more_shards_than_its_bound(shop):
    ids = shop.offer(5, slots=2)

    assert [shop.claim(named) is not None for named in ids[:3]] == [True, True, False]


def test_a_named_shard_that_runs_is_asked_for_again_later(shop):
    (single,) = shop.offer(1)
    shop.claim(single)

    with pytest.raises(Busy):
        shop.claim(single)


def test_a_shard_that_ends_announces_the_next_of_a_project_at_its_bound(shop):
    ids = shop.offer(4, slots=2)
    first, second = shop.claim(ids[0]), shop.claim(ids[1])
    assert shop.claim(ids[2]) is None
    assert shop.claim(ids[3]) is None

    (announced,) = shop.end(first)
    third = shop.claim(announced)
    (last,) = shop.end(second)

    assert {third.lease.id, last} == set(ids) - {first.lease.id, second.lease.id}
    assert shop.end(shop.claim(last)) == []


def test_a_shard_that_ends_announces_nothing_while_messages_are_on_their_way(shop):
    ids = shop.offer(3, slots=4)

    assert shop.end(shop.claim(ids[0])) == []


def test_what_is_gone_is_no_work(shop):
    assert shop.claim(new_id()) is None


def test_a_shard_whose_worker_was_killed_is_taken_over_on_its_own_message(shop):
    (single,) = shop.offer(1)
    shop.claim(single, seconds=0)

    assert shop.claim(single).lease.attempts == 2


class Crew:
    """Workers that share messages, as consumers of one topic do; some are killed and their message comes again."""

    def __init__(self, shop: Shop, messages: list[str], *, kills: float, seed: int) -> None:
        self.shop, self.messages, self.kills = shop, deque(messages), kills
        self.dice, self.lock = random.Random(seed), threading.Condition()
        self.done: Counter[str] = Counter()
        self.at_work = 0

    def run(self) -> None:
        threads = [threading.Thread(target=self._work) for _ in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _work(self) -> None:
        while (named := self._next()) is not None:
            try:
                self._handle(named)
            finally:
                with self.lock:
                    self.at_work -= 1
                    self.lock.notify_all()

    def _next(self) -> str | None:
        """A message; None when there is none, and nobody is at work who could make one."""
        with self.lock:
            self.lock.wait_for(lambda: self.messages or not self.at_work)
            if not self.messages:
                return None
            self.at_work += 1
            return self.messages.popleft()

    def _handle(self, named: str) -> None:
        killed = self._dies()
        try:
            claim = self.shop.claim(named, seconds=0 if killed else 60)
        except Busy:
            return self._again(named)
        if claim is None:
            return
        if killed:  # nothing is given back, and the message was never acknowledged
            return self._again(named)
        announced = self.end(claim)
        with self.lock:
            self.done[claim.lease.id] += 1
            self.messages.extend(announced)
            self.lock.notify_all()

    def end(self, claim: Claim) -> list[str]:
        announced = self.shop.end(claim)
        assert announced is not None
        return announced

    def _dies(self) -> bool:
        with self.lock:
            return self.dice.random() < self.kills

    def _again(self, named: str) -> None:
        with self.lock:
            self.messages.append(named)
            self.lock.notify_all()


def offers(shop: Shop) -> list[str]:
    messages = shop.offer(40, slots=1) + shop.offer(25, slots=3) + shop.offer(10, org=OTHER_ORG, slots=2)
    return messages + shop.offer(1, org=OTHER_ORG, slots=1)


@pytest.mark.parametrize("seed", range(3))
def test_every_shard_is_run_by_messages_alone_whoever_gets_which(shop, seed):
    messages = offers(shop)
    random.Random(seed).shuffle(messages)
    crew = Crew(shop, messages, kills=0, seed=seed)

    crew.run()

    assert (shop.left(), set(crew.done.values()), len(crew.done)) == (0, {1}, len(messages))


@pytest.mark.parametrize("seed", range(3))
def test_killed_workers_lose_no_shard(shop, seed):
    messages = offers(shop)
    crew = Crew(shop, messages, kills=0.2, seed=seed)

    crew.run()
    for _ in range(100):  # the sweep, once a minute
        with shop.begin(Caller.nobody()) as open_:
            forgotten = [one.id for one in open_.leases.overdue(grace_s=0, limit=500)]
        if not forgotten:
            break
        crew.messages.extend(forgotten)
        crew.kills = 0
        crew.run()

    assert (shop.left(), set(crew.done.values()), len(crew.done)) == (0, {1}, len(messages))


def test_no_project_runs_past_its_bound_however_many_workers_there_are(shop, admin):
    messages = offers(shop)
    over: list[tuple[str, int]] = []

    class Watched(Crew):
        def end(self, claim: Claim) -> list[str]:
            project = self.shop.project_of[claim.lease.id]
            look(project)
            return super().end(claim)

    def look(project: str) -> None:
        with admin.begin() as connection:
            query = "SELECT count(*), max(slots) FROM analysis.leases WHERE project_id = :id AND holder IS NOT NULL"
            many, slots = connection.execute(sa.text(query), {"id": project}).one()
        if many > slots:
            over.append((project, many))

    Watched(shop, messages, kills=0, seed=1).run()

    assert (over, shop.left()) == ([], 0)
