"""Reads manifests in a bounded child; when it dies, they are cut in two until only the guilty one is left."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from functions.analysis.engines.limits import MIB, Limits
from functions.analysis.engines.manifests.kinds import LARGEST_BYTES
from functions.analysis.engines.manifests.reading import Reading
from functions.analysis.engines.process import Child, Died, Unavailable

__all__ = ["LIMITS", "Unavailable", "readings"]

LIMITS = Limits(wall_s=10.0, cpu_s=10.0, memory_bytes=768 * MIB, output_bytes=64 * MIB)
_SERVING = "functions.analysis.engines.manifests.request"
Document = dict[str, Any]


def readings(manifests: Sequence[tuple[str, bytes]], limits: Limits = LIMITS) -> list[Document]:
    """One reading, as JSON, for each (kind, content), in order. Raises Unavailable."""
    small = [(kind, data) for kind, data in manifests if len(data) <= LARGEST_BYTES]
    found = iter(_attempt(small, limits))
    too_large = Reading(problem="too large").to_json()
    return [next(found) if len(data) <= LARGEST_BYTES else too_large for _, data in manifests]


def _attempt(manifests: Sequence[tuple[str, bytes]], limits: Limits) -> list[Document]:
    if not manifests:
        return []
    try:
        return _ask(manifests, limits)
    except Died as died:
        if len(manifests) == 1:
            return [Reading(problem=f"reading it ended in: {died.reason}").to_json()]
    middle = len(manifests) // 2
    return _attempt(manifests[:middle], limits) + _attempt(manifests[middle:], limits)


def _ask(manifests: Sequence[tuple[str, bytes]], limits: Limits) -> list[Document]:
    header = json.dumps([(kind, len(data)) for kind, data in manifests]).encode()
    child = Child.start(limits, _SERVING)
    try:
        found: list[Document] = json.loads(child.ask(header, b"".join(data for _, data in manifests), limits.wall_s))
    finally:
        child.stop()
    return found
