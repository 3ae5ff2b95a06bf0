"""Settles the parameters of a template: given values, defaults, types and what is allowed.

AWS: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from emulator.template.errors import TemplateError
from emulator.template.marks import at

_SSM = "AWS::SSM::Parameter::Value<"
Lookup = Callable[[str], str]
"""Returns the value of an SSM parameter by its name. Raises TemplateError if there is none."""


def settle(document: Mapping[str, Any], given: Mapping[str, str], lookup: Lookup) -> dict[str, Any]:
    """Return the value of every declared parameter: what is given wins over the default.

    Raises:
        TemplateError: a parameter has neither, or a value that is not allowed.
    """
    declared = document.get("Parameters") or {}
    found = {}
    for name, about in declared.items():
        with at(declared, name):
            if not isinstance(about, Mapping):
                raise TemplateError(f"the parameter {name} must be a mapping with a Type")
            found[name] = _value(name, about, given, lookup)
    return found


def hidden(document: Mapping[str, Any], values: Mapping[str, Any]) -> frozenset[str]:
    """Return the values of the parameters with NoEcho."""
    declared = document.get("Parameters") or {}
    return frozenset(str(values[name]) for name in declared if str(declared[name].get("NoEcho", "")).lower() == "true")


def _value(name: str, declared: Mapping[str, Any], given: Mapping[str, str], lookup: Lookup) -> Any:
    if name in given:
        value: Any = given[name]
    elif "Default" in declared:
        value = declared["Default"]
    else:
        raise TemplateError(f"the parameter {name} has no default and no value was given")
    kind = str(declared.get("Type", "String"))
    if kind.startswith(_SSM):
        value, kind = lookup(str(value)), kind.removeprefix(_SSM).removesuffix(">")
    listed = kind == "CommaDelimitedList" or kind.startswith("List<")
    values = [part.strip() for part in _text(value).split(",")] if listed else [_text(value)]
    for each in values:
        _check(name, each, declared, number=kind in ("Number", "List<Number>"))
    if listed:
        return values
    return value if kind == "Number" and isinstance(value, int | float) else values[0]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _check(name: str, value: str, declared: Mapping[str, Any], *, number: bool) -> None:
    shown = "that value" if declared.get("NoEcho") else repr(value)
    allowed = declared.get("AllowedValues")
    if allowed and value not in [_text(each) for each in allowed]:
        raise TemplateError(f"the parameter {name} is {shown}, allowed are {', '.join(map(str, allowed))}")
    pattern = declared.get("AllowedPattern")
    if pattern and not re.fullmatch(str(pattern), value):
        why = declared.get("ConstraintDescription") or f"it must match {pattern}"
        raise TemplateError(f"the parameter {name} is {shown}: {why}")
    if number:
        _check_number(name, value, declared)
    for limit, wrong in (("MinLength", int.__lt__), ("MaxLength", int.__gt__)):
        if limit in declared and wrong(len(value), int(declared[limit])):
            raise TemplateError(f"the parameter {name} has {len(value)} characters, {limit} is {declared[limit]}")


def _check_number(name: str, value: str, declared: Mapping[str, Any]) -> None:
    try:
        found = float(value)
    except ValueError as wrong:
        raise TemplateError(f"the parameter {name} is {value!r}, which is no number") from wrong
    for limit, outside in (("MinValue", float.__lt__), ("MaxValue", float.__gt__)):
        if limit in declared and outside(found, float(declared[limit])):
            raise TemplateError(f"the parameter {name} is {value}, {limit} is {declared[limit]}")
