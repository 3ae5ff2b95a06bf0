"""Tables of this domain, in the schema of its name.

Users, organisations and signing keys stand outside tenant row-level security. All else is tenant rows; refresh
tokens and invitations carry their organisation, so that it is known before they are looked up. Memberships and
sessions are also open to the user they belong to (`app.user`): that is how a login finds its organisation, and
how a new password ends sessions elsewhere.
"""

from __future__ import annotations

import sqlalchemy as sa

from kernel import tables

metadata = sa.MetaData(schema="auth")
commons = tables.commons(metadata)

organisations = sa.Table(
    "organisations",
    metadata,
    sa.Column("id", tables.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_at", tables.Moment, nullable=False),
)

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", tables.Uuid, primary_key=True),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("email_key", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("created_at", tables.Moment, nullable=False),
    sa.UniqueConstraint("email_key", name="users_email_key_key"),
)

memberships = sa.Table(
    "memberships",
    metadata,
    sa.Column("org_id", tables.Uuid, sa.ForeignKey("auth.organisations.id"), primary_key=True),
    sa.Column("user_id", tables.Uuid, sa.ForeignKey("auth.users.id"), primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("created_at", tables.Moment, nullable=False),
    sa.Index("memberships_user_id", "user_id"),
)

invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("org_id", tables.Uuid, sa.ForeignKey("auth.organisations.id"), primary_key=True),
    sa.Column("id", tables.Uuid, primary_key=True),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("email_key", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("invited_by", tables.Uuid, nullable=False),
    sa.Column("created_at", tables.Moment, nullable=False),
    sa.Column("expires_at", tables.Moment, nullable=False),
    sa.Column("used_at", tables.Moment),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("org_id", tables.Uuid, sa.ForeignKey("auth.organisations.id"), primary_key=True),
    sa.Column("id", tables.Uuid, primary_key=True),
    sa.Column("user_id", tables.Uuid, sa.ForeignKey("auth.users.id"), nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("created_at", tables.Moment, nullable=False),
    sa.Column("last_used_at", tables.Moment, nullable=False),
    sa.Column("expires_at", tables.Moment, nullable=False),
    sa.Column("user_agent", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("revoked_at", tables.Moment),
    sa.Column("revoked_because", sa.Text),
    sa.Index("sessions_user_id", "user_id"),
)

refresh_tokens = sa.Table(
    "refresh_tokens",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("digest", sa.LargeBinary, primary_key=True, comment="SHA-256 of the token"),
    sa.Column("session_id", tables.Uuid, nullable=False),
    sa.Column("created_at", tables.Moment, nullable=False),
    sa.Column("used_at", tables.Moment),
    sa.ForeignKeyConstraint(["org_id", "session_id"], ["auth.sessions.org_id", "auth.sessions.id"], ondelete="CASCADE"),
    sa.Index("refresh_tokens_session_id", "org_id", "session_id"),
)

signing_keys = sa.Table(
    "signing_keys",
    metadata,
    sa.Column("kid", sa.Text, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False, comment="AES-256-GCM of the private key"),
    sa.Column("created_at", tables.Moment, nullable=False),
    sa.Column("active_from", tables.Moment, nullable=False),
)
