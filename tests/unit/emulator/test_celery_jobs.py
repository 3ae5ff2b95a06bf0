"""What the emulator writes for Celery, and who runs a job when, on a clock that the test turns."""

from __future__ import annotations

import asyncio
import json

import pytest

from emulator.asynchronous.model import Job
from emulator.celery_jobs import hand
from emulator.celery_jobs.broker import Address, Broker, BrokerAway
from emulator.celery_jobs.message import QUEUE, TASK, message
from emulator.celery_jobs.settings import WorkerSettings
from emulator.clock import ManualClock

EDGE = "http://127.0.0.1:4566"
JOB = Job(7, "r", "f", b"{}", 0.0, 0.0)


def shape(value):
    """Return the kinds of what a document holds."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    return [shape(each) for each in value] if isinstance(value, list) else type(value).__name__


def test_the_message_is_what_celery_itself_would_have_sent(tmp_path):
    from emulator.celery_jobs.app import build

    app = build(WorkerSettings("memory://", "token", EDGE, str(tmp_path / "ready")))
    with app.connection() as connection:
        simple = connection.SimpleQueue(QUEUE)
        app.tasks[TASK].apply_async((7, EDGE, "signed"), connection=connection)
        theirs = connection.default_channel._get(QUEUE)
        simple.close()

    ours = json.loads(message(7, EDGE, token="token", origin="1@here"))

    theirs["headers"].pop("timelimit")
    assert ours["headers"].pop("timelimit") == [None, None]
    assert shape(ours) == shape(theirs)
    assert ours["headers"]["task"] == theirs["headers"]["task"] == TASK
    assert ours["properties"]["delivery_info"]["routing_key"] == QUEUE


@pytest.mark.parametrize(
    ("url", "shown", "password"),
    [
        ("redis://:se%40cret@host:6380/1", "redis://host:6380/1", "se@cret"),
        ("redis://host", "redis://host:6379/0", None),
        ("rediss://user:hidden@host/2", "redis://host:6379/2", "hidden"),
    ],
)
def test_an_address_hides_its_password(url, shown, password):
    address = Address.of(url)

    assert (address.shown, address.password, address.tls) == (shown, password, url.startswith("rediss"))
    assert not password or password not in repr(address)


@pytest.mark.parametrize("url", ["amqp://host", "redis://", "host:6379"])
def test_a_broker_is_a_redis(url):
    with pytest.raises(ValueError, match="redis://"):
        Address.of(url)


class Redis:
    """Answers as told and keeps what it was sent."""

    def __init__(self, answers):
        self.answers, self.got = list(answers), b""

    async def serve(self, reader, writer):
        while data := await reader.read(65_536):
            self.got += data
            answer = self.answers.pop(0) if self.answers else b":1\r\n"
            if answer is None:
                break
            writer.write(answer)
        writer.close()
        await writer.wait_closed()


def pushed(answers, count=1, url="redis://:p@127.0.0.1:{port}/1"):
    """Push some values; return what Redis got and which pushes failed."""
    fake, failed = Redis(answers), []

    async def main():
        server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
        broker = Broker(Address.of(url.format(port=server.sockets[0].getsockname()[1])))
        for number in range(count):
            try:
                await broker.push("list", b"value")
            except BrokerAway as away:
                failed.append((number, str(away)))
        await broker.stop()
        server.close()
        await server.wait_closed()
        await asyncio.sleep(0.01)

    asyncio.run(main())
    return fake.got, failed


def test_a_value_is_put_at_the_head_of_a_list():
    got, failed = pushed([b"+OK\r\n", b"+OK\r\n", b":1\r\n"], count=2)

    push = b"*3\r\n$5\r\nLPUSH\r\n$4\r\nlist\r\n$5\r\nvalue\r\n"
    assert got == b"*2\r\n$4\r\nAUTH\r\n$1\r\np\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n1\r\n" + push * 2
    assert failed == []


def test_a_list_that_nobody_empties_is_cut():
    got, failed = pushed([b"+OK\r\n", b"+OK\r\n", b":10001\r\n", b"+OK\r\n"])

    assert got.endswith(b"*4\r\n$5\r\nLTRIM\r\n$4\r\nlist\r\n$1\r\n0\r\n$3\r\n999\r\n")
    assert failed == []


def test_a_broken_connection_is_made_again():
    got, failed = pushed([b"+OK\r\n", b"+OK\r\n", None, b"+OK\r\n", b"+OK\r\n", b":1\r\n"], count=2)

    assert [number for number, _ in failed] == [0]
    assert got.count(b"AUTH") == 2


@pytest.mark.parametrize("answer", [b"-WRONGPASS no\r\n", b"-OOM command not allowed\r\n", b"nonsense\r\n"])
def test_a_refusal_is_told_without_the_password(answer):
    _, ((_, told),) = pushed([answer], url="redis://:hidden-word@127.0.0.1:{port}/0")

    assert answer.decode().strip() in told
    assert "hidden-word" not in told


class Pushes:
    """Stands in for the broker: counts, or is away."""

    address = Address.of("redis://host")

    def __init__(self, away=False):
        self.count, self.away = 0, away

    async def push(self, key, value):
        self.count += 1
        if self.away:
            raise BrokerAway("redis://host: refused")

    async def stop(self):
        return None


def played(scene, pushes):
    """Hand one job out and play a scene with it; return how often it ran."""
    runs = []

    async def main():
        clock = ManualClock()
        workers = hand.Workers(pushes, edge=lambda: EDGE, token="token", clock=clock)

        async def deliver(job):
            runs.append(job.id)
            await clock.sleep(1)

        handed = asyncio.ensure_future(workers(JOB, deliver))
        await turn()
        await scene(workers, clock, handed)
        handed.cancel()
        await asyncio.gather(handed, return_exceptions=True)
        assert workers.state["handed"] == 0

    asyncio.run(main())
    return runs


async def turn(times=10):
    for _ in range(times):
        await asyncio.sleep(0)


def test_a_worker_that_asks_runs_the_job_and_learns_its_end():
    async def scene(workers, clock, handed):
        asked = asyncio.ensure_future(workers.run(7))
        await turn()
        assert not asked.done()
        assert await workers.run(7) == "gone", "a job that runs is not run twice"
        clock.advance(1)
        assert await asked == "settled"
        await handed
        assert await workers.run(7) == "gone"

    pushes = Pushes()
    assert played(scene, pushes) == [7]
    assert pushes.count == 1


def test_a_job_is_handed_again_after_its_lease_and_run_here_after_the_last():
    async def scene(workers, clock, handed):
        clock.advance(hand.LEASE_S)
        await turn()
        assert pushes.count == 2
        clock.advance(hand.LEASE_S)
        await turn()
        assert workers.state["trouble"].startswith("no worker takes jobs")
        clock.advance(1)
        await handed

    pushes = Pushes()
    assert played(scene, pushes) == [7]


def test_without_workers_the_next_job_waits_a_moment_only():
    async def scene(workers, clock, handed):
        for _ in range(hand.LEASES):
            clock.advance(hand.LEASE_S)
            await turn()
        clock.advance(1)
        await handed
        following = asyncio.ensure_future(workers(JOB, handed_later))
        await turn()
        clock.advance(hand.SHORT_LEASE_S)
        await turn()
        assert ran == [7]
        third = asyncio.ensure_future(workers(JOB, handed_later))
        await turn()
        assert await workers.run(7) == "settled"
        assert workers.state["trouble"] is None
        await asyncio.gather(following, third)

    ran = []

    async def handed_later(job):
        ran.append(job.id)

    assert played(scene, Pushes()) == [7]
    assert ran == [7, 7]


def test_a_slow_job_that_a_worker_asked_for_has_no_lease():
    async def scene(workers, clock, handed):
        asked = asyncio.ensure_future(workers.run(7))
        await turn()
        asked.cancel()
        await turn()
        clock.advance(1)
        await handed

    pushes = Pushes()
    assert played(scene, pushes) == [7]
    assert pushes.count == 1


def test_with_redis_away_the_job_runs_here_at_once(caplog):
    async def scene(workers, clock, handed):
        clock.advance(1)
        await handed
        assert "the broker is away" in workers.state["trouble"]

    assert played(scene, Pushes(away=True)) == [7]
    assert caplog.text.count("the broker is away") == 1


def test_a_stop_ends_what_a_worker_waits_for():
    async def scene(workers, clock, handed):
        asked = asyncio.ensure_future(workers.run(7))
        await turn()
        handed.cancel()
        await turn()
        assert await asked == "again"

    assert played(scene, Pushes()) == [7]


def test_the_settings_of_a_worker_are_for_its_owner_only(tmp_path):
    settings = WorkerSettings("redis://:p@host/1", "token", EDGE, "ready", threads=2)

    settings.write(tmp_path / "worker.json")

    assert (tmp_path / "worker.json").stat().st_mode & 0o077 == 0
    assert WorkerSettings.read(tmp_path / "worker.json") == settings
    assert "token" not in repr(settings).replace("token=", "")
