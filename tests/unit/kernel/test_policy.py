"""Whatever the policy answers, only `true` is a yes; no answer is never one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kernel.errors import Forbidden, Unavailable
from kernel.identity import Caller
from kernel.policy import EmbeddedPolicy, Guard, ServerPolicy, policy_folder

OWNER = Caller(user_id="ada", org_id="o", roles=frozenset({"owner"}))
VIEWER = Caller(user_id="bob", org_id="o", roles=frozenset({"viewer"}))


class Opa(ThreadingHTTPServer):
    """A server that speaks OPA's data API and says what the test wants."""

    answer: tuple[int, str] = (200, "{}")
    asked: dict[str, object]


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Opa)
        self.server.asked = json.loads(self.rfile.read(int(self.headers["Content-Length"]))) | {"path": self.path}
        status, body = self.server.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def opa() -> Iterator[Opa]:
    server = Opa(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    yield server
    server.shutdown()
    server.server_close()


def guard(opa: Opa) -> Guard:
    return Guard(ServerPolicy(f"http://127.0.0.1:{opa.server_port}", timeout_s=1))


def test_the_server_s_yes_is_a_yes(opa):
    opa.answer = (200, '{"result": {"allow": true, "objections": []}}')

    guard(opa).require(OWNER, "version.create", name="x")

    assert opa.asked["path"] == "/v1/data/coderev/version"
    assert opa.asked["input"] == {
        "action": "version.create",
        "caller": {"user_id": "ada", "org_id": "o", "roles": ["owner"], "kind": "user"},
        "resource": {"name": "x"},
    }


@pytest.mark.parametrize(
    "body",
    ["{}", '{"result": null}', '{"result": true}', '{"result": {}}']
    + [f'{{"result": {{"allow": {value}}}}}' for value in ('"true"', "1", "null", "[]", "false")],
)
def test_anything_else_is_a_no(opa, body):
    opa.answer = (200, body)

    with pytest.raises(Forbidden):
        guard(opa).require(OWNER, "version.create")


@pytest.mark.parametrize("answer", [(500, "{}"), (200, "garbage"), (200, "[]"), (404, "")])
def test_no_answer_is_unavailable(opa, answer):
    opa.answer = answer

    with pytest.raises(Unavailable):
        guard(opa).require(OWNER, "version.create")


def test_a_server_that_is_down_is_unavailable():
    with pytest.raises(Unavailable):
        Guard(ServerPolicy("http://127.0.0.1:1", timeout_s=0.5)).require(OWNER, "version.create")


def test_the_embedded_engine_gives_the_objection_as_the_reason():
    with pytest.raises(Forbidden, match=r"version\.create needs the role reviewer"):
        Guard(EmbeddedPolicy(policy_folder())).require(VIEWER, "version.create")


def test_an_unknown_domain_is_never_allowed():
    with pytest.raises((Forbidden, Unavailable)):
        Guard(EmbeddedPolicy(policy_folder())).require(OWNER, "nonsense.create")


def test_an_empty_folder_allows_nothing(tmp_path):
    with pytest.raises((Forbidden, Unavailable)):
        Guard(EmbeddedPolicy(tmp_path)).require(OWNER, "version.create")


def test_the_server_s_document_is_what_a_package_decides(opa):
    opa.answer = (200, '{"result": {"status": "passed", "conditions": []}}')

    decided = ServerPolicy(f"http://127.0.0.1:{opa.server_port}", timeout_s=1).evaluate("gate", {"gate": []})

    assert decided == {"status": "passed", "conditions": []}
    assert (opa.asked["path"], opa.asked["input"]) == ("/v1/data/coderev/gate/decision", {"gate": []})


@pytest.mark.parametrize(
    "answer", [(500, "{}"), (200, "garbage"), (200, "{}"), (200, '{"result": true}'), (200, '{"result": []}')]
)
def test_what_is_no_document_is_unavailable(opa, answer):
    opa.answer = answer

    with pytest.raises(Unavailable):
        ServerPolicy(f"http://127.0.0.1:{opa.server_port}", timeout_s=1).evaluate("gate", {})


def test_the_embedded_engine_decides_the_same_kind_of_document():
    embedded = EmbeddedPolicy(policy_folder())

    assert embedded.evaluate("gate", {"gate": []}) == {"status": "none", "conditions": []}
    with pytest.raises(Unavailable):
        embedded.evaluate("nonsense", {})
