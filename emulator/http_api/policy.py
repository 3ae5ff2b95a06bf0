"""What the policy of an authorizer means for a route: a deny beats every allow, and silence denies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

ACTION = "execute-api:Invoke"


def allows(statements: Iterable[Mapping[str, Any]], arn: str) -> bool:
    effects = {str(each.get("Effect")) for each in statements if _applies(each, arn)}
    return "Allow" in effects and "Deny" not in effects


def _applies(statement: Mapping[str, Any], arn: str) -> bool:
    """Tell whether a statement speaks of invoking a route. Conditions are not evaluated, and so they only deny."""
    if statement.get("Condition") and statement.get("Effect") == "Allow":
        return False
    return _names(statement, "Action", ACTION.lower(), fold=True) and _names(statement, "Resource", arn)


def _names(statement: Mapping[str, Any], element: str, wanted: str, *, fold: bool = False) -> bool:
    if (excluded := statement.get(f"Not{element}")) is not None:
        return not any(_like(each, wanted, fold) for each in _list(excluded))
    return any(_like(each, wanted, fold) for each in _list(statement.get(element)))


def _list(given: Any) -> list[str]:
    if given is None:
        return []
    return [str(each) for each in given] if isinstance(given, list) else [str(given)]


def _like(pattern: str, text: str, fold: bool) -> bool:
    """Match IAM's wildcards: `*` is any text, slashes included, `?` one character."""
    expression = re.escape(pattern.lower() if fold else pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, text, re.DOTALL) is not None
