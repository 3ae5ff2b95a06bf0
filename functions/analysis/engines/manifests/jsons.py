"""JSON documents that hold an object."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from functions.analysis.engines.manifests.reading import Malformed


def document(source: str) -> Mapping[str, Any]:
    """Raises Malformed."""
    try:
        said = json.loads(source)
    except (ValueError, RecursionError) as bad:
        raise Malformed("not JSON") from bad
    if not isinstance(said, dict):
        raise Malformed("not an object")
    return said
