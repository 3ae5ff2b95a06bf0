"""Notifications of buckets: what MinIO sends becomes what S3 sends, for those who asked and no one else."""

from __future__ import annotations

import asyncio
import json

import pytest

from emulator.sources.eventbridge import Buses
from emulator.sources.s3 import BadNotification, Notifications
from emulator.sources.s3_eventbridge import bridged
from emulator.sources.s3_record import sequencer
from emulator.template import S3Mapping
from emulator.template.eventbridge_model import EventRule
from tests.unit.emulator.test_template import FUNCTION, read, refusal

MINIO = {
    "eventVersion": "2.0",
    "eventSource": "minio:s3",
    "awsRegion": "",
    "eventTime": "2026-01-01T00:00:00.123Z",
    "eventName": "s3:ObjectCreated:Put",
    "userIdentity": {"principalId": "minioadmin"},
    "requestParameters": {"principalId": "minioadmin", "region": "", "sourceIPAddress": "127.0.0.7"},
    "responseElements": {
        "x-amz-id-2": "dd9025",
        "x-amz-request-id": "18A0",
        "x-minio-deployment-id": "d",
        "x-minio-origin-endpoint": "http://127.0.0.1:9000",
    },
    "s3": {
        "s3SchemaVersion": "1.0",
        "configurationId": "Config",
        "bucket": {"name": "b", "ownerIdentity": {"principalId": "minioadmin"}, "arn": "arn:aws:s3:::b"},
        "object": {
            "key": "in+box%2Fa%40b.txt",
            "size": 9,
            "eTag": "437b930db84b8079c2dd804a71936b5f",
            "contentType": "text/plain",
            "userMetadata": {"content-type": "text/plain"},
            "versionId": "null",
            "sequencer": "18A0F5D5D3B8E6F2",
        },
    },
    "source": {"host": "127.0.0.1", "port": "", "userAgent": "x"},
}


def told(*records, events=("s3:ObjectCreated:*",), prefix="", suffix="", wrapper=None):
    """Return the records with which functions are invoked."""
    invoked = []

    async def submit(reference, payload, *, origin):
        assert (reference, origin) == ("f", "s3")
        invoked.append(json.loads(payload)["Records"])
        return "id"

    mapping = S3Mapping("One.Put", "f", "b", events, prefix, suffix)
    asyncio.run(Notifications([mapping], submit).deliver({**(wrapper or {}), "Records": list(records)}))
    assert all(len(each) == 1 for each in invoked)
    return [each[0] for each in invoked]


def changed(name, **about):
    return MINIO | {"eventName": name, "s3": MINIO["s3"] | {"object": MINIO["s3"]["object"] | about}}


def test_what_minio_sends_is_rewritten_to_what_s3_sends():
    (record,) = told(MINIO, wrapper={"EventName": "s3:ObjectCreated:Put", "Key": "b/in box/a@b.txt"})

    assert record == {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": "2026-01-01T00:00:00.123Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "minioadmin"},
        "requestParameters": {"sourceIPAddress": "127.0.0.7"},
        "responseElements": {"x-amz-request-id": "18A0", "x-amz-id-2": "dd9025"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "One.Put",
            "bucket": {"name": "b", "ownerIdentity": {"principalId": "minioadmin"}, "arn": "arn:aws:s3:::b"},
            "object": {
                "key": "in+box/a%40b.txt",
                "size": 9,
                "eTag": "437b930db84b8079c2dd804a71936b5f",
                "sequencer": "18A0F5D5D3B8E6F2",
            },
        },
    }


def test_each_record_is_an_invoke_of_its_own():
    assert len(told(MINIO, changed("s3:ObjectCreated:Copy"), MINIO)) == 3


def test_a_version_is_told_where_there_is_one():
    (record,) = told(changed("s3:ObjectCreated:Put", versionId="v7"))

    assert record["s3"]["object"]["versionId"] == "v7"


@pytest.mark.parametrize(
    ("name", "version", "fields"),
    [
        ("ObjectRemoved:Delete", "2.1", {"key", "sequencer"}),
        ("ObjectRemoved:DeleteMarkerCreated", "2.1", {"key", "eTag", "sequencer"}),
        ("ObjectTagging:Put", "2.3", {"key", "eTag"}),
        ("ObjectTagging:Delete", "2.3", {"key", "eTag"}),
        ("ObjectAcl:Put", "2.3", {"key", "eTag"}),
        ("ObjectCreated:CompleteMultipartUpload", "2.1", {"key", "size", "eTag", "sequencer"}),
    ],
)
def test_an_event_tells_what_s3_tells_of_it(name, version, fields):
    (record,) = told(changed(f"s3:{name}"), events=(f"s3:{name}",))

    assert (record["eventName"], record["eventVersion"]) == (name, version)
    assert set(record["s3"]["object"]) == fields


def test_a_store_that_says_little_is_made_up_for():
    little = {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "b"}, "object": {"key": "k", "size": 1}}}

    (record,) = told(little)

    assert record["awsRegion"] == "us-east-1"
    assert record["requestParameters"] == {"sourceIPAddress": "127.0.0.1"}
    assert set(record["responseElements"]) == {"x-amz-request-id", "x-amz-id-2"}
    assert int(record["s3"]["object"]["sequencer"], 16) > 0


def bridge(record, **about):
    """Return what reaches a function that watches the default bus for a record of a bridged bucket."""
    events = []

    async def submit(reference, payload, *, origin):
        assert (reference, origin) == ("w", "eventbridge")
        events.append(json.loads(payload))
        return "id"

    async def main():
        buses = Buses([EventRule("R", "w", {"source": ["aws.s3"]})], submit)
        told = Notifications([], submit, buses=buses, **{"bridged": {"b"}, **about})
        assert len(await told.deliver({"Records": [record]})) == len(events)

    asyncio.run(main())
    return events


def test_a_bridged_bucket_tells_the_event_bus():
    (event,) = bridge(MINIO)

    assert event.pop("id")
    assert event == {
        "version": "0",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "000000000000",
        "time": "2026-01-01T00:00:00Z",
        "region": "us-east-1",
        "resources": ["arn:aws:s3:::b"],
        "detail": {
            "version": "0",
            "bucket": {"name": "b"},
            "object": {
                "key": "in box/a@b.txt",
                "size": 9,
                "etag": "437b930db84b8079c2dd804a71936b5f",
                "sequencer": "18A0F5D5D3B8E6F2",
            },
            "request-id": "18A0",
            "requester": "000000000000",
            "source-ip-address": "127.0.0.7",
            "reason": "PutObject",
        },
    }
    assert bridge(MINIO, bridged=set()) == []


@pytest.mark.parametrize(
    ("name", "kind", "about", "fields"),
    [
        ("ObjectRemoved:Delete", "Object Deleted", ("DeleteObject", "Permanently Deleted"), {"key", "sequencer"}),
        (
            "ObjectRemoved:DeleteMarkerCreated",
            "Object Deleted",
            ("DeleteObject", "Delete Marker Created"),
            {"key", "etag", "sequencer"},
        ),
        ("ObjectAcl:Put", "Object ACL Updated", (None, None), {"key", "etag"}),
        ("ObjectTagging:Put", "Object Tags Added", (None, None), {"key", "etag"}),
    ],
)
def test_the_event_bus_is_told_in_its_own_words(name, kind, about, fields):
    (event,) = bridge(changed(f"s3:{name}"))

    assert event["detail-type"] == kind
    assert (event["detail"].get("reason"), event["detail"].get("deletion-type")) == about
    assert set(event["detail"]["object"]) == fields


def test_the_event_bus_is_not_told_of_everything():
    assert bridge(changed("s3:Replication:OperationNotTracked")) == []


def test_a_bucket_is_bridged_where_the_template_says_so(tmp_path):
    on = "NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } }"
    off = on.replace("true", "false")
    buckets = "".join(
        f"  B{n}: {{ Type: AWS::S3::Bucket, Properties: {{ BucketName: b{n}, {each} }} }}\n"
        for n, each in enumerate((on, off, "Tags: []"))
    )

    assert bridged(read(tmp_path, FUNCTION + buckets).resources) == {"b0"}


def test_sequencers_grow():
    given = [sequencer() for _ in range(100)]

    assert given == sorted(given)
    assert {len(each) for each in given} == {16}


@pytest.mark.parametrize(
    ("asked", "sent", "comes"),
    [
        ("s3:ObjectCreated:*", "s3:ObjectCreated:Copy", True),
        ("s3:ObjectCreated:Put", "s3:ObjectCreated:Copy", False),
        ("s3:ObjectCreated:*", "s3:ObjectRemoved:Delete", False),
        ("s3:ObjectRemoved:*", "s3:ObjectRemoved:DeleteMarkerCreated", True),
        ("s3:ObjectCreated:*", "s3:ObjectCreated:PutTagging", False),  # MinIO's names of what S3 calls otherwise
        ("s3:ObjectTagging:*", "s3:ObjectCreated:PutTagging", True),
        ("s3:ObjectTagging:Delete", "s3:ObjectCreated:DeleteTagging", True),
        ("s3:ObjectCreated:*", "s3:ObjectCreated:PutRetention", False),
        ("s3:ObjectRemoved:*", "s3:ObjectRemoved:DeleteAllVersions", False),
    ],
)
def test_only_those_events_come_that_were_asked_for(asked, sent, comes):
    assert bool(told(MINIO | {"eventName": sent}, events=(asked,))) is comes


@pytest.mark.parametrize(
    ("prefix", "suffix", "comes"),
    [("in box/", "", True), ("in+box/", "", False), ("", "@b.txt", True), ("in box/", ".jpg", False), ("out/", "", False)],
)  # fmt: skip
def test_filters_see_the_key_as_it_is(prefix, suffix, comes):
    assert bool(told(MINIO, prefix=prefix, suffix=suffix)) is comes


@pytest.mark.parametrize("document", [{}, {"Records": [{}]}, {"Records": [{"eventName": "x", "s3": {}}]}, [], None])
def test_what_is_no_notification_is_refused(document):
    with pytest.raises(BadNotification):
        asyncio.run(Notifications([], None).deliver(document))


def declared(*events):
    text = "      Events:\n" + "".join(f"        E{n}: {{ Type: S3, Properties: {e} }}\n" for n, e in enumerate(events))
    return f"{FUNCTION}{text}  B: {{ Type: AWS::S3::Bucket, Properties: {{ BucketName: b }} }}\n"


def properties(events="'s3:ObjectCreated:*'", bucket="!Ref B", **rules):
    rule = ", ".join(f"{{ Name: {name}, Value: {value} }}" for name, value in rules.items())
    return f"{{ Bucket: {bucket}, Events: [{events}], Filter: {{ S3Key: {{ Rules: [{rule}] }} }} }}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {}),
        ({"prefix": "in/"}, {"prefix": "in/deep/"}),
        ({"prefix": "in/", "suffix": ".jpg"}, {"prefix": "in/"}),
        ({"prefix": "in/"}, {"suffix": ".jpg"}),
        ({"suffix": ".jpg"}, {"suffix": "a.jpg"}),
        ({}, {"events": "'s3:ObjectCreated:Put'"}),
    ],
)
def test_overlapping_notifications_are_refused(tmp_path, one, other):
    assert "Configuration is ambiguously defined" in refusal(tmp_path, declared(properties(**one), properties(**other)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"prefix": "in/"}, {"prefix": "out/"}),
        ({"suffix": ".jpg"}, {"suffix": ".png"}),
        ({"prefix": "in/", "suffix": ".jpg"}, {"prefix": "in/", "suffix": ".png"}),
        ({}, {"events": "'s3:ObjectRemoved:*'"}),
        ({}, {"bucket": "other"}),
    ],
)
def test_notifications_side_by_side_are_taken(tmp_path, one, other):
    assert len(read(tmp_path, declared(properties(**one), properties(**other))).s3) == 2


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (properties("'s3:ObjectCreated:Write'"), "The event 's3:ObjectCreated:Write' is not supported for notifications"),
        (properties("'ObjectCreated:Put'"), "is not supported for notifications"),
        (properties(infix="x"), "must be either prefix or suffix"),
        (properties(prefix="x", Prefix="y"), "Cannot specify more than one prefix rule in a filter."),
    ],
)  # fmt: skip
def test_what_s3_would_refuse_is_refused(tmp_path, given, sentence):
    assert sentence in refusal(tmp_path, declared(given))
