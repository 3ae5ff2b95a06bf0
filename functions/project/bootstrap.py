"""The composition root of this bundle: the one place that picks implementations."""

from __future__ import annotations

import time
from functools import partial

from functions.project.adapters import SqlArrivals, SqlFetchQueue, SqlPostJobs, SqlTasks, work
from functions.project.ports import Deps
from functions.project.ports.git import Git
from functions.project.ports.hooks import Web
from functions.project.tables import commons
from kernel import resources
from kernel.events import KafkaDeadLetters
from kernel.ids import new_id
from kernel.invoke import functions
from kernel.objects import objects
from kernel.outbound.allowed import reach_of
from kernel.policy import guard
from kernel.relay import Relay
from kernel.sealing import Seal
from kernel.settings import Settings
from kernel.work import Database

DEAD_TOPIC = "coderev.project.dead.v1"


def database(settings: Settings) -> Database:
    nudge = partial(functions(settings).nudge, "project-relay")
    timeout_s = settings.statement_timeout_s
    return Database(resources.engine(settings), "project", statement_timeout_s=timeout_s, nudge=nudge)


def connect(settings: Settings) -> Deps:
    store = database(settings)
    return Deps(
        work=partial(work, store),
        arrivals=SqlArrivals(store),
        store=objects(settings),
        permissions=guard(settings),
        new_id=new_id,
        monotonic=time.monotonic,
        ready=store.ping,
        tasks=SqlTasks(store),
        nudge=functions(settings).nudge,
        queue=SqlFetchQueue(store),
        git=partial(git_of, settings),
        seal=Seal(settings.jwt_secret_key.get_secret_value(), "repositories/v1"),
        reach=reach_of(settings),
        jobs=SqlPostJobs(store),
        web=partial(web_of, settings),
    )


def git_of(settings: Settings) -> Git:
    from functions.project.fetching.host import OutboundGit
    from kernel.outbound.client import outbound

    return OutboundGit(outbound(settings), time.monotonic)


def web_of(settings: Settings) -> Web:
    from functions.project.adapters.web import OutboundWeb
    from kernel.outbound.client import outbound

    return OutboundWeb(outbound(settings))


def dead_letters_of(settings: Settings) -> KafkaDeadLetters:
    return KafkaDeadLetters(partial(resources.producer, settings), DEAD_TOPIC)


def relay_of(settings: Settings) -> Relay:
    return Relay(database(settings), commons, partial(resources.producer, settings))
