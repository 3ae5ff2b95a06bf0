"""A graph store that hangs costs a merge or a request some seconds, and neither of them more."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from functions.analysis.adapters.neo4j import Bounds, Neo4jGraph
from kernel import resources
from kernel.settings import Settings
from tests.integration.analysis.house import House
from tests.integration.analysis.silence import Relay, relay

FILES = {"a.py": b"import b\n", "b.py": b"def work():\n    return 1\n"}
QUICK = Bounds(ready=2.0, answer=1.0, statement=1.0)


@pytest.fixture
def between(here: Settings) -> Iterator[Relay]:
    """Stands between the analysis and the store."""
    address = urlsplit(here.neo4j_uri)
    assert address.hostname is not None
    assert address.port is not None
    with relay((address.hostname, address.port)) as running:
        yield running


def through(house: House, here: Settings, port: int, bounds: Bounds | None) -> House:
    """The house with its graph behind `port`."""
    secret = here.neo4j_password.get_secret_value()

    @functools.cache
    def driver() -> object:
        return resources._neo4j.__wrapped__(f"bolt://127.0.0.1:{port}", here.neo4j_user, secret)

    graph = Neo4jGraph(driver, driver.cache_clear, bounds)
    return house.with_deps(replace(house.deps, graph=graph))


def test_store_that_accepts_and_says_nothing_costs_a_merge_and_a_request_five_seconds(house, here):
    with relay() as silent:
        hung = through(house, here, silent.port, None)
        started = time.monotonic()
        analysis = hung.publish(FILES)
        merged = time.monotonic()
        answer = hung.client.get(f"/v1/analyses/{analysis.id}/graph")
        answered = time.monotonic()

    assert (analysis.state, analysis.graph) == ("completed", "unavailable")
    assert merged - started < 15
    assert (answer.status, answer.json["code"]) == (503, "unavailable")
    assert answered - merged < 6


def test_store_that_falls_silent_is_found_again_when_it_speaks(house, here, between):
    hung = through(house, here, between.port, QUICK)
    first = hung.publish(FILES)
    between.silent = True

    second = hung.publish(FILES | {"c.py": b"import a\n"})
    answers = [hung.client.get(f"/v1/analyses/{first.id}/graph{rest}").status for rest in ("", "/impact?path=b.py")]
    between.silent = False
    third = hung.publish(FILES | {"d.py": b"import a\n"})

    assert [one.graph for one in (first, second, third)] == ["written", "unavailable", "written"]
    assert answers == [503, 503]
    assert hung.client.get(f"/v1/analyses/{third.id}/graph").json["files"] == 3
    hung.deps.graph._driver().close()


def test_store_that_falls_silent_in_the_middle_of_a_write_is_written_anew(house, here, between):
    hung = through(house, here, between.port, QUICK)
    graph = hung.deps.graph

    class FallsSilent:
        def write(self, *given: object) -> None:
            between.silent = True
            graph.write(*given)

        def __getattr__(self, name: str) -> object:
            return getattr(graph, name)

    cut = hung.with_deps(replace(hung.deps, graph=FallsSilent())).publish(FILES)
    between.silent = False
    whole = hung.publish(FILES | {"c.py": b"import a\n"})

    assert (cut.state, cut.graph, whole.graph) == ("completed", "unavailable", "written")
    assert house.client.get(f"/v1/analyses/{whole.id}/graph").json["imports"] == 2
    graph._driver().close()


def test_store_that_answers_each_message_after_seconds_counts_as_unavailable(house, here, between):
    slow = through(house, here, between.port, QUICK)
    between.delay_s = 3.0

    started = time.monotonic()
    analysis = slow.publish(FILES)

    assert (analysis.state, analysis.graph) == ("completed", "unavailable")
    assert time.monotonic() - started < 10
