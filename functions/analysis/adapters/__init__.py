"""Ports of this domain on PostgreSQL, S3, the engines and the graph store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from functions.analysis.adapters.analyses import SqlAnalyses, SqlArtifacts
from functions.analysis.adapters.duplicates import SqlDuplicates
from functions.analysis.adapters.extras import SqlExtras
from functions.analysis.adapters.files import SqlFiles
from functions.analysis.adapters.findings import SqlFindings
from functions.analysis.adapters.gates import SqlGates
from functions.analysis.adapters.graphs import SqlGraphs
from functions.analysis.adapters.imports import SqlImports
from functions.analysis.adapters.leases import SqlLeases, SqlShards
from functions.analysis.adapters.lifetimes import SqlErasures, SqlRoles
from functions.analysis.adapters.manifests import SqlManifests
from functions.analysis.adapters.placements import SqlPlacements
from functions.analysis.adapters.problems import SqlProblems
from functions.analysis.adapters.queue import SqlQueue
from functions.analysis.adapters.results import SqlResults
from functions.analysis.adapters.retention import SqlRetention
from functions.analysis.adapters.tracked import SqlTracking
from functions.analysis.messages import encode
from functions.analysis.tables import commons
from kernel.identity import Caller
from kernel.work import Database, SharedWork, Transaction

__all__ = ["SqlWork", "work"]


class SqlWork(SharedWork):
    """`ports.Work` on one transaction."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx, commons, encode)
        org_id = tx.caller.org_id or ""
        self.analyses = SqlAnalyses(tx.connection, tx.caller)
        self.files = SqlFiles(tx.connection, org_id)
        self.results = SqlResults(tx.connection, org_id)
        self.findings = SqlFindings(tx.connection, org_id)
        self.extras = SqlExtras(tx.connection, org_id)
        self.placements = SqlPlacements(tx.connection, org_id)
        self.tracking = SqlTracking(tx.connection, org_id)
        self.problems = SqlProblems(tx.connection, tx.caller)
        self.duplicates = SqlDuplicates(tx.connection, org_id)
        self.manifests = SqlManifests(tx.connection, org_id)
        self.retention = SqlRetention(tx.connection, org_id)
        self.shards = SqlShards(tx.connection, org_id)
        self.leases = SqlLeases(tx.connection, org_id)
        self.queue = SqlQueue(tx.connection, tx.caller)
        self.gates = SqlGates(tx.connection, org_id)
        self.artifacts = SqlArtifacts(tx.connection, org_id)
        self.graphs = SqlGraphs(tx.connection, org_id)
        self.imports = SqlImports(tx.connection, org_id)
        self.erasures = SqlErasures(tx.connection, tx.caller)
        self.roles = SqlRoles(tx.connection, tx.caller)


@contextmanager
def work(database: Database, caller: Caller) -> Iterator[SqlWork]:
    with database.transaction(caller) as tx:
        yield SqlWork(tx)
