"""Refuses input that two readers could take for different things: whichever of two values one takes, another may not."""

from __future__ import annotations

import json
from typing import Any, Protocol

from kernel.errors import Invalid


class Repeatable(Protocol):
    """Query parameters as Chalice gives them; iteration yields each name once."""

    def keys(self) -> Any: ...

    def getlist(self, key: str) -> list[str]: ...


def sent(body: bytes | str | None) -> bytes:
    """The body's bytes; no body is an empty one."""
    return body.encode() if isinstance(body, str) else body or b""


def single(query: Repeatable | None) -> dict[str, str]:
    """Return the value of each query parameter. Raises Invalid if one is given twice."""
    if query is None:
        return {}
    given = {name: query.getlist(name) for name in query.keys()}  # noqa: SIM118 - not a mapping
    twice = sorted(name for name, values in given.items() if len(values) > 1)
    if twice:
        raise Invalid("a query parameter is given more than once", names=twice)
    return {name: values[0] for name, values in given.items()}


def says_twice(body: bytes) -> bool:
    """Tell whether an object in `body`, which a parser has taken as JSON, has a name twice (RFC 8259, section 4)."""
    try:
        json.loads(body, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        return True
    return False


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name is given twice")
    return made
