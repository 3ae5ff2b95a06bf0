"""The console's small parts: its table of routes, its guard, its files, its words."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from emulator.console import access
from emulator.console.page import FOLDER, Page
from emulator.console.redaction import Redactor
from emulator.console.router import Asked, Refused, Router
from emulator.console.saved import MAX_EVENTS, BadName, SavedEvents
from emulator.console.titles import status_of, title_of
from emulator.console.views import Views
from emulator.web.messages import Request, Response, json_response
from tests.unit.emulator.test_journal import filled, line


async def _names(asked: Asked) -> Response:
    return json_response(200, {"names": dict(asked.names), "query": asked.query})


async def _refused(asked: Asked) -> Response:
    raise Refused(418, "teapot", "Short and stout.")


ROUTES = Router(
    [
        ("GET", "/things", _names),
        ("GET", "/things/{id}", _names),
        ("PUT", "/things/{id}", _refused),
        ("DELETE", "/things/{id}", _names),
    ]
)


def ask(method: str, path: str, query: str = "", headers: list[tuple[str, str]] | None = None) -> Response | None:
    return asyncio.run(ROUTES(Request(method, path, query, headers or [])))


def test_open_segments_have_names_and_are_decoded() -> None:
    found = ask("GET", "/things/a%20b%2Fc", "x=1&y=")

    assert found is not None
    assert json.loads(found.body) == {"names": {"id": "a b/c"}, "query": {"x": "1", "y": ""}}


def test_what_no_route_fits_is_left_to_others() -> None:
    assert ask("GET", "/other") is None
    assert ask("GET", "/things/a/b") is None
    assert ask("GET", "/thingsx") is None


def test_a_slash_at_the_end_and_head_change_nothing() -> None:
    for method, path in (("GET", "/things/"), ("HEAD", "/things")):
        found = ask(method, path)
        assert found is not None
        assert found.status == 200


def test_another_method_is_told_which_there_are() -> None:
    found = ask("POST", "/things/1")

    assert found is not None
    assert found.status == 405
    assert ("Allow", "GET, PUT, DELETE") in found.headers


def test_a_refusal_is_a_problem() -> None:
    found = ask("PUT", "/things/1")

    assert found is not None
    assert ("Content-Type", "application/problem+json") in found.headers
    assert json.loads(found.body)["code"] == "teapot"


@pytest.mark.parametrize(
    ("headers", "method", "passes"),
    [
        ([], "POST", True),
        ([("Origin", "http://127.0.0.1:1")], "GET", True),
        ([("Origin", "http://127.0.0.1:1")], "POST", False),
        ([("Origin", "http://127.0.0.1:2"), ("X-Coderev-Console", "1")], "POST", False),
        ([("Origin", "http://127.0.0.1:1"), ("X-Coderev-Console", "1")], "POST", True),
        ([("Origin", "null"), ("X-Coderev-Console", "1")], "DELETE", False),
        ([("Sec-Fetch-Site", "same-site"), ("X-Coderev-Console", "1")], "PUT", False),
        ([("Sec-Fetch-Site", "same-origin"), ("X-Coderev-Console", "1")], "PUT", True),
        ([("Origin", "http://127.0.0.1:2"), ("Upgrade", "websocket")], "GET", False),
    ],
)
def test_a_browser_acts_for_the_consoles_own_page_only(
    headers: list[tuple[str, str]], method: str, passes: bool
) -> None:
    request = Request(method, "/", headers=[("Host", "127.0.0.1:1"), *headers])

    if passes:
        access.check(request, everywhere=False)
    else:
        with pytest.raises(Refused):
            access.check(request, everywhere=False)


def test_another_machine_is_answered_only_when_told_so() -> None:
    foreign = Request("GET", "/", source_ip="192.0.2.7")

    access.check(foreign, everywhere=True)
    with pytest.raises(Refused, match="this machine only"):
        access.check(foreign, everywhere=False)


def test_saved_events_are_bounded_and_private(tmp_path: Path) -> None:
    saved = SavedEvents(tmp_path)
    for number in range(MAX_EVENTS):
        saved.put("f", f"event-{number}", number)

    with pytest.raises(OverflowError):
        saved.put("f", "one-more", 1)
    assert not saved.put("f", "event-0", "replaced")
    assert saved.get("f", "event-0") == "replaced"
    assert (tmp_path / "f" / "event-0.json").stat().st_mode & 0o077 == 0
    assert saved.names("nobody") == []
    with pytest.raises(BadName):
        saved.names("../f")


@pytest.mark.parametrize(
    ("event", "title"),
    [
        ({"httpMethod": "GET", "path": "/a"}, "GET /a"),
        ({"requestContext": {"http": {"method": "PUT"}}, "rawPath": "/b"}, "PUT /b"),
        ({"requestContext": {"routeKey": "$connect"}}, "$connect"),
        ({"methodArn": "arn:aws:execute-api:r:a:api/live/GET/a"}, "authorize live/GET/a"),
        ({"records": {"orders-0": [{}, {}]}}, "orders-0 ×2"),
        ({"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": "k"}}, "eventName": "E"}]}, "E b/k"),
        ({"Records": [{"eventSource": "aws:sqs"}]}, "sqs ×1"),
        ({"Records": [{"EventSource": "aws:sns"}]}, "sns ×1"),
        ({"detail-type": "Scheduled Event"}, "Scheduled Event"),
        ({"Records": "none"}, ""),
        ([1], ""),
    ],
)
def test_an_event_has_a_title(event: object, title: str) -> None:
    assert title_of(json.dumps(event).encode()) == title


def test_only_a_gateway_answer_has_a_status() -> None:
    assert status_of(b'{"statusCode":204}') == 204
    assert [status_of(each) for each in (b"[]", b"statusCode", b'{"statusCode":"x"}', b'"statusCode"')] == [None] * 4


def test_log_lines_that_are_json_are_redacted_as_such() -> None:
    views = Views(filled(), Redactor())

    assert json.loads(views.text('{"message":"hi","user_password":"correct-horse"}')) == {
        "message": "hi", "user_password": "***",
    }  # fmt: skip
    assert views.text('{"message": "as it was"}') == '{"message": "as it was"}'
    assert views.started(line("a", "START"))["began"] == "1970-01-01T00:00:00.000Z"


def test_the_page_is_complete_and_has_no_inline_code() -> None:
    page = (FOLDER / "index.html").read_text()
    script = "".join(path.read_text() for path in FOLDER.glob("*.js"))

    for name in ("app.js", "style.css", "icon.svg"):
        assert f"/_emulator/page/{name}" in page
    assert "innerHTML" not in script
    assert "onclick=" not in page
    assert {route[1] for route in Page().routes()} == {"/_emulator", "/_emulator/page/{file}"}
