"""Remembers on which line of the file each key of a template stands."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from emulator.template.errors import TemplateError


class Marked(dict[str, Any]):
    """A mapping of a template. `lines` holds the line of each key, from 1."""

    __slots__ = ("lines",)

    def __init__(self, values: Mapping[str, Any] | None = None, lines: Mapping[str, int] | None = None) -> None:
        super().__init__(values or {})
        self.lines = dict(lines or {})


def lines_of(value: Any) -> dict[str, int]:
    return value.lines if isinstance(value, Marked) else {}


def line_of(value: Any, *path: str) -> int | None:
    """Return the line of the last key of a path that is there."""
    line = None
    for key in path:
        if not isinstance(value, Mapping) or key not in value:
            return line
        line, value = lines_of(value).get(key, line), value[key]
    return line


@contextlib.contextmanager
def at(value: Any, *path: str) -> Iterator[None]:
    """Give the errors inside the line of this place, unless they know a closer one."""
    try:
        yield
    except TemplateError as failed:
        if failed.line is None:
            failed.line = line_of(value, *path)
        raise
