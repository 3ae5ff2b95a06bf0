"""What the declarations of WebSocket APIs say of functions, timeouts and variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from emulator.template.errors import TemplateError
from emulator.template.model import function_name

_INVOCATIONS = re.compile(r"^arn:[^:]+:apigateway:[^:]+:lambda:path/[^/]+/functions/(?P<function>.+)/invocations$")
_SHORTEST_MS, _LONGEST_MS = 50, 29_000


def called(place: str, uri: Any) -> str:
    """Return the function that a URI names: its ARN, or API Gateway's path of its invocations.

    Raises:
        TemplateError: there is no URI, or it names no function.
    """
    if not uri:
        raise TemplateError(f"{place} names no function to call")
    text = str(uri)
    found = _INVOCATIONS.match(text)
    arn = found["function"] if found else text
    if not arn.startswith("arn:") or ":function:" not in arn:
        raise TemplateError(f"{place}: {text} is not the address of a Lambda function")
    return function_name(arn)


def timeout_s(place: str, given: Mapping[str, Any], key: str = "TimeoutInMillis") -> float:
    """Return how long an integration may take: 29 s, or the 50 ms to 29 s that are declared.

    AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html

    Raises:
        TemplateError: it is out of these bounds.
    """
    wanted = int(given.get(key) or _LONGEST_MS)
    if not _SHORTEST_MS <= wanted <= _LONGEST_MS:
        raise TemplateError(f"{place}: {key} must be between {_SHORTEST_MS} and {_LONGEST_MS}")
    return wanted / 1000


def text_map(given: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in (given or {}).items()}
