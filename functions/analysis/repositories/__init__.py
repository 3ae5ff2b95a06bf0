"""What is stored, as the use cases see it: one protocol for each kind of row, all on one transaction."""

from __future__ import annotations

from functions.analysis.repositories.analyses import Analyses, Artifacts
from functions.analysis.repositories.duplicates import Duplicates
from functions.analysis.repositories.extras import Extras
from functions.analysis.repositories.files import Files, Results
from functions.analysis.repositories.findings import Findings
from functions.analysis.repositories.gates import Gates
from functions.analysis.repositories.graphs import Graphs, ImportGraph, Line, OwnersFile
from functions.analysis.repositories.imports import Import, Imports
from functions.analysis.repositories.leases import Busy, Claim, Lease, Leases, Overdue, Shards
from functions.analysis.repositories.lifetimes import DeletedProject, Erasures, Roles
from functions.analysis.repositories.manifests import Manifests
from functions.analysis.repositories.queue import Queue
from functions.analysis.repositories.retention import Retention
from functions.analysis.repositories.tracked import Placements, Problems, Seen, Track, Tracking

__all__ = [
    "Analyses",
    "Artifacts",
    "Busy",
    "Claim",
    "DeletedProject",
    "Duplicates",
    "Erasures",
    "Extras",
    "Files",
    "Findings",
    "Gates",
    "Graphs",
    "Import",
    "ImportGraph",
    "Imports",
    "Lease",
    "Leases",
    "Line",
    "Manifests",
    "Overdue",
    "OwnersFile",
    "Placements",
    "Problems",
    "Queue",
    "Results",
    "Retention",
    "Roles",
    "Seen",
    "Shards",
    "Track",
    "Tracking",
]
