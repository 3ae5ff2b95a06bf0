"""A model provider for tests: a real HTTP server that speaks chat completions and behaves as it is told.

    with model_server(good(review), status(500)) as server:
        route = server.route()

Each request takes the next behaviour; the last one stays. `server.requests` has what was received.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from functions.ai.model import Route

Behaviour = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def said(self) -> str:
        return "\n".join(message["content"] for message in self.body["messages"])


@dataclass
class ModelServer:
    port: int
    requests: list[Received] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def route(self, **changes: Any) -> Route:
        given = {"name": "test", "kind": "openai_compatible", "base_url": self.base_url, "model": "test-1"}
        return Route(**given | {"address": "127.0.0.1"} | changes)


def completion(text: str) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    return json.dumps({"id": "c1", "object": "chat.completion", "choices": [choice], "usage": usage}).encode()


def answer(body: bytes, *, status: int = 200, **headers: str) -> Behaviour:
    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"content_type": "application/json", **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def says(text: str) -> Behaviour:
    return answer(completion(text))


def good(review: object) -> Behaviour:
    return says(json.dumps(review))


def status(code: int, text: str = "no", **headers: str) -> Behaviour:
    return answer(json.dumps({"error": {"message": text}}).encode(), status=code, **headers)


def refuses(parameter: str, then: Behaviour) -> Behaviour:
    """Answer 400 for as long as the request has `parameter`."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        body = handler.server.model.requests[-1].body  # type: ignore[attr-defined]
        refusal = status(400, f"Unsupported parameter: '{parameter}'")
        (refusal if parameter in body else then)(handler)

    return behave


def hang(handler: BaseHTTPRequestHandler) -> None:
    """Take the request and never answer."""
    handler.server.model.stopping.wait(30)  # type: ignore[attr-defined]
    handler.close_connection = True


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Answer one byte at a time, for ever, so that no single read is slow."""
    handler.send_response(200)
    handler.send_header("content-type", "application/json")
    handler.end_headers()
    _until_gone(handler, b" ", 0.05)


def drip_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nx-long: ")
    _until_gone(handler, b"a", 0.05)


def _until_gone(handler: BaseHTTPRequestHandler, piece: bytes, pause_s: float) -> None:
    stopping = handler.server.model.stopping  # type: ignore[attr-defined]
    while not stopping.is_set():
        handler.wfile.write(piece)
        handler.wfile.flush()
        time.sleep(pause_s)


def garbage(handler: BaseHTTPRequestHandler) -> None:
    """Something that is not HTTP."""
    handler.wfile.write(b"\x00\xff\x13 SSH-2.0 hello\r\n")
    handler.close_connection = True


def half(handler: BaseHTTPRequestHandler) -> None:
    """Promise more than is sent."""
    body = completion("{}")
    handler.send_response(200)
    handler.send_header("content-length", str(len(body) * 2))
    handler.end_headers()
    handler.wfile.write(body)
    handler.close_connection = True


def huge(handler: BaseHTTPRequestHandler) -> None:
    """Ten megabytes of well-formed answer."""
    answer(completion("x" * 10_000_000))(handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        server: Any = self.server
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with server.lock:
            server.model.requests.append(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            behave = server.script[min(len(server.model.requests), len(server.script)) - 1]
        with suppress(OSError):  # the client may leave before the answer ends
            behave(self)

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


@contextmanager
def model_server(*script: Behaviour) -> Iterator[ModelServer]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.block_on_close = False
    server.handle_error = lambda *_: None
    server.lock, server.script, server.model = threading.Lock(), script, ModelServer(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.model
    finally:
        server.model.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()
