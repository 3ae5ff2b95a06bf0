"""Topics: created where they are missing, and written to for on-failure destinations; and groups that are left."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import MemberToRemove, NewTopic
from kafka.errors import TopicAlreadyExistsError

BOOTSTRAP_MS = 1000
"""How long one attempt to reach the broker takes at most; a stop waits for no more than that."""
_TIMEOUT_S = 10.0


def ensure_topic(bootstrap: str, topic: str, partitions: int, settings: Mapping[str, Any] | None = None) -> None:
    """Create a topic with so many partitions unless it exists.

    Raises:
        KafkaError, OSError: the broker does not answer.
    """
    with _admin(bootstrap, settings) as admin:
        if topic not in admin.list_topics():
            with contextlib.suppress(TopicAlreadyExistsError):
                admin.create_topics([NewTopic(topic, partitions, 1)])


def leave_group(bootstrap: str, group: str, member: str | None, settings: Mapping[str, Any]) -> None:
    """Take a member out of its group for good. Its consumer, when it closes, only says that it will be back.

    Raises:
        KafkaError, OSError: the broker does not answer; it will notice by itself.
    """
    if member is not None:
        with _admin(bootstrap, settings) as admin:
            admin.remove_group_members(group, [MemberToRemove(group_instance_id=member)])


def reach(bootstrap: str) -> None:
    """Look whether a broker answers. A client of kafka-python 3.0.12 that finds none leaves its thread and sockets behind.

    Raises:
        OSError: none of the servers does.
    """
    trouble: OSError = OSError(f"{bootstrap} names no server")
    for server in bootstrap.split(","):
        host, _, port = server.strip().rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=BOOTSTRAP_MS / 1000).close()
            return
        except OSError as unreachable:
            trouble = unreachable
        except ValueError:
            trouble = OSError(f"{server} is not HOST:PORT")
    raise trouble


@contextlib.contextmanager
def _admin(bootstrap: str, settings: Mapping[str, Any] | None) -> Iterator[KafkaAdminClient]:
    reach(bootstrap)
    admin = KafkaAdminClient(
        bootstrap_servers=bootstrap.split(","),
        request_timeout_ms=8000,
        bootstrap_timeout_ms=BOOTSTRAP_MS,
        **settings or {},
    )
    try:
        yield admin
    finally:
        admin.close()


class TopicWriter:
    """Writes single documents to topics; connects when first used."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._producer: KafkaProducer | None = None
        self._connecting = asyncio.Lock()

    async def write(
        self, topic: str, document: bytes, key: bytes | None = None, *, settings: Callable[[], Mapping[str, Any]] = dict
    ) -> None:
        """Write and wait until the broker has it. The same key is always in the same partition.

        Raises:
            KafkaError, OSError: it could not be written.
        """
        async with self._connecting:
            if self._producer is None:
                self._producer = await asyncio.to_thread(self._connect, settings)
        await asyncio.to_thread(self._send, self._producer, topic, document, key)

    async def stop(self) -> None:
        if self._producer is not None:
            await asyncio.to_thread(self._producer.close, 5)

    def _connect(self, settings: Callable[[], Mapping[str, Any]]) -> KafkaProducer:
        reach(self._bootstrap)
        return KafkaProducer(bootstrap_servers=self._bootstrap.split(","), acks="all", **settings())

    @staticmethod
    def _send(producer: KafkaProducer, topic: str, document: bytes, key: bytes | None) -> None:
        producer.send(topic, document, key=key).get(_TIMEOUT_S)
