"""A bill of materials in CycloneDX 1.6: https://cyclonedx.org/docs/1.6/json/. What is not known is left out.

The same analysis has the same document: serial number and moment are the analysis' own. Written by hand, as the
library takes 24 seconds for 5,000 components where this takes a tenth of one; it checks the result in the tests.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from functions.analysis.dependencies import Package
from functions.analysis.engines.manifests.reading import RUNTIME, Dependency
from functions.analysis.lifecycle import Analysis

MOST_COMPONENTS = 20_000
_MOST_PATHS = 20  # that tell of one component
_DUMPS = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_WORDS = re.compile(r"[()\s]+")
_OPERATORS = frozenset({"AND", "OR", "WITH"})


def render(analysis: Analysis, packages: Sequence[Package]) -> bytes:
    listed = packages[:MOST_COMPONENTS]
    subject = {
        "bom-ref": analysis.version_id,
        "type": "application",
        "name": f"project {analysis.project_id}",
        "version": analysis.commit or analysis.version_id,
    }
    direct = sorted(_reference(one.dependency) for one in listed if one.dependency.direct)
    told = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.UUID(analysis.id), 'sbom.cdx.json')}",
        "version": 1,
        "metadata": {
            "timestamp": analysis.created_at.isoformat(),
            "tools": {"components": [{"type": "application", "name": "coderev"}]},
            "component": subject,
        },
        "components": [_component(one) for one in listed],
        "dependencies": [{"ref": analysis.version_id, **({"dependsOn": direct} if direct else {})}],
    }
    return _DUMPS(told).encode(errors="replace")


def _component(package: Package) -> dict[str, Any]:
    one = package.dependency
    component: dict[str, Any] = {"bom-ref": _reference(one), "type": "library", "name": one.name}
    if one.version:
        component["version"] = one.version
    component["scope"] = "required" if one.scope == RUNTIME else "optional"
    if one.licence:
        component["licenses"] = [_licence(one.licence)]
    component["purl"] = _purl(one)
    component["properties"] = [{"name": f"coderev:{name}", "value": value} for name, value in _properties(package)]
    return component


def _reference(one: Dependency) -> str:
    return f"{one.ecosystem}:{one.name}@{one.version}"


def _purl(one: Dependency) -> str:
    """https://github.com/package-url/purl-spec: what stands before the last separator is the namespace."""
    parts = one.name.split(":" if one.ecosystem == "maven" else "/")
    path = "/".join(quote(part.encode(errors="replace"), safe="-._~:") for part in parts if part)
    version = f"@{quote(one.version.encode(errors='replace'), safe='-._~:')}" if one.version else ""
    return f"pkg:{one.ecosystem}/{path}{version}"


def _properties(package: Package) -> Iterator[tuple[str, str]]:
    one = package.dependency
    if one.direct is not None:
        yield "direct", str(one.direct).lower()
    yield from (("path", path) for path in package.paths[:_MOST_PATHS])
    yield "scope", one.scope
    if one.wanted:
        yield "wanted", one.wanted


@lru_cache(4096)
def _licence(said: str) -> dict[str, Any]:
    """An SPDX id or an expression of such ids as what it is, anything else by its name."""
    from cyclonedx.spdx import is_supported_id

    if is_supported_id(said):
        return {"license": {"id": said}}
    words = [word for word in _WORDS.split(said) if word]
    plain = [word.removesuffix("+") for word, before in zip(words, ["", *words], strict=False) if before != "WITH"]
    known = all(word in _OPERATORS or is_supported_id(word) for word in plain)
    return {"expression": said} if known and len(words) > 1 else {"license": {"name": said}}
