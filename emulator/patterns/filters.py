"""Filter criteria of an event source mapping of Kafka: patterns about a record's value, and nothing else
(docs.aws.amazon.com/lambda/latest/dg/kafka-filtering.html)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from emulator.patterns.operators import BadPattern
from emulator.patterns.pattern import Pattern


class Filters:
    """Several patterns, of which one must match. None at all lets everything pass."""

    def __init__(self, patterns: Iterable[str]) -> None:
        """Compile the patterns.

        Raises:
            BadPattern: one is no pattern, or asks for something else than the value.
        """
        self._filters = [_Filter(pattern) for pattern in patterns]

    def __bool__(self) -> bool:
        return bool(self._filters)

    def wants(self, value: bytes | None) -> bool:
        """Tell whether a record with such a value is to reach the function."""
        if not self._filters:
            return True
        text, document = _read(value)
        return any(each.wants(text, document) for each in self._filters)


class _Filter:
    """One pattern. A pattern for JSON drops every value that is not JSON, a pattern for text every one that is."""

    def __init__(self, given: str) -> None:
        pattern = Pattern(given)
        if set(pattern.given) - {"value", "$or"}:
            raise BadPattern("Kafka sources are filtered by their value only")
        self._pattern = pattern
        self._of_text = any(isinstance(each, list) for each in _values(pattern.given))

    def wants(self, text: str | None, document: Any) -> bool:
        if document is not None:
            return not self._of_text and self._pattern.matches({"value": document})
        return self._of_text and self._pattern.matches({} if text is None else {"value": text})


def _values(given: Mapping[str, Any]) -> list[Any]:
    """Return what a pattern asks of `value`, in each of its branches."""
    below = [value for choice in given.get("$or", ()) for value in _values(choice)]
    return below + [given[name] for name in ("value",) if name in given]


def _read(value: bytes | None) -> tuple[str | None, Any]:
    """Return a value as text, and as a document if it is one."""
    if value is None:
        return None, None
    text = value.decode("utf-8", "replace")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return text, None
    return text, document if isinstance(document, dict | list) else None
