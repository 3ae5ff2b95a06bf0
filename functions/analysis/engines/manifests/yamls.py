"""YAML without what makes it dangerous: no tags, no anchors, bounded depth and number of nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from functions.analysis.engines.manifests.reading import Malformed

_MOST_NODES = 400_000
_DEEPEST = 50


def document(source: str) -> Mapping[str, Any]:
    """Raises Malformed."""
    import yaml

    try:
        _check(source)
        said = yaml.load(source, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError) as bad:
        raise Malformed("not YAML that is read here") from bad
    if not isinstance(said, dict):
        raise Malformed("not a mapping")
    return said


def _check(source: str) -> None:
    """Raises ValueError, before anything is built of it."""
    import yaml

    depth = 0
    for count, event in enumerate(yaml.parse(source, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > _DEEPEST or count > _MOST_NODES:
            raise ValueError("an alias, or too much")
