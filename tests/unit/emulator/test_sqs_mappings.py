"""The template's queues stand among the event source mappings."""

from __future__ import annotations

import asyncio

import pytest

from emulator.clock import ManualClock
from emulator.sources.mappings_rules import MappingRefused
from emulator.sources.sqs_mappings import WithQueues
from emulator.template.sqs_model import SqsMapping

ARN = "arn:aws:sqs:us-east-1:000000000000:orders"
QUEUE = SqsMapping("Take.Orders", "take", ARN, batch_size=5, partial=True, concurrency=2, filters=('{"body": ["a"]}',))


class NoKafka:
    """Has no mapping of its own and notes what it is asked."""

    def __init__(self):
        self.asked = []

    def list(self, function=None, source=None):
        return []

    def get(self, uuid):
        raise KeyError(uuid)

    async def update(self, uuid, request):
        self.asked.append(("update", uuid))
        return {}

    async def delete(self, uuid):
        self.asked.append(("delete", uuid))
        return {}


@pytest.fixture
def mappings():
    return WithQueues(NoKafka(), [QUEUE], ManualClock().now())


def test_a_queue_is_listed_by_function_and_by_source(mappings):
    (shown,) = mappings.list()

    assert (shown["EventSourceArn"], shown["BatchSize"], shown["State"]) == (ARN, 5, "Enabled")
    assert shown["FunctionArn"].endswith(":function:take")
    assert shown["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert shown["FilterCriteria"] == {"Filters": [{"Pattern": '{"body": ["a"]}'}]}
    assert mappings.list("take", ARN) == mappings.list(shown["FunctionArn"]) == [shown]
    assert mappings.list("other") == mappings.list(None, "arn:aws:sqs:us-east-1:000000000000:other") == []
    assert mappings.get(shown["UUID"]) == shown


def test_its_id_stays_the_same_after_a_start(mappings):
    again = WithQueues(NoKafka(), [QUEUE], 5.0)

    assert again.list()[0]["UUID"] == mappings.list()[0]["UUID"]


def test_it_is_changed_in_the_template_only(mappings):
    id = mappings.list()[0]["UUID"]

    for change in (mappings.update(id, {"Enabled": False}), mappings.delete(id)):
        with pytest.raises(MappingRefused, match=r"The mapping Take\.Orders of a queue is changed in the template\."):
            asyncio.run(change)


def test_the_others_are_changed_as_before():
    kafka = NoKafka()
    asyncio.run(WithQueues(kafka, [QUEUE], 5.0).delete("x"))

    assert kafka.asked == [("delete", "x")]
