"""Removes from the embedded broker what every consumer has read, because it writes all it holds again each second.

A record goes when it is older than a while (so that a group that has only just joined misses nothing) and every group
that has ever committed a position in its partition's topic has passed it. What nobody reads stays until the size limit.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

KEEP_S = 1200.0  # longer than a function may take for its first batch
_EVERY_S = 60.0
_TIMEOUT_MS = 5_000
_log = logging.getLogger(__name__)


def trim(bootstrap: str, *, keep_s: float = KEEP_S) -> dict[TopicPartition, int]:
    """Remove what is read and older than `keep_s`; return the new first position of each trimmed partition.

    Raises:
        KafkaError: the broker does not answer.
    """
    from kafka import KafkaAdminClient, KafkaConsumer

    admin = KafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=_TIMEOUT_MS)
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, group_id=None)
    try:
        read = _read_by_all(_commits(admin))
        removable = _older(consumer, read, keep_s)
        if removable:
            admin.delete_records(removable)
        return removable
    finally:
        consumer.close()
        admin.close()


def _commits(admin: KafkaAdminClient) -> Mapping[str, Mapping[TopicPartition, int]]:
    names = [group["group_id"] for group in admin.list_groups()]
    offsets = {name: admin.list_group_offsets(name)[name] for name in names}
    return {name: {place: found.offset for place, found in places.items()} for name, places in offsets.items()}


def _read_by_all(commits: Mapping[str, Mapping[TopicPartition, int]]) -> dict[TopicPartition, int]:
    """The lowest position of all groups of a topic; a partition where one of them has none is left alone."""
    places = {place for positions in commits.values() for place in positions}
    readers = {topic: _readers(commits, topic) for topic in {place.topic for place in places}}
    complete = [place for place in places if all(place in positions for positions in readers[place.topic])]
    return {place: min(positions[place] for positions in readers[place.topic]) for place in complete}


def _readers(commits: Mapping[str, Mapping[TopicPartition, int]], topic: str) -> list[Mapping[TopicPartition, int]]:
    return [positions for positions in commits.values() if any(place.topic == topic for place in positions)]


def _older(consumer: KafkaConsumer, read: Mapping[TopicPartition, int], keep_s: float) -> dict[TopicPartition, int]:
    if not read:
        return {}
    since = int((time.time() - keep_s) * 1000)
    young = consumer.offsets_for_times(dict.fromkeys(read, since))
    firsts = consumer.beginning_offsets(list(read))
    limits = {
        place: min(position, young[place].offset if young.get(place) else position) for place, position in read.items()
    }
    return {place: limit for place, limit in limits.items() if limit > firsts[place]}


@contextmanager
def trimming(bootstrap: Callable[[], str]) -> Iterator[None]:
    """Trim in the background while the block runs."""
    stopping = threading.Event()
    thread = threading.Thread(target=_trim_often, args=(bootstrap, stopping), name="kafka-trim", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(1.0)


def _trim_often(bootstrap: Callable[[], str], stopping: threading.Event) -> None:
    from kafka.errors import KafkaError

    while not stopping.wait(_EVERY_S):
        try:
            trim(bootstrap())
        except KafkaError as away:
            _log.warning("broker not trimmed", extra={"reason": str(away)})
