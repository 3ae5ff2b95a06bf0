"""Spans of time as a test writes them: seconds, or a text such as `3m` or `1h30m`."""

from __future__ import annotations

import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*")


def seconds(span: float | str) -> float:
    """Return a span in seconds.

    Raises:
        ValueError: the text is none.
    """
    if not isinstance(span, str):
        return float(span)
    if not re.fullmatch(f"(?:{_PART.pattern})+", span.strip()):
        raise ValueError(f"{span!r} is no span of time, such as 90s, 3m or 1h30m")
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(span))
