"""What a rule's target gets: the event, a part of it, or a text made from it.

AWS: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from emulator.template.eventbridge_model import DEFAULT_BUS, EventRule
from emulator.template.model import ACCOUNT, REGION

_TOKEN = re.compile(r'\\.|"|<([A-Za-z0-9_.-]+)>', re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\*|'[^']*')\]")
_MISSING = object()


def payload(rule: EventRule, event: Mapping[str, Any]) -> bytes:
    """Return the event of an invoke."""
    if rule.input is not None:
        return rule.input.encode()
    if rule.template is not None:
        return _filled(rule.template, _variables(rule, event)).encode()
    if rule.input_path is not None:
        found = at_path(event, rule.input_path)
        return json.dumps(None if found is _MISSING else found).encode()
    return json.dumps(event).encode()


def at_path(document: Any, path: str) -> Any:
    """Return what lies at a path such as `$.detail.items[0]`, `[*]` for all elements of a list."""
    found = document
    for name, index in _STEP.findall(path.removeprefix("$")):
        found = _step(found, name or index)
        if found is _MISSING:
            return _MISSING
    return found


def _step(value: Any, step: str) -> Any:
    if isinstance(value, list):
        if step == "*":
            return value
        return value[int(step)] if step.isdecimal() and int(step) < len(value) else _MISSING
    return value.get(step.strip("'"), _MISSING) if isinstance(value, Mapping) else _MISSING


def _variables(rule: EventRule, event: Mapping[str, Any]) -> dict[str, Any]:
    where = rule.name if rule.bus == DEFAULT_BUS else f"{rule.bus}/{rule.name}"
    own = {name: at_path(event, path) for name, path in rule.paths.items()}
    return own | {
        "aws.events.rule-arn": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{where}",
        "aws.events.rule-name": rule.name,
        "aws.events.event.ingestion-time": event["time"],
        "aws.events.event": {name: value for name, value in event.items() if name != "detail"},
        "aws.events.event.json": event,
    }


def _filled(template: str, variables: Mapping[str, Any]) -> str:
    """Fill in the variables: as text within a JSON string, as JSON outside of one. What is missing is empty."""
    quoted = False

    def fill(token: re.Match[str]) -> str:
        nonlocal quoted
        if token[0] == '"':
            quoted = not quoted
        if token[1] is None:
            return token[0]
        value = variables.get(token[1], _MISSING)
        if value is _MISSING:
            value = ""
        return _text(value) if quoted else json.dumps(value, separators=(",", ":"))

    return _TOKEN.sub(fill, template)


def _text(value: Any) -> str:
    """Return a value as it stands within a JSON string; a list or an object loses its quotes."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)[1:-1]
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).replace('\\"', "").replace('"', "")
