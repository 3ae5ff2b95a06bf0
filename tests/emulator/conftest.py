"""An emulator with real function processes, shared by the tests of a module."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from emulator.server import Emulator, Options
from emulator.testing import Reply, running

APPS = Path(__file__).parent / "apps"
BASIC = APPS / "basic" / "template.yaml"
TOKEN = "emulator-token-of-the-tests"


def options(data: Path, **given: Any) -> Options:
    """Return options for the basic app: free ports, everything under `data`."""
    defaults: dict[str, Any] = {
        "template": BASIC,
        "parameters": {"Greeting": str(data / "notes.jsonl")},
        "port": 0,
        "edge_port": 0,
        "data": data,
        "token": TOKEN,
        "retry_delays_s": (0.1, 0.2),
    }
    return Options(**{**defaults, **given})


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    data = tmp_path_factory.mktemp("emulator")
    files = data / "files"
    files.mkdir()
    (files / "index.html").write_text("<h1>hi</h1>")
    (files / "data.json").write_text("{}")
    given = options(
        data,
        static={"/page": files, "/one.json": files / "data.json"},
        domain_ports={"greetings": 0, "echoes": 0},
        integration_s=3.0,
    )
    with running(given) as served:
        yield served


def send(port: int, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Reply:
    """Send one HTTP request to a port of this machine."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        data = body if body is None or isinstance(body, bytes | str) else json.dumps(body)
        connection.request(method, path, data, headers or {})
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, found, answer.read())
    finally:
        connection.close()


@pytest.fixture
def gateway(emulator: Emulator) -> Callable[..., Reply]:
    return lambda method, path, body=None, headers=None: send(emulator.ports["all"], method, path, body, headers)


@pytest.fixture
def lambda_client(emulator: Emulator) -> Any:
    return boto_client(emulator.ports["edge"])


def boto_client(port: int) -> Any:
    return boto3.client(
        "lambda",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"max_attempts": 0}, read_timeout=30),
    )


def notes(data: Path) -> list[dict[str, Any]]:
    """Return what the noting handlers wrote so far."""
    file = data / "notes.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until a condition holds.

    Raises:
        AssertionError: it did not in that time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
