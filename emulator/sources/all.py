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
from emulator.sources.kafka import KafkaSource
from emulator.sources.kafka_topics import TopicWriter
from emulator.sources.s3 import Notifications
from emulator.sources.s3_listing import Listing
from emulator.sources.schedule import Schedules
from emulator.template import KafkaMapping, Template

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
        self._writer = TopicWriter(options.kafka_bootstrap) if options.kafka_bootstrap else None
        self.aws = Aws(
            edge,
            credentials=options.credentials,
            submit=lambda reference, document: self.asynchronous.submit(reference, document, origin="destination"),
            to_topic=self._writer.write if self._writer else None,
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
        self._kafka = [
            source for mapping in template.kafka if mapping.enabled and (source := self._source(mapping)) is not None
        ]

    async def start(self) -> None:
        await self.asynchronous.start()
        await self._schedules.start()
        if self._listing is not None:
            self._listing.start()
        for source in self._kafka:
            source.start()

    async def stop(self) -> None:
        """Stop all sources at the same time; what they had not finished is delivered after the next start."""
        await asyncio.gather(*(source.stop() for source in self._kafka), self._schedules.stop())
        if self._listing is not None:
            await self._listing.stop()
        await self.asynchronous.stop()
        if self._writer is not None:
            await self._writer.stop()

    async def status(self) -> dict[str, Any]:
        return {
            "asynchronous": await self.asynchronous.status(),
            "kafka": [source.state for source in self._kafka],
        }

    def _source(self, mapping: KafkaMapping) -> KafkaSource | None:
        bootstrap = self._options.kafka_bootstrap or mapping.bootstrap
        if not bootstrap:
            log.warning("no Kafka broker is configured, the mapping stays idle", extra={"mapping": mapping.name})
            return None
        return KafkaSource(
            mapping,
            bootstrap,
            partitions=self._options.kafka_partitions,
            invoke=self._runtime.invoke,
            to=self._to_destination,
            clock=self._options.clock,
        )

    async def _to_destination(self, destination: str, document: bytes) -> None:
        if not destination.startswith("kafka://"):
            await self.asynchronous.submit(destination, document)
        elif self._writer is not None:
            await self._writer.write(destination.removeprefix("kafka://"), document)
