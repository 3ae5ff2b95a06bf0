"""Manifests in the child: kinds and sizes in a header, contents one after the other, a reading for each."""

from __future__ import annotations

import importlib
import json

from functions.analysis.engines.limits import Limits
from functions.analysis.engines.manifests.reading import Malformed, Reading


def serve(header: bytes, body: bytes, limits: Limits) -> bytes:
    readings, position = [], 0
    for kind, size in json.loads(header):
        readings.append(read(kind, body[position : position + size]).to_json())
        position += size
    return json.dumps(readings, separators=(",", ":")).encode()


def read(kind: str, data: bytes) -> Reading:
    """What a content says as a manifest of this kind; one that says nothing that can be read says why."""
    module, _, function = kind.partition(":")
    source = data.decode("utf-8-sig", "replace").replace("\0", "\ufffd")
    try:
        found = getattr(importlib.import_module(f"{__package__}.{module}"), function)(source)
    except Malformed as bad:
        return Reading(problem=str(bad))
    assert isinstance(found, Reading), "every reader returns one"
    return found
