"""What every migration needs: tenancy, grants, and the tables that all schemas share.

Functions here are frozen once a migration uses them: a change of shape is a new function.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

_OWN_ORGANISATION = "org_id = nullif(current_setting('app.org', true), '')::uuid"


def create_schema(domain: str) -> None:
    """Create the domain's schema; its role may use it and owns nothing."""
    op.execute(f'CREATE SCHEMA IF NOT EXISTS "{domain}"')
    op.execute(f'GRANT USAGE ON SCHEMA "{domain}" TO coderev_{domain}')


def open_to_domain(domain: str, table: str, rights: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    op.execute(f'GRANT {rights} ON "{domain}"."{table}" TO coderev_{domain}')


def tenant(domain: str, table: str, rights: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    """Grant `rights` on a tenant table and keep each transaction to the organisation it names.

    A transaction that names none sees nothing. The owner is bound too (FORCE).
    """
    name = f'"{domain}"."{table}"'
    open_to_domain(domain, table, rights)
    op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_organisation ON {name} USING ({_OWN_ORGANISATION})")


def commons_1(domain: str) -> None:
    """The shared tables of `kernel.tables`, first shape."""
    _outbox_1(domain)
    _inbox_1(domain)
    _idempotency_1(domain)
    _audit_1(domain)
    op.create_table(
        "relay_lease",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        schema=domain,
    )
    open_to_domain(domain, "relay_lease")


def _outbox_1(domain: str) -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False, comment="a CloudEvent in structured JSON"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        schema=domain,
    )
    unsent, sent = sa.text("sent_at IS NULL"), sa.text("sent_at IS NOT NULL")
    op.create_index("outbox_unsent", "outbox", ["id"], schema=domain, postgresql_where=unsent)
    op.create_index("outbox_sent_at", "outbox", ["sent_at"], schema=domain, postgresql_where=sent)
    open_to_domain(domain, "outbox")


def _inbox_1(domain: str) -> None:
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        schema=domain,
    )
    op.create_index(f"ix_{domain}_inbox_received_at", "inbox", ["received_at"], schema=domain)
    open_to_domain(domain, "inbox", "SELECT, INSERT, DELETE")


def _idempotency_1(domain: str) -> None:
    op.create_table(
        "idempotency",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("caller_id", sa.Uuid, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, nullable=False, comment="SHA-256 of method, path and body"),
        sa.Column("answer", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        schema=domain,
    )
    op.create_index(f"ix_{domain}_idempotency_created_at", "idempotency", ["created_at"], schema=domain)
    tenant(domain, "idempotency")


def _audit_1(domain: str) -> None:
    op.create_table(
        "audit",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("actor_id", sa.Uuid, nullable=False),
        sa.Column("actor_kind", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("details", sa.dialects.postgresql.JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
        schema=domain,
    )
    tenant(domain, "audit", "SELECT, INSERT")
