"""Tables of this domain, in the schema of its name, a module for what is stored together.

Results and findings are stored by content and shared by all analyses that meet it; an analysis' own rows are its
list of files and what is new in it. Leases stand outside tenant row-level security like the outbox: the sweep
looks through them for all organisations and reads nothing but ids there.
"""

from __future__ import annotations

from functions.analysis.tables.analyses import analyses, analysis_files, artifacts, new_findings, shards
from functions.analysis.tables.base import commons, metadata
from functions.analysis.tables.engines import imports
from functions.analysis.tables.graphs import graph_files, graphs
from functions.analysis.tables.leases import leases
from functions.analysis.tables.results import file_results, findings

__all__ = [
    "analyses",
    "analysis_files",
    "artifacts",
    "commons",
    "file_results",
    "findings",
    "graph_files",
    "graphs",
    "imports",
    "leases",
    "metadata",
    "new_findings",
    "shards",
]
