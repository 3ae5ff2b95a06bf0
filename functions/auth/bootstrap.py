"""The composition root of this bundle's routes; the authorizer has its own."""

from __future__ import annotations

from functools import partial

from functions.auth.adapters import epochs
from functions.auth.adapters.keyring import Keyring
from functions.auth.adapters.limits import RedisLimits
from functions.auth.adapters.passwords import Argon2
from functions.auth.adapters.resp import connected
from functions.auth.adapters.sealing import Sealer
from functions.auth.adapters.secrets import DerivedSecrets
from functions.auth.adapters.work import work
from functions.auth.ports import Deps, Passwords, Rules
from functions.auth.tables import commons
from kernel import resources
from kernel.ids import new_id
from kernel.invoke import functions
from kernel.policy import guard
from kernel.relay import Relay
from kernel.settings import Settings
from kernel.work import Database


def database(settings: Settings) -> Database:
    nudge = partial(functions(settings).nudge, "auth-relay")
    timeout_s = settings.statement_timeout_s
    return Database(resources.engine(settings), "auth", statement_timeout_s=timeout_s, nudge=nudge)


def connect(settings: Settings, *, passwords: Passwords | None = None) -> Deps:
    store, redis = database(settings), connected(settings.redis_url.get_secret_value())
    secret = settings.jwt_secret_key.get_secret_value()
    return Deps(
        work=partial(work, store, partial(epochs.tell, redis)),
        permissions=guard(settings),
        passwords=passwords or Argon2(),
        secrets=DerivedSecrets(secret),
        tokens=Keyring(store, Sealer(secret), new_id),
        limits=RedisLimits(redis),
        rules=rules(settings),
        new_id=new_id,
        ready=store.ping,
    )


def rules(settings: Settings) -> Rules:
    return Rules(
        setup_token=settings.setup_token.get_secret_value(),
        open_registration=settings.open_registration,
        access_life_s=settings.access_token_expire_minutes * 60,
        refresh_life_days=settings.refresh_token_expire_days,
    )


def relay_of(settings: Settings) -> Relay:
    return Relay(database(settings), commons, partial(resources.producer, settings))
