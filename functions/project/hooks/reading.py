"""Values out of JSON that strangers wrote: of the right kind, bounded, or Invalid."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kernel.errors import Invalid

LONGEST_TEXT = 500  # characters of a title, a name or an address
MOST_LABELS = 100
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_ZEROS = re.compile(r"0+")
_DELIVERY = re.compile(r"[A-Za-z0-9_.-]{1,100}")
HEADS = "refs/heads/"


def parse(body: bytes) -> Mapping[str, Any]:
    """Raises Invalid (`malformed_event`)."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as bad:
        raise malformed() from bad
    if not isinstance(found, dict):
        raise malformed()
    return found


def delivery_of(said: str, body: bytes) -> str:
    """The id of a delivery; the hash of its body where the host gives none that is usable."""
    return said if _DELIVERY.fullmatch(said) else hashlib.sha256(body).hexdigest()


def inner(found: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """The object at this path; an empty one if there is none."""
    for name in names:
        value = found.get(name)
        found = value if isinstance(value, dict) else {}
    return found


def text(found: Mapping[str, Any], name: str) -> str:
    """Bounded text without control characters; empty if there is none."""
    value = found.get(name)
    shown = value[: 4 * LONGEST_TEXT] if isinstance(value, str) else ""
    return "".join(sign for sign in shown if sign.isprintable())[:LONGEST_TEXT]


def whole(found: Mapping[str, Any], name: str) -> int:
    value = found.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**31:
        raise malformed(name)
    return value


def sha(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not _SHA.fullmatch(value):
        raise malformed(name)
    return value


def is_nothing(sha: str) -> bool:
    """Whether this is the id that stands for no commit."""
    return _ZEROS.fullmatch(sha) is not None


def ref(found: Mapping[str, Any], name: str) -> str:
    """The name of a branch, whole: one that is too long is none that we know."""
    value = found.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TEXT or not value.isprintable():
        raise malformed(name)
    return value


def labels(found: object, name: str) -> tuple[str, ...]:
    entries = found if isinstance(found, list) else []
    named = {text(entry, name) for entry in entries[:MOST_LABELS] if isinstance(entry, dict)}
    return tuple(sorted(named - {""}))


def moment(found: Mapping[str, Any], name: str) -> datetime:
    """A time with its zone, as RFC 3339 or as GitLab writes it (`2024-01-02 03:04:05 UTC`)."""
    value = found.get(name)
    if not isinstance(value, str) or len(value) > 40:
        raise malformed(name)
    try:
        read = datetime.fromisoformat(value.removesuffix(" UTC").strip())
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as bad:
        raise malformed(name) from bad


def address(found: Mapping[str, Any], *names: str) -> str:
    """The first of these that is given."""
    return next((said for name in names if (said := text(found, name))), "")


def malformed(name: str = "") -> Invalid:
    where = f": {name}" if name else ""
    return Invalid(f"the event is not of the documented form{where}", code="malformed_event")
