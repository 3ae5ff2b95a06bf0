"""What a client of the HTTP server may send, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes of one request, and waits for one connection."""

    body_bytes: int = 10 * 1024 * 1024
    header_bytes: int = 32 * 1024
    header_s: float = 10.0
    body_s: float = 60.0
    idle_s: float = 75.0
    stalled_s: float = 30.0
