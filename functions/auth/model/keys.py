"""When a signing key signs, when it is published, and when the next one is due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

KEY_LIFE = timedelta(days=30)
RELOAD = timedelta(minutes=5)  # how old a process' knowledge of the keys may be
NOTICE = timedelta(minutes=10)  # a new key is published this long before it signs: more than RELOAD
KEEP = timedelta(hours=2)  # an old key is published this long after: more than the longest access token


@dataclass(frozen=True, slots=True)
class Key:
    """An Ed25519 key pair; `sealed` is the private half, encrypted under a key derived from JWT_SECRET_KEY."""

    kid: str
    sealed: bytes
    created_at: datetime
    active_from: datetime


def in_order(keys: Iterable[Key]) -> list[Key]:
    return sorted(keys, key=lambda key: (key.active_from, key.kid))


def active(keys: Sequence[Key], now: datetime) -> Key | None:
    """The key that signs: the newest whose time has come."""
    return next((key for key in reversed(in_order(keys)) if key.active_from <= now), None)


def due(keys: Sequence[Key], now: datetime) -> datetime | None:
    """From when on a key that is still to be made would sign, or None if none is needed yet."""
    ordered = in_order(keys)
    if active(ordered, now) is None:
        return now
    return now + NOTICE if ordered[-1].active_from + KEY_LIFE <= now else None


def published(keys: Sequence[Key], now: datetime) -> list[Key]:
    """The keys whose tokens may still be alive, or soon will be."""
    ordered = in_order(keys)
    replaced = {key.kid for key, successor in pairwise(ordered) if successor.active_from + KEEP <= now}
    return [key for key in ordered if key.kid not in replaced]
