"""Whatever a client sends to whichever operation, the answer is a 4xx problem and comes at once."""

from __future__ import annotations

import json
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.e2e.operations import operations

OPERATIONS = operations()
WITH_IDS = [each for each in OPERATIONS if each.names]
WITH_BODIES = [each for each in OPERATIONS if each.body is not None]
PRIVATE = [each for each in OPERATIONS if not each.public]
NOBODYS = "0198b2f0-0000-7000-8000-000000000000"
HANGS_S = 5.0
IDS = (
    "0", "-1", str(2**63), NOBODYS.upper(), "%00", "..%2f", "%2e%2e%2f..%2f", "%ff%fe", "%0d%0aX-Evil:%201",
    "*", "'%20or%201=1--", "x" * 10_240,
)  # fmt: skip
BODIES = {
    "nothing": b"",
    "not JSON": b"{nope",
    "a list": b"[]",
    "null": b"null",
    "text": b'"x"',
    "a number": b"1",
    "nested deeply": b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "never closed": b"[" * 10_000,
    "NaN": b'{"name":NaN}',
    "infinite": b'{"size_bytes":1e400}',
    "a lone surrogate": b'{"name":"\\ud800"}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "7 MB": b'{"name":"' + b"x" * 7_000_000 + b'"}',
}
VALUES = {
    "surrogate": "\ud800",
    "NUL": "a\0b",
    "long": "x" * 100_000,
    "number": 10**400,
    "NaN": float("nan"),
    "null": None,
}
QUERIES = (
    "limit=-1", "limit=0", "limit=1e9", "limit=1&limit=2", "cursor=%00", "cursor=%ff", "cursor=YWZ0ZXI6MQ==",
    "sort=password_hash", "fields=*", "%00=1", "a",
)  # fmt: skip


@pytest.fixture(scope="module")
def owner(house):
    with house.owner() as client:
        yield client


def assert_refused(answer: httpx.Response, what: object) -> None:
    """A problem of RFC 9457 with our `code`, made in time and without a word of how we work inside."""
    told = f"{what}: {answer.status_code} {answer.text[:300]}"
    assert 400 <= answer.status_code < 500, told
    assert answer.headers["content-type"] == "application/problem+json", told
    problem = answer.json()
    assert problem.keys() >= {"type", "title", "status", "code"}, told
    assert problem["status"] == answer.status_code, told
    assert not any(word in answer.text for word in ("Traceback", 'File "', "psycopg", "sqlalchemy", "x-evil")), told
    assert "x-evil" not in answer.headers, told
    assert answer.elapsed.total_seconds() < HANGS_S, told


@pytest.mark.parametrize("operation", WITH_IDS, ids=str)
def test_ids_that_are_none(owner, operation):
    for id in IDS:
        path = operation.at(**dict.fromkeys(operation.names, id))
        assert_refused(owner.request(operation.method, path, json=operation.body), f"{operation} {id[:30]}")


@pytest.mark.parametrize("operation", WITH_BODIES, ids=str)
def test_bodies_that_are_none(owner, operation):
    path = operation.at(**dict.fromkeys(operation.names, NOBODYS))
    good = json.dumps(operation.body)
    twice = good[:-1] + ", " + good[1:]
    values = {name: json.dumps({key: value for key in operation.body}).encode() for name, value in VALUES.items()}
    for name, body in (BODIES | values | {"every key twice": twice.encode()}).items():
        answer = owner.request(operation.method, path, content=body, headers={"Content-Type": "application/json"})
        assert_refused(answer, f"{operation} {name}")


@pytest.mark.parametrize("operation", WITH_BODIES, ids=str)
def test_media_types_that_are_not_json(owner, operation):
    path = operation.at(**dict.fromkeys(operation.names, NOBODYS))
    for kind in ("text/plain", "application/xml", "multipart/form-data", "application/x-www-form-urlencoded", ""):
        answer = owner.request(
            operation.method, path, content=json.dumps(operation.body), headers={"Content-Type": kind}
        )
        assert_refused(answer, f"{operation} {kind}")
        assert answer.status_code == 415


def test_a_packed_body_is_not_unpacked(owner):
    """A gzip bomb stays as small as it came."""
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

    assert_refused(owner.post("/v1/projects", content=b"\x1f\x8b" + b"\0" * 1000, headers=headers), "gzip")


@pytest.mark.parametrize("operation", [each for each in PRIVATE if "limit" in each.query], ids=str)
def test_queries_that_mean_nothing(owner, operation):
    path = operation.at(**dict.fromkeys(operation.names, NOBODYS))
    own = tuple(f"{name}=%00" for name in operation.query)
    for query in QUERIES + own:
        assert_refused(owner.get(f"{path}?{query}"), f"{operation} {query}")


@pytest.mark.parametrize("operation", PRIVATE, ids=str)
def test_headers_that_speak_for_somebody_else_change_nothing(house, operation):
    """B15: nobody stays nobody."""
    path = operation.at(**dict.fromkeys(operation.names, NOBODYS))
    headers = {
        "X-Method-Override": "DELETE", "X-Original-URL": "/v1/auth/health",
        "X-Rewrite-URL": "/v1/auth/health", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "evil.example",
        "X-Amzn-Principal-Id": NOBODYS, "Accept": "application/xml",
    }  # fmt: skip

    answer = httpx.request(operation.method, f"{house.url}{path}", json=operation.body, headers=headers, timeout=10)

    assert_refused(answer, operation)
    assert answer.status_code == 401
    assert "evil" not in answer.text


@pytest.mark.parametrize("operation", PRIVATE, ids=str)
def test_an_overridden_method_is_asked_for_like_any_other(house, operation):
    """API Gateway honours X-HTTP-Method-Override before it authorises: the other route is as closed as this one."""
    path = operation.at(**dict.fromkeys(operation.names, NOBODYS))

    for method in ("GET", "DELETE"):
        headers = {"X-HTTP-Method-Override": method}
        answer = httpx.request(operation.method, f"{house.url}{path}", json=operation.body, headers=headers, timeout=10)
        known = any(each.method == method and meant(each.path, path) for each in PRIVATE)
        assert answer.status_code == (401 if known else 404)


def meant(route, path):
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", route), path) is not None


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE", "TRACE", "PROPFIND"])
def test_methods_that_no_route_has(owner, method):
    assert_refused(owner.request(method, "/v1/projects"), method)


@pytest.mark.parametrize("key", ["", "k" * 201, "\x7f" * 300])
def test_idempotency_keys_out_of_bounds(owner, key):
    assert_refused(owner.post("/v1/projects", json={"name": "x"}, headers={"Idempotency-Key": key}), key[:3])


def exchange(house, sent: bytes) -> bytes:
    """Send bytes as they are, end nothing, and return what comes back before the server closes."""
    with socket.create_connection(("127.0.0.1", house.port), timeout=HANGS_S) as wire:
        wire.sendall(sent)
        answer = b""
        while part := wire.recv(65_536):
            answer += part
    return answer


HEAD = b"POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


AMBIGUOUS = [
    ("two lengths", HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x"),
    ("two equal lengths", HEAD + b"Content-Length: 2\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"),
    ("CL.TE", HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
    ("a list of codings", HEAD + b"Transfer-Encoding: identity, chunked, x\r\n\r\n0\r\n\r\n"),
    ("a signed length", HEAD + b"Content-Length: +2\r\n\r\n{}"),
    ("a negative length", HEAD + b"Content-Length: -1\r\n\r\n"),
    ("an endless length", HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n"),
    ("a large length", HEAD + b"Content-Length: 1000000000\r\n\r\n{"),
    ("CR in a value", HEAD + b"X-A: a\rX-Evil: 1\r\nContent-Length: 2\r\n\r\n{}"),
    ("NUL in a value", HEAD + b"X-A: a\0b\r\nContent-Length: 2\r\n\r\n{}"),
    ("a folded header", HEAD + b"X-A: a\r\n b\r\nContent-Length: 2\r\n\r\n{}"),
    ("a space before the colon", HEAD + b"X-A : a\r\nContent-Length: 2\r\n\r\n{}"),
    ("a bad chunk", HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
    ("large headers", HEAD + b"X-A: " + b"a" * 70_000 + b"\r\n\r\n"),
    ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64 + b"\r\n\r\n"),
    ("no path", b"GET HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ("no Host", b"GET /v1/projects HTTP/1.1\r\nConnection: close\r\n\r\n"),
    ("two Hosts", b"GET /v1/projects HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
]


def test_requests_that_two_servers_would_read_differently(house):
    """C10: refused, and the connection ends, so that nothing after it is taken for a request."""
    began = time.monotonic()
    with ThreadPoolExecutor(len(AMBIGUOUS)) as clients:
        answers = clients.map(lambda each: (each[0], exchange(house, each[1])), AMBIGUOUS)

    assert time.monotonic() - began < HANGS_S
    for name, answer in answers:
        told = f"{name}: {answer[:300]!r}"
        assert [status[:1] for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)] == [b"4"], told
        assert b"application/problem+json" in answer, told
        assert b"Traceback" not in answer, told


def test_a_client_that_never_finishes_keeps_nobody_waiting(house, owner):
    """C8: a body that does not come holds its own connection, not the server's time."""
    with socket.create_connection(("127.0.0.1", house.port), timeout=HANGS_S) as slow:
        slow.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
        began = time.monotonic()
        answers = [owner.get("/v1/auth/health").status_code for _ in range(5)]

    assert answers == [200] * 5
    assert time.monotonic() - began < HANGS_S
