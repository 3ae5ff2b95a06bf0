"""The console of a running emulator: what it tells, what it does, whom it answers, and what it never shows."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from emulator.console.journal import Wanted
from emulator.server import Emulator
from emulator.testing import Reply, running
from tests.emulator.conftest import APPS, eventually, options, send

TEMPLATE = APPS / "console" / "template.yaml"
SECRETS = ("correct-horse", "opaque-token-of-ada", "opaque-cookie", "bearer-of-ada", "known-only-to-the-function")
LOGIN = {"email": "ada@example.com", "password": "correct-horse"}

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def console_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("console")


@pytest.fixture(scope="module")
def served(console_data: Path) -> Iterator[Emulator]:
    services = {"services": [{"name": "valkey", "status": "running"}]}
    given = options(
        console_data,
        template=TEMPLATE,
        parameters={},
        retry_delays_s=(3600.0,),
        beside=lambda: services,
        clock=_clock(),
    )
    with running(given) as emulator:
        yield emulator


def _clock() -> Any:
    from emulator.clock import SystemClock

    return SystemClock()


@pytest.fixture
def raw(served: Emulator) -> Callable[..., Reply]:
    return lambda method, path, body=None, headers=None: send(
        served.ports["edge"], method, f"/_emulator{path}", body, headers
    )


@pytest.fixture
def ask(raw: Callable[..., Reply]) -> Ask:
    def asked(method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        reply = raw(method, path, body)
        assert reply.status == status, reply.body
        return json.loads(reply.body) if reply.body else None

    return asked


def log_in(served: Emulator) -> Reply:
    return send(served.ports["all"], "POST", "/login", LOGIN, {"Authorization": "Bearer bearer-of-ada"})


def newest(ask: Ask, function: str) -> dict[str, Any]:
    """Return the latest invocation of a function, in detail."""
    listed = ask("GET", f"/invocations?function={function}&limit=1")["invocations"]
    return dict(ask("GET", f"/invocations/{listed[0]['id']}"))


def test_an_invocation_is_shown_with_event_answer_figures_and_logs(served: Emulator, ask: Ask) -> None:
    assert log_in(served).status == 201

    seen = newest(ask, "login")

    assert (seen["title"], seen["status"], seen["origin"], seen["error"]) == ("POST /login", 201, "http", None)
    assert seen["duration_ms"] > 0
    assert seen["memory_mb"] > 0
    assert seen["trace_id"].startswith("Root=1-")
    assert seen["event"]["path"] == "/login"
    assert json.loads(seen["answer"]["body"])["expires_in"] == 900
    assert [line["text"].split()[0] for line in seen["logs"]] == ["START", "password=***", "END", "REPORT"]
    assert seen["logs_complete"]


def test_nothing_secret_is_shown_anywhere(served: Emulator, ask: Ask, raw: Callable[..., Reply]) -> None:
    reply = log_in(served)
    assert b"opaque-token-of-ada" in reply.body  # the client gets it, the reader of the console does not
    request_id = newest(ask, "login")["id"]

    told = [
        raw("GET", path).body.decode()
        for path in (
            "/invocations", f"/invocations/{request_id}", "/logs", "/functions", "/functions/login", "/sources", "/status",
            "/services", "/warnings", "/clock", "/connections", "/functions/login/policy",
        )
    ]  # fmt: skip
    told.append(raw("POST", f"/invocations/{request_id}/replay").body.decode())

    for secret in SECRETS:
        assert not [text for text in told if secret in text], secret
    assert '"DATABASE_PASSWORD":"***"' in told[4]


def test_the_first_invocation_of_a_process_is_a_cold_start(served: Emulator, ask: Ask) -> None:
    ask("POST", "/functions/guard/invoke", {"event": {"methodArn": "arn:aws:execute-api:eu:1:a/live/GET/me"}})
    ask("POST", "/functions/guard/invoke", {"event": {"methodArn": "arn:aws:execute-api:eu:1:a/live/GET/me"}})

    warm, cold = ask("GET", "/invocations?function=guard")["invocations"][:2]

    assert cold["cold_start"]
    assert cold["init_ms"] > 0
    assert not warm["cold_start"]
    (row,) = [each for each in ask("GET", "/functions")["functions"] if each["name"] == "guard"]
    assert (row["invocations"], row["errors"], row["cold_starts"], row["processes"]) == (2, 0, 1, 1)
    assert row["p50_ms"] <= row["p99_ms"]


def test_what_a_client_gave_up_on_is_shown_when_it_ends(tmp_path: Path) -> None:
    with running(options(tmp_path, template=TEMPLATE, parameters={}, integration_s=0.5)) as emulator:
        reply = send(emulator.ports["all"], "POST", "/login", {"seconds": 1.0})
        assert reply.status == 504
        assert not list(emulator.journal.entries(Wanted(function="login")))

        eventually(lambda: bool(list(emulator.journal.entries(Wanted(function="login")))))

        (entry,) = emulator.journal.entries(Wanted(function="login"))
        assert entry.ended.result.duration_ms > 900
        assert entry.ended.result.error is None


def test_a_function_tells_what_it_is(ask: Ask) -> None:
    told = ask("GET", "/functions/login")

    assert told["handler"] == "handlers.login"
    assert told["domain"] == "people"
    assert told["environment"]["MODE"] == "plain"
    assert {(each["method"], each["path"]) for each in told["routes"]} == {("POST", "/login"), ("GET", "/me")}
    assert ask("GET", "/functions/echo")["sources"] == ["kafka orders", "schedule rate(1 day)"]
    assert ask("GET", "/functions/nobody", status=404)["code"] == "unknown_function"


def test_a_function_is_invoked_with_any_event(ask: Ask) -> None:
    told = ask("POST", "/functions/echo/invoke", {"event": [1, "two"]})

    assert (told["answer"], told["error"], told["function"]) == ([1, "two"], None, "echo")
    assert newest(ask, "echo")["origin"] == "console"


def test_an_error_says_what_and_why(ask: Ask) -> None:
    told = ask("POST", "/functions/doomed/invoke", {"event": {}})

    assert told["error"] == {"kind": "Unhandled", "type": "RuntimeError", "message": "never works"}
    failed = ask("GET", "/invocations?error=true")["invocations"]
    assert {each["function"] for each in failed} == {"doomed"}


def test_pages_follow_one_another(ask: Ask) -> None:
    for number in range(3):
        ask("POST", "/functions/echo/invoke", {"event": number})

    first = ask("GET", "/invocations?function=echo&limit=2")
    second = ask("GET", f"/invocations?function=echo&limit=2&before={first['next']}")

    numbers = [each["number"] for each in first["invocations"] + second["invocations"]]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == len(numbers)


def test_a_replay_sends_the_event_as_it_was(served: Emulator, ask: Ask) -> None:
    log_in(served)
    request_id = newest(ask, "login")["id"]

    told = ask("POST", f"/invocations/{request_id}/replay")

    assert told["id"] != request_id
    assert json.loads(told["answer"]["body"])["sent"] == {"email": "ada@example.com", "password": "***"}
    assert newest(ask, "login")["origin"] == "replay"


def test_a_replay_with_edits_keeps_what_its_editor_could_not_see(served: Emulator, ask: Ask) -> None:
    ask("POST", "/functions/echo/invoke", {"event": {"note": "one", "password": "correct-horse"}})
    shown = newest(ask, "echo")
    assert shown["event"] == {"note": "one", "password": "***"}

    ask("POST", f"/invocations/{shown['id']}/replay", {"event": {**shown["event"], "note": "two"}})

    entry = served.journal.find(newest(ask, "echo")["id"])
    assert entry is not None
    assert json.loads(entry.ended.payload) == {"note": "two", "password": "correct-horse"}


def test_a_replay_may_go_elsewhere_and_come_from_another_caller(served: Emulator, ask: Ask) -> None:
    log_in(served)
    request_id = newest(ask, "login")["id"]

    as_eve = ask("POST", f"/invocations/{request_id}/replay", {"authorizer": {"principalId": "eve"}})
    elsewhere = ask("POST", f"/invocations/{request_id}/replay", {"function": "echo"})

    assert json.loads(as_eve["answer"]["body"])["caller"] == "eve"
    assert (elsewhere["function"], elsewhere["answer"]["path"]) == ("echo", "/login")


def test_a_replay_may_be_asynchronous(ask: Ask) -> None:
    ask("POST", "/functions/echo/invoke", {"event": {"n": 1}})

    told = ask("POST", f"/invocations/{newest(ask, 'echo')['id']}/replay", {"mode": "Event"}, status=202)

    eventually(
        lambda: any(each["id"] == told["id"] for each in ask("GET", "/invocations?origin=replay")["invocations"])
    )


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/invocations/none/replay", {}, 404, "unknown_invocation"),
        ("/functions/none/invoke", {}, 404, "unknown_function"),
        ("/functions/echo/invoke", [], 400, "malformed_json"),
        ("/functions/echo/invoke", b"{", 400, "malformed_json"),
        ("/functions/echo/invoke", {"mode": "DryRun"}, 400, "bad_parameter"),
        ("/functions/echo/invoke", {"mode": "Event", "event": "x" * 1_100_000}, 413, "event_too_large"),
        ("/clock", {"advance_s": -1}, 400, "bad_parameter"),
        ("/clock", {"advance_s": "3m"}, 400, "bad_parameter"),
        ("/schedules/none/fire", {}, 404, "unknown_schedule"),
        ("/dead-letters/none/redeliver", {}, 404, "unknown_letter"),
        ("/nothing", {}, 404, "not_found"),
        ("/functions", {}, 405, "method_not_allowed"),
    ],
)
def test_what_cannot_be_done_is_a_problem(ask: Ask, path: str, body: Any, status: int, code: str) -> None:
    told = ask("POST", path, body, status=status)

    assert (told["code"], told["status"]) == (code, status)


def test_an_invocation_that_was_not_an_api_has_no_caller(ask: Ask) -> None:
    ask("POST", "/functions/echo/invoke", {"event": {}})

    told = ask("POST", f"/invocations/{newest(ask, 'echo')['id']}/replay", {"authorizer": {}}, status=400)

    assert told["code"] == "no_caller"


def test_saved_events_are_kept_as_files(console_data: Path, ask: Ask, raw: Callable[..., Reply]) -> None:
    ask("PUT", "/functions/echo/events/first-one", {"event": {"n": 1}}, status=201)
    ask("PUT", "/functions/echo/events/first-one", {"event": {"n": 2}})

    assert ask("GET", "/functions/echo/events") == {"events": ["first-one"]}
    assert ask("GET", "/functions/echo/events/first-one")["event"] == {"n": 2}
    assert json.loads((console_data / "events" / "echo" / "first-one.json").read_text()) == {"n": 2}
    assert raw("DELETE", "/functions/echo/events/first-one").status == 204
    ask("DELETE", "/functions/echo/events/first-one", status=404)
    ask("GET", "/functions/echo/events/first-one", status=404)


@pytest.mark.parametrize("name", ["..%2Fup", "a%2Fb", ".hidden", "a%20b", "x" * 81, "%00"])
def test_the_name_of_a_saved_event_is_a_plain_word(ask: Ask, name: str) -> None:
    assert ask("PUT", f"/functions/echo/events/{name}", {"event": 1}, status=400)["code"] == "bad_name"


def test_the_clock_is_advanced_and_what_waited_for_it_happens_at_once(ask: Ask) -> None:
    def given_up_after_an_hour() -> bool:
        ask("POST", "/clock", {"advance_s": 3700})
        return bool(ask("GET", "/dead-letters")["dead_letters"])

    before = ask("GET", "/clock")["ahead_s"]
    told = ask("POST", "/functions/doomed/invoke", {"event": {}, "mode": "Event"}, status=202)
    assert ask("GET", "/sources")["asynchronous"]["pending"] == 1
    began = time.monotonic()

    eventually(given_up_after_an_hour)

    assert time.monotonic() - began < 5.0
    assert ask("GET", "/clock")["ahead_s"] - before >= 3700
    (letter,) = ask("GET", "/dead-letters")["dead_letters"]
    assert (letter["function"], letter["request_id"], letter["attempts"]) == ("doomed", told["id"], 2)
    assert ask("POST", f"/dead-letters/{told['id']}/redeliver") == {"redelivered": 1}
    assert ask("GET", "/sources")["asynchronous"]["dead"] == 0
    eventually(given_up_after_an_hour)
    assert ask("DELETE", f"/dead-letters/{told['id']}") == {"deleted": 1}


def test_a_schedule_tells_when_it_fires_next_and_fires_when_told(ask: Ask) -> None:
    (schedule,) = ask("GET", "/sources")["schedules"]
    assert schedule["expression"] == "rate(1 day)"
    assert schedule["next"] > ask("GET", "/clock")["now"]

    told = ask("POST", f"/schedules/{schedule['name']}/fire", status=202)

    eventually(
        lambda: any(each["id"] == told["id"] for each in ask("GET", "/invocations?origin=schedule")["invocations"])
    )
    assert ask("GET", f"/invocations/{told['id']}")["event"] == {"from": "the schedule"}


def test_a_fault_is_asked_for_and_ends(ask: Ask) -> None:
    ask("PUT", "/faults/functions/echo", {"kind": "error", "times": 1, "error": "Custom"})
    assert ask("GET", "/faults")["functions"]["echo"]["kind"] == "error"
    assert ask("POST", "/functions/echo/invoke", {"event": 1})["error"]["type"] == "Custom"
    assert ask("POST", "/functions/echo/invoke", {"event": 1})["answer"] == 1

    ask("PUT", "/faults/functions/echo", {"kind": "throttle"})
    assert ask("POST", "/functions/echo/invoke", {"event": 1}, status=429)["code"] == "throttled"
    ask("DELETE", "/faults/functions/echo", status=204)

    ask("PUT", "/faults/functions/echo", {"kind": "timeout", "times": 1})
    assert "timed out" in ask("POST", "/functions/echo/invoke", {"event": 1})["error"]["message"]
    assert ask("GET", "/faults")["functions"] == {}
    for wrong in ({}, {"kind": "fire"}, {"kind": "delay", "seconds": -1}, {"kind": "delay", "times": "2"}):
        ask("PUT", "/faults/functions/echo", wrong, status=400)


def test_a_source_has_faults_of_its_own(ask: Ask) -> None:
    (mapping,) = ask("GET", "/sources")["kafka"]
    place = f"/faults/sources/{mapping['uuid']}"
    assert (mapping["topic"], mapping["state"]) == ("orders", "disabled")

    ask("PUT", place, {"kind": "duplicate", "batches": 3})
    ask("PUT", place, {"kind": "lose-broker", "seconds": 60})
    (faults,) = [each["faults"] for each in ask("GET", "/faults")["sources"]]

    assert faults["duplicates"] == 3
    assert 0 < faults["broker_lost_s"] <= 60
    ask("DELETE", place, status=204)
    assert not any(ask("GET", "/faults")["sources"][0]["faults"].values())
    ask("PUT", place, {"kind": "fire"}, status=400)
    ask("PUT", "/faults/sources/none", {"kind": "late"}, status=404)


def test_a_late_answer_is_late_by_the_clock(ask: Ask) -> None:
    ask("PUT", "/faults/functions/echo", {"kind": "delay", "seconds": 600, "times": 1})
    told = ask("POST", "/functions/echo/invoke", {"event": "late", "mode": "Event"}, status=202)
    eventually(lambda: ask("GET", "/faults")["functions"] == {})

    ask("POST", "/clock", {"advance_s": 601})

    eventually(
        lambda: any(each["id"] == told["id"] for each in ask("GET", "/invocations?function=echo")["invocations"])
    )


def test_services_are_what_runs_beside(ask: Ask) -> None:
    assert ask("GET", "/services")["services"][0]["name"] == "valkey"


def test_a_policy_tells_what_a_function_called(served: Emulator, ask: Ask) -> None:
    ask("POST", "/functions/login/invoke", {"event": {"requestContext": {}, "body": "{}", "call": True}})

    told = ask("GET", "/functions/login/policy")

    assert [(each["action"], each["count"]) for each in told["calls"]] == [("lambda:InvokeFunction", 1)]
    (statement,) = told["policy"]["Statement"]
    assert statement["Action"] == ["lambda:InvokeFunction"]
    assert statement["Resource"][0].endswith(":function:echo")
    assert ask("GET", "/functions/echo/policy")["policy"]["Statement"] == []


def test_a_connection_is_shown_and_closed(tmp_path: Path) -> None:
    given = options(
        tmp_path, template=APPS / "websocket" / "template.yaml", parameters={"Notes": str(tmp_path / "notes")}
    )
    with running(given) as emulator:
        edge, address = emulator.ports["edge"], f"ws://127.0.0.1:{emulator.ports['all']}/live"
        with connect(address, proxy=None) as client:
            (shown,) = json.loads(send(edge, "GET", "/_emulator/connections").body)["connections"]
            assert (shown["api"], shown["stage"]) == ("Chat", "live")
            assert send(edge, "DELETE", f"/_emulator/connections/{shown['id']}").status == 204
            with pytest.raises(ConnectionClosed):
                client.recv(timeout=5)
        assert send(edge, "DELETE", "/_emulator/connections/none").status == 404


def test_log_lines_are_read_on_from_where_one_stopped(ask: Ask) -> None:
    ask("POST", "/functions/doomed/invoke", {"event": {}})
    after = ask("GET", "/logs?function=doomed&limit=1")["next"]
    ask("POST", "/functions/doomed/invoke", {"event": {}})

    told = ask("GET", f"/logs?function=doomed&after={after}")

    assert "about to fail" in [line["text"] for line in told["lines"]]
    assert told["lines"][0]["number"] > after
    assert ask("GET", "/logs?limit=many", status=400)["code"] == "bad_parameter"


def live(served: Emulator, query: str = "", **headers: str) -> ClientConnection:
    address = f"ws://127.0.0.1:{served.ports['edge']}/_emulator/live{query}"
    return connect(address, additional_headers={name.title(): value for name, value in headers.items()}, proxy=None)


def messages_until(socket: ClientConnection, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while not found or found[-1]["type"] != kind:
        found.append(json.loads(socket.recv(timeout=5)))
    return found


def test_the_live_stream_tells_what_happens_as_it_happens(served: Emulator, ask: Ask) -> None:
    with live(served) as socket:
        assert messages_until(socket, "hello")[0]["running"] == []
        told = ask("POST", "/functions/doomed/invoke", {"event": {}})
        found = messages_until(socket, "ended")

    kinds = [each["type"] for each in found]
    assert kinds[0] == "started"
    assert kinds.count("log") >= 4
    assert found[-1]["invocation"]["id"] == told["id"]
    assert found[-1]["invocation"]["error"]["message"] == "never works"


def test_the_live_stream_may_be_of_one_function_and_without_logs(served: Emulator, ask: Ask) -> None:
    with live(served, "?function=echo&logs=false") as socket:
        messages_until(socket, "hello")
        ask("POST", "/functions/doomed/invoke", {"event": {}})
        ask("POST", "/functions/echo/invoke", {"event": {}})
        found = messages_until(socket, "ended")

    assert [(each["type"], each.get("function")) for each in found] == [("started", "echo"), ("ended", None)]


def test_who_joins_late_sees_what_runs(served: Emulator, ask: Ask) -> None:
    ask("POST", "/functions/echo/invoke", {"event": {"seconds": 0.5}, "mode": "Event"}, status=202)
    eventually(lambda: bool(ask("GET", "/invocations")["running"]))

    with live(served) as socket:
        (hello,) = messages_until(socket, "hello")

    assert hello["running"][0]["function"] == "echo"


def test_a_foreign_page_opens_no_live_stream(served: Emulator) -> None:
    with pytest.raises(InvalidStatus, match="403"), live(served, origin="http://localhost:3000"):
        pytest.fail("it was let in")
    with live(served, origin=f"http://127.0.0.1:{served.ports['edge']}") as socket:
        assert socket.recv(timeout=5)


def test_a_foreign_page_sets_nothing_off(served: Emulator, raw: Callable[..., Reply]) -> None:
    own = {"Origin": f"http://127.0.0.1:{served.ports['edge']}"}
    place, body = "/functions/echo/invoke", {"event": {}}

    assert raw("POST", place, body, {"Origin": "http://localhost:3000", "X-Coderev-Console": "1"}).status == 403
    assert raw("POST", place, body, {"Sec-Fetch-Site": "cross-site"}).status == 403
    assert raw("POST", place, body, own).status == 403
    assert raw("POST", place, body, own | {"X-Coderev-Console": "1"}).status == 200
    assert raw("GET", "/functions", None, {"Host": "evil.example"}).status == 403


def test_the_page_is_served_under_a_strict_policy(raw: Callable[..., Reply]) -> None:
    page = raw("GET", "/")

    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert raw("GET", "/page/app.js").headers["content-type"] == "text/javascript; charset=utf-8"
    assert raw("GET", "/page/..%2Fapi.py").status == 404
    assert raw("GET", "").status == 308


def test_the_page_asks_for_nothing_from_elsewhere(raw: Callable[..., Reply]) -> None:
    page = raw("GET", "/").body.decode()

    assert "://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "<script>" not in page
    assert "style=" not in page
