"""Lists in pages: `MaxItems` at a time, continued by a `Marker`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.edge.errors import invalid, violated

_MOST = 10_000


def page(name: str, entries: Sequence[Any], query: Mapping[str, str], *, most: int = 50) -> dict[str, Any]:
    """Return one page under `name`, with `NextMarker` if there are more.

    Args:
        most: How many entries a page has at most, whatever is asked for.

    Raises:
        ApiError: `MaxItems` or `Marker` is not valid.
    """
    start, wanted = _start(query.get("Marker")), _wanted(query.get("MaxItems"), most)
    found: dict[str, Any] = {name: list(entries[start : start + wanted])}
    if start + wanted < len(entries):
        found["NextMarker"] = base64.b64encode(str(start + wanted).encode()).decode()
    return found


def _start(marker: str | None) -> int:
    if not marker:
        return 0
    try:
        return max(0, int(base64.b64decode(marker, validate=True)))
    except (binascii.Error, ValueError) as wrong:
        raise invalid("Invalid Marker.") from wrong


def _wanted(text: str | None, most: int) -> int:
    if not text:
        return most
    if not text.isdigit() or not 1 <= int(text) <= _MOST:
        bound = "less than or equal to 10000" if text.isdigit() and int(text) else "greater than or equal to 1"
        raise violated("maxItems", text, f"Member must have value {bound}")
    return min(int(text), most)
