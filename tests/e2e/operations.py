"""Every operation of the OpenAPI document, ready to be called: tests made from it cannot forget a route."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DOCUMENT = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text())


@dataclass(frozen=True, slots=True)
class Operation:
    """`body` is the document's own example of a good one."""

    method: str
    path: str
    names: tuple[str, ...]
    query: tuple[str, ...]
    body: Any
    public: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def at(self, **values: str) -> str:
        """The path with its parameters filled in, as they stand."""
        return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], self.path)


def operations() -> tuple[Operation, ...]:
    return tuple(
        _operation(method.upper(), path, about)
        for path, item in DOCUMENT["paths"].items()
        for method, about in item.items()
    )


def _operation(method: str, path: str, about: dict[str, Any]) -> Operation:
    given = about.get("parameters", [])
    names, query = (tuple(each["name"] for each in given if each["in"] == place) for place in ("path", "query"))
    return Operation(method, path, names, query, _example(about), not about.get("security"))


def _example(about: dict[str, Any]) -> Any:
    if "requestBody" not in about:
        return None
    schema = about["requestBody"]["content"]["application/json"]["schema"]
    return DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["example"]
