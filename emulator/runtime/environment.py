"""The environment of a function's process: Lambda's own variables and what the template declares, nothing else.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

from __future__ import annotations

import os
import sys
import sysconfig
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from emulator.template import Function
from emulator.template.model import REGION

LOCAL_RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
"""What really runs the functions. awslambdaric polls in a thread from 3.12 on, 0.3 ms slower an event."""
MARK = "AWS_LAMBDA_LOG_STREAM_NAME"
"""The variable by which a process is known as ours, and as which one."""
_SYSTEM_PATH = ("/usr/local/bin", "/usr/bin", "/bin")
_XRAY = ("127.0.0.1", "2000")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every function of one emulator shares.

    `credentials` are AWS key id, secret and session token; `edge` is the URL of the Lambda API and of every other
    service. `identities` returns the credentials of one function, which then win.
    """

    edge: str = ""
    credentials: tuple[str, str, str] = ("local", "local", "local")
    extra: Mapping[str, str] = field(default_factory=dict)
    identities: Callable[[str], tuple[str, str, str]] | None = None
    addresses: Mapping[str, str] = field(default_factory=dict)
    """Addresses in AWS that a template makes out of its own resources, and where these are here."""

    def local(self, value: str) -> str:
        """Return a declared variable as the function gets it."""
        for there, here in self.addresses.items():
            value = value.replace(there, here)
        return value


def log_stream(now: datetime, version: str = "$LATEST") -> str:
    """Return a stream name as Lambda makes them; it also marks the process as ours."""
    return f"{now:%Y/%m/%d}/[{version}]{uuid.uuid4().hex}"


def build(function: Function, around: Surroundings, *, api: str, stream: str, tmp: Path) -> dict[str, str]:
    """Return all variables of a process. What the template declares cannot override Lambda's reserved names.

    Args:
        api: Address of the Runtime API, `host:port`.
        stream: Name of the process's log stream.
        tmp: The process's own folder for temporary files.
    """
    return {
        **_interpreter(function),
        **_credentials(function, around),
        **_xray(),
        "TZ": ":UTC",
        "LANG": "en_US.UTF-8",
        **{name: around.local(value) for name, value in function.environment.items()},
        **_lambda(function, api, stream),
        **_logging(function),
        "PWD": str(function.task_root),
        "TMPDIR": str(tmp),
    }


def layer_paths(function: Function) -> list[str]:
    """Return the folders of the layers' modules, in the order of `/opt`: what a later layer has hides an earlier one's.

    https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
    """
    packages = Path("python", "lib", LOCAL_RUNTIME, "site-packages")
    return _existing(function, packages) + _existing(function, Path("python"))


def local_path(function: Function, path: str) -> Path:
    """Return the file that a path of Lambda's file system stands for: under `/opt` that of the last layer that has it."""
    if path.startswith("/var/task/"):
        return function.task_root / path.removeprefix("/var/task/")
    inside = path.removeprefix("/opt/")
    if inside != path:
        for layer in reversed(function.layers):
            if (layer / inside).exists():
                return layer / inside
    return Path(path)


def _existing(function: Function, inside: Path) -> list[str]:
    return [str(layer / inside) for layer in reversed(function.layers) if (layer / inside).is_dir()]


def _interpreter(function: Function) -> dict[str, str]:
    root = function.task_root
    libraries = [str(root), str(root / "lib"), *_existing(function, Path("lib"))]
    found = {
        "PATH": os.pathsep.join([sysconfig.get_path("scripts"), *_SYSTEM_PATH, *_existing(function, Path("bin"))]),
        "LD_LIBRARY_PATH": os.pathsep.join(libraries),
    }
    if layers := layer_paths(function):
        found["PYTHONPATH"] = os.pathsep.join(layers)
    return found


def _credentials(function: Function, around: Surroundings) -> dict[str, str]:
    key, secret, token = around.identities(function.name) if around.identities else around.credentials
    found = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}
    if around.edge:
        found["AWS_ENDPOINT_URL"] = found["AWS_ENDPOINT_URL_LAMBDA"] = around.edge
    return {**found, **around.extra}


def _xray() -> dict[str, str]:
    """Name a daemon that does not listen: segments are datagrams, and lost without harm."""
    address, port = _XRAY
    return {
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": f"{address}:{port}",
        "_AWS_XRAY_DAEMON_ADDRESS": address,
        "_AWS_XRAY_DAEMON_PORT": port,
    }


def _logging(function: Function) -> dict[str, str]:
    """Return what tells `awslambdaric` how to write its records.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
    """
    config: Mapping[str, str] = function.configured.get("LoggingConfig") or {}
    found = {"AWS_LAMBDA_LOG_GROUP_NAME": str(config.get("LogGroup") or f"/aws/lambda/{function.name}")}
    if config.get("LogFormat") == "JSON":
        found["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
        found["AWS_LAMBDA_LOG_LEVEL"] = str(config.get("ApplicationLogLevel") or "INFO")
    return found


def _lambda(function: Function, api: str, stream: str) -> dict[str, str]:
    return {
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{LOCAL_RUNTIME}",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "AWS_LAMBDA_RUNTIME_API": api,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "LAMBDA_TASK_ROOT": str(function.task_root),
        "LAMBDA_RUNTIME_DIR": sysconfig.get_path("purelib"),
        "_HANDLER": function.handler,
    }
