"""The composition root of this bundle: the one place that picks implementations."""

from __future__ import annotations

import time
from functools import partial

from functions.ai.adapters.answers import JsonAnswers
from functions.ai.adapters.chat import ChatModel
from functions.ai.adapters.context import StoredContexts
from functions.ai.adapters.pulse import kept
from functions.ai.adapters.routing import InvokedRoutes
from functions.ai.adapters.store import work
from functions.ai.messages import DEAD_LETTERS
from functions.ai.ports import Deps
from functions.ai.tables import commons
from kernel import resources
from kernel.events import KafkaDeadLetters
from kernel.ids import new_id
from kernel.invoke import functions
from kernel.objects import objects
from kernel.policy import guard
from kernel.relay import Relay
from kernel.settings import Settings
from kernel.work import Database


def database(settings: Settings) -> Database:
    nudge = partial(functions(settings).nudge, "ai-relay")
    timeout_s = settings.statement_timeout_s
    return Database(resources.engine(settings), "ai", statement_timeout_s=timeout_s, nudge=nudge)


def connect(settings: Settings) -> Deps:
    store = database(settings)
    return Deps(
        work=partial(work, store),
        permissions=guard(settings),
        new_id=new_id,
        ready=store.ping,
        contexts=StoredContexts(objects(settings)),
        routes=InvokedRoutes(functions(settings)),
        model=ChatModel(),
        answers=JsonAnswers(),
        kept=partial(kept, store),
        clock=time.monotonic,
        budget_s=settings.model_timeout_s,
    )


def dead_letters_of(settings: Settings) -> KafkaDeadLetters:
    return KafkaDeadLetters(partial(resources.producer, settings), DEAD_LETTERS)


def relay_of(settings: Settings) -> Relay:
    return Relay(database(settings), commons, partial(resources.producer, settings))
