"""Everything that invokes functions without a client waiting: queue, notifications, schedules, Kafka."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from emulator.asynchronous.dispatch import Asynchronous, Rules
from emulator.asynchronous.store import Store
from emulator.aws.clients import Aws
from emulator.aws.remembering import Remembering
from emulator.celery_jobs.api import JobsApi
from emulator.celery_jobs.hand import BEAT_GRACE_S, workers_of
from emulator.edge.edge import Part
from emulator.options import Options
from emulator.runtime import Runtime
from emulator.sources.eventbridge import Buses, event_of
from emulator.sources.eventbridge_api import EventsApi
from emulator.sources.kafka_launch import KafkaSources
from emulator.sources.s3 import Notifications
from emulator.sources.s3_eventbridge import bridged
from emulator.sources.s3_listing import Listing
from emulator.sources.schedule import Schedules
from emulator.sources.sqs import SqsSource
from emulator.sources.sqs_api import QueuesApi
from emulator.sources.sqs_memory import Queues
from emulator.template import ScheduleRule, Template

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
        self._workers = workers_of(options, edge)
        self._hand_over(store, edge)
        self._listen(template)
        self._schedules = Schedules(template.schedules, self.asynchronous.tick, store.anchor, options.clock)
        self.kafka = KafkaSources(template, options, runtime=runtime, aws=self.aws)
        self.mappings = self.kafka.mappings
        self._poll(template)

    def _poll(self, template: Template) -> None:
        """Make what reads queues of SQS, or queues in memory."""
        invoke, clock = self._runtime.invoke, self._options.clock
        self.queues: Queues | None = None
        self._sqs: list[SqsSource | Queues] = []
        if self._options.inside:
            self.queues = Queues(template.sqs, template.resources, invoke=invoke, clock=clock)
            self._sqs = [self.queues]
        else:
            self._sqs += [SqsSource(mapping, aws=self.aws, invoke=invoke, clock=clock) for mapping in template.sqs]

    def _hand_over(self, store: Store, edge: Callable[[], str]) -> None:
        """Make the queue of asynchronous invokes, and what takes their results to destinations."""
        options = self._options
        given: dict[str, Any] = {
            "credentials": options.credentials,
            "submit": lambda reference, document: self.asynchronous.submit(reference, document, origin="destination"),
            "to_topic": self._to_topic if options.kafka_bootstrap or options.inside else None,
        }
        self.aws: Aws = (
            Remembering(edge, **given, publish=self._publish, enqueue=self._enqueue)
            if options.inside
            else Aws(edge, **given)
        )
        self.asynchronous: Asynchronous = Asynchronous(
            self._runtime,
            store,
            clock=options.clock,
            rules=Rules(options.retry_delays_s, options.async_concurrency),
            put=self.aws.put,
            elsewhere=self._workers,
        )

    def _listen(self, template: Template) -> None:
        """Make what is told of events: buses, and notifications of buckets."""
        self.buses = Buses(template.event_rules, self.asynchronous.submit)
        self.notifications = Notifications(
            template.s3, self.asynchronous.submit, buses=self.buses, bridged=bridged(template.resources)
        )
        access = self._options.s3
        self._listing = Listing(template.s3, access, self.notifications.deliver) if access and access.listed else None

    async def start(self) -> None:
        await self.asynchronous.start()
        await self._schedules.start(BEAT_GRACE_S if self._workers is not None else 0.0)
        if self._listing is not None:
            self._listing.start()
        self.kafka.start()
        for source in self._sqs:
            source.start()

    async def stop(self) -> None:
        """Stop all sources at the same time; what they had not finished is delivered after the next start."""
        await asyncio.gather(self.kafka.stop(), self._schedules.stop(), *(source.stop() for source in self._sqs))
        if self._listing is not None:
            await self._listing.stop()
        await self.asynchronous.stop()
        if self._workers is not None:
            await self._workers.stop()
        await self.kafka.close()

    @property
    def parts(self) -> list[Part]:
        """Return the APIs of AWS that the sources answer."""
        queues = [] if self.queues is None else [QueuesApi(self.queues)]
        return [EventsApi(self.buses, self._options.clock), *queues]

    @property
    def jobs(self) -> list[Part]:
        """Return what workers ask of the emulator."""
        if self._workers is None:
            return []
        return [JobsApi(self._workers, self._schedules, token=self._options.token, clock=self._options.clock)]

    @property
    def schedules(self) -> list[tuple[ScheduleRule, float | None]]:
        """Return the rules of the template, each with when it fires next."""
        return self._schedules.plans()

    async def status(self) -> dict[str, Any]:
        return {
            "asynchronous": await self.asynchronous.status(),
            "celery": None if self._workers is None else self._workers.state,
            "kafka": self.mappings.status(),
            "sqs": [source.state for source in self._sqs],
        }

    async def _publish(self, entry: Mapping[str, Any], bus: str) -> None:
        event = event_of(entry, json.loads(entry["Detail"]), self._options.clock.now())
        await self.buses.publish(event, bus)

    def _enqueue(self, queue: str, document: bytes, attributes: Mapping[str, str]) -> None:
        assert self.queues is not None, "only queues in memory are remembered"
        self.queues.take(queue, document.decode(), attributes)

    async def _to_topic(self, topic: str, document: bytes) -> None:
        await self.kafka.write(topic, document)
