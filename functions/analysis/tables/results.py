"""What the engines say, stored by content."""

from __future__ import annotations

import sqlalchemy as sa

from functions.analysis.tables.base import count_of, metadata
from kernel import tables

file_results = sa.Table(
    "file_results",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("sha256", sa.LargeBinary, nullable=False),
    sa.Column("language_key", sa.Text, nullable=False, comment="language and form as far as the path says"),
    sa.Column("engine_set", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("notes", sa.Text, nullable=False, server_default="", comment="one a line"),
    count_of("lines"),
    count_of("code_lines"),
    count_of("functions"),
    count_of("complex_functions"),
    count_of("max_cyclomatic"),
    count_of("max_cognitive"),
    sa.Column("maintainability", sa.REAL),
    count_of("critical"),
    count_of("high"),
    count_of("medium"),
    count_of("low"),
    count_of("info"),
    sa.Column("outline", sa.LargeBinary, nullable=False, comment="zlib of JSON: all but calls and findings"),
    sa.Column("calls", sa.LargeBinary, nullable=False, comment="zlib of JSON: callers, calls"),
    sa.Column("tokens", sa.LargeBinary, comment="packed by engines.shingles; none: nothing to compare"),
    sa.UniqueConstraint("org_id", "sha256", "language_key", "engine_set", name="file_results_content_key"),
)

findings = sa.Table(
    "findings",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("result_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("rank", sa.SmallInteger, nullable=False, comment="0 for critical to 4 for info"),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("confidence", sa.Text, nullable=False),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("column", sa.Integer, nullable=False),
    sa.Column("end_line", sa.Integer, nullable=False),
    sa.Column("end_column", sa.Integer, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("cwe", sa.Integer),
    sa.Column("help", sa.Text, nullable=False),
    sa.Column("fix", sa.Text, nullable=False),
    sa.Column("owasp", sa.Text, nullable=False, server_default=""),
    sa.Column("context", sa.Text, nullable=False, server_default=""),
    sa.Column("symbol", sa.Text, nullable=False, server_default=""),
    sa.ForeignKeyConstraint(["org_id", "result_id"], ["file_results.org_id", "file_results.id"], ondelete="CASCADE"),
)
