"""Parts of files as they are stored: compressed, since they are many and seldom read."""

from __future__ import annotations

import json
import zlib

from functions.analysis.graph import Part
from functions.analysis.resolution.linking import Linked


def packed(part: Part) -> bytes:
    """Nodes and edges; `consulted` and `stems` are stored where they can be searched."""
    one = part.linked
    rows = (one.language, one.symbols, one.imports, one.calls, one.external, one.unresolved, one.inherits)
    said = (*rows, part.names, part.tests, part.owners, part.externals)
    return zlib.compress(json.dumps(said, separators=(",", ":")).encode(), 1)


def unpacked(data: bytes) -> Part:
    language, symbols, imports, calls, external, unresolved, inherits, *more = json.loads(zlib.decompress(data))
    linked = Linked(
        language,
        tuple((name, kind, line, end_line) for name, kind, line, end_line in symbols),
        tuple(imports),
        tuple((caller, path, callee, times) for caller, path, callee, times in calls),
        external,
        unresolved,
        inherits=tuple((name, path, base) for name, path, base in inherits),
    )
    names, tests, owners, externals = more
    return Part(
        linked, tuple((path, tuple(bound)) for path, bound in names), tuple(tests), tuple(owners), tuple(externals)
    )
