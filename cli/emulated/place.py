"""Where the running emulator answers, and what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from cli import environment, local
from cli.errors import UserError

LONGEST_S = 930.0
"""A function runs for 15 minutes at most."""
_direct = build_opener(ProxyHandler({}))


def edge_of(port: int | None) -> str:
    """The emulator's own port: the one given, `CODEREV_EDGE_PORT`, that of the one nearest here, or the usual one."""
    chosen = port or environment.variable("CODEREV_EDGE_PORT")
    if chosen is None:
        found = nearest()
        chosen = found.edge_port if found else environment.EDGE_PORT
    return f"http://127.0.0.1:{chosen}"


def nearest(start: Path | None = None) -> local.Running | None:
    """What runs on the `.coderev` of this folder or one above it, else on the data folder of this installation."""
    here = (start or Path.cwd()).resolve()
    given = environment.variable("CODEREV_DATA")
    folders = (
        [Path(given)] if given else [*(each / ".coderev" for each in (here, *here.parents)), environment.data_dir()]
    )
    return next((found for folder in folders if (found := local.running(folder)) is not None), None)


def secret_for(edge: str) -> str:
    """The secret with which requests to this emulator are signed; any will do unless it is strict."""
    from cli.emulated import signed
    from cli.up import secrets

    here = nearest()
    if here is None or not edge.endswith(f":{here.edge_port}"):
        return "unknown"
    return signed.secret_of(secrets.load(Path(here.data)).emulator_token)


class Edge:
    """The console's API of one emulator."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str) -> Any:
        """Raises UserError, as `ask` does."""
        return self.ask("GET", path)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return what the emulator answers.

        Raises:
            UserError: no emulator answers, or it refuses.
        """
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}/_emulator{path}", data, {"Content-Type": "application/json"}, method=method)
        try:
            with _direct.open(request, timeout=LONGEST_S) as answer:
                return json.loads(answer.read() or b"null")
        except HTTPError as refused:
            raise UserError(detail_of(refused)) from refused
        except (OSError, ValueError) as absent:
            raise unreachable(self.url) from absent


def unreachable(url: str) -> UserError:
    return UserError(f"No emulator answers at {url}: start it with `coderev up`, or say --edge-port.")


def detail_of(refused: HTTPError) -> str:
    """The sentence of a problem, or of an error of the Lambda API."""
    try:
        document = json.loads(refused.read())
        return str(document.get("detail") or document.get("Message") or document["message"])
    except (ValueError, KeyError, AttributeError, OSError):
        return f"The emulator answered {refused.code}."
