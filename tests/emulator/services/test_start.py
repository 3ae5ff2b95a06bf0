"""All services together: started, found, kept, stopped, also when somebody is killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import neo4j
import psutil
import psycopg
import pytest
import redis
from kafka import KafkaConsumer, KafkaProducer

from emulator.services import AlreadyRunning, Options, ServiceMissing, Services, Status, start
from emulator.services.plans import SETTINGS
from emulator.services.ports import any_free
from emulator.services.process import ROOT
from emulator.services.testing import folder_for_tests, services_for_tests

ANY_PORT: dict[str, int | None] = dict.fromkeys(SETTINGS)
ONE = Options(only=frozenset({"valkey"}))

# Runs the services of a folder until it is killed, and prints the children's process ids.
RUNNER = """
import sys, time
from pathlib import Path
from emulator.services import start
from emulator.services.plans import SETTINGS
with start(Path(sys.argv[1]), {}, dict.fromkeys(SETTINGS)) as services:
    services.wait_for("inference")
    print(*[state.pid for state in services.states], flush=True)
    time.sleep(60)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_for_tests() as lent:
        yield lent


@pytest.fixture(scope="module")
def everything() -> Iterator[Services]:
    with services_for_tests(*SETTINGS) as services:
        services.wait_for("inference")
        yield services


def eventually(true: Callable[[], bool], within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


def write(found: dict[str, str]) -> None:
    """Leave a trace in each store."""
    with psycopg.connect(found["CODEREV_MIGRATION_DATABASE_URL"]) as database:
        database.execute("CREATE SCHEMA kept")
    with redis.Redis.from_url(found["REDIS_URL"]) as cache:
        cache.set("kept", "yes")
    with neo4j.GraphDatabase.driver(found["NEO4J_URI"], auth=(found["NEO4J_USER"], found["NEO4J_PASSWORD"])) as graph:
        graph.execute_query("CREATE (:Kept {name: 'yes'})", database_="neo4j")
    s3(found).put_object(Bucket="coderev", Key="kept", Body=b"yes")
    producer = KafkaProducer(bootstrap_servers=found["KAFKA_BOOTSTRAP_SERVERS"], acks="all")
    producer.send("coderev.project.v1", b"yes", key=b"kept").get(10)
    producer.close()


def read(found: dict[str, str], *, kafka: bool = True) -> list[Any]:
    """What is left of the traces."""
    with psycopg.connect(found["DATABASE_URL"]) as database:
        schema = database.execute("SELECT nspname FROM pg_namespace WHERE nspname = 'kept'").fetchone()
    with redis.Redis.from_url(found["REDIS_URL"]) as cache:
        value = cache.get("kept")
    with neo4j.GraphDatabase.driver(found["NEO4J_URI"], auth=(found["NEO4J_USER"], found["NEO4J_PASSWORD"])) as graph:
        nodes = graph.execute_query("MATCH (k:Kept) RETURN k.name AS name", database_="neo4j").records
    body = s3(found).get_object(Bucket="coderev", Key="kept")["Body"].read()
    records = consume(found["KAFKA_BOOTSTRAP_SERVERS"]) if kafka else [b"yes"]
    return [schema, value, [node["name"] for node in nodes], body, records]


TRACES = [("kept",), b"yes", ["yes"], b"yes", [b"yes"]]


def consume(bootstrap: str) -> list[bytes]:
    consumer = KafkaConsumer(
        "coderev.project.v1", bootstrap_servers=bootstrap, auto_offset_reset="earliest", consumer_timeout_ms=1500
    )
    try:
        return [record.value for record in consumer]
    finally:
        consumer.close()


def s3(found: dict[str, str]) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=found["S3_ENDPOINT"],
        aws_access_key_id=found["S3_ACCESS_KEY"],
        aws_secret_access_key=found["S3_SECRET_KEY"],
        region_name="us-east-1",
    )


def test_everything_is_there_within_bounds(everything: Services) -> None:
    states = {state.name: state for state in everything.states}
    for state in states.values():
        print(f"{state.name:10} ready {state.ready_s:.2f} s, {state.rss_bytes / 1e6:.0f} MB")

    assert set(states) == set(SETTINGS)
    assert {state.status for state in states.values()} == {Status.READY}
    assert sum(state.rss_bytes for state in states.values()) < 600_000_000
    assert everything.environment.keys() >= set(SETTINGS.values())


def test_a_child_that_is_killed_comes_back_at_the_same_address(everything: Services) -> None:
    for name in ("valkey", "postgres"):
        before = next(state for state in everything.states if state.name == name)
        assert before.pid is not None
        os.kill(before.pid, signal.SIGKILL)

        def back(name: str = name, pid: int = before.pid) -> bool:
            now = next(state for state in everything.states if state.name == name)
            return now.status is Status.READY and now.pid not in (None, pid)

        assert eventually(back)
    with redis.Redis.from_url(everything.environment["REDIS_URL"]) as cache:
        assert cache.ping()
    with psycopg.connect(everything.environment["DATABASE_URL"]) as database:
        assert database.execute("SELECT 1").fetchone() == (1,)


def test_the_model_answers_in_the_asked_shape(everything: Services) -> None:
    question = {
        "messages": [{"role": "user", "content": "Name a colour."}],
        "max_tokens": 40,
        "temperature": 0,
        "response_format": {
            "type": "json_schema",
            "json_schema": {
                "name": "colour",
                "schema": {
                    "type": "object",
                    "properties": {"colour": {"type": "string", "enum": ["red", "green", "blue"]}},
                    "required": ["colour"],
                    "additionalProperties": False,
                },
            },
        },
    }
    url = f"{everything.environment['INFERENCE_URL']}/chat/completions"
    asked = urllib.request.Request(url, json.dumps(question).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=60) as response:
        answer = json.load(response)

    assert json.loads(answer["choices"][0]["message"]["content"])["colour"] in ("red", "green", "blue")
    assert answer["model"] == "smollm2-135m"


def test_the_topics_are_there(everything: Services) -> None:
    consumer = KafkaConsumer(bootstrap_servers=everything.environment["KAFKA_BOOTSTRAP_SERVERS"])
    try:
        assert {"coderev.project.v1", "coderev.analysis.shards.v1", "coderev.ai.dead.v1"} <= consumer.topics()
        assert len(consumer.partitions_for_topic("coderev.analysis.shards.v1")) == 12
    finally:
        consumer.close()


def test_no_secret_is_on_a_command_line(everything: Services) -> None:
    secrets = {value for name, value in everything.environment.items() if "PASSWORD" in name or "KEY" in name}
    secrets |= {everything.environment["DATABASE_URL"].split(":")[2].split("@")[0]}
    lines = [" ".join(psutil.Process(state.pid).cmdline()) for state in everything.states]

    assert len(secrets) == 4
    assert not [line for line in lines for secret in secrets if secret in line]


def test_a_restart_keeps_everything_and_the_addresses(folder: Path) -> None:
    options = Options(only=frozenset(SETTINGS) - {"inference"})
    with start(folder, {}, ANY_PORT, options) as services:
        first, clean = services.environment, not services.unclean
        write(first)
        begun = time.monotonic()
    took = time.monotonic() - begun
    with start(folder, {}, ANY_PORT, options) as services:
        again, clean_again = services.environment, not services.unclean
        left = read(again)

    assert took < 3.0
    assert (clean, clean_again) == (True, True)
    assert again == first
    assert left == TRACES


def alive(process: psutil.Process) -> bool:
    """Tell whether a process still does anything: what only waits to be collected by its parent does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_a_killed_emulator_leaves_no_orphan_and_no_harm(folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    runner = subprocess.Popen(
        [sys.executable, "-c", RUNNER, str(folder)], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert runner.stdout is not None
    children = [psutil.Process(int(pid)) for pid in runner.stdout.readline().split()]
    names = [child.name() for child in children]
    runner.kill()
    runner.wait()
    runner.stdout.close()

    assert len(names) == len(SETTINGS)
    assert eventually(lambda: not any(alive(child) for child in children), within_s=15.0), [
        child.cmdline() for child in children if alive(child)
    ]
    with start(folder, {}, ANY_PORT, Options(only=frozenset(SETTINGS) - {"inference"})) as services:
        assert services.unclean
        write(services.environment)
        assert read(services.environment) == TRACES


def test_a_killed_set_of_services_keeps_what_it_acknowledged(folder: Path) -> None:
    options = Options(only=frozenset(SETTINGS) - {"inference", "kafka"})
    told: list[str] = []
    with start(folder, {}, ANY_PORT, options, restarted=lambda state: told.append(state.name)) as services:
        found = services.environment
        found["KAFKA_BOOTSTRAP_SERVERS"] = ""
        with psycopg.connect(found["CODEREV_MIGRATION_DATABASE_URL"]) as database:
            database.execute("CREATE SCHEMA kept")
        with redis.Redis.from_url(found["REDIS_URL"]) as cache:
            cache.set("kept", "yes")
        driver = neo4j.GraphDatabase.driver(found["NEO4J_URI"], auth=(found["NEO4J_USER"], found["NEO4J_PASSWORD"]))
        driver.execute_query("CREATE (:Kept {name: 'yes'})", database_="neo4j")
        driver.close()
        s3(found).put_object(Bucket="coderev", Key="kept", Body=b"yes")
        before = {state.name: state.pid for state in services.states}
        for pid in before.values():
            assert pid is not None
            os.kill(pid, signal.SIGKILL)

        def back() -> bool:
            return all(
                state.status is Status.READY and state.pid not in (None, before[state.name])
                for state in services.states
            )

        assert eventually(back)
        assert read(found, kafka=False) == TRACES
        assert sorted(told) == sorted(before)


def test_a_busy_port_is_evaded_and_said(folder: Path) -> None:
    said: list[str] = []
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with start(folder, {}, {"valkey": taken}, ONE, said.append) as services:
            [state] = services.states

    assert state.port != taken
    assert said == [f"Port {taken} is in use: valkey listens on {state.port}."]


def test_two_that_start_at_once_and_want_the_same_ports_both_get_one(tmp_path: Path) -> None:
    wanted = {"valkey": any_free(), "objects": any_free()}
    options = Options(durable=False, only=frozenset(wanted))
    ready = threading.Barrier(2)

    def run(name: str) -> list[tuple[int | None, int]]:
        folder = tmp_path / name
        folder.mkdir()
        with start(folder, {}, wanted, options) as services:
            ready.wait(60)
            time.sleep(0.5)
            states = [(state.port, state.pid) for state in services.states]
            assert {state.status for state in services.states} == {Status.READY}
            ready.wait(60)
        return [(port, pid) for port, pid in states if pid is not None]

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(run, ["one", "other"])

    ports = [port for port, _ in (*one, *other)]
    assert len(set(ports)) == len(ports) == 4


def test_a_given_url_means_no_process(folder: Path) -> None:
    given = {setting: "given://elsewhere" for setting in SETTINGS.values()}
    before = psutil.Process().children()
    with start(folder, given) as services:
        assert services.environment == given
        assert {state.status for state in services.states} == {Status.GIVEN}
        assert psutil.Process().children() == before


def test_a_folder_has_one_emulator(folder: Path) -> None:
    with (
        start(folder, {}, ANY_PORT, ONE),
        pytest.raises(AlreadyRunning, match=str(os.getpid())),
        start(folder, {}, ANY_PORT, ONE),
    ):
        pytest.fail("two run on one folder")


def test_only_the_owner_reads_the_credentials(folder: Path) -> None:
    with start(folder, {}, ANY_PORT, ONE):
        first = (folder / "credentials.json").read_text()
    with start(folder, {}, ANY_PORT, ONE):
        again = (folder / "credentials.json").read_text()

    assert stat.S_IMODE((folder / "credentials.json").stat().st_mode) == 0o600
    assert first == again
    assert len(set(json.loads(first).values())) == 7


def test_a_foreign_process_is_never_ended(folder: Path) -> None:
    with subprocess.Popen(["/bin/sleep", "60"]) as foreign:
        (folder / "pids.json").write_text(
            json.dumps({"valkey": {"pid": foreign.pid, "started": 0.0, "argv": ["/bin/sleep", "60"], "stop": 15}})
        )
        with start(folder, {}, ANY_PORT, ONE) as services:
            assert services.unclean
            assert foreign.poll() is None
        foreign.kill()


def test_what_an_earlier_run_left_behind_is_ended(folder: Path) -> None:
    said: list[str] = []
    script = "/bin/sleep 60 >/dev/null & echo $!"
    survivor = psutil.Process(int(subprocess.run(["/bin/sh", "-c", script], stdout=subprocess.PIPE, check=True).stdout))
    assert eventually(lambda: survivor.cmdline() == ["/bin/sleep", "60"])
    entry = {"pid": survivor.pid, "started": survivor.create_time(), "argv": ["/bin/sleep", "60"], "stop": 15}
    (folder / "pids.json").write_text(json.dumps({"valkey": entry}))
    with start(folder, {}, ANY_PORT, ONE, said.append):
        assert not survivor.is_running() or survivor.status() == psutil.STATUS_ZOMBIE

    assert said == ["Ended valkey, which an earlier run had left behind."]


def test_a_service_that_keeps_dying_is_given_up_and_reported(folder: Path) -> None:
    with start(folder, {}, {"valkey": any_free()}, ONE) as services:
        assert services.wait_for_failure(0.01) is None
        (folder / "valkey" / "appendonlydir" / "appendonly.aof.manifest").write_text("broken\n")
        [state] = services.states
        assert state.pid is not None
        os.kill(state.pid, signal.SIGKILL)
        failed = services.wait_for_failure(20)

    assert failed is not None
    assert (failed.name, failed.status) == ("valkey", Status.FAILED)


def test_a_missing_build_names_the_setting() -> None:
    assert str(ServiceMissing("Valkey", "REDIS_URL")) == (
        "The embedded Valkey cannot run here (its package is not installed): set REDIS_URL to one of your own."
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root cannot run PostgreSQL itself")
def test_root_may_keep_the_data_where_nobody_can_go(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    with start(private / "data", {}, ANY_PORT, Options(only=frozenset({"postgres"}))) as services:
        with psycopg.connect(services.environment["DATABASE_URL"]) as database:
            assert database.execute("SELECT 1").fetchone() == (1,)
        outside = (private / "data" / "postgres").resolve()

    assert outside.parent.parent == Path("/var/tmp")
    assert psutil.Process().username() == "root"
    subprocess.run(["rm", "-r", str(outside.parent)], check=True)
