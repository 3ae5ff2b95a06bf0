"""Durations as people write them."""

from __future__ import annotations

import re

from cli.errors import UserError

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_WHOLE = re.compile(rf"(?:{_PART.pattern}\s*)+")


def seconds(text: str) -> float:
    """Read `90s`, `3m`, `1h30m` or `2d`; a bare number is in seconds.

    Raises:
        UserError: it is none of these.
    """
    given = text.strip().lower()
    if re.fullmatch(r"\d+(?:\.\d+)?", given):
        return float(given)
    if not _WHOLE.fullmatch(given):
        raise UserError(f"{text!r} is no duration: say for example 90s, 3m, 1h30m or 2d.")
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(given))


def words(total: float) -> str:
    """Write seconds as `1 d 2 h 3 m 4 s`, without the parts that are zero."""
    rest, told = round(total), []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        if count:
            told.append(f"{count} {unit}")
    return " ".join(told) or "0 s"
