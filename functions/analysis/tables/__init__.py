"""Tables of this domain, in the schema of its name, a module for what is stored together.

Results and findings are stored by content and shared by all analyses that meet it; an analysis' own rows are its
list of files and what is new in it. Leases stand outside tenant row-level security like the outbox: the sweep
looks through them for all organisations and reads nothing but ids there.
"""

from __future__ import annotations

from functions.analysis.tables.analyses import analyses, analysis_files, artifacts, new_findings, shards
from functions.analysis.tables.base import commons, metadata
from functions.analysis.tables.duplicates import (
    clones,
    duplicate_groups,
    gram_contents,
    gram_states,
    grams,
    manifest_readings,
)
from functions.analysis.tables.engines import imports
from functions.analysis.tables.gates import gates
from functions.analysis.tables.graphs import contract_reports, graph_files, graphs
from functions.analysis.tables.leases import leases, turns
from functions.analysis.tables.lifetimes import erasures, members
from functions.analysis.tables.results import file_results, findings
from functions.analysis.tables.retention import retention
from functions.analysis.tables.tracking import analysis_extras, placements, problem_history, problems, tracks

__all__ = [
    "analyses",
    "analysis_extras",
    "analysis_files",
    "artifacts",
    "clones",
    "commons",
    "contract_reports",
    "duplicate_groups",
    "erasures",
    "file_results",
    "findings",
    "gates",
    "gram_contents",
    "gram_states",
    "grams",
    "graph_files",
    "graphs",
    "imports",
    "leases",
    "manifest_readings",
    "members",
    "metadata",
    "new_findings",
    "placements",
    "problem_history",
    "problems",
    "retention",
    "shards",
    "tracks",
    "turns",
]
