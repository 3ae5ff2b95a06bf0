"""The composition root of this bundle: the one place that picks implementations."""

from __future__ import annotations

from functools import partial

from functions.comparison.adapters import work
from functions.comparison.ports import Deps
from functions.comparison.tables import commons
from kernel import resources
from kernel.ids import new_id
from kernel.invoke import functions
from kernel.policy import guard
from kernel.relay import Relay
from kernel.settings import Settings
from kernel.work import Database


def database(settings: Settings) -> Database:
    nudge = partial(functions(settings).nudge, "comparison-relay")
    timeout_s = settings.statement_timeout_s
    return Database(resources.engine(settings), "comparison", statement_timeout_s=timeout_s, nudge=nudge)


def connect(settings: Settings) -> Deps:
    store = database(settings)
    return Deps(work=partial(work, store), permissions=guard(settings), new_id=new_id, ready=store.ping)


def relay_of(settings: Settings) -> Relay:
    return Relay(database(settings), commons, partial(resources.producer, settings))
