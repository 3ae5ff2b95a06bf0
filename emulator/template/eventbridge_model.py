"""What a template says about rules that match events of a bus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DEFAULT_BUS = "default"


@dataclass(frozen=True, slots=True)
class EventRule:
    """A rule with one function as its target; at most one of the inputs is given.

    `input` replaces the event, `input_path` picks a part of it, `template` is filled from it through `paths`.
    """

    name: str
    function: str
    pattern: Mapping[str, Any]
    bus: str = DEFAULT_BUS
    input: str | None = None
    input_path: str | None = None
    template: str | None = None
    paths: Mapping[str, str] = field(default_factory=dict)


def bus_name(reference: str) -> str:
    """Return the plain name of a bus given by name or ARN."""
    return reference.rpartition("event-bus/")[2] or DEFAULT_BUS
