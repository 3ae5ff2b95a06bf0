"""Which services there are, which setting replaces each, and how each is built."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from emulator.services import postgres
from emulator.services.credentials import Credentials
from emulator.services.graph import Graph
from emulator.services.inference import Inference
from emulator.services.kafka import Kafka
from emulator.services.keeper import Plan
from emulator.services.objects import Notify, Objects
from emulator.services.process import ROOT
from emulator.services.server import Server
from emulator.services.valkey import Valkey

SETTINGS: Mapping[str, str] = {
    "postgres": "DATABASE_URL",
    "valkey": "REDIS_URL",
    "graph": "NEO4J_URI",
    "objects": "S3_ENDPOINT",
    "kafka": "KAFKA_BOOTSTRAP_SERVERS",
    "inference": "INFERENCE_URL",
}
_OPTIONAL = frozenset({"inference"})  # the platform is ready without it


@dataclass(frozen=True, slots=True)
class Options:
    """What a start may be told besides folder, URLs and ports."""

    notify: Notify | None = None
    buckets: tuple[str, ...] = ("coderev",)
    roles: Path = postgres.ROLES
    topics: Path = ROOT / "infra" / "kafka" / "topics.yaml"
    durable: bool = True  # tests give up PostgreSQL's fsync for speed
    only: frozenset[str] | None = None  # names of SETTINGS; None: all


def plans(data: Path, secret: Credentials, options: Options, given: Iterable[str]) -> list[Plan]:
    """The services to start: those that are wanted and not given."""
    build: Mapping[str, Callable[[int], Server]] = {
        "postgres": lambda port: postgres.Postgres(data, port, secret, options.roles, options.durable),
        "valkey": lambda port: Valkey(data, port, secret.valkey),
        "graph": lambda port: Graph(data, port, secret.graph),
        "objects": lambda port: Objects(data, port, secret, options.buckets, options.notify),
        "kafka": lambda port: Kafka(data, port, options.topics),
        "inference": lambda port: Inference(data, port),
    }
    wanted = [name for name in SETTINGS if options.only is None or name in options.only]
    return [Plan(name, build[name], essential=name not in _OPTIONAL) for name in wanted if name not in set(given)]
