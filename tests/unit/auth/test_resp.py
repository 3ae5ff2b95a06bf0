"""The small Redis client against servers that misbehave."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from functions.auth.adapters import resp
from functions.auth.adapters.resp import Resp
from kernel.errors import Unavailable


@contextmanager
def server(*scripts: list[bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """Answer the nth connection with the nth script, one answer for each command, then hang up."""
    heard: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for script in scripts:
            link, _ = listener.accept()
            with link:
                for answer in script:
                    heard.append(link.recv(65_536))
                    link.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"redis://:pass%20word@127.0.0.1:{listener.getsockname()[1]}/2", heard
    thread.join(5)
    listener.close()


@pytest.fixture
def client():
    made: list[Resp] = []

    def one(url: str) -> Resp:
        made.append(Resp(url))
        return made[-1]

    yield one
    for each in made:
        each._drop()


def test_it_logs_in_selects_and_reads_all_kinds_of_replies(client):
    answers = [b"+OK\r\n", b"+OK\r\n", b"$5\r\nh\xc3\xa4llo"[:-1] + b"\r\n", b"$-1\r\n", b":7\r\n", b"+PONG\r\n"]
    with server(answers) as (url, heard):
        redis = client(url)

        assert [redis.run("GET", "k"), redis.run("GET", "k"), redis.run("INCR", "k"), redis.run("PING")] == [
            "häll",
            None,
            7,
            "PONG",
        ]
    assert heard[:3] == [
        b"*2\r\n$4\r\nAUTH\r\n$9\r\npass word\r\n",
        b"*2\r\n$6\r\nSELECT\r\n$1\r\n2\r\n",
        b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
    ]


def test_a_connection_that_died_in_silence_is_made_again(client):
    hello = [b"+OK\r\n", b"+OK\r\n"]
    with server([*hello, b":1\r\n"], [*hello, b":2\r\n"]) as (url, _):
        redis = client(url)

        assert [redis.run("INCR", "k"), redis.run("INCR", "k")] == [1, 2]


@pytest.mark.parametrize("answer", [b"-ERR no\r\n", b"$9\r\nx", b"*1\r\n", b"!\r\n", b"", b":x\r\n", b"x" * 5000])
def test_errors_and_nonsense_are_unavailable(client, answer):
    with server([b"+OK\r\n", b"+OK\r\n", answer]) as (url, _), pytest.raises(Unavailable):
        client(url).run("GET", "k")


def test_silence_is_unavailable_in_time(client, monkeypatch):
    monkeypatch.setattr(resp, "TIMEOUT_S", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(Unavailable):
        client(f"redis://127.0.0.1:{listener.getsockname()[1]}").run("GET", "k")


def test_after_a_failure_nobody_waits_for_the_next(client, monkeypatch):
    redis = client("redis://127.0.0.1:1")
    with pytest.raises(Unavailable):
        redis.run("GET", "k")
    monkeypatch.setattr(resp.socket, "create_connection", lambda *_, **__: pytest.fail("asked again"))

    with pytest.raises(Unavailable):
        redis.run("GET", "k")


@pytest.mark.parametrize("url", ["", "redis://", "nonsense"])
def test_without_an_address_it_is_unavailable(client, url):
    with pytest.raises(Unavailable):
        client(url).run("GET", "k")
