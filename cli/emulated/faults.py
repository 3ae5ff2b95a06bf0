"""`coderev faults`: what goes wrong because somebody asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from cli.emulated.paint import json_whole, rows
from cli.emulated.place import Edge
from cli.errors import CLEAN, UserError

_HEAD = ("Of", "What", "How often", "Details")


def listed(edge: Edge, *, as_json: bool) -> int:
    """Print what was asked for. Raises UserError."""
    told = edge.get("/faults")
    if as_json:
        json_whole(told)
        return CLEAN
    of_functions = [_function_row(name, fault) for name, fault in told["functions"].items()]
    of_sources = [_source_row(each) for each in told["sources"] if any(each["faults"].values())]
    if of_functions or of_sources:
        rows([_HEAD, *of_functions, *of_sources])
    else:
        print("No faults.")
    return CLEAN


def set_function(edge: Edge, function: str, wanted: Mapping[str, Any]) -> int:
    """Raises UserError."""
    edge.ask("PUT", f"/faults/functions/{quote(function, safe='')}", _given(wanted))
    return CLEAN


def set_source(edge: Edge, mapping: str, wanted: Mapping[str, Any]) -> int:
    """Raises UserError."""
    edge.ask("PUT", f"/faults/sources/{_source(edge, mapping)}", _given(wanted))
    return CLEAN


def clear(edge: Edge, name: str | None) -> int:
    """End the faults of one function or mapping, or all. Raises UserError."""
    told = edge.get("/faults")
    functions = [each for each in told["functions"] if name in (None, each)]
    sources = [each["uuid"] for each in told["sources"] if name in (None, each["uuid"], each["mapping"])]
    for function in functions:
        edge.ask("DELETE", f"/faults/functions/{quote(function, safe='')}")
    for source in sources:
        edge.ask("DELETE", f"/faults/sources/{source}")
    return CLEAN


def _source(edge: Edge, wanted: str) -> str:
    found = [each["uuid"] for each in edge.get("/faults")["sources"] if wanted in (each["uuid"], each["mapping"])]
    if not found:
        raise UserError(f"There is no Kafka mapping {wanted} here.")
    return str(found[0])


def _given(wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if value is not None}


def _function_row(name: str, fault: Mapping[str, Any]) -> tuple[str, ...]:
    details = {"delay": f"{fault['seconds']:g} s", "error": str(fault["error"])}.get(fault["kind"], "")
    return name, fault["kind"], "always" if fault["times"] is None else f"{fault['times']} more", details


def _source_row(source: Mapping[str, Any]) -> tuple[str, ...]:
    details = ", ".join(f"{name} {value}" for name, value in source["faults"].items() if value)
    return source["mapping"], "source", "", details
