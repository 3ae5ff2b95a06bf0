"""Remembers on which line of the file each key of a template stands."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
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
    """Give the errors inside the line of this place, unless they know a closer one.

    What only comes of a value of the wrong kind, such as a list in the place of a map, is an error of the template too.
    """
    try:
        yield
    except TemplateError as failed:
        if failed.line is None:
            failed.line = line_of(value, *path)
        raise
    except _WRONG as wrong:
        raise TemplateError(f"{path[-1]} has a property of the wrong kind: {wrong}", line_of(value, *path)) from wrong


@contextlib.contextmanager
def within(document: Mapping[str, Any], path: Path) -> Iterator[None]:
    """Give errors without a line that of the resource that they name first, or of the Globals of its kind."""
    try:
        yield
    except TemplateError as failed:
        if failed.line is None:
            name = str(failed).replace(":", " ").replace(".", " ").split(" ", 1)[0]
            failed.line = line_of(document, *_IMPLICIT.get(name, ("Resources", name)))
        raise
    except _WRONG as wrong:
        raise TemplateError(f"{path} has a property of the wrong kind: {wrong}") from wrong


_WRONG = (AttributeError, LookupError, StopIteration, TypeError, ValueError)
_IMPLICIT = {"ServerlessRestApi": ("Globals", "Api"), "ServerlessHttpApi": ("Globals", "HttpApi")}
