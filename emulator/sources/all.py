"""Everything that invokes functions without a client waiting: queue, notifications, schedules, Kafka."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from emulator.asynchronous.dispatch import Asynchronous, Rules
from emulator.asynchronous.store import Store
from emulator.aws.clients import Aws
from emulator.options import Options
from emulator.runtime import Runtime
from emulator.sources.eventbridge import Buses
from emulator.sources.kafka_launch import KafkaSources
from emulator.sources.s3 import Notifications
from emulator.sources.s3_listing import Listing
from emulator.sources.schedule import Schedules
from emulator.template import Template

log = logging.getLogger(__name__)


class Sources:
    """The event sources of one template."""

    def __init__(
        self, template: Template, options: Options, *, runtime: Runtime, store: Store, edge: Callable[[], str]
    ) -> None:
        """Read the mappings. `edge` returns the URL of the edge port.

        Raises:
            TemplateError: a schedule is not valid.
        """
        self._options, self._runtime = options, runtime
        self.aws = Aws(
            edge,
            credentials=options.credentials,
            submit=lambda reference, document: self.asynchronous.submit(reference, document, origin="destination"),
            to_topic=self._to_topic if options.kafka_bootstrap else None,
        )
        self.asynchronous = Asynchronous(
            runtime,
            store,
            clock=options.clock,
            rules=Rules(options.retry_delays_s, options.async_concurrency),
            put=self.aws.put,
        )
        self.notifications = Notifications(template.s3, self.asynchronous.submit)
        access = options.s3
        self._listing = Listing(template.s3, access, self.notifications.deliver) if access and access.listed else None
        self.buses = Buses(template.event_rules, self.asynchronous.submit)
        self._schedules = Schedules(template.schedules, self.asynchronous.tick, store.anchor, options.clock)
        self.kafka = KafkaSources(template, options, runtime=runtime, aws=self.aws)
        self.mappings = self.kafka.mappings

    async def start(self) -> None:
        await self.asynchronous.start()
        await self._schedules.start()
        if self._listing is not None:
            self._listing.start()
        self.kafka.start()

    async def stop(self) -> None:
        """Stop all sources at the same time; what they had not finished is delivered after the next start."""
        await asyncio.gather(self.kafka.stop(), self._schedules.stop())
        if self._listing is not None:
            await self._listing.stop()
        await self.asynchronous.stop()
        await self.kafka.close()

    async def status(self) -> dict[str, Any]:
        return {
            "asynchronous": await self.asynchronous.status(),
            "kafka": self.mappings.status(),
        }

    async def _to_topic(self, topic: str, document: bytes) -> None:
        await self.kafka.write(topic, document)
