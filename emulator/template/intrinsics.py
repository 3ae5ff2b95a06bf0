"""CloudFormation's functions: Ref, Fn::Sub, Fn::GetAtt, Fn::Join, conditions and the like."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from emulator.template.errors import TemplateError
from emulator.template.model import ACCOUNT, REGION, function_arn

PSEUDO = {
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "local",
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/local/0",
}
NOTHING = object()
"""What `AWS::NoValue` resolves to: the key that holds it disappears."""
_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]*)\}")


class Resolver:
    """Resolves intrinsics against one template's parameters, conditions, mappings and resources."""

    def __init__(self, document: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
        self._parameters = parameters
        self._conditions: Mapping[str, Any] = document.get("Conditions") or {}
        self._mappings: Mapping[str, Any] = document.get("Mappings") or {}
        self._resources: Mapping[str, Any] = document.get("Resources") or {}
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::Join": self._join,
            "Fn::Select": self._select,
            "Fn::Split": lambda given: self.resolve(given[1]).split(given[0]),
            "Fn::If": self._if,
            "Fn::FindInMap": self._find_in_map,
            "Fn::Equals": lambda given: self.resolve(given[0]) == self.resolve(given[1]),
            "Fn::Not": lambda given: not self.resolve(given[0]),
            "Fn::And": lambda given: all(self.resolve(each) for each in given),
            "Fn::Or": lambda given: any(self.resolve(each) for each in given),
            "Condition": self.condition,
        }

    def resolve(self, value: Any) -> Any:
        """Return the value with every intrinsic replaced.

        Raises:
            TemplateError: an unknown function, name or attribute.
        """
        if isinstance(value, list):
            return [found for each in value if (found := self.resolve(each)) is not NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and self._is_intrinsic(name := next(iter(value))):
            if name not in self._functions:
                raise TemplateError(f"{name} is not supported by the emulator")
            return self._functions[name](value[name])
        resolved = ((key, self.resolve(each)) for key, each in value.items())
        return {key: each for key, each in resolved if each is not NOTHING}

    def condition(self, name: str) -> bool:
        if name not in self._conditions:
            raise TemplateError(f"the condition {name} is not declared")
        return bool(self.resolve(self._conditions[name]))

    @staticmethod
    def _is_intrinsic(name: str) -> bool:
        return name in ("Ref", "Condition") or name.startswith("Fn::")

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NOTHING
        if name in self._parameters:
            return self._parameters[name]
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self._resources:
            return self._physical(name)
        raise TemplateError(f"!Ref {name} names neither a parameter nor a resource")

    def _physical(self, logical_id: str) -> Any:
        resource = self._resources[logical_id]
        properties = resource.get("Properties") or {}
        kind = resource.get("Type", "")
        if kind == "AWS::Serverless::LayerVersion":
            return layer_arn(logical_id)
        naming = {"AWS::Serverless::Function": "FunctionName", "AWS::S3::Bucket": "BucketName"}.get(kind)
        if naming and naming in properties:
            return self.resolve(properties[naming])
        return logical_id.lower() if kind == "AWS::S3::Bucket" else logical_id

    def _get_att(self, given: str | list[str]) -> Any:
        logical_id, _, attribute = given.partition(".") if isinstance(given, str) else (given[0], ".", given[1])
        if logical_id not in self._resources:
            raise TemplateError(f"!GetAtt {logical_id}.{attribute} names no resource")
        kind = self._resources[logical_id].get("Type", "")
        if attribute != "Arn":
            raise TemplateError(f"!GetAtt {logical_id}.{attribute}: only Arn is known to the emulator")
        name = self._physical(logical_id)
        if kind == "AWS::Serverless::Function":
            return function_arn(name)
        return f"arn:aws:s3:::{name}" if kind == "AWS::S3::Bucket" else f"arn:aws:local:{REGION}:{ACCOUNT}:{name}"

    def _sub(self, given: str | list[Any]) -> str:
        text, own = (given, {}) if isinstance(given, str) else (given[0], self.resolve(given[1]))

        def replaced(found: re.Match[str]) -> str:
            literal, name = found.groups()
            if literal:
                return "${" + name + "}"
            if name in own:
                return str(own[name])
            return str(self._get_att(name) if "." in name else self._ref(name))

        return _PLACEHOLDER.sub(replaced, text)

    def _join(self, given: list[Any]) -> str:
        return str(given[0]).join(str(each) for each in self.resolve(given[1]))

    def _select(self, given: list[Any]) -> Any:
        return self.resolve(given[1])[int(self.resolve(given[0]))]

    def _if(self, given: list[Any]) -> Any:
        return self.resolve(given[1] if self.condition(given[0]) else given[2])

    def _find_in_map(self, given: list[Any]) -> Any:
        table, row, column = (self.resolve(each) for each in given)
        try:
            return self._mappings[table][row][column]
        except KeyError as missing:
            raise TemplateError(f"!FindInMap finds no {missing} in {table}") from missing


def layer_arn(logical_id: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:{logical_id}:1"
