"""Redis, quick hashes, and worlds made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from emulator.services.testing import services_for_tests
from functions.auth import authorizer, bootstrap, routes
from functions.auth.adapters.gate import Postgres, StoredGate
from functions.auth.adapters.passwords import Argon2
from functions.auth.adapters.resp import connected
from functions.auth.adapters.sealing import Sealer
from kernel.settings import Settings
from tests.integration.auth.world import SETUP_TOKEN, World

QUICK = Argon2(memory_kib=64, passes=1)
NOWHERE = "redis://127.0.0.1:1/0"
Make = Callable[..., World]


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with services_for_tests("valkey") as services:
        yield services.environment["REDIS_URL"]


@pytest.fixture
def redis(redis_url: str) -> Any:
    """The commands of an empty Redis."""
    commands = connected(redis_url)
    commands.run("FLUSHALL")
    return commands


@pytest.fixture
def auth_settings(settings: Settings, redis_url: str) -> Settings:
    return Settings.model_validate(
        settings.model_dump() | {"redis_url": redis_url, "setup_token": SETUP_TOKEN}  # as the template gives them
    )


@pytest.fixture
def make(auth_settings: Settings, empty: None, redis: Any) -> Iterator[Make]:
    """Make further instances of the bundle, each as a process of its own would have it; settings may differ."""
    opened: list[Postgres] = []

    def one(**changes: Any) -> World:
        settings = Settings.model_validate(auth_settings.model_dump() | changes)
        postgres = Postgres(settings.database_url.get_secret_value())
        opened.append(postgres)
        sealer = Sealer(settings.jwt_secret_key.get_secret_value())
        gate = StoredGate(postgres.fetch, connected(settings.redis_url.get_secret_value()), sealer)
        deps = bootstrap.connect(settings, passwords=QUICK)
        return World(routes.build(deps), authorizer.build(gate))

    yield one
    for postgres in opened:
        postgres.close()


@pytest.fixture
def world(make: Make) -> World:
    """An installation that nobody has set up."""
    return make()
