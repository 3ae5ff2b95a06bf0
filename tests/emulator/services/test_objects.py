"""The embedded object store: who may write what, and who hears of it."""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator.services.credentials import Credentials
from emulator.services.keeper import Keeper, Plan
from emulator.services.objects import Notify, Objects
from emulator.services.ports import any_free
from emulator.services.testing import folder_for_tests, running

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TOKEN = "receiver-token"


class Receiver:
    """Takes events like the emulator: 202, or what it is told to answer."""

    def __init__(self, port: int) -> None:
        self.events: list[dict[str, Any]] = []
        self.tokens: list[str | None] = []
        self.status = 202
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if receiver.status == 202:
                    receiver.events.append(json.loads(body))
                    receiver.tokens.append(self.headers["Authorization"])
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        return Handler

    def keys(self) -> list[str]:
        return [record["s3"]["object"]["key"] for event in self.events for record in event["Records"]]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass
class Store:
    """A running object store and a client of it."""

    keeper: Keeper
    client: S3Client = field(init=False)

    def __post_init__(self) -> None:
        found = self.keeper.server.environment()
        self.client = boto3.client(
            "s3",
            endpoint_url=found["S3_ENDPOINT"],
            aws_access_key_id=found["S3_ACCESS_KEY"],
            aws_secret_access_key=found["S3_SECRET_KEY"],
            region_name="us-east-1",
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
        )

    def presigned(self, key: str, body: bytes, *, seconds: int = 60, **more: str) -> str:
        bound = {"ContentLength": len(body), "ChecksumSHA256": checksum(body)}
        parameters: dict[str, Any] = {"Bucket": "coderev", "Key": key} | bound | more
        return self.client.generate_presigned_url("put_object", Params=parameters, ExpiresIn=seconds)

    def exists(self, key: str) -> bool:
        return any(found["Key"] == key for found in self.client.list_objects_v2(Bucket="coderev").get("Contents", []))


def checksum(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def put(url: str, body: bytes, headers: Mapping[str, str] | None = None, method: str = "PUT") -> int:
    wanted = {"x-amz-checksum-sha256": checksum(body), "Content-Type": ""} if headers is None else dict(headers)
    request = urllib.request.Request(url, body, wanted, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        refused.close()
        return refused.code


def eventually(true: Callable[[], bool], within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with folder_for_tests() as lent:
        yield lent


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    opened = Receiver(any_free())
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def store(folder: Path, receiver: Receiver) -> Iterator[Store]:
    port = receiver._server.server_port
    notify = Notify(f"http://127.0.0.1:{port}/_emulator/s3-events", TOKEN)
    secret = Credentials()
    with running(Plan("objects", lambda port: Objects(folder, port, secret, notify=notify)), folder) as keeper:
        yield Store(keeper)


def test_what_was_put_is_read_back_whole_and_in_parts(store: Store) -> None:
    body = bytes(range(256)) * 4096
    store.client.put_object(Bucket="coderev", Key="packs/a b/ü.tar", Body=body, ContentType="application/x-tar")

    def part(asked: str) -> bytes:
        return store.client.get_object(Bucket="coderev", Key="packs/a b/ü.tar", Range=asked)["Body"].read()

    assert store.client.get_object(Bucket="coderev", Key="packs/a b/ü.tar")["Body"].read() == body
    assert part("bytes=10-19") == body[10:20]
    assert part("bytes=-5") == body[-5:]
    assert part(f"bytes={len(body) - 3}-{len(body) + 100}") == body[-3:]
    with pytest.raises(ClientError, match="InvalidRange"):
        part(f"bytes={len(body)}-")


def test_a_presigned_put_takes_exactly_what_was_signed(store: Store) -> None:
    assert put(store.presigned("uploads/o/exact", b"content"), b"content") == 200
    assert store.exists("uploads/o/exact")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param(b"contents", None, id="longer"),
        pytest.param(b"conten", None, id="shorter"),
        pytest.param(b"CONTENT", {"x-amz-checksum-sha256": checksum(b"content"), "Content-Type": ""}, id="other body"),
        pytest.param(b"CONTENT", None, id="other body and checksum"),
        pytest.param(b"content", {"Content-Type": ""}, id="no checksum"),
        pytest.param(
            b"content",
            {
                "x-amz-checksum-sha256": checksum(b"content"),
                "Content-Type": "",
                "x-amz-copy-source": "/coderev/uploads/o/exact",
            },
            id="a header that was not signed",
        ),
    ],
)
def test_a_presigned_put_refuses_anything_else(store: Store, body: bytes, headers: dict[str, str] | None) -> None:
    assert put(store.presigned("uploads/o/refused", b"content"), body, headers) in (400, 403)
    assert not store.exists("uploads/o/refused")


def test_a_presigned_put_is_for_one_key_one_method_and_a_while(store: Store) -> None:
    url = store.presigned("uploads/o/bound", b"content")
    short = store.presigned("uploads/o/late", b"content", seconds=1)

    assert put(url.replace("/bound", "/other"), b"content") == 403
    assert put(url, b"content", method="POST") == 403
    assert put(f"{url}&tagging", b"content") == 403
    assert put(f"{url}&x-id=PutObject", b"content") == 403
    time.sleep(2.1)
    assert put(short, b"content") == 403


def test_a_body_is_what_its_signature_says(store: Store) -> None:
    answer: dict[str, Any] = {}

    def disguise(request: Any, **_: object) -> None:
        request.body = b"other!!"
        answer["seen"] = True

    store.client.meta.events.register_last("before-send.s3.PutObject", disguise)
    try:
        with pytest.raises(ClientError, match=r"XAmzContentSHA256Mismatch|BadDigest"):
            store.client.put_object(Bucket="coderev", Key="disguised", Body=b"content")
    finally:
        store.client.meta.events.unregister("before-send.s3.PutObject", disguise)

    assert answer["seen"]
    assert not store.exists("disguised")


def test_several_parts_become_one_object(store: Store, receiver: Receiver) -> None:
    upload = store.client.create_multipart_upload(Bucket="coderev", Key="uploads/o/parts")["UploadId"]
    where: dict[str, Any] = {"Bucket": "coderev", "Key": "uploads/o/parts", "UploadId": upload}
    bodies = [b"a" * (5 << 20), b"b" * 1000]
    parts: list[Any] = [
        {"PartNumber": number, "ETag": store.client.upload_part(**where, PartNumber=number, Body=body)["ETag"]}
        for number, body in enumerate(bodies, start=1)
    ]
    store.client.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})

    found = [event["Records"][0] for event in receiver.events if event["Records"][0]["s3"]["object"]["size"] > 5 << 20]
    assert [event["eventName"] for event in found] == ["ObjectCreated:CompleteMultipartUpload"]
    assert store.client.head_object(Bucket="coderev", Key="uploads/o/parts")["ContentLength"] == (5 << 20) + 1000


def test_creation_only_when_absent(store: Store) -> None:
    store.client.put_object(Bucket="coderev", Key="once", Body=b"1", IfNoneMatch="*")

    with pytest.raises(ClientError, match="PreconditionFailed"):
        store.client.put_object(Bucket="coderev", Key="once", Body=b"2", IfNoneMatch="*")


def test_sub_resources_are_refused_rather_than_mistaken(store: Store) -> None:
    store.client.put_object(Bucket="coderev", Key="tagged", Body=b"kept")

    with pytest.raises(ClientError, match="NotImplemented"):
        store.client.put_object_tagging(
            Bucket="coderev", Key="tagged", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]}
        )
    assert store.client.get_object(Bucket="coderev", Key="tagged")["Body"].read() == b"kept"


def test_a_download_has_the_name_it_was_signed_for(store: Store) -> None:
    store.client.put_object(Bucket="coderev", Key="artifacts/x", Body=b"{}")
    named = {"Bucket": "coderev", "Key": "artifacts/x", "ResponseContentDisposition": 'attachment; filename="r.sarif"'}
    url = store.client.generate_presigned_url("get_object", Params=named)
    with urllib.request.urlopen(url, timeout=5) as answer:
        assert answer.headers["Content-Disposition"] == 'attachment; filename="r.sarif"'


def test_a_page_of_another_origin_may_upload(store: Store) -> None:
    url = store.presigned("uploads/o/page", b"content")
    headers = {
        "Origin": "http://localhost:3000",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "x-amz-checksum-sha256",
    }
    asked = urllib.request.Request(url, headers=headers, method="OPTIONS")
    with urllib.request.urlopen(asked, timeout=5) as answer:
        assert answer.status == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_nobody_configures_notifications_without_a_signature(store: Store) -> None:
    endpoint = store.keeper.server.environment()["S3_ENDPOINT"]

    assert put(f"{endpoint}/coderev?notification", b"<NotificationConfiguration/>") == 403


def test_a_new_upload_is_told_before_its_writer_is_answered(store: Store, receiver: Receiver) -> None:
    receiver.events.clear()
    store.client.put_object(Bucket="coderev", Key="uploads/o/a b@ü.zip", Body=b"content")
    store.client.put_object(Bucket="coderev", Key="packs/untold", Body=b"content")

    [event] = receiver.events
    record = event["Records"][0]
    assert (record["eventSource"], record["eventVersion"], record["eventName"]) == (
        "aws:s3",
        "2.1",
        "ObjectCreated:Put",
    )
    assert record["s3"]["bucket"] == {
        "name": "coderev",
        "ownerIdentity": {"principalId": "coderev"},
        "arn": "arn:aws:s3:::coderev",
    }
    assert record["s3"]["object"]["key"] == "uploads/o/a+b%40%C3%BC.zip"
    assert record["s3"]["object"]["size"] == 7
    assert record["s3"]["object"]["eTag"] == hashlib.md5(b"content", usedforsecurity=False).hexdigest()
    assert set(receiver.tokens) == {f"Bearer {TOKEN}"}


def test_a_receiver_that_refuses_gets_the_event_later_once(store: Store, receiver: Receiver) -> None:
    receiver.events.clear()
    receiver.status = 503
    store.client.put_object(Bucket="coderev", Key="uploads/o/later", Body=b"content")
    receiver.status = 202

    assert eventually(lambda: receiver.keys() == ["uploads/o/later"])
    time.sleep(0.5)
    assert receiver.keys() == ["uploads/o/later"]


def test_a_put_configuration_is_kept_and_obeyed(store: Store, receiver: Receiver) -> None:
    receiver.events.clear()
    store.client.create_bucket(Bucket="elsewhere")
    store.client.put_bucket_notification_configuration(
        Bucket="elsewhere",
        NotificationConfiguration={
            "QueueConfigurations": [
                {
                    "Id": "zips",
                    "QueueArn": "arn:aws:sqs:us-east-1:000000000000:any",
                    "Events": ["s3:ObjectCreated:*"],
                    "Filter": {"Key": {"FilterRules": [{"Name": "suffix", "Value": ".zip"}]}},
                }
            ]
        },
    )
    for key in ("a.zip", "a.txt"):
        store.client.put_object(Bucket="elsewhere", Key=key, Body=b"content")
    found = store.client.get_bucket_notification_configuration(Bucket="elsewhere")

    assert receiver.keys() == ["a.zip"]
    assert receiver.events[0]["Records"][0]["s3"]["configurationId"] == "zips"
    assert found["QueueConfigurations"][0]["Id"] == "zips"


def test_no_event_is_lost_when_store_and_receiver_are_killed() -> None:
    with folder_for_tests() as folder:
        target, secret = any_free(), Credentials()
        notify = Notify(f"http://127.0.0.1:{target}/_emulator/s3-events", TOKEN)
        plan = Plan("objects", lambda port: Objects(folder, port, secret, notify=notify))
        with running(plan, folder) as keeper:
            store = Store(keeper)
            for number in range(5):
                store.client.put_object(Bucket="coderev", Key=f"uploads/o/{number}", Body=b"content")
            assert keeper._child is not None
            keeper._child.kill()
            assert eventually(lambda: keeper.state.restarts == 1 and keeper.state.status == "ready")
        opened = Receiver(target)
        try:
            with running(plan, folder):
                assert eventually(lambda: sorted(opened.keys()) == [f"uploads/o/{number}" for number in range(5)])
        finally:
            opened.close()
