"""Loads the YAML of a template, short tags (`!Ref`, `!Sub`) included, and settles its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from emulator.template.errors import TemplateError


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short tags as the long form: `!Sub x` is `{"Fn::Sub": "x"}`."""


def _long_form(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> Any:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}


_Loader.add_multi_constructor("!", _long_form)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(path: Path) -> dict[str, Any]:
    """Return the template as plain values.

    Raises:
        TemplateError: the file is missing, not YAML, or no template.
    """
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except FileNotFoundError as missing:
        raise TemplateError(f"{path}: no such file") from missing
    except (OSError, UnicodeDecodeError) as unreadable:
        raise TemplateError(f"{path} cannot be read: {unreadable}") from unreadable
    except yaml.YAMLError as broken:
        raise TemplateError(f"{path} is not YAML: {broken}") from broken
    if not isinstance(document, dict) or not isinstance(document.get("Resources"), dict):
        raise TemplateError(f"{path} has no Resources, so it is not a SAM template")
    return document


def parameters(document: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """Settle every declared parameter: what is given wins over the default.

    Raises:
        TemplateError: a parameter has neither, or a value that is not allowed.
    """
    return {name: _value(name, declared or {}, given) for name, declared in (document.get("Parameters") or {}).items()}


def _value(name: str, declared: Mapping[str, Any], given: Mapping[str, str]) -> Any:
    if name in given:
        value: Any = given[name]
    elif "Default" in declared:
        value = declared["Default"]
    else:
        raise TemplateError(f"the parameter {name} has no default and no value was given")
    allowed = declared.get("AllowedValues")
    if allowed and str(value) not in [str(each) for each in allowed]:
        raise TemplateError(f"the parameter {name} is {value!r}, allowed are {', '.join(map(str, allowed))}")
    if str(declared.get("Type", "")).startswith(("CommaDelimitedList", "List<")):
        return [part.strip() for part in str(value).split(",")]
    return value if declared.get("Type") == "Number" and isinstance(value, int | float) else str(value)
