"""Conditions of a template, and the functions that combine them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulator.template.errors import TemplateError
from emulator.template.marks import at

_MIN_OPERANDS, _MAX_OPERANDS = 2, 10


class Conditions:
    """Evaluates conditions. `functions` are those that yield or use one."""

    def __init__(self, declared: Mapping[str, Any], resolve: Callable[[Any], Any]) -> None:
        self._declared, self._resolve = declared, resolve
        self._asked: list[str] = []
        self.functions: Mapping[str, Callable[[Any], Any]] = {
            "Condition": self.holds,
            "Fn::If": self._if,
            "Fn::Equals": self._equals,
            "Fn::Not": lambda given: not self._truth("Fn::Not", _of_length("Fn::Not", given, 1)[0]),
            "Fn::And": lambda given: all(self._each("Fn::And", given)),
            "Fn::Or": lambda given: any(self._each("Fn::Or", given)),
        }

    def holds(self, name: str) -> bool:
        """Tell whether a condition holds.

        Raises:
            TemplateError: it is not declared, depends on itself, or is no condition.
        """
        if name not in self._declared:
            raise TemplateError(f"the condition {name} is not declared")
        if name in self._asked:
            circle = " → ".join([*self._asked[self._asked.index(name) :], name])
            raise TemplateError(f"the conditions depend on each other: {circle}")
        self._asked.append(name)
        try:
            with at(self._declared, name):
                return self._truth(f"the condition {name}", self._declared[name])
        finally:
            self._asked.pop()

    def _each(self, name: str, given: Any) -> list[bool]:
        """Evaluate every operand, so that a wrong one is found whatever the others are."""
        return [self._truth(name, each) for each in _operands(name, given)]

    def _truth(self, place: str, given: Any) -> bool:
        found = self._resolve(given)
        if not isinstance(found, bool):
            raise TemplateError(f"{place} needs conditions such as Fn::Equals, not {found!r}")
        return found

    def _if(self, given: Any) -> Any:
        name, yes, no = _of_length("Fn::If", given, 3)
        return self._resolve(yes if self.holds(name) else no)

    def _equals(self, given: Any) -> bool:
        left, right = (_text(self._resolve(each)) for each in _of_length("Fn::Equals", given, 2))
        return bool(left == right)


def _text(value: Any) -> Any:
    """CloudFormation compares text: `true` equals `"true"`, and 1 equals `"1"`."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _of_length(name: str, given: Any, length: int) -> list[Any]:
    if not isinstance(given, list) or len(given) != length:
        raise TemplateError(f"{name} takes a list of {length}")
    return given


def _operands(name: str, given: Any) -> list[Any]:
    if not isinstance(given, list) or not _MIN_OPERANDS <= len(given) <= _MAX_OPERANDS:
        raise TemplateError(f"{name} takes a list of {_MIN_OPERANDS} to {_MAX_OPERANDS} conditions")
    return given
