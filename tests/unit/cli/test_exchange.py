"""Requests against a real local server: what is sent again, how long is waited, and what is said in the end."""

from __future__ import annotations

import threading

import httpx
import pytest

from cli import exchange
from cli.api import Api
from cli.errors import UserError
from cli.exchange import ApiError, Call
from tests.unit.cli.conftest import Answering, Asked, LocalServer, Said


class Pauses:
    """Instead of sleeping."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def in_turn(*said: Said) -> Answering:
    rest = list(said)
    return lambda asked: rest.pop(0) if len(rest) > 1 else rest[0]


def send(call: Call, pauses: Pauses, luck: float = 0.5) -> httpx.Response:
    with httpx.Client(timeout=2.0) as client:
        return exchange.send(client, call, sleep=pauses, jitter=lambda: luck)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("repeatable", [True, False])
def test_a_busy_server_is_asked_again_after_the_time_it_names(
    server: LocalServer, status: int, repeatable: bool
) -> None:
    server.answer = in_turn(Said(status, headers={"Retry-After": "3"}), Said(200, {}))
    pauses = Pauses()

    assert send(Call("POST", server.url, repeatable=repeatable), pauses, luck=0.0).status_code == 200
    assert pauses.seconds == [3.0]


def test_pauses_grow_and_differ_between_clients(server: LocalServer) -> None:
    server.answer = lambda asked: Said(503)
    low, high = Pauses(), Pauses()

    assert send(Call("GET", server.url), low, luck=0.0).status_code == 503
    assert send(Call("GET", server.url), high, luck=1.0).status_code == 503
    assert low.seconds == [0.125, 0.25, 0.5, 1.0, 2.0]
    assert high.seconds == [0.25, 0.5, 1.0, 2.0, 4.0]


def test_a_server_that_asks_for_hours_is_not_waited_for(server: LocalServer) -> None:
    server.answer = in_turn(Said(429, headers={"Retry-After": "86400"}), Said(200, {}))
    pauses = Pauses()

    send(Call("GET", server.url), pauses, luck=0.0)

    assert pauses.seconds == [60.0]


@pytest.mark.parametrize(("repeatable", "sent"), [(True, 2), (False, 1)])
def test_a_lost_answer_is_asked_for_again_only_when_that_is_safe(
    server: LocalServer, repeatable: bool, sent: int
) -> None:
    server.answer = in_turn(Said(0), Said(200, {}))

    if repeatable:
        assert send(Call("POST", server.url), Pauses()).status_code == 200
    else:
        with pytest.raises(UserError, match="broke"):
            send(Call("POST", server.url, repeatable=False), Pauses())
    assert len(server.asked) == sent


def test_a_gateway_timeout_is_repeated_with_the_same_key(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "FIRST_PAUSE_S", 0.001)
    server.answer = in_turn(Said(504), Said(201, {"id": "p"}))

    with Api(server.url) as api:
        assert api.post("/v1/projects", {"name": "x"}, doing="The project").body == {"id": "p"}

    keys = [asked.headers["idempotency-key"] for asked in server.asked]
    assert keys[0] == keys[1]


def test_nobody_there_is_a_sentence_that_helps(closed_port: str) -> None:
    pauses = Pauses()

    with pytest.raises(UserError, match=r"start it with `coderev up`"):
        send(Call("GET", closed_port), pauses)

    assert sum(pauses.seconds) < 3


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"code": "taken", "detail": "the name is taken"}, "The project was refused: the name is taken (taken)."),
        ({"code": "gone", "title": "Not Found"}, "The project was refused: Not Found (gone)."),
        (
            {"code": "invalid", "title": "Bad", "errors": [{"loc": ["body", "name"], "msg": "too long"}]},
            "The project was refused: body.name: too long (invalid).",
        ),
        (b"<html>", "The project was refused: Bad Request (400)."),
        ([1], "The project was refused: Bad Request (400)."),
    ],
)
def test_refusals_become_one_sentence(server: LocalServer, body: object, sentence: str) -> None:
    server.answer = lambda asked: Said(400, body)

    with Api(server.url) as api, pytest.raises(ApiError) as refused:
        api.get("/", doing="The project")

    assert str(refused.value) == sentence


def test_another_kind_of_server_is_named_as_such(server: LocalServer) -> None:
    server.answer = lambda asked: Said(200, b"<html>hello</html>")

    with Api(server.url) as api, pytest.raises(UserError, match="does not answer as a coderev server"):
        api.get("/", doing="The list")


def test_an_address_that_is_none_is_a_sentence() -> None:
    with pytest.raises(UserError):
        send(Call("GET", "nonsense://x"), Pauses())


def test_all_pages_of_a_list_are_read(server: LocalServer) -> None:
    def page(asked: Asked) -> Said:
        last = "cursor=two" in asked.path
        return Said(200, {"items": [{"n": 2 if last else 1}], "next_cursor": None if last else "two"})

    server.answer = page

    with Api(server.url) as api:
        assert [item["n"] for item in api.items("/v1/things", doing="The list", new="true")] == [1, 2]
    assert all("new=true" in asked.path and "limit=200" in asked.path for asked in server.asked)


def test_nothing_changed_is_no_body(server: LocalServer) -> None:
    server.answer = lambda asked: Said(304 if asked.headers.get("if-none-match") == '"1"' else 200, {}, {"ETag": '"1"'})

    with Api(server.url) as api:
        first = api.get("/x", doing="It")
        assert api.get("/x", doing="It", etag=first.etag).body is None


def test_uploads_carry_exactly_the_signed_headers(server: LocalServer) -> None:
    server.answer = lambda asked: Said(200)

    with Api(server.url) as api:
        api.upload(f"{server.url}/put?sig=1", b"1234", headers={"Content-Length": "4", "x-amz-checksum-sha256": "c="})

    (asked,) = server.asked
    assert (asked.method, asked.body, asked.headers["x-amz-checksum-sha256"]) == ("PUT", b"1234", "c=")
    assert not {"authorization", "content-type", "idempotency-key", "transfer-encoding"} & set(asked.headers)


def test_requests_of_several_threads_do_not_mix(server: LocalServer) -> None:
    server.answer = lambda asked: Said(200, {"path": asked.path})
    found: list[bool] = []

    with Api(server.url) as api:

        def ask(number: int) -> None:
            found.append(api.get(f"/{number}", doing="It").body["path"] == f"/{number}")

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert found == [True] * 8
