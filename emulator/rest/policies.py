"""What a policy document says about a request: actions, resources and conditions of IAM's language.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from ipaddress import ip_address, ip_network
from typing import Any

ACTION = "execute-api:Invoke"
Statement = Mapping[str, Any]


class Decision(Enum):
    ALLOW = "Allow"
    DENY = "Deny"
    SILENT = "neither"


@dataclass(frozen=True, slots=True)
class Asked:
    """The request: the ARN of its method, and the condition keys with their values, in lower case names."""

    arn: str
    keys: Mapping[str, str]


def decide(statements: Sequence[Statement], asked: Asked) -> Decision:
    """Hold statements against a request: a deny beats every allow."""
    decision = Decision.SILENT
    for statement in statements:
        effect = statement.get("Effect")
        if effect == "Deny" and _applies(statement, asked, unknown=True):
            return Decision.DENY
        if effect == "Allow" and _applies(statement, asked, unknown=False):
            decision = Decision.ALLOW
    return decision


def _applies(statement: Statement, asked: Asked, *, unknown: bool) -> bool:
    """Tell whether a statement is about the request.

    Args:
        unknown: What a condition counts as that is not known here: true in a deny, so that access stays closed.
    """
    return (
        _names(statement, "Action", ACTION, str.lower)
        and _names(statement, "Resource", asked.arn, str)
        and _conditions(statement.get("Condition") or {}, asked, unknown=unknown)
    )


def _names(statement: Statement, element: str, text: str, fold: Callable[[str], str]) -> bool:
    """Tell whether an element such as `Action` names the text, or its opposite `NotAction` does not."""
    if element in statement:
        return any(like(fold(each), fold(text)) for each in listed(statement[element]))
    opposite = f"Not{element}"
    return opposite in statement and not any(like(fold(each), fold(text)) for each in listed(statement[opposite]))


def listed(given: Any) -> list[str]:
    return [str(each) for each in given] if isinstance(given, list) else [str(given)]


def like(pattern: str, text: str) -> bool:
    """Match IAM's wildcards: `*` is any text, slashes included, `?` one character."""
    return _expression(pattern).fullmatch(text) is not None


@functools.lru_cache(maxsize=1024)
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


def _conditions(conditions: Any, asked: Asked, *, unknown: bool) -> bool:
    if not isinstance(conditions, Mapping):
        return unknown
    return all(
        _holds(str(operator), str(key).lower(), listed(values), asked, unknown=unknown)
        for operator, keys in conditions.items()
        for key, values in (keys.items() if isinstance(keys, Mapping) else [("", keys)])
    )


def _holds(operator: str, key: str, values: list[str], asked: Asked, *, unknown: bool) -> bool:
    given = asked.keys.get(key)
    if operator == "Null":
        return (given is None) == (values[0].lower() == "true")
    optional = operator.endswith("IfExists")
    name = operator.removesuffix("IfExists")
    positive = name.replace("Not", "", 1) if name not in _OPERATORS else name
    if positive not in _OPERATORS or (key not in _KEYS and given is None):
        return unknown
    if given is None:
        return optional or positive != name
    try:
        found = any(_OPERATORS[positive](value, given) for value in values)
    except ValueError:
        return unknown
    return found if positive == name else not found


def _in_network(network: str, address: str) -> bool:
    return ip_address(address) in ip_network(network, strict=False)


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "ArnEquals": like,
    "ArnLike": like,
    "Bool": lambda value, given: value.lower() == given.lower(),
    "IpAddress": _in_network,
    "NumericEquals": lambda value, given: float(value) == float(given),
    "NumericGreaterThan": lambda value, given: float(given) > float(value),
    "NumericGreaterThanEquals": lambda value, given: float(given) >= float(value),
    "NumericLessThan": lambda value, given: float(given) < float(value),
    "NumericLessThanEquals": lambda value, given: float(given) <= float(value),
    "DateGreaterThan": lambda value, given: given > value,
    "DateGreaterThanEquals": lambda value, given: given >= value,
    "DateLessThan": lambda value, given: given < value,
    "DateLessThanEquals": lambda value, given: given <= value,
    "StringEquals": lambda value, given: value == given,
    "StringEqualsIgnoreCase": lambda value, given: value.lower() == given.lower(),
    "StringLike": like,
}
_KEYS = frozenset(
    {
        "aws:currenttime", "aws:epochtime", "aws:referer", "aws:securetransport", "aws:sourceip", "aws:useragent",
    }
)  # fmt: skip
"""Condition keys that a request may have; one that it lacks makes a positive condition false, a negated one true."""
