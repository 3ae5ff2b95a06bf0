"""Makes the Kafka sources of an emulator: finds their brokers, and what they need around them.

The Kafka client is imported with the first source: an emulator without one starts faster.
"""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.aws.clients import Aws
from emulator.options import Options
from emulator.runtime import Runtime, UnknownFunction
from emulator.sources import kafka_access
from emulator.sources.kafka_faults import KafkaFaults
from emulator.sources.mappings import Mappings
from emulator.sources.mappings_entry import NO_BROKER, Running
from emulator.template import KafkaMapping, Template

if TYPE_CHECKING:
    from emulator.sources.kafka_broker import Broker
    from emulator.sources.kafka_memory import Topics
    from emulator.sources.kafka_topics import TopicWriter

log = logging.getLogger(__name__)


class KafkaSources:
    """The mappings of a template and of the API, each with a source while it is enabled."""

    def __init__(self, template: Template, options: Options, *, runtime: Runtime, aws: Aws) -> None:
        self._options, self._runtime, self._aws = options, runtime, aws
        self._declared = {mapping.uuid for mapping in template.kafka}
        self._name = _name(options.data / "emulator" / "name")
        self._writers: dict[str, TopicWriter] = {}
        self._topics: Topics | None = None
        self.mappings = Mappings(
            template.kafka,
            file=options.data / "emulator" / "mappings.json",
            launch=self._launch,
            clock=options.clock,
            exists=self._exists,
            strict=options.strict,
        )

    def start(self) -> None:
        self.mappings.start()

    async def stop(self) -> None:
        """Stop the sources; documents can still be written to topics."""
        await self.mappings.stop()

    async def close(self) -> None:
        await asyncio.gather(*(writer.stop() for writer in self._writers.values()))

    async def write(self, topic: str, document: bytes) -> None:
        """Write a document to a topic of the emulator's broker.

        Raises:
            KafkaError: it could not be written.
        """
        if self._options.inside:
            self.topics.send(topic, document)
            return
        await self._writer(self._options.kafka_bootstrap).write(topic, document)

    @property
    def topics(self) -> Topics:
        """Return the topics in memory, of an emulator that runs inside a test."""
        if self._topics is None:
            from emulator.sources.kafka_memory import Topics

            self._topics = Topics(self._options.clock)
        return self._topics

    def _exists(self, function: str) -> bool:
        try:
            self._runtime.function(function)
        except UnknownFunction:
            return False
        return True

    def _launch(self, mapping: KafkaMapping, faults: KafkaFaults) -> Running:
        from emulator.sources.kafka import KafkaSource

        if self._options.inside:
            return self.topics.source(mapping, invoke=self._runtime.invoke, put=self._aws.put, faults=faults)
        broker = self._broker(mapping)
        if broker is None:
            log.warning("no Kafka broker is configured, the mapping stays idle", extra={"mapping": mapping.name})
            return Idle()
        writer = self._writer(broker.bootstrap)

        async def write(topic: str, document: bytes, key: bytes | None) -> None:
            await writer.write(topic, document, key, settings=broker.settings)

        return KafkaSource(
            mapping,
            broker,
            invoke=self._runtime.invoke,
            put=self._aws.put,
            write=write,
            clock=self._options.clock,
            faults=faults,
        )

    def _broker(self, mapping: KafkaMapping) -> Broker | None:
        """Return the emulator's broker for mappings of the template, whose servers are those of the cloud.

        What the API made names its own; a managed cluster is the emulator's broker, too.
        """
        from emulator.sources.kafka_broker import Broker

        ours, partitions = self._options.kafka_bootstrap, self._options.kafka_partitions
        member = f"{mapping.uuid}-{self._name}"
        if ours and (mapping.uuid in self._declared or not mapping.bootstrap):
            return Broker(ours, partitions, member)
        if not mapping.bootstrap:
            return None
        return Broker(
            mapping.bootstrap, partitions, member, lambda: kafka_access.settings(mapping.access, self._secret)
        )

    def _writer(self, bootstrap: str) -> TopicWriter:
        from emulator.sources.kafka_topics import TopicWriter

        if bootstrap not in self._writers:
            self._writers[bootstrap] = TopicWriter(bootstrap)
        return self._writers[bootstrap]

    def _secret(self, arn: str) -> Mapping[str, str]:
        """Return a secret's fields; called in threads."""
        found = self._aws.client("secretsmanager").get_secret_value(SecretId=arn)
        fields: Mapping[str, str] = json.loads(found["SecretString"])
        return fields


def _name(file: Path) -> str:
    """Return the name of an emulator: the same for the same data folder, and no other has it."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(uuid.uuid4().hex)
    return file.read_text()


class Idle:
    """Stands for a source that has no broker."""

    result = NO_BROKER

    @property
    def state(self) -> dict[str, Any]:
        return {"state": "no broker"}

    def start(self) -> None:
        """There is nothing to start."""

    async def stop(self) -> None:
        """There is nothing to stop."""
