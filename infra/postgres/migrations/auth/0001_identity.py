"""Users, organisations, sessions, signing keys and the shared tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from infra.postgres import ddl

revision = "auth_0001"
down_revision = None
branch_labels = ("auth",)
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_OWN = "user_id = nullif(current_setting('app.user', true), '')::uuid"


def upgrade() -> None:
    ddl.create_schema("auth")
    ddl.commons_1("auth")
    _people()
    _invitations()
    _sessions()
    _keys()


def _people() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        schema="auth",
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("email_key", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.UniqueConstraint("email_key", name="users_email_key_key"),
        schema="auth",
    )
    op.create_table(
        "memberships",
        sa.Column("org_id", sa.Uuid, sa.ForeignKey("auth.organisations.id"), primary_key=True),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("auth.users.id"), primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        schema="auth",
    )
    op.create_index("memberships_user_id", "memberships", ["user_id"], schema="auth")
    ddl.open_to_domain("auth", "organisations", "SELECT, INSERT, UPDATE")
    ddl.open_to_domain("auth", "users", "SELECT, INSERT, UPDATE")
    ddl.tenant("auth", "memberships")
    op.execute(f"CREATE POLICY own_rows ON auth.memberships FOR SELECT USING ({_OWN})")


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("org_id", sa.Uuid, sa.ForeignKey("auth.organisations.id"), primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("email_key", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("invited_by", sa.Uuid, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT),
        schema="auth",
    )
    ddl.tenant("auth", "invitations")


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("org_id", sa.Uuid, sa.ForeignKey("auth.organisations.id"), primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("auth.users.id"), nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("last_used_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("user_agent", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("revoked_at", _MOMENT),
        sa.Column("revoked_because", sa.Text),
        schema="auth",
    )
    op.create_index("sessions_user_id", "sessions", ["user_id"], schema="auth")
    op.create_table(
        "refresh_tokens",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("digest", sa.LargeBinary, primary_key=True, comment="SHA-256 of the token"),
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT),
        sa.ForeignKeyConstraint(
            ["org_id", "session_id"], ["auth.sessions.org_id", "auth.sessions.id"], ondelete="CASCADE"
        ),
        schema="auth",
    )
    op.create_index("refresh_tokens_session_id", "refresh_tokens", ["org_id", "session_id"], schema="auth")
    ddl.tenant("auth", "sessions")
    ddl.tenant("auth", "refresh_tokens")
    op.execute(f"CREATE POLICY own_rows ON auth.sessions USING ({_OWN})")


def _keys() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.Text, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False, comment="AES-256-GCM of the private key"),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("active_from", _MOMENT, nullable=False),
        schema="auth",
    )
    ddl.open_to_domain("auth", "signing_keys", "SELECT, INSERT, DELETE")


def downgrade() -> None:
    op.execute("DROP SCHEMA auth CASCADE")
