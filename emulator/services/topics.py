"""Creates the topics of `infra/kafka/topics.yaml`, on the embedded broker or on any other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from emulator.services.errors import StartFailed

if TYPE_CHECKING:
    from kafka import KafkaAdminClient

_TIMEOUT_MS = 5_000


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it should be; an existing one is left as it is."""

    name: str
    partitions: int
    replicas: int
    retention_ms: int

    @property
    def settings(self) -> dict[str, str]:
        """Its configuration in the words of Kafka."""
        return {"retention.ms": str(self.retention_ms)}


def read(path: Path) -> tuple[Topic, ...]:
    """Return the topics of the file, each completed by its defaults."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    defaults = document.get("defaults", {})
    return tuple(Topic(**(defaults | entry)) for entry in document["topics"])


def ensure_topics(bootstrap: str, path: Path, *, retention_bytes: int | None = None) -> list[str]:
    """Create the topics that are missing and return their names; does nothing twice.

    Args:
        bootstrap: Address of a broker.
        path: The file with the topics.
        retention_bytes: Limit of a partition, for a broker that keeps all in memory.

    Raises:
        StartFailed: the broker does not answer in time or refuses.
    """
    from kafka import KafkaAdminClient  # a quarter of a second to import
    from kafka.errors import KafkaError

    try:
        admin = KafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=_TIMEOUT_MS)
        try:
            return _create(admin, read(path), retention_bytes)
        finally:
            admin.close()
    except KafkaError as refused:
        raise StartFailed(f"The topics could not be created on {bootstrap}: {refused}") from refused


def _create(admin: KafkaAdminClient, topics: tuple[Topic, ...], retention_bytes: int | None) -> list[str]:
    from kafka.admin import NewTopic
    from kafka.errors import TopicAlreadyExistsError

    # A broker drops whole segments only, so a size limit is nothing without small ones.
    size = {"retention.bytes": str(retention_bytes), "segment.bytes": str(1 << 20)} if retention_bytes else {}
    known = set(admin.list_topics())
    missing = [topic for topic in topics if topic.name not in known]
    wanted = [
        NewTopic(topic.name, topic.partitions, topic.replicas, topic_configs=topic.settings | size) for topic in missing
    ]
    try:
        if wanted:
            admin.create_topics(wanted, timeout_ms=_TIMEOUT_MS)
    except TopicAlreadyExistsError:
        return []  # another one was quicker
    return [topic.name for topic in missing]
