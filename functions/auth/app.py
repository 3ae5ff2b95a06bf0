"""Lambda entry points. SAM: `Handler: functions.auth.app.app`, `.authorize` and `.relay`.

Each is built when the runtime asks for it: the authorizer shall not wait for the imports of the routes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from kernel import observe
from kernel.settings import settings

observe.configure("auth", settings())


@cache
def _app() -> Any:
    from functions.auth.bootstrap import connect, relay_of
    from functions.auth.routes import build

    return build(connect(settings()), relay_of(settings()))


@cache
def _authorize() -> Any:
    from functions.auth.authorizer import connect

    return connect(settings())


_ENTRIES: dict[str, Callable[[], Any]] = {
    "app": _app,
    "authorize": _authorize,
    "relay": lambda: _app().handler_map["relay"],
}


def __getattr__(name: str) -> Any:
    if name not in _ENTRIES:
        raise AttributeError(name)
    return _ENTRIES[name]()
