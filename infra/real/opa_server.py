"""The OPA server with the policies of `policies/`."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from emulator.services import http_probe
from emulator.services.ports import LOOPBACK
from emulator.services.process import ROOT, Command
from infra.real import fetch

POLICIES = ROOT / "policies"


@dataclass(frozen=True, slots=True)
class Opa:
    """`server.Server`; keeps nothing."""

    data: Path
    port: int

    def environment(self) -> Mapping[str, str]:
        return {"OPA_URL": f"http://{LOOPBACK}:{self.port}"}

    def prepare(self) -> None:
        """There is nothing to prepare: it reads the policies where they are."""

    def command(self) -> Command:
        where = ("--addr", f"{LOOPBACK}:{self.port}", "--disable-telemetry", "--log-level", "error")
        argv = (str(fetch.go_program("opa")), "run", "--server", *where, str(POLICIES))
        return Command(argv=argv, folder=self.data, stop=signal.SIGTERM)

    def probe(self) -> None:
        http_probe.expect(HTTPStatus.OK, self.port, "/health")

    def settle(self) -> None:
        """The policies were read before it listened."""
