"""TOML within bounds that keep a hostile document to itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from functions.analysis.engines.manifests.reading import Malformed

_KEY_OF_MANY_PARTS = re.compile(r"(?<![\w-])(?:(?:[\w-]++|\"[^\"\n]{0,200}\"|'[^'\n]{0,200}')[ \t]*\.[ \t]*){40}")


def document(source: str) -> Mapping[str, Any]:
    """A TOML document; a key of very many parts would cost the square of their number. Raises Malformed."""
    import tomllib

    if _KEY_OF_MANY_PARTS.search(source):
        raise Malformed("a key has too many parts")
    try:
        return tomllib.loads(source)
    except (tomllib.TOMLDecodeError, RecursionError) as bad:
        raise Malformed("not TOML") from bad
