"""The composition root of this bundle: the one place that picks implementations."""

from __future__ import annotations

from functools import partial

from functions.analysis.adapters import work
from functions.analysis.adapters.components import RustComponents
from functions.analysis.adapters.engines import ChildEngines
from functions.analysis.adapters.neo4j import Neo4jGraph
from functions.analysis.ports import Deps, Limits
from functions.analysis.tables import commons
from kernel import resources
from kernel.events import KafkaDeadLetters
from kernel.ids import new_id
from kernel.invoke import functions
from kernel.objects import objects
from kernel.policy import guard, policy
from kernel.relay import Relay
from kernel.settings import Settings
from kernel.work import Database

DEAD_TOPIC = "coderev.analysis.dead.v1"


def database(settings: Settings) -> Database:
    nudge = partial(functions(settings).nudge, "analysis-relay")
    timeout_s = settings.statement_timeout_s
    return Database(resources.engine(settings), "analysis", statement_timeout_s=timeout_s, nudge=nudge)


def connect(settings: Settings) -> Deps:
    store = database(settings)
    return Deps(
        work=partial(work, store),
        permissions=guard(settings),
        new_id=new_id,
        ready=store.ping,
        blobs=objects(settings),
        engines=ChildEngines(),
        graph=Neo4jGraph(partial(resources.neo4j, settings), resources.forget_neo4j),
        components=RustComponents(),
        rules=policy(settings),
        limits=Limits(settings.shards_per_project, settings.queued_per_project, settings.queued_per_organisation),
    )


def dead_letters_of(settings: Settings) -> KafkaDeadLetters:
    return KafkaDeadLetters(partial(resources.producer, settings), DEAD_TOPIC)


def relay_of(settings: Settings) -> Relay:
    return Relay(database(settings), commons, partial(resources.producer, settings))
