"""CloudFormation's functions: Ref, Fn::Sub, Fn::GetAtt, Fn::Join, conditions and the like.

AWS: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from emulator.template import intrinsic_texts as texts
from emulator.template.conditions import Conditions
from emulator.template.document import included
from emulator.template.errors import TemplateError
from emulator.template.marks import Marked, at, lines_of
from emulator.template.names import NOTHING, Names
from emulator.template.references import NoValues, References
from emulator.template.resources import layer_arn

__all__ = ["NOTHING", "Resolver", "layer_arn"]
_REFUSED = {
    "Fn::ImportValue": "exports of other stacks are not known here, give the value as a parameter",
    "Fn::ForEach": "loops are not supported by the emulator",
    "Fn::GetStackOutput": "other stacks are not known here, give the value as a parameter",
}


class Resolver:
    """Resolves intrinsics against one template's parameters, conditions, mappings and resources."""

    def __init__(
        self,
        document: Mapping[str, Any],
        parameters: Mapping[str, Any],
        references: References | None = None,
        root: Path = Path(),
    ) -> None:
        self._mappings: Mapping[str, Any] = document.get("Mappings") or {}
        self._references = references or References(NoValues())
        self._root = root
        self.names = Names(document.get("Resources") or {}, parameters, self.resolve)
        self._conditions = Conditions(document.get("Conditions") or {}, self.resolve)
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self.names.ref,
            "Fn::GetAtt": self.names.get_att,
            "Fn::Sub": lambda given: texts.sub(given, self.resolve, self.names),
            "Fn::FindInMap": self._find_in_map,
            "Fn::Transform": self._transform,
            **{name: self._plain(function) for name, function in texts.PLAIN.items()},
            **self._conditions.functions,
        }

    def resolve(self, value: Any) -> Any:
        """Return the value with every intrinsic and every dynamic reference replaced.

        Raises:
            TemplateError: an unknown function, name or attribute, or a reference that finds nothing.
        """
        if isinstance(value, str):
            return self._references.within(value)
        if isinstance(value, list):
            return [found for each in value if (found := self.resolve(each)) is not NOTHING]
        if not isinstance(value, dict):
            return value
        if name := _intrinsic(value):
            with at(value, name):
                found = self._call(name, value[name])
            return self._references.within(found) if isinstance(found, str) else found
        return self._mapping(value)

    def condition(self, name: str) -> bool:
        """Tell whether a condition holds.

        Raises:
            TemplateError: it is not declared, depends on itself, or is no condition.
        """
        return self._conditions.holds(name)

    def _mapping(self, value: Mapping[str, Any]) -> Marked:
        found = Marked(lines=lines_of(value))
        for key, each in value.items():
            with at(value, key):
                if key.startswith("Fn::"):
                    self._call(key, each)
                    raise TemplateError(f"{key} must stand alone in its mapping")
                resolved = self.resolve(each)
            if resolved is not NOTHING:
                found[key] = resolved
        return found

    def _call(self, name: str, given: Any) -> Any:
        kind = "::".join(name.split("::")[:2])
        if kind in _REFUSED:
            raise TemplateError(f"{name} is not supported by the emulator: {_REFUSED[kind]}")
        if name not in self._functions:
            raise TemplateError(f"{name} is not a function of CloudFormation that the emulator knows")
        try:
            return self._functions[name](given)
        except (TypeError, ValueError, IndexError, KeyError, AttributeError) as wrong:
            raise TemplateError(f"{name} is given wrongly: {wrong}") from wrong

    def _plain(self, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda given: function(self.resolve(given))

    def _find_in_map(self, given: list[Any]) -> Any:
        table, row, column = (str(self.resolve(each)) for each in given[:3])
        try:
            return self._mappings[table][row][column]
        except KeyError as missing:
            if len(given) > 3:
                return self.resolve(given[3]["DefaultValue"])
            raise TemplateError(f"!FindInMap finds no {missing} in {table}") from missing

    def _transform(self, given: Mapping[str, Any]) -> Any:
        """Include a local file; other macros are programs of the account.

        AWS: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html
        """
        name, location = given["Name"], str(self.resolve(given.get("Parameters") or {}).get("Location", ""))
        if name != "AWS::Include" or not location or location.startswith("s3://"):
            raise TemplateError(
                f"the macro {name} is not supported by the emulator, but for AWS::Include of a local file"
            )
        return self.resolve(included(self._root / location))


def _intrinsic(value: Mapping[str, Any]) -> str | None:
    """Return the name of the function that a mapping calls, if it is a call."""
    if len(value) != 1:
        return None
    name = next(iter(value))
    calls = name == "Ref" or name.startswith("Fn::") or (name == "Condition" and isinstance(value[name], str))
    return name if calls else None
