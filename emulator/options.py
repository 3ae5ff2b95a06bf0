"""How an emulator is to run."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from emulator.clock import Clock, SystemClock
from emulator.runtime.ended import OnEnded
from emulator.runtime.logs import OnLog


@dataclass(frozen=True, slots=True)
class S3Access:
    """Where objects are; shown in the status, the functions read their own environment.

    `listed`: the store sends no notifications, so the emulator looks for new objects itself.
    """

    endpoint: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of one emulator.

    `port` serves every route, `domain_ports` those of the functions tagged with that domain; 0 takes a
    free port. `domains` limits what is served, empty means all. `token` guards `/_emulator/s3-events`.
    `retry_delays_s` are the waits before the retries of an asynchronous invoke. A `host` other than
    loopback switches the Host check of the gateway off, so put a proxy in front; the edge port always checks.
    """

    template: Path
    parameters: Mapping[str, str] = field(default_factory=dict)
    domains: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    edge_host: str = "127.0.0.1"
    port: int = 8000
    domain_ports: Mapping[str, int] = field(default_factory=dict)
    edge_port: int = 4566
    data: Path = Path(".coderev")
    kafka_bootstrap: str = ""
    kafka_partitions: int = 4
    s3: S3Access | None = None
    static: Mapping[str, Path] = field(default_factory=dict)
    allowed_hosts: tuple[str, ...] = ()
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    credentials: tuple[str, str, str] = field(
        default_factory=lambda: ("local", secrets.token_hex(20), secrets.token_hex(20)), repr=False
    )
    max_processes_per_function: int = 8
    reload: bool = False
    reload_errors: Literal["keep", "answer"] = "keep"
    """Code with a syntax error is not served: the last good version answers, or with `answer` the error does."""
    debug: Mapping[str, int] = field(default_factory=dict)
    """Ports of loopback where a debugger can attach to functions, which then have one process and no timeout."""
    idle_s: float = 60.0
    integration_s: float = 29.0
    retry_delays_s: tuple[float, ...] = (60.0, 120.0)
    async_concurrency: int = 32
    celery_broker: str = field(default="", repr=False)
    """Redis URL over which asynchronous invokes are handed to Celery's workers; without it they are run here."""
    clock: Clock = field(default_factory=SystemClock)
    on_log: OnLog | None = None
    on_ended: OnEnded | None = None
    inside: bool = False
    """For tests of functions: handlers run in this process, the queue, topics and destinations are in memory."""
    strict: bool = False
    """Refuse what a template asks for and the emulator leaves out, and verify every signature."""
    secrets: Path | None = None
    """A YAML, JSON or .env file with what `{{resolve:…}}` finds; by default `secrets.yaml` in the data folder."""
    access_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Access key ids, each with its secret, whose signatures are valid besides those of `credentials` and the functions."""
    console_everywhere: bool = False
    """Whether the console answers other machines too, where `edge_host` lets them in."""
    beside: Callable[[], Mapping[str, Any]] = dict
    """What else the status tells: whoever runs services beside the emulator says how they are."""
