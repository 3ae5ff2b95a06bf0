"""Puts the AWS side of an emulator together: identities, the local store, recorded calls, moto and the gate."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from emulator.aws import secrets, signatures
from emulator.aws.calls import Recorder
from emulator.aws.forward import MAX_BYTES, Forwarder
from emulator.aws.identities import Identities
from emulator.aws.moto import Moto, Seeds
from emulator.aws.object_events import Deliver
from emulator.aws.objects import Objects
from emulator.aws.signatures import Verify
from emulator.edge.edge import Edge, Part
from emulator.edge.function_urls import Urls
from emulator.edge.gate import Gate
from emulator.edge.health import Health
from emulator.edge.lambda_api import LambdaApi
from emulator.edge.services import Services
from emulator.options import Options
from emulator.runtime import Runtime
from emulator.runtime.environment import Surroundings
from emulator.sources.all import Sources
from emulator.sources.sqs_mappings import WithQueues
from emulator.template import Template, load
from emulator.web.guard import is_loopback
from emulator.web.limits import Limits

EDGE_LIMITS = Limits(body_bytes=MAX_BYTES)
"""Objects are put through this port; each API has its own, smaller limit."""


class AwsSide:
    """What one emulator has of AWS besides its functions."""

    def __init__(self, options: Options) -> None:
        """Read the local store and the template.

        Raises:
            TemplateError: one of them cannot be read.
        """
        self._options = options
        self._store = secrets.read(options.secrets, options.data / "secrets.yaml")
        self.template = self.read_template()
        self.identities = Identities(options)
        self.calls = Recorder(self.identities.function_of)
        self.verify = self._checks(options.edge_host)
        self.verify_callers = self._checks(options.host)
        self._forwarder = Forwarder()
        self.moto = Moto(options.data.resolve() / "emulator" / "moto", self._seeds(), self._forwarder)

    def read_template(self) -> Template:
        """Read the template, now or again after a change.

        Raises:
            TemplateError: it cannot be served.
        """
        options = self._options
        found = load(options.template, options.parameters, values=self._store, strict=options.strict)
        secrets.hide(found.hidden)
        return found.only(options.domains)

    def edge(self, first: list[Part], behind: list[Part], ready: Callable[[], bool], deliver: Deliver) -> Edge:
        """Return the edge: parts of our own first, then those that want a signature, then every other service.

        Args:
            deliver: Takes notifications of objects that are in moto.
        """
        access = self._options.s3
        services = Services(self.moto, Objects(access, self._forwarder) if access else None, deliver)
        return Edge(Health(ready), *first, Gate(self.verify, self.calls, *behind, services))

    def lambda_api(self, runtime: Runtime, sources: Sources, ports: Mapping[str, int]) -> LambdaApi:
        """Return the Lambda API. `ports` tells where function URLs are served, once they are."""
        urls, since = Urls(self.template.http.urls, ports), self._options.clock.now()
        mappings = WithQueues(sources.mappings, self.template.sqs, since)
        return LambdaApi(runtime, sources.asynchronous, mappings, since=since, urls=urls)

    def status(self) -> dict[str, Any]:
        """Tell what runs of AWS beside the functions."""
        return {"aws": {"moto": self.moto.pid, "resources": len(self.template.resources)}}

    def around(self, edge_port: int) -> Surroundings:
        """Return what the processes of functions are told of AWS."""
        edge, own = f"http://127.0.0.1:{edge_port}", self._options.credentials
        return Surroundings(edge=edge, credentials=own, identities=self.identities.of)

    async def stop(self) -> None:
        """End moto, and with it what it holds."""
        await self.moto.stop()
        self._forwarder.stop()

    def _checks(self, host: str) -> Verify:
        """On loopback a signature must be there; beyond it, or where strict, it must be right."""
        if is_loopback(host) and not self._options.strict:
            return signatures.present
        return lambda request: signatures.verify(request, self.identities.secrets(), time.time())

    def _seeds(self) -> Seeds:
        buckets_elsewhere = self._options.s3 is not None
        kept = tuple(
            each for each in self.template.resources if not (buckets_elsewhere and each.kind == "AWS::S3::Bucket")
        )
        return Seeds(kept, {"ssm": self._store.ssm, "secretsmanager": self._store.secretsmanager})
