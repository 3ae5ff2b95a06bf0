"""The worker beside an emulator: it starts, comes back when it was killed, and leaves nothing behind."""

from __future__ import annotations

import os
import signal

import psutil
import pytest

from emulator.services.celery_worker import Worker
from emulator.services.testing import services_for_tests
from tests.emulator.conftest import eventually


@pytest.fixture(scope="module")
def broker():
    with services_for_tests("valkey") as services:
        yield services.environment["REDIS_URL"].removesuffix("/0") + "/1"


def test_a_worker_is_kept_running_and_ends_with_its_emulator(tmp_path, broker):
    worker = Worker(tmp_path, broker=broker, token="token-of-the-test", edge="http://127.0.0.1:9")
    worker.start()
    eventually(lambda: worker.states[0].status == "ready", 20)
    first = worker.states[0].pid
    assert not {"token-of-the-test", broker} & set(psutil.Process(first).cmdline()), "secrets are not for `ps`"

    os.kill(first, signal.SIGKILL)
    eventually(lambda: worker.states[0].status == "ready" and worker.states[0].pid not in (None, first), 20)

    assert (tmp_path / "celery" / "worker.json").stat().st_mode & 0o077 == 0
    last = worker.states[0].pid
    worker.stop()
    assert not psutil.pid_exists(last)
    assert worker.states[0].status == "stopped"
    assert not (tmp_path / "celery-pids.json").exists()


def test_without_a_broker_there_is_no_worker(tmp_path):
    worker = Worker(tmp_path, broker="", token="t", edge="http://127.0.0.1:9")

    worker.start()

    assert worker.states == []
    worker.stop()
    assert list(tmp_path.iterdir()) == []
