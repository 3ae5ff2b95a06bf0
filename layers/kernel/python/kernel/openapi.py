"""An OpenAPI 3.1 document from the typed routes that are served."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from kernel.http import Answer, Application
from kernel.problems import PROBLEM, STATUS

REF = "#/components/schemas/{model}"
_SPECIAL = {"caller", "once", "if_match", "if_none_match", "return", "body", "query"}


def document(apps: Iterable[Application], *, title: str, version: str) -> dict[str, Any]:
    """Describe every route of `apps`, in the order of path and method. Same apps, same bytes."""
    views = sorted(
        (path, method.lower(), app.app_name, entry.view_function)
        for app in apps
        for path, methods in app.routes.items()
        for method, entry in methods.items()
    )
    schemas = _Schemas([kind for *_, view in views for kind in _models(view)])
    paths: dict[str, dict[str, Any]] = {}
    for path, method, domain, view in views:
        paths.setdefault(path, {})[method] = _operation(path, domain, view, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {**schemas.definitions, "Problem": _PROBLEM_SCHEMA},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


class _Schemas:
    """JSON Schemas of all models, under one set of names."""

    def __init__(self, kinds: list[Any]) -> None:
        unique = {repr(kind): kind for kind in kinds}
        self._kinds = unique
        inputs = [(name, mode, TypeAdapter(kind).core_schema) for name, kind in unique.items() for mode in _MODES]
        generator = GenerateJsonSchema(by_alias=True, ref_template=REF)
        self._by_key, definitions = generator.generate_definitions(inputs)  # type: ignore[arg-type]
        self.definitions: dict[str, Any] = dict(sorted(definitions.items()))

    def of(self, kind: Any, mode: str) -> dict[str, Any]:
        return self._by_key[repr(kind), mode]  # type: ignore[index]


_MODES = ("validation", "serialization")


def _operation(path: str, domain: str, view: Any, schemas: _Schemas) -> dict[str, Any]:
    hints = inspect.get_annotations(inspect.unwrap(view), eval_str=True)
    summary, _, description = (inspect.getdoc(view) or "").partition("\n")
    operation: dict[str, Any] = {"operationId": view.__name__, "tags": [domain], "summary": summary}
    if description.strip():
        operation["description"] = description.strip()
    operation["parameters"] = [*_path_parameters(path), *_query_parameters(hints, schemas), *_header_parameters(hints)]
    if "body" in hints:
        operation["requestBody"] = {"required": True, **_content(schemas.of(hints["body"], "validation"))}
    operation["responses"] = _responses(view, hints, schemas)
    if "caller" in hints:
        operation["security"] = [{"bearer": []}]
    return operation


def _responses(view: Any, hints: Mapping[str, Any], schemas: _Schemas) -> dict[str, Any]:
    kinds = [kind for kind in _returned(hints) if kind not in (Answer, None, type(None))]
    status = int(getattr(view, "status", HTTPStatus.OK)) if kinds else int(HTTPStatus.NO_CONTENT)
    good: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if kinds:
        good |= _content(schemas.of(kinds[0], "serialization"))
    problem = {
        "description": "A problem (RFC 9457)",
        "content": {PROBLEM: {"schema": {"$ref": REF.format(model="Problem")}}},
    }
    return {str(status): good, "default": problem}


def _returned(hints: Mapping[str, Any]) -> list[Any]:
    returned = hints.get("return")
    return list(get_args(returned)) if "Union" in type(returned).__name__ else [returned]


def _models(view: Any) -> list[Any]:
    hints = inspect.get_annotations(inspect.unwrap(view), eval_str=True)
    found = [hints[name] for name in ("body", "query") if name in hints] + _returned(hints)
    return [kind for kind in found if isinstance(kind, type) and issubclass(kind, BaseModel)]


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)\+?}", path)
    ]


def _query_parameters(hints: Mapping[str, Any], schemas: _Schemas) -> list[dict[str, Any]]:
    if "query" not in hints:
        return []
    name = schemas.of(hints["query"], "validation")["$ref"].rpartition("/")[2]
    model = schemas.definitions[name]
    required = model.get("required", [])
    return [
        {"name": field, "in": "query", "required": field in required, "schema": schema}
        for field, schema in model["properties"].items()
    ]


def _header_parameters(hints: Mapping[str, Any]) -> list[dict[str, Any]]:
    headers = {"once": "Idempotency-Key", "if_match": "If-Match", "if_none_match": "If-None-Match"}
    return [
        {"name": header, "in": "header", "required": False, "schema": {"type": "string"}}
        for argument, header in headers.items()
        if argument in hints
    ]


def _content(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": dict(schema)}}}


_PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer", "enum": sorted({400, 404, 405, 415, *map(int, STATUS.values())})},
        "code": {"type": "string", "description": "stable; clients may switch on it"},
        "detail": {"type": "string"},
    },
}
