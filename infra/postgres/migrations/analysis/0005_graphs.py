"""The graph in more depth: a graph for each line, owners, and what contracts said of an analysis.

What is known of the store is derived, and keys in it have changed: it begins anew, and the next merge of a project
writes its graph.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from infra.postgres import ddl

revision = "analysis_0005"
down_revision = "analysis_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("graph_files", schema="analysis")
    op.drop_table("graphs", schema="analysis")
    _graphs()
    _graph_files()
    _contract_reports()


def _graphs() -> None:
    op.create_table(
        "graphs",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("line", sa.Text, primary_key=True, comment="- for the main line, else a hash of the branch"),
        sa.Column("analysis_id", sa.Uuid, nullable=False, comment="the newest analysis that wrote or writes"),
        sa.Column("version_id", sa.Uuid, nullable=False),
        sa.Column("clean", sa.Boolean, nullable=False, comment="false while a write may be half done"),
        sa.Column("wiped", sa.Boolean, nullable=False, comment="whether what was there before `analysis_id` is gone"),
        sa.Column("based", sa.Boolean, nullable=False, comment="whether the main line shows through"),
        sa.Column("counts", postgresql.JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
        sa.Column("owners_sha256", sa.LargeBinary, comment="of the CODEOWNERS that the edges were made with"),
        sa.Column("owners_path", sa.Text),
        sa.Column("owners", sa.Text, comment="its text"),
        schema="analysis",
    )
    ddl.tenant("analysis", "graphs")


def _graph_files() -> None:
    of_line = ["analysis.graphs.org_id", "analysis.graphs.project_id", "analysis.graphs.line"]
    op.create_table(
        "graph_files",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("line", sa.Text, primary_key=True),
        sa.Column("path_id", sa.Uuid, primary_key=True, comment="of the path's SHA-256"),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("result_id", sa.BigInteger, comment="NULL: the line does not have this file of the main line"),
        sa.Column("stems", postgresql.ARRAY(sa.Text), nullable=False, comment="names that its imports may end in"),
        sa.Column(
            "consulted", postgresql.ARRAY(sa.Uuid), nullable=False, comment="files whose names it was resolved with"
        ),
        sa.Column("imports", postgresql.ARRAY(sa.Uuid), nullable=False),
        sa.Column("externals", postgresql.ARRAY(sa.Text), nullable=False, comment="imported modules that are no files"),
        sa.Column(
            "counts",
            postgresql.ARRAY(sa.Integer),
            nullable=False,
            comment="symbols, imports, calls, bases, tests, owners",
        ),
        sa.Column("links", sa.LargeBinary, nullable=False, comment="zlib of JSON: its nodes and edges"),
        sa.ForeignKeyConstraint(["org_id", "project_id", "line"], of_line, ondelete="CASCADE"),
        schema="analysis",
    )
    ddl.tenant("analysis", "graph_files")


def _contract_reports() -> None:
    of_analysis = ["analysis.analyses.org_id", "analysis.analyses.id"]
    op.create_table(
        "contract_reports",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("analysis_id", sa.Uuid, primary_key=True),
        sa.Column(
            "report",
            postgresql.JSONB,
            nullable=False,
            comment="each contract with its violations and stale exceptions",
        ),
        sa.ForeignKeyConstraint(["org_id", "analysis_id"], of_analysis, ondelete="CASCADE"),
        schema="analysis",
    )
    ddl.tenant("analysis", "contract_reports")


def downgrade() -> None:
    op.drop_table("contract_reports", schema="analysis")
    op.drop_table("graph_files", schema="analysis")
    op.drop_table("graphs", schema="analysis")
    _first_shape()


def _first_shape() -> None:
    keys = [sa.Column(name, sa.Uuid, primary_key=True) for name in ("org_id", "project_id")]
    written = (sa.Column("analysis_id", sa.Uuid, nullable=False), sa.Column("clean", sa.Boolean, nullable=False))
    op.create_table("graphs", *keys, *written, schema="analysis")
    ddl.tenant("analysis", "graphs")
    op.create_table(
        "graph_files",
        *[sa.Column(name, sa.Uuid, primary_key=True) for name in ("org_id", "project_id", "path_id")],
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("result_id", sa.BigInteger, nullable=False),
        sa.Column("stems", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("consulted", postgresql.ARRAY(sa.Uuid), nullable=False),
        sa.Column("links", sa.LargeBinary, nullable=False),
        schema="analysis",
    )
    ddl.tenant("analysis", "graph_files")
