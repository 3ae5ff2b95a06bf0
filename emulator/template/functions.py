"""`AWS::Serverless::Function` and its layers, with Globals merged in."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from emulator.template import configured, inline_code
from emulator.template.destinations import read_rules
from emulator.template.errors import TemplateError
from emulator.template.marks import Marked, at, lines_of
from emulator.template.model import Function
from emulator.template.reserved import check_variables
from emulator.template.resources import layer_arn

Properties = Mapping[str, Any]
READ = {
    "Architectures", "AutoPublishAlias", "CodeUri", "DeadLetterQueue", "Description", "Environment", "EphemeralStorage",
    "EventInvokeConfig", "Events", "FunctionName", "FunctionUrlConfig", "Handler", "InlineCode", "KmsKeyArn", "Layers",
    "LoggingConfig", "MemorySize", "ReservedConcurrentExecutions", "Role", "Runtime", "Tags", "Timeout", "Tracing", "VpcConfig",
}  # fmt: skip
HARMLESS = {
    "AssumeRolePolicyDocument", "AutoPublishAliasAllProperties", "AutoPublishCodeSha256", "PermissionsBoundary", "Policies",
    "PropagateTags", "PublishToLatestPublished", "RolePath", "RuntimeManagementConfig", "VersionDeletionPolicy",
    "VersionDescription",
}  # fmt: skip
"""Properties of the account around the function, with nothing to run on one machine."""
_MAX_LAYERS = 5
_NAME = re.compile(r"[a-zA-Z0-9-_]{1,64}")
FIRST_VERSION = "1"
"""The only published version of a function: that of the template."""


def merged(defaults: Properties, own: Properties) -> dict[str, Any]:
    """Lay a function's properties over the Globals: maps merge, lists append, the rest is replaced."""
    result = Marked(defaults, {**lines_of(defaults), **lines_of(own)})
    for key, value in own.items():
        default = result.get(key)
        if isinstance(default, dict) and isinstance(value, dict):
            result[key] = merged(default, value)
        elif isinstance(default, list) and isinstance(value, list):
            result[key] = [*default, *value]
        else:
            result[key] = value
    return result


def read_function(logical_id: str, given: Properties, *, root: Path, layers: Mapping[str, Path]) -> Function:
    """Turn resolved properties into a function.

    Raises:
        TemplateError: the runtime is not Python, or a property is missing, of the wrong kind or out of its range.
    """
    _check(logical_id, given)
    name = _name(logical_id, given)
    try:
        return Function(
            name=name,
            logical_id=logical_id,
            handler=_handler(logical_id, given),
            runtime=str(given["Runtime"]),
            task_root=_task_root(logical_id, given, root),
            timeout_s=_number(logical_id, given, "Timeout", 3, most=900),
            memory_mb=_number(logical_id, given, "MemorySize", 128, least=128, most=10_240),
            reserved=_reserved(logical_id, given),
            environment=_environment(logical_id, given),
            layers=_layers(logical_id, given, layers),
            tags={str(key): str(value) for key, value in (given.get("Tags") or {}).items()},
            rules=read_rules(logical_id, given),
            qualifiers=_qualifiers(given),
            configured=configured.read(name, logical_id, given),
        )
    except (TypeError, ValueError, AttributeError) as wrong:
        raise TemplateError(f"{logical_id} has a property of the wrong kind: {wrong}") from wrong


def _name(logical_id: str, given: Properties) -> str:
    name = str(given.get("FunctionName", logical_id))
    with at(given, "FunctionName"):
        if not _NAME.fullmatch(name):
            raise TemplateError(f"{logical_id}: FunctionName {name} is none of Lambda's names")
    return name


def _check(logical_id: str, given: Properties) -> None:
    runtime = str(given.get("Runtime") or "")
    if given.get("PackageType") == "Image" or "ImageUri" in given:
        raise TemplateError(f"{logical_id}: functions of container images are not supported, the emulator runs Python")
    if not runtime.startswith("python"):
        with at(given, "Runtime"):
            named = f"runtime {runtime} is not supported" if runtime else "it has no Runtime"
            raise TemplateError(f"{logical_id}: {named}, the emulator runs Python")
    if isinstance(given.get("CodeUri"), Mapping) or str(given.get("CodeUri")).startswith("s3://"):
        raise TemplateError(f"{logical_id}: CodeUri must be a folder of this machine")


def _task_root(logical_id: str, given: Properties, root: Path) -> Path:
    if "InlineCode" in given:
        with at(given, "InlineCode"):
            return inline_code.folder_of(logical_id, given["InlineCode"])
    return _folder(logical_id, given, "CodeUri", root)


def _handler(logical_id: str, given: Properties) -> str:
    if not given.get("Handler"):
        raise TemplateError(f"{logical_id} has no Handler")
    return str(given["Handler"])


def warnings(function: Function, given: Properties) -> list[str]:
    """Name what the function declares and the emulator leaves out."""
    unknown = sorted(set(given) - READ - HARMLESS - {"PackageType"})
    local = f"python{sys.version_info.major}.{sys.version_info.minor}"
    found = [f"{function.logical_id}: {name} is not emulated" for name in unknown]
    if function.runtime != local:
        found.append(f"the template asks for {function.runtime}, functions run on the local {local}")
    return found


def read_layer(logical_id: str, given: Properties, root: Path) -> Path:
    """Return the folder of a layer.

    Raises:
        TemplateError: there is none.
    """
    return _folder(logical_id, given, "ContentUri", root)


def _folder(logical_id: str, given: Properties, name: str, root: Path) -> Path:
    found = (root / str(given.get(name) or ".")).resolve()
    if not found.is_dir():
        with at(given, name):
            raise TemplateError(f"{logical_id}: {name} {given[name]} is no folder beside the template")
    return found


def check_names(declared: Iterable[tuple[Function, Properties]]) -> None:
    """See that each function has a name of its own.

    Raises:
        TemplateError: two have the same, which AWS refuses to create.
    """
    known: dict[str, str] = {}
    for function, given in declared:
        other = known.setdefault(function.name, function.logical_id)
        if other != function.logical_id:
            with at(given, "FunctionName"):
                raise TemplateError(f"{function.logical_id}: {other} is called {function.name} too")


def _layers(logical_id: str, given: Properties, layers: Mapping[str, Path]) -> tuple[Path, ...]:
    asked = given.get("Layers") or []
    with at(given, "Layers"):
        if len(asked) > _MAX_LAYERS:
            raise TemplateError(f"{logical_id} uses {len(asked)} layers, {_MAX_LAYERS} are allowed")
        return tuple(_layer(logical_id, layer, layers) for layer in asked)


def _layer(logical_id: str, reference: str, layers: Mapping[str, Path]) -> Path:
    for name, folder in layers.items():
        if reference == layer_arn(name):
            return folder
    raise TemplateError(f"{logical_id} uses the layer {reference}, which this template does not declare")


def _environment(logical_id: str, given: Properties) -> dict[str, str]:
    variables = (given.get("Environment") or {}).get("Variables") or {}
    for name, value in variables.items():
        if isinstance(value, list | dict):
            raise TemplateError(f"{logical_id}: the variable {name} is not a text")
    found = {str(name): _text(value) for name, value in variables.items()}
    with at(given, "Environment"):
        check_variables(logical_id, found)
    return found


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _qualifiers(given: Properties) -> dict[str, str]:
    alias = given.get("AutoPublishAlias")
    return {FIRST_VERSION: FIRST_VERSION, str(alias): FIRST_VERSION} if alias else {}


def _reserved(logical_id: str, given: Properties) -> int | None:
    if given.get("ReservedConcurrentExecutions") is None:
        return None
    return _number(logical_id, given, "ReservedConcurrentExecutions", 0, least=0, most=100_000)


def _number(logical_id: str, given: Properties, name: str, default: int, *, least: int = 1, most: int) -> int:
    with at(given, name):
        try:
            value = int(given.get(name, default))
        except (TypeError, ValueError) as wrong:
            raise TemplateError(f"{logical_id} has a property of the wrong kind: {name}: {wrong}") from wrong
        if not least <= value <= most:
            raise TemplateError(f"{logical_id}: {name} is {value}, allowed are {least} to {most}")
    return value
