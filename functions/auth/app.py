"""Lambda entry points. SAM: `Handler: functions.auth.app.app`, `.authorize` and `.relay`.

At start only what the function at hand needs is built: the authorizer stands before every first request and
must not wait for the imports of the routes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from kernel import observe
from kernel.settings import settings

if TYPE_CHECKING:
    from functions.auth.authorizer import Authorizer
    from kernel.http import Application


@cache
def _routes() -> Application:
    from functions.auth.bootstrap import connect, relay_of
    from functions.auth.routes import build

    return build(connect(settings()), relay_of(settings()))


@cache
def _authorizer() -> Authorizer:
    from functions.auth.authorizer import connect

    return connect(settings())


def app(event: Any, context: Any) -> dict[str, Any]:
    return _routes()(event, context)


def authorize(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    return _authorizer()(event, context)


def relay(event: Any, context: Any) -> Any:
    return _routes().handler_map["relay"](event, context)


observe.configure("auth", settings())
if settings().handler.endswith(".authorize"):
    _authorizer()
elif settings().handler:
    _routes()
