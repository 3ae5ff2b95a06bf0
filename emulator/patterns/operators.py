"""What one entry of a pattern's list asks of one value. The rules are those of AWS's own library, `aws/event-ruler`
(docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html)."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

Test = Callable[[Any], bool]
"""Tells whether a value, one that JSON knows and no list or map, is wanted."""
_LIKE_ADDRESS = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+|[0-9a-fA-F:]*:[0-9a-fA-F:]*")
_COMPARE = {"=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_LIMIT = 5e9
"""Numbers compared by `numeric` lie within five thousand million of zero."""


class BadPattern(Exception):
    """It is not an event pattern; the message is the one of AWS's library."""


def test_of(wanted: Any) -> Test:
    """Return what an entry of a list asks of a value.

    Raises:
        BadPattern: it is neither a value nor an expression.
    """
    if isinstance(wanted, dict):
        name, argument = _single(wanted)
        if name not in _OPERATORS:
            raise BadPattern(f"Unrecognized match type {name}")
        return _OPERATORS[name](argument)
    if isinstance(wanted, list):
        raise BadPattern("Match value must be String, number, true, false, or null")
    return _exact(wanted)


def is_absence(wanted: Any) -> bool:
    """Tell whether an entry asks that there be no such field."""
    return wanted == {"exists": False} and wanted["exists"] is False


def _single(expression: Mapping[str, Any]) -> tuple[str, Any]:
    if not expression:
        raise BadPattern("Match expression name not found")
    if len(expression) > 1:
        raise BadPattern("Only one key allowed in match expression")
    return next(iter(expression.items()))


def _exact(wanted: Any) -> Test:
    kind = _kind(wanted)
    if kind is str and (address := _address(wanted)) is not None:
        return lambda value: value == wanted or (type(value) is str and _address(value) == address)
    return lambda value: _kind(value) is kind and value == wanted


def _kind(value: Any) -> type:
    """Return the kind of a value as JSON sees it: whole numbers and others are the same, true is no number."""
    return float if type(value) is int else type(value)


def _address(text: str) -> object:
    if not _LIKE_ADDRESS.fullmatch(text):
        return None
    try:
        return ip_address(text)
    except ValueError:
        return None


def _text(argument: Any, name: str) -> str:
    if not isinstance(argument, str):
        raise BadPattern(f"{name} match pattern must be a string")
    return argument


def _at(end: str) -> Callable[[Any], Test]:
    """Return the operator `prefix` or `suffix`, each of them with or without `equals-ignore-case`."""
    has = str.startswith if end == "prefix" else str.endswith

    def compiled(argument: Any) -> Test:
        if isinstance(argument, dict):
            name, inner = _single(argument)
            if name != "equals-ignore-case":
                raise BadPattern(f"Unsupported {end} pattern: {name}")
            folded = _folded(_text(inner, name))
            return lambda value: type(value) is str and has(_folded(value), folded)
        wanted = _text(argument, end)
        return lambda value: type(value) is str and has(value, wanted)

    return compiled


def _folded(text: str) -> str:
    """Return a text without case: a character is the same as its upper and its lower case, and no other."""
    return "".join(_upper(character) for character in text)


def _upper(character: str) -> str:
    upper = character.upper()
    return upper if len(upper) == 1 else character


def _ignore_case(argument: Any) -> Test:
    wanted = _folded(_text(argument, "equals-ignore-case"))
    return lambda value: type(value) is str and _folded(value) == wanted


def _wildcard(argument: Any) -> Test:
    pattern = re.compile(_expression(_text(argument, "wildcard")), re.DOTALL)
    return lambda value: type(value) is str and pattern.fullmatch(value) is not None


def _expression(text: str) -> str:
    """Turn a wildcard into a regular expression: `*` is anything, `\\*` and `\\\\` are themselves."""
    parts = []
    for found in re.finditer(r"\\.?|\*+|[^\\*]+", text, re.DOTALL):
        part = found[0]
        if part == "*":
            parts.append(".*")
        elif part[0] == "*":
            raise BadPattern(f"Consecutive wildcard characters at pos {found.start()}")
        elif part[0] != "\\":
            parts.append(re.escape(part))
        elif part[1:] in ("*", "\\"):
            parts.append(re.escape(part[1]))
        else:
            raise BadPattern(f"Invalid escape character at pos {found.start()}")
    return "".join(parts)


def _numeric(argument: Any) -> Test:
    if not isinstance(argument, list):
        raise BadPattern("Value of numeric must be an array.")
    if not argument or not isinstance(argument[0], str):
        raise BadPattern(f"Invalid member in numeric match: {argument[0] if argument else ']'}")
    if len(argument) not in (2, 4) or (len(argument) == 4 and argument[0] not in (">", ">=")):
        raise BadPattern("Too many elements in numeric expression")
    if argument[0] not in _COMPARE:
        raise BadPattern(f"Unrecognized numeric range operator: {argument[0]}")
    bounds = [(_COMPARE[argument[0]], _bound(argument[0], argument[1]))]
    if len(argument) == 4:
        bounds.append(_top(argument, bounds[0][1]))
    return lambda value: _kind(value) is float and all(compare(value, bound) for compare, bound in bounds)


def _top(argument: list[Any], bottom: float) -> tuple[Callable[[Any, Any], bool], float]:
    if argument[2] not in ("<", "<="):
        raise BadPattern(f"Bad numeric range operator: {argument[2]}")
    top = _bound(argument[2], argument[3])
    if bottom >= top:
        raise BadPattern("Bottom must be less than top")
    return _COMPARE[argument[2]], top


def _bound(name: str, value: Any) -> float:
    if _kind(value) is not float:
        raise BadPattern(f"Value of {'equals' if name == '=' else name} must be numeric")
    if not -_LIMIT <= value <= _LIMIT:
        raise BadPattern("Value must be between -5.0E9 and 5.0E9, inclusive")
    return float(value)


def _cidr(argument: Any) -> Test:
    text = _text(argument, "cidr")
    if text.count("/") != 1:
        raise BadPattern("Malformed CIDR, one '/' required")
    try:
        network = ip_network(text, strict=False)
    except ValueError as wrong:
        raise BadPattern(f"Malformed CIDR: {wrong}") from wrong

    def within(value: Any) -> bool:
        address: Any = _address(value) if type(value) is str else None
        return address is not None and address in network

    return within


def _exists(argument: Any) -> Test:
    if not isinstance(argument, bool):
        raise BadPattern("exists match pattern must be either true or false.")
    return lambda value: argument


def _exactly(argument: Any) -> Test:
    return _exact(_text(argument, "exact"))


def _anything_but(argument: Any) -> Test:
    if isinstance(argument, dict):
        name, inner = _single(argument)
        if name not in _NEGATED:
            raise BadPattern(f"Unsupported anything-but pattern: {name}")
        unwanted = [_negated(name, each) for each in _list(inner)]
    else:
        values = _list(argument)
        if {_kind(each) for each in values} not in ({str}, {float}):
            raise BadPattern(
                "Inside anything but list, either all values are number or string, mixed type is not supported"
            )
        unwanted = [_exact(each) for each in values]
    return lambda value: not any(each(value) for each in unwanted)


def _negated(name: str, argument: Any) -> Test:
    if not isinstance(argument, str):
        raise BadPattern("prefix/suffix match pattern must be a string")
    if not argument and name in ("prefix", "suffix"):
        raise BadPattern("Null prefix/suffix not allowed")
    return _OPERATORS[name](argument)


def _list(argument: Any) -> list[Any]:
    if isinstance(argument, list):
        if not argument:
            raise BadPattern("Empty arrays are not allowed")
        return argument
    return [argument]


_NEGATED = {"prefix", "suffix", "equals-ignore-case", "wildcard"}
_OPERATORS: dict[str, Callable[[Any], Test]] = {
    "anything-but": _anything_but,
    "cidr": _cidr,
    "equals-ignore-case": _ignore_case,
    "exactly": _exactly,
    "exists": _exists,
    "numeric": _numeric,
    "prefix": _at("prefix"),
    "suffix": _at("suffix"),
    "wildcard": _wildcard,
}
RESERVED = {
    *_OPERATORS, *_COMPARE, "regex", "not-wildcard", "not-equals-ignore-case", "date-after", "date-on-or-after",
    "date-before", "date-on-or-before", "in-date-range", "ip-address-in-range", "ip-address-not-in-range",
}  # fmt: skip
"""Names that a field inside of `$or` may not have."""
