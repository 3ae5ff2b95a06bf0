"""Events that are given on the command line: a file, standard input, or JSON as it is."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from cli.errors import UserError


def event_of(given: str) -> Any:
    """Return the document of `--event`: `-` is standard input, text that begins like JSON is JSON, else a file.

    Raises:
        UserError: it cannot be read, or is no JSON.
    """
    text, source = _text(given)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as broken:
        raise UserError(f"{source} is not JSON: {broken}.") from broken


def _text(given: str) -> tuple[str, str]:
    if given == "-":
        return sys.stdin.read(), "Standard input"
    if given.lstrip()[:1] in tuple('{["') or given in ("null", "true", "false") or _is_number(given):
        return given, "The event"
    try:
        return Path(given).read_text(encoding="utf-8"), given
    except (OSError, UnicodeDecodeError) as refused:
        raise UserError(
            f"The event {given} cannot be read: {getattr(refused, 'strerror', None) or refused}."
        ) from refused


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return not Path(text).exists()
