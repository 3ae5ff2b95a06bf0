"""Which route a message takes: the route selection expression, held against the message.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-routes.html
"""

from __future__ import annotations

import json
import re
from typing import Any

from emulator.template.websocket_model import WebSocketApi, WebSocketRoute

_WHOLE = re.compile(r"\$request\.body(?:\.[^{}\s/]+|\[\d+\])+")
_PLACE = re.compile(r"\$\{(request\.body[^}]*)\}")
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")
_SPECIAL = frozenset({"$connect", "$disconnect", "$default"})
_NOTHING = object()


def select(api: WebSocketApi, message: str) -> WebSocketRoute | None:
    """Return the route of a message: the one that it names, else `$default`, else None."""
    key = evaluate(api.selection, message)
    named = api.routes.get(key) if key is not None and key not in _SPECIAL else None
    return named or api.routes.get("$default")


def evaluate(expression: str, message: str) -> str | None:
    """Return the route key that a message names, or None if it names none.

    `$request.body.action` and `${request.body.action}` read the message, any other text stands for itself.
    """
    try:
        body = json.loads(message)
    except ValueError:
        return None
    template = "${" + expression[1:] + "}" if _WHOLE.fullmatch(expression) else expression
    values = [_text(_find(body, found[1].removeprefix("request.body"))) for found in _PLACE.finditer(template)]
    if None in values:
        return None
    found = iter(values)
    return _PLACE.sub(lambda _: next(found) or "", template)


def _find(body: Any, path: str) -> Any:
    for step in _STEP.finditer(path):
        name, index = step.groups()
        if name is not None and isinstance(body, dict) and name in body:
            body = body[name]
        elif index is not None and isinstance(body, list) and int(index) < len(body):
            body = body[int(index)]
        else:
            return _NOTHING
    return body


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, bool | int | float) else None
