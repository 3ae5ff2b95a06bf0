"""A template as a stranger writes it, over sockets that show every byte."""

from __future__ import annotations

import json
import socket

import pytest

from emulator.testing import running
from tests.emulator.conftest import APPS, options, send


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    given = options(tmp_path_factory.mktemp("stranger"), template=APPS / "stranger" / "template.yaml", parameters={})
    with running(given) as served:
        yield served.ports["all"]


def raw(port, text):
    """Send bytes and return all that comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(text.encode("latin-1"))
        return b"".join(iter(lambda: connection.recv(65536), b""))


def request(path, *lines, method="GET", host="localhost"):
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *lines, "", ""])


def event(answer):
    return json.loads(answer.partition(b"\r\n\r\n")[2])["event"]


def test_a_handler_of_a_sub_package_finds_its_neighbours_and_its_environment(port):
    reply = send(port, "GET", "/items/7")

    seen = {name: reply.json[name] for name in reply.json if name != "event"}
    assert (reply.status, seen) == (
        200,
        {
            "layer": "shared", "neighbour": "names", "memory": "256", "STAGE": "dev-x", "FLAG": "true", "NUMBER": "5",
        },
    )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "stage", "full"), [("/own/a/b", "dev", "/own/a/b"), ("/dev/own/a/b", "dev", "/dev/own/a/b")]
)
def test_an_api_of_its_own_has_its_stage_and_variables(port, path, stage, full):
    found = send(port, "PUT", path).json["event"]

    assert (found["path"], found["pathParameters"]) == ("/own/a/b", {"proxy": "a/b"})
    assert (found["requestContext"]["stage"], found["requestContext"]["path"]) == (stage, full)
    assert found["stageVariables"] == {"function": "local-echo", "number": "3"}


def test_both_apis_answer_preflights_in_their_own_words(port):
    implicit, own = send(port, "OPTIONS", "/items/1"), send(port, "OPTIONS", "/own/x")

    assert (implicit.status, implicit.body) == (200, b"{}\n")
    assert implicit.headers["access-control-allow-origin"] == "https://example.com"
    assert implicit.headers["access-control-allow-methods"] == "GET,OPTIONS"
    assert own.headers["access-control-allow-methods"] == "GET,POST"
    assert (own.headers["access-control-allow-origin"], own.headers["access-control-max-age"]) == ("*", "600")


def test_header_names_keep_the_case_of_the_client(port):
    found = event(raw(port, request("/p/x", "tEsT-HEADeR: 1", "x-many: a", "x-many: b", "Connection: close")))

    assert (found["headers"]["tEsT-HEADeR"], found["multiValueHeaders"]["x-many"]) == ("1", ["a", "b"])
    assert (found["body"], found["queryStringParameters"], found["isBase64Encoded"]) == (None, None, False)


def test_pipelined_requests_are_answered_in_order(port):
    texts = [request(f"/items/{number}") for number in range(4)] + [request("/items/4", "Connection: close")]
    pieces = raw(port, "".join(texts)).split(b"HTTP/1.1 200 OK\r\n")[1:]

    assert [event(piece)["pathParameters"]["id"] for piece in pieces] == list("01234")


def test_a_chunked_body_and_one_that_is_asked_for_arrive_whole(port):
    chunked = request("/p/x", "Transfer-Encoding: chunked", "Connection: close", method="POST")
    asked = request("/h/1", "Expect: 100-continue", "Content-Length: 2", "Connection: close", method="POST")

    assert event(raw(port, chunked + "5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n"))["body"] == "hello world"
    answer = raw(port, asked + "hi")
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


def test_old_clients_and_those_of_proxies_are_served(port):
    old = raw(port, "GET /items/1 HTTP/1.0\r\nHost: localhost\r\n\r\n")
    proxied = raw(port, request("http://localhost/items/2?a=b", "Connection: close"))

    assert (event(old)["requestContext"]["protocol"], event(proxied)["path"]) == ("HTTP/1.0", "/items/2")
    assert event(proxied)["queryStringParameters"] == {"a": "b"}


def test_the_name_of_an_api_in_aws_is_the_domain_of_the_event(port):
    host = "abc123.execute-api.eu-west-1.amazonaws.com"
    context = event(raw(port, request("/items/1", "Connection: close", host=host)))["requestContext"]

    assert (context["domainName"], context["domainPrefix"]) == (host, "abc123")


@pytest.mark.parametrize(
    "garbage", ["\x00\xff\r\n\r\n", "hello world\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"]
)
def test_garbage_is_a_400_and_the_gateway_stays_up(port, garbage):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(garbage.encode("latin-1"))
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 Bad Request\r\n")

    assert send(port, "GET", "/items/1").status == 200
