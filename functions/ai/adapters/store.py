"""Reviews in PostgreSQL. Leases end by the database's clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Insert, insert

from functions.ai.adapters.erasing import SqlErasing
from functions.ai.messages import encode
from functions.ai.model import Abandoned, Claim, Comment, Outcome, Review, ReviewReason, ReviewSeverity, ReviewState
from functions.ai.tables import comments, commons, completions, reviews, unfinished
from kernel.errors import NotFound, Unavailable
from kernel.identity import Caller
from kernel.work import Database, SharedWork, Transaction

LEASE_S = 20
_LEASE = sa.func.now() + sa.func.make_interval(0, 0, 0, 0, 0, 0, LEASE_S)
_RUNNING = reviews.c.state == ReviewState.RUNNING


class SqlWork(SharedWork):
    """`ports.Work` on one transaction."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx, commons, encode)
        self.reviews = SqlReviews(tx.connection, tx.caller)
        self.erasing = SqlErasing(tx.connection, tx.caller)


@contextmanager
def work(database: Database, caller: Caller) -> Iterator[SqlWork]:
    with database.transaction(caller) as tx:
        yield SqlWork(tx)


class SqlReviews:
    """`ports.Reviews`; row-level security keeps it to the caller's organisation."""

    def __init__(self, connection: sa.Connection, caller: Caller) -> None:
        self._connection = connection
        self._caller = caller

    def get(self, review_id: str) -> Review:
        row = self._connection.execute(sa.select(reviews).where(reviews.c.id == review_id)).one_or_none()
        if row is None:
            raise NotFound("no such review", review_id=review_id)
        return _review(row)

    def page(self, *, analysis_id: str | None, after: str | None, limit: int) -> list[Review]:
        query = sa.select(reviews).order_by(reviews.c.id).limit(limit)
        if analysis_id is not None:
            query = query.where(reviews.c.analysis_id == analysis_id)
        if after is not None:
            query = query.where(reviews.c.id > after)
        return [_review(row) for row in self._connection.execute(query)]

    def comments(self, review_ids: Sequence[str]) -> Mapping[str, list[Comment]]:
        found: dict[str, list[Comment]] = {review_id: [] for review_id in review_ids}
        query = sa.select(comments).where(comments.c.review_id.in_(review_ids)).order_by(comments.c.id)
        for row in self._connection.execute(query):
            found[row.review_id].append(_comment(row))
        return found

    def claim(self, *, review_id: str, analysis_id: str, project_id: str, holder: str) -> Claim | None:
        new = self._new(id=review_id, analysis_id=analysis_id, project_id=project_id, holder=holder)
        abandoned = (reviews.c.analysis_id == analysis_id) & _RUNNING & (reviews.c.lease_until < sa.func.now())
        again = sa.update(reviews).where(abandoned)
        again = again.values(holder=holder, attempts=reviews.c.attempts + 1, lease_until=_LEASE)
        for attempt in (new, again):
            row = self._connection.execute(attempt.returning(reviews.c.id, reviews.c.attempts)).one_or_none()
            if row is not None:
                self._watch(row.id)
                return Claim(row.id, holder, row.attempts)
        ended = sa.select(reviews.c.id).where(reviews.c.analysis_id == analysis_id, ~_RUNNING)
        if self._connection.execute(ended).first() is None:
            raise Unavailable("another worker is writing this review")
        return None

    def _new(self, **fields: str) -> Insert:
        begun = {
            "state": ReviewState.RUNNING,
            "summary": "",
            "dropped_comments": 0,
            "attempts": 1,
            "lease_until": _LEASE,
        }
        return insert(reviews).values(org_id=self._caller.organisation, **fields, **begun).on_conflict_do_nothing()

    def _watch(self, review_id: str) -> None:
        row = insert(unfinished).values(review_id=review_id, org_id=self._caller.organisation)
        again = row.on_conflict_do_update(index_elements=[unfinished.c.review_id], set_={"watched_since": None})
        self._connection.execute(again)

    def abandoned(self, *, grace_s: float, limit: int) -> list[Abandoned]:
        since = unfinished.c.watched_since
        self._connection.execute(sa.update(unfinished).where(since.is_(None)).values(watched_since=sa.func.now()))
        overdue = since < sa.func.now() - sa.func.make_interval(0, 0, 0, 0, 0, 0, grace_s)
        query = sa.select(unfinished.c.org_id, unfinished.c.review_id).where(overdue).order_by(since).limit(limit)
        return [Abandoned(*row) for row in self._connection.execute(query)]

    def take_over(self, review_id: str, *, holder: str) -> Claim | None:
        free = (reviews.c.id == review_id) & _RUNNING & (reviews.c.lease_until < sa.func.now())
        mine = sa.update(reviews).where(free).values(holder=holder, lease_until=_LEASE)
        row = self._connection.execute(mine.returning(reviews.c.attempts)).one_or_none()
        return Claim(review_id, holder, row.attempts) if row is not None else None

    def keep(self, claim: Claim) -> bool:
        return self._connection.execute(_held(claim).values(lease_until=_LEASE)).rowcount == 1

    def release(self, claim: Claim) -> None:
        self._connection.execute(_held(claim).values(lease_until=sa.func.now() - sa.text("interval '1 second'")))

    def finish(self, claim: Claim, outcome: Outcome) -> Review | None:
        route = outcome.route
        ended = _held(claim).values(
            state=outcome.state,
            reason=outcome.reason,
            provider=route.name if route else None,
            model=route.model if route else None,
            summary=outcome.summary,
            dropped_comments=outcome.dropped,
            completed_at=sa.func.now(),
        )
        row = self._connection.execute(ended.returning(reviews)).one_or_none()
        if row is None:
            return None
        review = _review(row)
        self._connection.execute(sa.delete(unfinished).where(unfinished.c.review_id == review.id))
        self._add(comments, outcome.comments, review)
        self._add(completions, outcome.completions, review)
        return review

    def _add(self, table: sa.Table, items: Sequence[Any], review: Review) -> None:
        given = {"org_id": review.org_id, "review_id": review.id}
        own = [column.name for column in table.columns if column.name not in (*given, "at")]
        rows = [given | {name: getattr(item, name) for name in own} for item in items]
        if rows:
            self._connection.execute(sa.insert(table), rows)


def _held(claim: Claim) -> sa.Update:
    return sa.update(reviews).where(reviews.c.id == claim.review_id, reviews.c.holder == claim.holder, _RUNNING)


def _review(row: sa.Row[Any]) -> Review:
    fields = {name: value for name, value in row._mapping.items() if name not in ("holder", "lease_until")}
    reason = ReviewReason(row.reason) if row.reason else None
    return Review(**fields | {"state": ReviewState(row.state), "reason": reason})


def _comment(row: sa.Row[Any]) -> Comment:
    fields = {name: value for name, value in row._mapping.items() if name not in ("org_id", "review_id")}
    return Comment(**fields | {"severity": ReviewSeverity(row.severity)})
