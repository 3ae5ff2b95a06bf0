"""Fixtures of tests with a git host on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from functions.project import bootstrap, routes
from functions.project.ports import Deps
from kernel.settings import Settings
from tests.client import BundleClient
from tests.githost import Host, git_host
from tests.integration.project.repositories import Connected, connect


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with git_host(tmp_path) as running:
        yield running


@pytest.fixture
def reaching(stored: Settings) -> Settings:
    """Settings that allow the host on loopback."""
    return stored.model_copy(update={"outbound_allow": "localhost"})


@pytest.fixture
def woken() -> list[str]:
    return []


@pytest.fixture
def deps(reaching: Settings, woken: list[str]) -> Deps:
    return replace(bootstrap.connect(reaching), nudge=woken.append)


@pytest.fixture
def client(deps: Deps) -> BundleClient:
    return BundleClient(routes.build(deps))


@pytest.fixture
def connected(client: BundleClient, deps: Deps, host: Host) -> Connected:
    return connect(client, deps, host)
