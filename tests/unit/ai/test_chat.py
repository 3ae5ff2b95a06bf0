"""The model port on a real HTTP server that behaves well and badly."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from functions.ai import prompts
from functions.ai.adapters.chat import LARGEST_ANSWER_BYTES, MOST_ATTEMPTS, ChatModel
from functions.ai.adapters.wire import retry_after_s, target_of
from functions.ai.model import ModelFailed, Place, ReviewReason, ReviewSeverity, Route
from tests import model_server as server
from tests.model_server import model_server

PLACE = Place("a.py", 3, 3, "S1", ReviewSeverity.HIGH, "bad", "3: x = 1")
PROMPT = prompts.review([PLACE])
QUICK = ChatModel(pause_s=0.01)
KEY = "sk-canary-0123456789abcdef"


def complete(running, *, budget_s: float = 5.0, **route):
    return QUICK.complete(running.route(**route), PROMPT, budget_s=budget_s)


def failure(running, **given) -> ModelFailed:
    with pytest.raises(ModelFailed) as failed:
        complete(running, **given)
    return failed.value


def test_an_answer_comes_with_its_tokens():
    with model_server(server.says("hello")) as running:
        reply = complete(running, api_key=KEY)

    asked = running.requests[0]
    assert (reply.text, reply.input_tokens, reply.output_tokens, reply.attempts) == ("hello", 100, 20, 1)
    assert (asked.path, asked.headers["authorization"]) == ("/v1/chat/completions", f"Bearer {KEY}")
    assert (asked.body["model"], asked.body["temperature"], asked.body["max_tokens"]) == ("test-1", 0, 4000)
    assert asked.body["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize("trouble", [server.status(500), server.status(503), server.garbage, server.half])
def test_passing_trouble_is_tried_again(trouble):
    with model_server(trouble, trouble, server.says("hello")) as running:
        assert complete(running).attempts == 3


@pytest.mark.parametrize("trouble", [server.status(500), server.garbage, server.half])
def test_lasting_trouble_ends_as_unavailable(trouble):
    with model_server(trouble) as running:
        failed = failure(running)

    assert (failed.reason, failed.attempts) == (ReviewReason.PROVIDER_UNAVAILABLE, MOST_ATTEMPTS)
    assert len(running.requests) == MOST_ATTEMPTS


def test_retry_after_is_honoured_within_the_budget():
    with model_server(server.status(429, retry_after="1"), server.says("hello")) as running:
        started = time.monotonic()
        reply = complete(running)

    assert (reply.attempts, time.monotonic() - started >= 1.0) == (2, True)


def test_retry_after_beyond_the_budget_is_not_waited_for():
    with model_server(server.status(429, retry_after="60")) as running:
        started = time.monotonic()
        failed = failure(running)

    assert (failed.reason, failed.attempts) == (ReviewReason.PROVIDER_UNAVAILABLE, 1)
    assert time.monotonic() - started < 1.0


@pytest.mark.parametrize("behaviour", [server.hang, server.drip, server.drip_headers])
def test_a_slow_server_is_left_at_the_deadline(behaviour):
    with model_server(behaviour) as running:
        started = time.monotonic()
        failed = failure(running, budget_s=0.6)
        took_s = time.monotonic() - started

    assert failed.reason is ReviewReason.PROVIDER_SLOW
    assert 0.5 < took_s < 1.5


@pytest.mark.parametrize("code", [301, 400, 401, 403, 404, 422])
def test_a_refusal_is_not_tried_again_and_its_text_is_not_kept(code):
    with model_server(server.status(code, f"bad key {KEY}", location="http://169.254.169.254/")) as running:
        failed = failure(running, api_key=KEY)

    assert (failed.reason, failed.attempts) == (ReviewReason.PROVIDER_REFUSED, 1)
    assert KEY not in repr(failed) + str(failed.__cause__)


@pytest.mark.parametrize("parameter", ["response_format", "temperature"])
def test_a_parameter_that_is_refused_is_left_out(parameter):
    with model_server(server.refuses(parameter, server.says("hello"))) as running:
        reply = complete(running)

    assert (reply.text, reply.attempts, len(running.requests)) == ("hello", 1, 2)
    assert parameter not in running.requests[-1].body


def test_an_answer_of_ten_megabytes_is_not_read_to_its_end():
    with model_server(server.huge) as running:
        assert failure(running).reason is ReviewReason.BAD_ANSWER
    assert LARGEST_ANSWER_BYTES < 1_000_000


@pytest.mark.parametrize(
    "body",
    [b"", b"no", b"[]", b"{}", b'{"choices": []}', b'{"choices": [{"message": {"content": null}}]}', b"[" * 100_000],
)
def test_what_is_no_completion_is_a_bad_answer(body):
    with model_server(server.answer(body)) as running:
        assert failure(running).reason is ReviewReason.BAD_ANSWER


def test_nobody_there_is_unavailable():
    with model_server(server.says("x")) as running:
        route = running.route()

    with pytest.raises(ModelFailed) as failed:
        QUICK.complete(route, PROMPT, budget_s=5.0)
    assert failed.value.reason is ReviewReason.PROVIDER_UNAVAILABLE


def test_the_request_goes_to_the_checked_address_under_the_given_name():
    with model_server(server.says("hello")) as running:
        complete(running, base_url=f"http://models.example.com:{running.port}/v1")

    assert running.requests[0].headers["host"] == f"models.example.com:{running.port}"


def test_tls_proves_the_name_and_not_the_address():
    route = Route("n", "openai", "https://models.example.com/v1", "m", address="2606:2800:220:1::1", api_key=KEY)
    url, headers, extensions = target_of(route)

    assert url == "https://[2606:2800:220:1::1]/v1/chat/completions"
    assert (headers["Host"], extensions) == ("models.example.com", {"sni_hostname": "models.example.com"})


def test_a_route_prints_without_its_key():
    assert KEY not in repr(Route("n", "openai", "https://x/v1", "m", api_key=KEY))


@pytest.mark.parametrize(("header", "least", "most"), [("2", 2, 2), ("-5", 0, 0), ("inf", 3600, 3600)])
def test_retry_after_in_seconds(header, least, most):
    assert least <= retry_after_s(header) <= most


def test_retry_after_as_a_date_and_as_nonsense():
    soon = format_datetime(datetime.fromtimestamp(time.time() + 30, UTC), usegmt=True)

    assert 25 < retry_after_s(soon) <= 31
    assert retry_after_s("soon") is retry_after_s("nan") is retry_after_s(None) is None
