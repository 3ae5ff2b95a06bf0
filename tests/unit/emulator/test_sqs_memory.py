"""Queues in memory: order, time-outs, dead letters."""

from __future__ import annotations

import asyncio
import json

import pytest

from emulator.clock import ManualClock
from emulator.runtime import Result, Throttled
from emulator.sources.sqs_memory import Queues
from emulator.sources.sqs_queue import Message
from emulator.template.model import AwsResource
from emulator.template.sqs_model import SqsMapping

ARN = "arn:aws:sqs:us-east-1:000000000000:"
QUEUE = AwsResource(
    "AWS::SQS::Queue", "Q", "q", {"RedrivePolicy": {"deadLetterTargetArn": f"{ARN}dead", "maxReceiveCount": 2}}
)
DEAD = AwsResource("AWS::SQS::Queue", "Dead", "dead")
FIFO = AwsResource("AWS::SQS::Queue", "F", "f.fifo")


def mapping(queue="q", **given):
    return SqsMapping("reads", "f", ARN + queue, **given)


def play(scene, asked, *, fails=lambda bodies: False):
    """Run a scene with queues, a clock and what the function has seen."""

    async def main():
        clock, seen = ManualClock(1000.0), []

        async def invoke(reference, payload, *, origin):
            bodies = [each["body"] for each in json.loads(payload)["Records"]]
            seen.append(bodies)
            failed = fails(bodies)
            if failed == "throttled":
                raise Throttled(reference)
            return Result(b"{}", "Unhandled" if failed else None)

        queues = Queues([asked], [QUEUE, DEAD, FIFO], invoke=invoke, clock=clock)
        queues.start()

        async def after(seconds=0.0):
            clock.advance(seconds)
            for _ in range(50):
                await asyncio.sleep(0)

        await after()
        await scene(queues, after)
        await queues.stop()
        return seen

    return asyncio.run(main())


def send(queues, *bodies, queue="q", group=None):
    for body in bodies:
        queues.send(queue, Message(body, group=group))


def test_messages_without_a_window_go_at_once():
    async def scene(queues, after):
        send(queues, "a", "b", "c")
        await after()

    assert play(scene, mapping(batch_size=2)) == [["a", "b"], ["c"]]


def test_a_window_gathers_until_it_is_over_or_the_batch_is_full():
    async def scene(queues, after):
        send(queues, "a")
        await after()
        await after(1)
        send(queues, "b")
        await after(2)
        send(queues, "c", "d", "e")
        await after()

    assert play(scene, mapping(batch_size=3, window_s=3)) == [["a", "b"], ["c", "d", "e"]]


@pytest.mark.parametrize("how", [True, "throttled"])
def test_what_fails_is_seen_again_after_its_time_and_then_becomes_a_dead_letter(how):
    async def scene(queues, after):
        send(queues, "bad", "good")
        await after()
        await after(29)
        assert len(queues.find("q").messages) == 1
        await after(1)
        await after(30)
        assert [each.body for each in queues.find("dead").messages] == ["bad"]
        assert queues.state == {"queues": {"q": 0, "dead": 1, "f.fifo": 0}}

    assert play(scene, mapping(batch_size=1), fails=lambda bodies: "bad" in bodies and how) == [
        ["bad"],
        ["good"],
        ["bad"],
    ]


def test_a_group_of_a_fifo_queue_waits_for_what_failed_and_others_do_not():
    failed = []

    def once(bodies):
        failed.append(bodies)
        return bodies == ["a1"] and failed.count(["a1"]) == 1

    async def scene(queues, after):
        send(queues, "a1", "a2", queue="f.fifo", group="a")
        send(queues, "b1", queue="f.fifo", group="b")
        await after()
        await after(30)

    assert play(scene, mapping("f.fifo", batch_size=1), fails=once) == [["a1"], ["b1"], ["a1"], ["a2"]]


def test_queues_are_found_by_name_arn_and_url_or_named_when_they_are_not():
    async def scene(queues, after):
        assert {queues.find(each).name for each in ("q", f"{ARN}q", "http://127.0.0.1:1/000000000000/q")} == {"q"}
        with pytest.raises(LookupError, match=r"there is no queue x; those that there are: q, dead, f\.fifo"):
            queues.find("x")

    assert play(scene, mapping()) == []
