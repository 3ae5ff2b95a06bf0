"""Creates the topics of `infra/kafka/topics.yaml`, on the embedded broker or on any other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from emulator.services.errors import StartFailed

_TIMEOUT_MS = 5_000


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it should be; an existing one is left as it is."""

    name: str
    partitions: int
    replicas: int
    retention_ms: int


def read(path: Path) -> tuple[Topic, ...]:
    """Return the topics of the file, each completed by its defaults."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    defaults = document.get("defaults", {})
    return tuple(Topic(**(defaults | entry)) for entry in document["topics"])


def ensure_topics(bootstrap: str, path: Path, *, retention_bytes: int | None = None) -> list[str]:
    """Create the topics that are missing and return their names; does nothing twice.

    Raises:
        StartFailed: the broker does not answer in time or refuses.
    """
    from kafka import KafkaAdminClient  # a quarter of a second to import
    from kafka.admin import NewTopic
    from kafka.errors import KafkaError, TopicAlreadyExistsError

    # A broker drops whole segments only, so a size limit is nothing without small ones.
    size = {"retention.bytes": str(retention_bytes), "segment.bytes": str(1 << 20)} if retention_bytes else {}
    try:
        admin = KafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=_TIMEOUT_MS)
        try:
            known = set(admin.list_topics())
            missing = [
                NewTopic(
                    topic.name,
                    topic.partitions,
                    topic.replicas,
                    topic_configs={"retention.ms": str(topic.retention_ms)} | size,
                )
                for topic in read(path)
                if topic.name not in known
            ]
            if missing:
                admin.create_topics(missing, timeout_ms=_TIMEOUT_MS)
        except TopicAlreadyExistsError:
            missing = []  # another one was quicker
        finally:
            admin.close()
    except KafkaError as refused:
        raise StartFailed(f"The topics could not be created on {bootstrap}: {refused}") from refused
    return [topic.name for topic in missing]
