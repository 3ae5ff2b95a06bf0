"""Code comes from git hosts, whatever they do and whenever the function dies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from functions.project import bootstrap, routes
from functions.project.ports import Deps
from kernel.settings import Settings
from tests.client import BundleClient
from tests.githost import Host, git_host
from tests.integration.project.repositories import Connected, connect


@pytest.fixture
def host(tmp_path) -> Iterator[Host]:
    with git_host(tmp_path) as running:
        yield running


@pytest.fixture
def reaching(stored: Settings, sender) -> Settings:
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
def connected(client, deps, host) -> Connected:
    return connect(client, deps, host)


def test_a_branch_is_fetched_and_published(connected, woken):
    first = connected.repository.commit({"a.py": "print(1)\n"}, message="Begin")
    tip = connected.repository.commit({"a.py": "print(2)\n", "run.sh": ("100755", "#!/bin/sh\n")}, message="Go on\n\nWhy")

    asked = connected.ask(ref="main")
    assert (asked["state"], woken) == ("queued", ["project-fetch"])
    assert connected.run() == {asked["id"]: "done"}

    done = connected.state(asked["id"])
    version = connected.version(done["version_id"])
    assert (done["state"], done["commit"], done["code"], done["attempts"]) == ("done", tip, None, 1)
    assert (version["commit"], version["branch"], version["main"]) == (tip, "main", True)
    assert (version["author"], version["message"]) == ("Ada <ada@example.org>", "Go on\n\nWhy")
    assert connected.files(version["id"]) == {"a.py": "100644", "run.sh": "100755"}
    assert first != tip
