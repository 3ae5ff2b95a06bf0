"""A review by the embedded model, its context read from the embedded object store: nothing stands in for anything."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

from emulator.services.testing import services_for_tests
from functions.ai.adapters.chat import ChatModel
from functions.ai.adapters.context import StoredContexts
from functions.provider import bootstrap as provider
from kernel.errors import NotFound
from kernel.objects import objects
from kernel.settings import Settings
from tests.integration.ai.conftest import place

pytestmark = pytest.mark.slow

CODE = """\
10: def user(name):
11:     connection = sqlite3.connect("app.db")
12:     query = "SELECT * FROM users WHERE name = '" + name + "'"
13:     return connection.execute(query).fetchone()"""


@pytest.fixture(scope="module")
def services():
    with services_for_tests("inference", "objects") as running:
        running.wait_for("inference")
        yield Settings(stage="local", **{name.lower(): value for name, value in running.environment.items()})


def test_the_embedded_model_reviews_five_places_in_time(reviewing, services):
    stored = objects(services)
    event = reviewing.analysed(*(place(12, rule="S608", excerpt=CODE, rank=n) | {"line": 9 + n} for n in range(1, 5)))
    key = event.data["context_key"]
    stored.put(key, reviewing.shelf.objects[key], "application/json")
    reviewing.routes.answer = provider.fallback(services)
    started = time.monotonic()

    again = reviewing.deliver(event, deps=embedded(reviewing, stored))

    review = reviewing.review_of(event)
    print(f"reviewed in {time.monotonic() - started:.1f} s: {json.dumps(review, indent=1)}")
    assert (again, review["state"], review["model"]) == ([], "completed", "smollm2-135m")
    assert {comment["model"] for comment in review["comments"]} == {"smollm2-135m"}
    assert time.monotonic() - started < 60


def test_a_context_that_is_not_in_the_store_is_told_from_a_store_that_is_down(reviewing, services):
    event = reviewing.analysed(place(3))
    reviewing.deliver(event, deps=embedded(reviewing, objects(services)))

    assert reviewing.review_of(event)["reason"] == "no_context"
    with pytest.raises(NotFound):
        StoredContexts(objects(services)).read(event.data["context_key"])


def embedded(reviewing, stored):
    return replace(reviewing.deps, contexts=StoredContexts(stored), model=ChatModel(), budget_s=60.0)
