"""The composition root of this bundle: the one place that picks implementations."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlsplit

from functions.provider.adapters.names import SystemNames
from functions.provider.adapters.seal import AesSeal
from functions.provider.adapters.store import work
from functions.provider.endpoints import OTHER_PROTOCOLS, Reach
from functions.provider.model import ProviderKind, Route
from functions.provider.ports import Deps
from functions.provider.tables import commons
from kernel import resources
from kernel.identity import service_key
from kernel.ids import new_id
from kernel.invoke import functions
from kernel.policy import guard
from kernel.relay import Relay
from kernel.settings import Settings
from kernel.work import Database

BUILT_IN_MODEL = "smollm2-135m"
OPENAI_MODEL = "gpt-4.1-mini"  # where the operator gives a key and names no model


def database(settings: Settings) -> Database:
    nudge = partial(functions(settings).nudge, "provider-relay")
    timeout_s = settings.statement_timeout_s
    return Database(resources.engine(settings), "provider", statement_timeout_s=timeout_s, nudge=nudge)


def connect(settings: Settings) -> Deps:
    store = database(settings)
    return Deps(
        work=partial(work, store),
        permissions=guard(settings),
        new_id=new_id,
        ready=store.ping,
        names=SystemNames(),
        seal=AesSeal(settings.jwt_secret_key.get_secret_value()),
        reach=Reach(local=settings.stage == "local", refused_ports=OTHER_PROTOCOLS | _own_ports(settings)),
        fallback=fallback(settings),
    )


def fallback(settings: Settings) -> Route | None:
    """What the operator chose for all: OpenAI or a compatible server by `CODEREV_OPENAI_*`, else the embedded model."""
    key = settings.openai_api_key.get_secret_value()
    if key or settings.openai_model:
        url, model = settings.openai_base_url.rstrip("/"), settings.openai_model or OPENAI_MODEL
        kind = ProviderKind.OPENAI if urlsplit(url).hostname == "api.openai.com" else ProviderKind.OPENAI_COMPATIBLE
        return Route(name="platform", kind=kind, base_url=url, model=model, api_key=key or None)
    if settings.inference_url:
        url = settings.inference_url.rstrip("/")
        kind = ProviderKind.OPENAI_COMPATIBLE
        return Route(name="built-in", kind=kind, base_url=url, model=BUILT_IN_MODEL, built_in=True)
    return None


def _own_ports(settings: Settings) -> frozenset[int]:
    """Where the platform's own services listen: no tenant sends us there, also in stage local."""
    urls = (settings.database_url.get_secret_value(), settings.redis_url.get_secret_value(), settings.opa_url)
    return frozenset(port for url in urls if (port := urlsplit(url).port))


def ticket_key(settings: Settings) -> bytes:
    return service_key(settings.jwt_secret_key.get_secret_value())


def relay_of(settings: Settings) -> Relay:
    return Relay(database(settings), commons, partial(resources.producer, settings))
