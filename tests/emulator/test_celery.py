"""Jobs through Celery: real workers, a real Valkey, and what happens when one of them dies."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import redis

from emulator.celery_jobs.hand import LEASE_S
from emulator.celery_jobs.message import QUEUE, message
from emulator.celery_jobs.settings import WorkerSettings
from emulator.services.testing import services_for_tests
from emulator.testing import running
from tests.emulator.conftest import APPS, TOKEN, boto_client, eventually, options, send

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def valkey():
    with services_for_tests("valkey") as services:
        yield services


@pytest.fixture(scope="module")
def broker(valkey):
    return valkey.environment["REDIS_URL"].removesuffix("/0") + "/1"


class Platform:
    """An emulator whose jobs go to Celery, and the workers that a test starts."""

    def __init__(self, emulator, broker):
        self.emulator, self.broker = emulator, broker
        self.data, self.edge, self.clock = emulator.options.data, emulator.ports["edge"], emulator.options.clock
        self.started = []

    def worker(self, *only):
        """Start a worker, wait until it takes jobs."""
        (child,) = self.workers(1, *only)
        return child

    def workers(self, count, *only):
        """Start workers side by side, wait until they take jobs."""
        begun = [self._start(*only) for _ in range(count)]
        for child, ready in begun:
            eventually(lambda child=child, ready=ready: ready.exists() or child.poll() is not None, 20)
            assert child.poll() is None
        return [child for child, _ in begun]

    def _start(self, *only):
        number = len(self.started)
        ready = self.data / f"ready-{number}"
        settings = self.data / f"worker-{number}.json"
        edge = f"http://127.0.0.1:{self.edge}"
        WorkerSettings(self.broker, TOKEN, edge, str(ready)).write(settings)
        command = [sys.executable, "-m", "emulator.celery_jobs.worker", str(settings), *only]
        log = (self.data / f"worker-{number}.log").open("wb")
        child = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": "."}, stdout=log, stderr=log)
        log.close()
        self.started.append(child)
        return child, ready

    def submit(self, name, event):
        boto_client(self.edge).invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event))

    def noted(self, name):
        file = self.data / "notes.jsonl"
        found = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        return [each["event"] for each in found if each["name"] == name]

    def status(self):
        return send(self.edge, "GET", "/_emulator/status").json

    def settled(self, seconds=10.0):
        eventually(lambda: self.status()["asynchronous"]["pending"] == 0, seconds)

    def kill(self, child):
        child.send_signal(signal.SIGKILL)
        child.wait(5)


@pytest.fixture
def platform(tmp_path, broker):
    redis.Redis.from_url(broker).flushdb()
    given = {
        "template": APPS / "queue" / "template.yaml",
        "parameters": {"Notes": str(tmp_path / "notes.jsonl")},
        "celery_broker": broker,
        "retry_delays_s": (60.0, 120.0),
    }
    with running(options(tmp_path, **given)) as emulator:
        found = Platform(emulator, broker)
        yield found
        for child in found.started:
            if child.poll() is None:
                found.kill(child)


def test_workers_run_what_was_stored_and_retry_it_on_the_clock(platform):
    platform.submit("note", {"n": 0})
    eventually(lambda: platform.status()["celery"]["handed"] == 1)
    assert platform.noted("note") == [], "without a worker nobody runs it before its leases are over"
    worker = platform.worker()

    for number in range(1, 30):
        platform.submit("note", {"n": number})
    platform.submit("failing", {"a": 1})
    eventually(lambda: len(platform.noted("failing")) == 1)
    eventually(lambda: platform.status()["celery"]["handed"] == 0)
    platform.clock.advance(60)

    eventually(lambda: bool(platform.noted("watching")))
    platform.settled()
    assert sorted(event["n"] for event in platform.noted("note")) == list(range(30))
    assert platform.noted("failing") == [{"a": 1}] * 2
    (event,) = platform.noted("watching")
    assert event["detail"]["requestContext"]["condition"] == "RetriesExhausted"
    assert platform.status()["celery"]["trouble"] is None
    begun = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(5) == 0
    assert time.monotonic() - begun < 3
    assert not redis.Redis.from_url(platform.broker).exists("coderev-beat"), "the beat leaves its lock"


def test_a_job_outlives_the_worker_that_asked_for_it(platform):
    worker = platform.worker()
    platform.submit("nap", {"seconds": 0.5})
    eventually(lambda: len(platform.noted("nap")) == 1)

    platform.kill(worker)

    platform.settled()
    assert [list(event) for event in platform.noted("nap")] == [["begun"], ["ended"]]


def test_a_job_that_a_dying_worker_took_is_handed_to_another(platform):
    first = platform.worker()
    first.send_signal(signal.SIGSTOP)
    platform.submit("note", {"n": 1})
    queue = redis.Redis.from_url(platform.broker)
    eventually(lambda: platform.status()["celery"]["handed"] == 1 and not queue.llen(QUEUE))
    platform.kill(first)
    platform.worker()

    platform.clock.advance(LEASE_S)

    platform.settled()
    assert platform.noted("note") == [{"n": 1}]


def test_two_workers_share_the_jobs_and_one_of_them_may_die(platform):
    first, _ = platform.workers(2)
    for number in range(60):
        platform.submit("nap", {"seconds": 0.02, "n": number})
    eventually(lambda: len(platform.noted("nap")) > 20)
    platform.kill(first)

    platform.clock.advance(LEASE_S)
    platform.settled(20)

    ended = Counter(event["ended"]["n"] for event in platform.noted("nap") if "ended" in event)
    assert ended == Counter(range(60))


def test_no_job_is_lost_with_what_redis_held(platform):
    for number in range(5):
        platform.submit("note", {"n": number})
    queue = redis.Redis.from_url(platform.broker)
    eventually(lambda: queue.llen(QUEUE) == 5)
    queue.flushall()
    platform.worker()

    platform.clock.advance(LEASE_S)

    platform.settled()
    assert sorted(event["n"] for event in platform.noted("note")) == list(range(5))


def test_jobs_run_while_redis_is_dead_and_go_to_workers_again_afterwards(platform, valkey):
    platform.worker()
    (state,) = valkey.states
    os.kill(state.pid, signal.SIGKILL)

    for number in range(10):
        platform.submit("note", {"n": number})
    platform.clock.advance(2 * LEASE_S)
    platform.settled()
    valkey.wait_for("valkey")
    eventually(lambda: valkey.states[0].status == "ready")

    def taken():
        platform.submit("note", {"n": 99})
        time.sleep(0.1)
        return platform.status()["celery"]["trouble"] is None

    eventually(taken, 20)
    platform.settled(20)
    assert {event["n"] for event in platform.noted("note")} == {*range(10), 99}


def test_each_firing_of_a_schedule_comes_once_whoever_beats(platform):
    queue = redis.Redis.from_url(platform.broker)
    platform.worker()
    platform.clock.advance(61)
    beats = platform.workers(2, "beat")
    eventually(lambda: len(platform.noted("every")) == 1, 8)
    assert queue.exists("coderev-beat")

    platform.kill(beats[0])
    platform.clock.advance(180)
    eventually(lambda: len(platform.noted("every")) == 4, 8)
    platform.settled()

    times = [event["time"] for event in platform.noted("every")]
    assert len(set(times)) == 4
    beats[1].send_signal(signal.SIGTERM)
    assert beats[1].wait(8) == 0


def test_a_worker_shows_its_token_to_no_one_else(platform):
    queue = redis.Redis.from_url(platform.broker)
    platform.worker()
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        stranger.settimeout(0.2)
        edge = f"http://127.0.0.1:{stranger.getsockname()[1]}"
        queue.lpush(QUEUE, message(1, edge, token="another", origin="1@there"))
        eventually(lambda: "foreign emulator" in (platform.data / "worker-0.log").read_text())
        with pytest.raises(TimeoutError):
            stranger.accept()


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
@pytest.mark.parametrize("path", ["/_emulator/jobs/1/run", "/_emulator/schedules/tick"])
def test_strangers_run_nothing(emulator_with_broker, path, headers):
    assert send(emulator_with_broker, "POST", path, {}, headers).status == 401


@pytest.fixture(scope="module")
def emulator_with_broker(tmp_path_factory, broker):
    given = {"template": APPS / "queue" / "template.yaml", "celery_broker": broker}
    data = tmp_path_factory.mktemp("strangers")
    with running(options(data, parameters={"Notes": str(data / "notes")}, **given)) as emulator:
        yield emulator.ports["edge"]


def test_a_message_for_a_job_that_is_gone_is_done_with(emulator_with_broker):
    headers = {"Authorization": f"Bearer {TOKEN}"}

    answer = send(emulator_with_broker, "POST", "/_emulator/jobs/12345/run", {}, headers)

    assert (answer.status, answer.json) == (200, {"outcome": "gone"})
