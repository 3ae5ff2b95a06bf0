"""Loads the YAML or JSON of a template, short tags (`!Ref`, `!Sub`) included."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from emulator.template.errors import TemplateError
from emulator.template.marks import Marked, line_of

_KNOWN_MACROS = ("AWS::Serverless-2016-10-31", "AWS::LanguageExtensions")
_PLAIN = ("Ref", "Condition")


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short tags as the long form: `!Sub x` is `{"Fn::Sub": "x"}`."""


def _long_form(loader: _Loader, tag: str, node: yaml.Node) -> Any:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = _marked(loader, node)
    name = tag if tag in _PLAIN else f"Fn::{tag}"
    return Marked({name: value}, {name: _line(node)})


def _marked(loader: _Loader, node: yaml.MappingNode) -> Marked:
    _refuse_twice(node)
    loader.flatten_mapping(node)
    found = Marked()
    for key_node, value_node in node.value:
        key, line = loader.construct_object(key_node, deep=True), _line(key_node)
        if not isinstance(key, str | int | float | bool):
            raise TemplateError(f"{key!r} cannot be a key", line)
        name = str(key_node.value)
        found[name] = loader.construct_object(value_node, deep=True)
        found.lines[name] = line
    return found


def _refuse_twice(node: yaml.MappingNode) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode) and key.value in seen:
            raise TemplateError(f"the key {key.value} is given twice", _line(key))
        seen.add(str(key.value))


def _line(node: yaml.Node) -> int:
    line: int = node.start_mark.line + 1
    return line


_Loader.add_multi_constructor("!", _long_form)
_Loader.add_constructor("tag:yaml.org,2002:map", _marked)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(path: Path) -> dict[str, Any]:
    """Return the template as plain values that know their lines.

    Raises:
        TemplateError: the file is missing, not YAML, or no template.
    """
    document = _parsed(path)
    if not isinstance(document, dict) or not isinstance(document.get("Resources"), dict):
        raise TemplateError(f"{path} has no Resources, so it is not a SAM template")
    try:
        _check(document)
    except TemplateError as wrong:
        raise located(wrong, path) from wrong
    return document


def located(error: TemplateError, path: Path) -> TemplateError:
    """Return the error with file and line in its message, if the line is known."""
    return error if error.line is None else TemplateError(f"{path}:{error.line}: {error}")


def included(path: Path) -> Any:
    """Return the values of a file that a template includes.

    Raises:
        TemplateError: it is missing or not YAML.
    """
    return _parsed(path)


def _parsed(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except TemplateError as wrong:
        raise located(wrong, path) from wrong
    except FileNotFoundError as missing:
        raise TemplateError(f"{path}: no such file") from missing
    except (OSError, UnicodeDecodeError) as unreadable:
        raise TemplateError(f"{path} cannot be read: {unreadable}") from unreadable
    except (yaml.YAMLError, RecursionError) as broken:
        raise TemplateError(_broken(path, broken)) from broken


def _broken(path: Path, broken: Exception) -> str:
    mark = getattr(broken, "problem_mark", None) or getattr(broken, "context_mark", None)
    if mark is None:
        return f"{path} is not YAML: {broken}"
    return f"{path}:{mark.line + 1}: this is not YAML: {getattr(broken, 'problem', None) or broken}"


def _check(document: Mapping[str, Any]) -> None:
    for name in ("Globals", "Resources", "Parameters", "Conditions", "Mappings"):
        section = document.get(name)
        if section is not None and not isinstance(section, Mapping):
            raise TemplateError(f"{name} must be a mapping", line_of(document, name))
    for name, section in (document.get("Globals") or {}).items():
        if section is not None and not isinstance(section, Mapping):
            raise TemplateError(f"Globals: {name} must be a mapping", line_of(document, "Globals", name))
    for name, resource in document["Resources"].items():
        _check_resource(name, resource, line_of(document["Resources"], name))
    macros = document.get("Transform") or []
    for macro in macros if isinstance(macros, list) else [macros]:
        if macro not in _KNOWN_MACROS:
            label = macro.get("Name") if isinstance(macro, Mapping) else macro
            raise TemplateError(f"the macro {label} is not supported by the emulator", line_of(document, "Transform"))


def _check_resource(name: str, resource: Any, line: int | None) -> None:
    if name.startswith("Fn::"):
        raise TemplateError(f"{name} is not supported by the emulator", line)
    if not isinstance(resource, Mapping):
        raise TemplateError(f"{name} must be a mapping with a Type", line)
    if not isinstance(resource.get("Type"), str):
        raise TemplateError(f"{name} has no Type", line)
    if not isinstance(resource.get("Condition", ""), str):
        raise TemplateError(f"{name}: Condition must name a condition", line_of(resource, "Condition"))
    for key in ("Properties", "Metadata"):
        if resource.get(key) is not None and not isinstance(resource[key], Mapping):
            raise TemplateError(f"{name}: {key} must be a mapping", line_of(resource, key) or line)
