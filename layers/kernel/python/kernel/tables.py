"""The tables that every domain's schema has: outbox, inbox, idempotency keys, audit log, relay lease.

They live in the domain's own schema, so that they commit together with its state.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

Uuid = sa.Uuid(as_uuid=False)
Moment = sa.DateTime(timezone=True)
NOW = sa.text("now()")


@dataclass(frozen=True, slots=True)
class Commons:
    outbox: sa.Table
    inbox: sa.Table
    idempotency: sa.Table
    audit: sa.Table
    relay_lease: sa.Table


def commons(metadata: sa.MetaData) -> Commons:
    """Add the shared tables to a domain's metadata, whose schema is the domain's name."""
    return Commons(_outbox(metadata), _inbox(metadata), _idempotency(metadata), _audit(metadata), _lease(metadata))


def _outbox(metadata: sa.MetaData) -> sa.Table:
    sent_at = sa.Column("sent_at", Moment)
    return sa.Table(
        "outbox",
        metadata,
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False, comment="a CloudEvent in structured JSON"),
        sa.Column("created_at", Moment, nullable=False, server_default=NOW),
        sent_at,
        sa.Index("outbox_unsent", "id", postgresql_where=sent_at.is_(None)),
        sa.Index("outbox_sent_at", "sent_at", postgresql_where=sent_at.is_not(None)),
    )


def _inbox(metadata: sa.MetaData) -> sa.Table:
    return sa.Table(
        "inbox",
        metadata,
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("received_at", Moment, nullable=False, server_default=NOW, index=True),
    )


def _idempotency(metadata: sa.MetaData) -> sa.Table:
    return sa.Table(
        "idempotency",
        metadata,
        sa.Column("org_id", Uuid, primary_key=True),
        sa.Column("caller_id", Uuid, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, nullable=False, comment="SHA-256 of method, path and body"),
        sa.Column("answer", sa.Text),
        sa.Column("created_at", Moment, nullable=False, server_default=NOW, index=True),
    )


def _audit(metadata: sa.MetaData) -> sa.Table:
    return sa.Table(
        "audit",
        metadata,
        sa.Column("org_id", Uuid, primary_key=True),
        sa.Column("id", Uuid, primary_key=True),
        sa.Column("at", Moment, nullable=False, server_default=NOW),
        sa.Column("actor_id", Uuid, nullable=False),
        sa.Column("actor_kind", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("details", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    )


def _lease(metadata: sa.MetaData) -> sa.Table:
    return sa.Table(
        "relay_lease",
        metadata,
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("until", Moment, nullable=False),
    )
