"""The relay: sends what the outbox holds to Kafka, at least once and in the order of each key.

One relay of a domain works at a time (a lease row on the database's clock). It is woken after a commit and
swept every minute, so that a lost nudge or a killed relay delays an event but never loses it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kernel.errors import Unavailable
from kernel.identity import Caller
from kernel.ids import new_id
from kernel.tables import Commons
from kernel.work import Database

if TYPE_CHECKING:
    from kafka import KafkaProducer

BATCH = 500
LEASE_S = 30
LEASE = sa.text(f"now() + interval '{LEASE_S} seconds'")
BEFORE_RESTART = sa.text(f"pg_postmaster_start_time() + interval '{LEASE_S} seconds'")
KEEP_SENT = sa.text("now() - interval '1 hour'")
KEEP_INBOX = sa.text("now() - interval '14 days'")


class Due(NamedTuple):
    """An event that waits to be sent."""

    id: int
    topic: str
    key: str
    message: str


@dataclass(frozen=True, slots=True)
class Relay:
    database: Database
    tables: Commons
    producer: Callable[[], KafkaProducer]
    budget_s: float = 20.0

    def run(self, event: Mapping[str, Any]) -> dict[str, int]:
        """Send all that is due and answer how many events were sent.

        `{"resend_s": N}` first marks what was sent in the last N seconds as due again: after a broker lost
        its newest records. A scheduled event also deletes rows that nobody needs any more.

        Raises:
            Unavailable: PostgreSQL or Kafka is down; what was not sent stays due.
        """
        if seconds := int(event.get("resend_s", 0)):
            self._resend(seconds)
        if "resources" in event:
            self._purge()
        holder, sent, deadline = new_id(), 0, time.monotonic() + self.budget_s
        while time.monotonic() < deadline and self._lease(holder):
            try:
                count = self._send_due(holder, deadline)
            finally:
                self._release(holder)
            sent += count
            if not self._due():  # asked after the release: a nudge that met our lease is not forgotten
                break
        return {"sent": sent}

    def _send_due(self, holder: str, deadline: float) -> int:
        sent = 0
        while rows := self._take():
            self._send(rows)
            self._mark(holder, [row.id for row in rows])
            sent += len(rows)
            if time.monotonic() > deadline:
                break
        return sent

    def _take(self) -> Sequence[Due]:
        outbox = self.tables.outbox
        due = sa.select(outbox.c.id, outbox.c.topic, outbox.c.key, outbox.c.message).where(outbox.c.sent_at.is_(None))
        with self.database.transaction(Caller.nobody()) as tx:
            return [Due(*row) for row in tx.connection.execute(due.order_by(outbox.c.id).limit(BATCH))]

    def _send(self, rows: Sequence[Due]) -> None:
        from kafka.errors import KafkaError

        content_type = [("content-type", b"application/cloudevents+json")]
        try:
            producer = self.producer()
            sends = [
                producer.send(row.topic, key=row.key.encode(), value=row.message.encode(), headers=content_type)
                for row in rows
            ]
            producer.flush(timeout=10)
            for send in sends:
                send.get(timeout=10)
        except KafkaError as down:
            raise Unavailable("kafka") from down

    def _mark(self, holder: str, ids: Sequence[int]) -> None:
        outbox, lease = self.tables.outbox, self.tables.relay_lease
        with self.database.transaction(Caller.nobody()) as tx:
            tx.connection.execute(sa.update(outbox).where(outbox.c.id.in_(ids)).values(sent_at=sa.func.now()))
            tx.connection.execute(sa.update(lease).where(lease.c.holder == holder).values(until=LEASE))

    def _lease(self, holder: str) -> bool:
        """Take the lease if it is free, has ended, or was left by a relay that could not give it back to a dead database.

        A relay that outlived the database may send the same events beside us, which consumers absorb.
        """
        table = self.tables.relay_lease
        mine = insert(table).values(name="outbox", holder=holder, until=LEASE)
        taken = mine.on_conflict_do_update(
            index_elements=[table.c.name],
            set_={"holder": holder, "until": LEASE},
            where=(table.c.until < sa.func.now()) | (table.c.until < BEFORE_RESTART),
        )
        with self.database.transaction(Caller.nobody()) as tx:
            return tx.connection.execute(taken.returning(table.c.name)).first() is not None

    def _release(self, holder: str) -> None:
        table = self.tables.relay_lease
        with self.database.transaction(Caller.nobody()) as tx:
            tx.connection.execute(sa.delete(table).where(table.c.holder == holder))

    def _due(self) -> bool:
        outbox = self.tables.outbox
        with self.database.transaction(Caller.nobody()) as tx:
            return (
                tx.connection.execute(sa.select(outbox.c.id).where(outbox.c.sent_at.is_(None)).limit(1)).first()
                is not None
            )

    def _resend(self, seconds: int) -> None:
        outbox = self.tables.outbox
        since = sa.func.now() - sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)
        with self.database.transaction(Caller.nobody()) as tx:
            tx.connection.execute(sa.update(outbox).where(outbox.c.sent_at > since).values(sent_at=None))

    def _purge(self) -> None:
        tables = self.tables
        with self.database.transaction(Caller.nobody()) as tx:
            tx.connection.execute(sa.delete(tables.outbox).where(tables.outbox.c.sent_at < KEEP_SENT))
            tx.connection.execute(sa.delete(tables.inbox).where(tables.inbox.c.received_at < KEEP_INBOX))
