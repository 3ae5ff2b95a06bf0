"""Notifications that are made from requests to moto: versions and delete markers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from emulator.aws.forward import Ended, Forwarder
from emulator.aws.moto import Moto, Seeds
from emulator.aws.object_events import ObjectEvents
from emulator.sources.s3_record import normalised
from emulator.web.messages import Request, Response

DELETED = b"""<?xml version="1.0"?>
<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <Deleted><Key>a b.txt</Key><DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>m1</DeleteMarkerVersionId></Deleted>
  <Deleted><Key>c.txt</Key><VersionId>v7</VersionId></Deleted>
  <Deleted><Key>d.txt</Key></Deleted>
</DeleteResult>"""


def told(request: Request, answer: Response) -> list[tuple[str, dict[str, Any]]]:
    """Return the events of a request as functions get them, without their sequencer."""
    found: list[Any] = []

    async def send(asked: Request) -> Response:
        assert asked.method == "HEAD"
        return Response(200, [("Content-Length", "5"), ("ETag", '"abc"')])

    async def deliver(notification: Any) -> None:
        found.extend(normalised(record) for record in notification["Records"])

    asyncio.run(ObjectEvents(send, deliver).after(request, answer))
    assert all(record["s3"]["object"].pop("sequencer") for record in found)
    return [(record["eventName"], record["s3"]["object"]) for record in found]


def test_an_object_of_a_versioned_bucket_has_its_version():
    answer = Response(200, [("x-amz-version-id", "v1")])

    assert told(Request("PUT", "/docs/a%20b.txt"), answer) == [
        ("ObjectCreated:Put", {"key": "a+b.txt", "size": 5, "eTag": "abc", "versionId": "v1"})
    ]
    assert told(Request("PUT", "/docs/a.txt"), Response(200)) == [
        ("ObjectCreated:Put", {"key": "a.txt", "size": 5, "eTag": "abc"})
    ]


@pytest.mark.parametrize(
    ("query", "headers", "event"),
    [
        ("", [], ("ObjectRemoved:Delete", {"key": "a.txt"})),
        (
            "",
            [("x-amz-delete-marker", "true"), ("x-amz-version-id", "m1")],
            (
                "ObjectRemoved:DeleteMarkerCreated",
                {"key": "a.txt", "eTag": "d41d8cd98f00b204e9800998ecf8427e", "versionId": "m1"},
            ),
        ),
        (
            "versionId=v1",
            [("x-amz-version-id", "v1")],
            ("ObjectRemoved:Delete", {"key": "a.txt", "versionId": "v1"}),
        ),
    ],
)
def test_a_delete_marker_is_no_deletion_of_a_version(query, headers, event):
    assert told(Request("DELETE", "/docs/a.txt", query), Response(204, headers)) == [event]


def test_each_of_many_deleted_objects_is_told():
    assert told(Request("POST", "/docs", "delete="), Response(200, [], DELETED)) == [
        (
            "ObjectRemoved:DeleteMarkerCreated",
            {"key": "a+b.txt", "eTag": "d41d8cd98f00b204e9800998ecf8427e", "versionId": "m1"},
        ),
        ("ObjectRemoved:Delete", {"key": "c.txt", "versionId": "v7"}),
        ("ObjectRemoved:Delete", {"key": "d.txt"}),
    ]


def test_nothing_is_started_or_sent_once_the_emulator_stops(tmp_path: Path):
    async def stopped() -> None:
        forwarder = Forwarder()
        moto = Moto(tmp_path, Seeds(), forwarder)
        await moto.stop()
        with pytest.raises(Ended):
            await moto.send(Request("GET", "/"))
        assert moto.pid is None
        forwarder.stop()
        with pytest.raises(Ended):
            await forwarder.send("http://127.0.0.1:9", Request("GET", "/"))

    asyncio.run(stopped())
