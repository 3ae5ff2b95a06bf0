"""moto's process: reads what to make as JSON from standard input, and says its port once all of it is there.

It is a process of its own, because moto needs 60 MB and a second before its first answer, and more with each service.
"""

from __future__ import annotations

import hmac
import json
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

import boto3
from botocore.config import Config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from emulator.aws.seeding import seed
from emulator.template.model import REGION

ADMISSION = "X-Emulator-Token"
Start = Callable[..., Any]


class Door:
    """Lets in what carries the token: only the edge port does."""

    def __init__(self, app: Callable[[dict[str, Any], Start], Iterable[bytes]], token: str) -> None:
        self._app, self._token = app, token

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        given = str(environ.pop("HTTP_" + ADMISSION.upper().replace("-", "_"), ""))
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            start("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"Use the edge port."]
        return self._app(environ, start)


class _Quiet(WSGIRequestHandler):
    """Writes no line for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        del code, size


def _client(port: int, token: str) -> Callable[[str], Any]:
    session: Any = boto3.session.Session("local", "local", region_name=REGION)
    config = Config(proxies={}, s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})

    def admitted(request: Any, **_: Any) -> None:
        request.headers[ADMISSION] = token

    def made(service: str) -> Any:
        client = session.client(service, endpoint_url=f"http://127.0.0.1:{port}", config=config)
        client.meta.events.register("before-send", admitted)
        return client

    return made


def main() -> None:
    """Serve until the process is ended."""
    asked: dict[str, Any] = json.load(sys.stdin)
    app = Door(DomainDispatcherApplication(create_backend_app), asked["token"])
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    failed = seed(asked["resources"], asked["store"], _client(server.server_port, asked["token"]))
    sys.stdout.write(json.dumps({"port": server.server_port, "failed": failed}) + "\n")
    sys.stdout.flush()
    serving.join()


if __name__ == "__main__":
    main()
