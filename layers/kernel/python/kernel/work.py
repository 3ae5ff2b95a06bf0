"""The unit of work: one transaction for a request's or an event's state, events, keys and audit entries.

Each transaction begins with one statement that takes the domain's role, names organisation and user for
row-level security and bounds statements and lock waits; all of it ends with the transaction, so that a
pooler may hand the connection to anyone afterwards. No HTTP, S3, Kafka or Invoke call inside: fetch
before, act after.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from kernel import observe
from kernel.errors import Invalid, Unavailable
from kernel.events import LARGEST_EVENT_BYTES, Envelope, Message
from kernel.identity import Caller
from kernel.ids import new_id
from kernel.tables import Commons

_BEGIN = sa.text(
    "select set_config('role', :role, true), set_config('app.org', :org, true), set_config('app.user', :user, true),"
    " set_config('statement_timeout', :statement_ms, true), set_config('lock_timeout', :lock_ms, true), now()"
)
LOCK_TIMEOUT_MS = 4_000
KEEP_KEYS = sa.text("now() - interval '1 day'")


@dataclass(slots=True)
class Transaction:
    """An open transaction of one domain for one caller. `now` is the database's clock at its start (UTC)."""

    connection: sa.Connection
    caller: Caller
    domain: str
    now: Any
    published: bool = False
    after: list[Callable[[], None]] = field(default_factory=list)


class Database:
    """PostgreSQL as one domain sees it."""

    def __init__(
        self,
        engine: sa.Engine,
        domain: str,
        *,
        statement_timeout_s: float = 10.0,
        nudge: Callable[[], None] | None = None,
    ) -> None:
        self.engine = engine
        self.domain = domain
        self._statement_ms = str(int(statement_timeout_s * 1000))
        self._nudge = nudge

    @contextmanager
    def transaction(self, caller: Caller) -> Iterator[Transaction]:
        """Commit at exit, roll back on any error; then wake the relay if events were added.

        Raises:
            Unavailable: the database is down, slow, or a lock was not to be had in time.
            Invalid: a value is of a kind that the database cannot store.
        """
        try:
            with self.engine.begin() as connection:
                open_ = Transaction(connection, caller, self.domain, self._begin(connection, caller))
                yield open_
        except (OperationalError, InterfaceError, PoolTimeout) as down:
            raise Unavailable("database") from down
        except DataError as odd:  # a NUL in a text, a number out of range: input that a schema let pass
            raise Invalid("a value cannot be stored") from odd
        if open_.published and self._nudge:
            self._nudge()
        for act in open_.after:
            act()

    def ping(self) -> None:
        """Raises Unavailable if the database cannot be reached or refuses this domain's role."""
        with self.transaction(Caller.nobody()):
            return

    def _begin(self, connection: sa.Connection, caller: Caller) -> Any:
        row = connection.execute(
            _BEGIN,
            {
                "role": f"coderev_{self.domain}",
                "org": caller.org_id or "",
                "user": caller.user_id,
                "statement_ms": self._statement_ms,
                "lock_ms": str(LOCK_TIMEOUT_MS),
            },
        ).one()
        return row[-1].astimezone(UTC)


class Outbox:
    """Events that commit with the state; the relay sends them afterwards, at least once, in order."""

    def __init__(self, tx: Transaction, tables: Commons, encode: Callable[[Any], Message]) -> None:
        self._tx, self._table, self._encode = tx, tables.outbox, encode

    def add(self, event: object) -> None:
        """Publish a domain event when this unit of work commits."""
        message = self._encode(event)
        text = self._envelope(message).model_dump_json(exclude_none=True)
        if len(text.encode()) > LARGEST_EVENT_BYTES:
            raise ValueError(f"{message.type} is larger than {LARGEST_EVENT_BYTES} bytes: put its content into S3")
        row = {"topic": message.topic, "key": message.key, "message": text}
        self._tx.connection.execute(sa.insert(self._table).values(row))
        self._tx.published = True

    def _envelope(self, message: Message) -> Envelope:
        caller = self._tx.caller
        return Envelope(
            id=new_id(),
            source=f"coderev/{self._tx.domain}",
            type=message.type,
            subject=message.key,
            time=self._tx.now,
            orgid=caller.org_id,
            correlationid=caller.request_id,
            traceparent=observe.traceparent(),
            data=json.loads(message.data.model_dump_json()),
        )


class Inbox:
    """Which events this domain has handled; commits with their effect, so that a repeat changes nothing."""

    def __init__(self, tx: Transaction, tables: Commons) -> None:
        self._tx, self._table = tx, tables.inbox

    def first(self, consumer: str, event_id: str) -> bool:
        """Claim an event for a consumer; False if it was handled before."""
        row = insert(self._table).values(consumer=consumer, event_id=event_id).on_conflict_do_nothing()
        return self._tx.connection.execute(row.returning(self._table.c.event_id)).first() is not None


class Idempotency:
    """Answers by Idempotency-Key; a second request with a key waits for the first and gets its answer."""

    def __init__(self, tx: Transaction, tables: Commons) -> None:
        self._tx, self._table = tx, tables.idempotency

    def claim(self, key: str, fingerprint: str) -> str | None:
        """The stored answer of an earlier request with this key, or None if this is the first.

        Raises:
            Invalid: the key was used for another request.
        """
        mine = {"org_id": self._tx.caller.organisation, "caller_id": self._tx.caller.user_id, "key": key}
        self._tx.connection.execute(sa.delete(self._table).where(self._table.c.created_at < KEEP_KEYS))
        row = insert(self._table).values(**mine, fingerprint=fingerprint).on_conflict_do_nothing()
        if self._tx.connection.execute(row.returning(self._table.c.key)).first() is not None:
            return None
        found = self._tx.connection.execute(
            sa.select(self._table.c.fingerprint, self._table.c.answer).filter_by(**mine)
        ).one()
        if found.fingerprint != fingerprint:
            raise Invalid("this Idempotency-Key was used for another request", code="idempotency_key_reused")
        return str(found.answer)

    def store(self, key: str, answer: str) -> None:
        mine = {"org_id": self._tx.caller.organisation, "caller_id": self._tx.caller.user_id, "key": key}
        self._tx.connection.execute(sa.update(self._table).filter_by(**mine).values(answer=answer))


class Audit:
    """Who changed what; commits with the change."""

    def __init__(self, tx: Transaction, tables: Commons) -> None:
        self._tx, self._table = tx, tables.audit

    def add(self, action: str, subject: str, **details: object) -> None:
        """Record `action` (`project.create`) on `subject` (an id); `details` hold no secret."""
        caller = self._tx.caller
        row = {
            "org_id": caller.organisation,
            "id": new_id(),
            "actor_id": caller.user_id,
            "actor_kind": caller.kind,
            "action": action,
            "subject": subject,
            "request_id": caller.request_id,
            "details": details,
        }
        self._tx.connection.execute(sa.insert(self._table).values(row))


class SharedWork:
    """The part of a unit of work that is the same in all domains; a domain's adapters add its repositories."""

    def __init__(self, tx: Transaction, tables: Commons, encode: Callable[[Any], Message]) -> None:
        self.caller = tx.caller
        self.now = tx.now
        self.events = Outbox(tx, tables, encode)
        self.inbox = Inbox(tx, tables)
        self.idempotency = Idempotency(tx, tables)
        self.audit = Audit(tx, tables)
