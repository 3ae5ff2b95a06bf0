"""One review of an analysis, however often its event comes and whatever is killed meanwhile."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import pytest

from functions.ai import bootstrap
from functions.ai.adapters.pulse import kept
from functions.ai.model import Outcome, ReviewReason
from functions.ai.service.sweeping import sweep
from kernel.errors import Unavailable
from kernel.ids import new_id
from kernel.work import Database
from tests import model_server as server
from tests.integration.ai.conftest import PROJECT, place
from tests.model_server import model_server

ROOT = Path(__file__).parents[3]
GOOD = {
    "summary": "One risk.",
    "comments": [{"path": "app/db.py", "line": 3, "end_line": 3, "body": "Use parameters.", "severity": "high"}],
}


def claim(reviewing, event):
    with reviewing.deps.work(event.caller) as work:
        return work.reviews.claim(
            review_id=new_id(), analysis_id=event.data["analysis_id"], project_id=PROJECT, holder=new_id()
        )


def end_lease(reviewing):
    reviewing.rows("UPDATE ai.reviews SET lease_until = now() - interval '1 second' RETURNING id")


def counts(reviewing):
    return [
        reviewing.rows(f"SELECT count(*) FROM ai.{table}")[0][0]
        for table in ("reviews", "comments", "completions", "outbox")
    ]


def test_a_second_delivery_changes_nothing_and_asks_nobody(reviewing):
    with model_server(server.good(GOOD)) as running:
        reviewing.routes.answer = running.route()
        event = reviewing.analysed(place(3))
        reviewing.deliver(event)
        first = reviewing.review_of(event)

        again = reviewing.deliver(event, event, event.model_copy(update={"id": new_id()}))

    assert again == []
    assert reviewing.review_of(event) == first
    assert (len(running.requests), counts(reviewing)) == (1, [1, 1, 1, 1])


def test_while_another_worker_reviews_the_event_waits(reviewing):
    event = reviewing.analysed(place(3))
    claim(reviewing, event)

    assert reviewing.deliver(event) == [0]


def test_an_abandoned_review_is_taken_over_and_the_late_worker_changes_nothing(reviewing):
    event = reviewing.analysed(place(3))
    dead = claim(reviewing, event)
    end_lease(reviewing)

    with model_server(server.good(GOOD)) as running:
        reviewing.routes.answer = running.route()
        again = reviewing.deliver(event)
    with reviewing.deps.work(event.caller) as work:
        late = work.reviews.finish(dead, Outcome(reason=ReviewReason.PROVIDER_SLOW, summary="late"))
        held = work.reviews.keep(dead)

    review = reviewing.review_of(event)
    assert (again, late, held) == ([], None, False)
    assert (review["state"], review["summary"], counts(reviewing)) == ("completed", "One risk.", [1, 1, 1, 1])


def test_a_review_that_kills_its_workers_is_given_up(reviewing):
    event = reviewing.analysed(place(3))
    for _ in range(3):
        claim(reviewing, event)
        end_lease(reviewing)

    assert reviewing.deliver(event) == []
    assert reviewing.review_of(event)["reason"] == "interrupted"


def test_a_worker_killed_in_the_middle_is_replaced(reviewing, settings):
    event = reviewing.analysed(place(3))
    request = {name: event.data[name] for name in ("analysis_id", "project_id", "org_id", "context_key")}
    with model_server(server.hang, server.good(GOOD)) as running:
        job = {
            "request": request,
            "context": reviewing.shelf.objects[request["context_key"]].decode(),
            "route": asdict(running.route()),
            "database_url": settings.database_url.get_secret_value(),
            "secret": settings.jwt_secret_key.get_secret_value(),
        }
        command = [sys.executable, "-m", "tests.integration.ai.worker"]
        path = f"{ROOT}:{ROOT / 'layers/kernel/python'}"
        with subprocess.Popen(command, stdin=subprocess.PIPE, text=True, cwd=ROOT, env={"PYTHONPATH": path}) as worker:
            worker.stdin.write(json.dumps(job))
            worker.stdin.close()
            wait_for(lambda: running.requests)
            worker.kill()
        reviewing.routes.answer = running.route()
        at_once = reviewing.deliver(event)
        end_lease(reviewing)
        later = reviewing.deliver(event)

    assert (at_once, later) == ([0], [])
    assert reviewing.review_of(event)["state"] == "completed"
    assert counts(reviewing) == [1, 1, 1, 1]


def test_of_two_deliveries_at_once_one_reviews_and_the_other_comes_again(reviewing, settings):
    def deliver(_):
        deps = replace(reviewing.deps, work=partial(_work, settings))
        return reviewing.deliver(event, deps=deps)

    with model_server(server.good(GOOD)) as running:
        reviewing.routes.answer = running.route()
        event = reviewing.analysed(place(3))
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(deliver, range(2)))

    assert sorted(answers) in ([[], []], [[], [0]])
    assert (len(running.requests), counts(reviewing)) == (1, [1, 1, 1, 1])


def test_a_review_whose_event_is_gone_for_good_ends_as_interrupted(reviewing):
    event, held = reviewing.analysed(place(3)), reviewing.analysed(place(3))
    claim(reviewing, event)
    end_lease(reviewing)
    claim(reviewing, held)

    watched = sweep(reviewing.deps)
    pass_minutes(reviewing, 6)
    ended = sweep(reviewing.deps), sweep(reviewing.deps)

    review, (told,) = reviewing.review_of(event), reviewing.told()
    assert (watched, ended) == (0, (1, 0))
    assert (review["state"], review["reason"], told["data"]["status"]) == ("failed", "interrupted", "failed")
    assert reviewing.review_of(held)["state"] == "running"


def test_a_redelivery_after_a_long_stop_comes_before_the_sweep_gives_up(reviewing):
    event = reviewing.analysed()
    claim(reviewing, event)
    end_lease(reviewing)
    sweep(reviewing.deps)
    pass_minutes(reviewing, 60)

    reviewing.deliver(event)

    assert sweep(reviewing.deps) == 0
    assert reviewing.review_of(event)["state"] == "completed"
    assert reviewing.rows("SELECT * FROM ai.unfinished") == []


def pass_minutes(reviewing, minutes):
    reviewing.rows(f"UPDATE ai.unfinished SET watched_since = now() - interval '{minutes} minutes' RETURNING 1")


def _work(settings, caller):
    return bootstrap.work(bootstrap.database(settings), caller)


def test_the_lease_is_renewed_while_the_model_thinks(reviewing, settings):
    event = reviewing.analysed(place(3))
    held = claim(reviewing, event)
    end_lease(reviewing)
    database = Database(bootstrap.database(settings).engine, "ai")

    with kept(database, event.caller, held, beat_s=0.02):
        wait_for(lambda: reviewing.rows("SELECT lease_until > now() FROM ai.reviews")[0][0])

    with pytest.raises(Unavailable):
        claim(reviewing, event)


def wait_for(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
