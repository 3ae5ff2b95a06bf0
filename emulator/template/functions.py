"""`AWS::Serverless::Function` and its layers, with Globals merged in."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulator.template.errors import TemplateError
from emulator.template.intrinsics import layer_arn
from emulator.template.model import AsyncRules, Function

Properties = Mapping[str, Any]
READ = {
    "CodeUri", "Environment", "EventInvokeConfig", "Events", "FunctionName", "Handler", "Layers", "MemorySize",
    "ReservedConcurrentExecutions", "Runtime", "Tags", "Timeout",
}  # fmt: skip
HARMLESS = {
    "Architectures", "Description", "EphemeralStorage", "LoggingConfig", "PermissionsBoundary",
    "Policies", "PropagateTags", "Role", "RolePath", "RuntimeManagementConfig", "Tracing", "VpcConfig",
}  # fmt: skip
"""Properties of the account around the function, with nothing to run on one machine."""


def merged(defaults: Properties, own: Properties) -> dict[str, Any]:
    """Lay a function's properties over the Globals: maps merge, lists append, the rest is replaced."""
    result = dict(defaults)
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
        TemplateError: the runtime is not Python, or a property is missing or of the wrong kind.
    """
    _check(logical_id, given)
    try:
        return Function(
            name=str(given.get("FunctionName", logical_id)),
            logical_id=logical_id,
            handler=str(given["Handler"]),
            runtime=str(given["Runtime"]),
            task_root=(root / str(given.get("CodeUri", "."))).resolve(),
            timeout_s=int(given.get("Timeout", 3)),
            memory_mb=int(given.get("MemorySize", 128)),
            reserved=_optional_int(given.get("ReservedConcurrentExecutions")),
            environment=_environment(given),
            layers=tuple(_layer(logical_id, layer, layers) for layer in given.get("Layers", [])),
            tags={str(key): str(value) for key, value in (given.get("Tags") or {}).items()},
            rules=_rules(given.get("EventInvokeConfig") or {}),
        )
    except (TypeError, ValueError) as wrong:
        raise TemplateError(f"{logical_id} has a property of the wrong kind: {wrong}") from wrong


def _check(logical_id: str, given: Properties) -> None:
    runtime = str(given.get("Runtime", ""))
    if given.get("PackageType") == "Image" or not runtime.startswith("python"):
        raise TemplateError(f"{logical_id}: runtime {runtime or 'Image'} is not supported, the emulator runs Python")
    if "Handler" not in given:
        raise TemplateError(f"{logical_id} has no Handler")


def warnings(function: Function, given: Properties) -> list[str]:
    """Name what the function declares and the emulator leaves out."""
    unknown = sorted(set(given) - READ - HARMLESS - {"PackageType"})
    if ((given.get("EventInvokeConfig") or {}).get("DestinationConfig") or {}).get("OnSuccess"):
        unknown.append("EventInvokeConfig.DestinationConfig.OnSuccess")
    local = f"python{sys.version_info.major}.{sys.version_info.minor}"
    found = [f"{function.logical_id}: {name} is not emulated" for name in unknown]
    if function.runtime != local:
        found.append(f"the template asks for {function.runtime}, functions run on the local {local}")
    return found


def read_layer(given: Properties, root: Path) -> Path:
    return (root / str(given.get("ContentUri", "."))).resolve()


def _layer(logical_id: str, reference: str, layers: Mapping[str, Path]) -> Path:
    for name, folder in layers.items():
        if reference == layer_arn(name):
            return folder
    raise TemplateError(f"{logical_id} uses the layer {reference}, which this template does not declare")


def _environment(given: Properties) -> dict[str, str]:
    variables = (given.get("Environment") or {}).get("Variables") or {}
    return {str(name): _text(value) for name, value in variables.items()}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _rules(config: Properties) -> AsyncRules:
    failure = ((config.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    return AsyncRules(
        max_retries=int(config.get("MaximumRetryAttempts", 2)),
        max_age_s=int(config.get("MaximumEventAgeInSeconds", 21_600)),
        on_failure=str(failure) if failure else None,
    )


def _optional_int(value: Any) -> int | None:
    return None if value is None else int(value)
