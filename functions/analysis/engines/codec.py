"""A file's result as compact JSON: rows instead of objects, scopes by number in calls. Stored by content, so versioned."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

from functions.analysis.model import (
    Call,
    Class,
    Confidence,
    Constant,
    FileResult,
    Finding,
    Form,
    Function,
    FunctionKind,
    Import,
    Metrics,
    Severity,
    Status,
)

SCHEMA = 1
_METRICS = attrgetter(*Metrics.__slots__)
_FUNCTION = attrgetter(*Function.__slots__)
_CLASS = attrgetter(*Class.__slots__)
_IMPORT = attrgetter(*Import.__slots__)
_FINDING = attrgetter(*Finding.__slots__)


class UnknownSchema(ValueError):
    """The document was written by another version; analyse the content again."""


def to_json(result: FileResult) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "sha256": result.sha256,
        "language": result.language,
        "form": result.form,
        "engines": result.engine_set,
        "status": result.status,
        "bytes": result.size_bytes,
        "reason": result.reason,
        "generated": result.generated,
        "notes": result.notes,
        "metrics": _METRICS(result.metrics),
        "functions": [_FUNCTION(function) for function in result.functions],
        "classes": [_CLASS(found) for found in result.classes],
        "constants": [(constant.name, constant.line) for constant in result.constants],
        "imports": [_IMPORT(found) for found in result.imports],
        **_pack_calls(result.calls),
        "findings": [_FINDING(finding) for finding in result.findings],
        "tokens": base64.b64encode(result.tokens).decode(),
    }


def _pack_calls(calls: Sequence[Call]) -> dict[str, Any]:
    numbers: dict[str, int] = {}
    rows = [(callee, numbers.setdefault(caller, len(numbers)), line) for callee, caller, line in calls]
    return {"callers": list(numbers), "calls": rows}


def from_json(document: dict[str, Any]) -> FileResult:
    """Raises UnknownSchema."""
    if document.get("schema") != SCHEMA:
        raise UnknownSchema(f"schema {document.get('schema')}")
    callers = document["callers"]
    return FileResult(
        sha256=document["sha256"],
        language=document["language"],
        form=Form(document["form"]),
        engine_set=document["engines"],
        status=Status(document["status"]),
        size_bytes=document["bytes"],
        reason=document["reason"],
        generated=document["generated"],
        notes=tuple(document["notes"]),
        metrics=Metrics(*document["metrics"]),
        functions=tuple(_function(row) for row in document["functions"]),
        classes=tuple(Class(row[0], row[1], row[2], row[3], tuple(row[4])) for row in document["classes"]),
        constants=tuple(Constant(*row) for row in document["constants"]),
        imports=tuple(_imports(document["imports"])),
        calls=tuple((callee, callers[caller], line) for callee, caller, line in document["calls"]),
        findings=tuple(_finding(row) for row in document["findings"]),
        tokens=base64.b64decode(document["tokens"]),
    )


def _function(row: Sequence[Any]) -> Function:
    return Function(row[0], row[1], FunctionKind(row[2]), *row[3:])


def _imports(rows: Iterable[Sequence[Any]]) -> Iterable[Import]:
    for module, names, alias, level, line in rows:
        yield Import(module, tuple((name, other) for name, other in names), alias, level, line)


def _finding(row: Sequence[Any]) -> Finding:
    rule, title, message, severity, confidence, *rest = row
    return Finding(rule, title, message, Severity(severity), Confidence(confidence), *rest)
