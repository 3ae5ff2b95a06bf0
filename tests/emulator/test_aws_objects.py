"""S3 on the edge port: any credentials reach the embedded object store, chunks and presigned URLs included."""

from __future__ import annotations

import io
import time
import zlib
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator.aws.sigv4 import sign
from emulator.server import Emulator, S3Access
from emulator.services.credentials import Credentials
from emulator.services.keeper import Keeper, Plan
from emulator.services.objects import Objects
from emulator.services.testing import folder_for_tests
from emulator.services.testing import running as service
from emulator.testing import running
from emulator.web.messages import Request
from tests.emulator.conftest import options

TEMPLATE = "Resources: { Papers: { Type: AWS::S3::Bucket, Properties: { BucketName: papers } } }"


@pytest.fixture(scope="module")
def store() -> Iterator[Keeper]:
    secret = Credentials()
    with folder_for_tests() as folder:
        plan = Plan("objects", lambda port: Objects(folder, port, secret, buckets=("papers",)))
        with service(plan, folder) as keeper:
            yield keeper


@pytest.fixture(scope="module")
def emulator(store: Keeper, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    data = tmp_path_factory.mktemp("objects")
    (data / "template.yaml").write_text(TEMPLATE)
    with running(options(data, template=data / "template.yaml", parameters={}, s3=access(store))) as served:
        yield served


def access(store: Keeper) -> S3Access:
    found = store.server.environment()
    return S3Access(found["S3_ENDPOINT"], found["S3_ACCESS_KEY"], found["S3_SECRET_KEY"])


def client(emulator: Emulator, key: str = "test", secret: str = "test", **config: Any) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{emulator.ports['edge']}",
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}, **config),
    )


def test_any_credentials_and_those_of_the_store_reach_it(emulator, store):
    own = access(store)
    for key, secret in (("test", "test"), (own.access_key, own.secret_key)):
        s3 = client(emulator, key, secret)
        s3.put_object(Bucket="papers", Key="a b/ü+1", Body=b"text", ContentType="text/plain", Metadata={"by": key})

        found = s3.get_object(Bucket="papers", Key="a b/ü+1", Range="bytes=1-2")
        head = s3.head_object(Bucket="papers", Key="a b/ü+1")
        assert found["Body"].read() == b"ex"
        assert (head["ContentLength"], head["ContentType"]) == (4, "text/plain")
        assert [each["Key"] for each in s3.list_objects_v2(Bucket="papers", Prefix="a b/")["Contents"]] == ["a b/ü+1"]
        s3.delete_object(Bucket="papers", Key="a b/ü+1")
        with pytest.raises(s3.exceptions.NoSuchKey):
            s3.get_object(Bucket="papers", Key="a b/ü+1")


def test_the_store_itself_refuses_its_own_key_with_a_wrong_secret(emulator, store):
    with pytest.raises(ClientError) as caught:
        client(emulator, access(store).access_key, "wrong").list_buckets()

    assert caught.value.response["Error"]["Code"] == "SignatureDoesNotMatch"


def test_large_objects_pass_in_parts(emulator):
    s3, content = client(emulator), b"0123456789abcdef" * 640 * 1024
    s3.upload_fileobj(io.BytesIO(content), "papers", "large")
    received = io.BytesIO()
    s3.download_fileobj("papers", "large", received)

    assert received.getvalue() == content
    s3.put_object(Bucket="papers", Key="whole", Body=content + content)
    assert s3.head_object(Bucket="papers", Key="whole")["ContentLength"] == 2 * len(content)


def test_presigned_urls_work_at_the_edge(emulator):
    for version in (None, "s3v4"):
        _check_presigned(client(emulator, signature_version=version))


def _check_presigned(s3: Any) -> None:
    put = s3.generate_presigned_url("put_object", Params={"Bucket": "papers", "Key": "signed"})
    get = s3.generate_presigned_url("get_object", Params={"Bucket": "papers", "Key": "signed"})

    assert httpx.put(put, content=b"text").status_code == 200
    assert httpx.get(get).text == "text"


def test_bodies_in_chunks_are_joined(emulator):
    checksum = b64encode(zlib.crc32(b"Wikipedia").to_bytes(4, "big")).decode()
    body = f"9\r\nWikipedia\r\n0\r\nx-amz-checksum-crc32:{checksum}\r\n\r\n".encode()
    url = f"http://127.0.0.1:{emulator.ports['edge']}/papers/chunked"
    headers = [
        ("Host", f"127.0.0.1:{emulator.ports['edge']}"),
        ("Content-Encoding", "aws-chunked"),
        ("X-Amz-Trailer", "x-amz-checksum-crc32"),
        ("X-Amz-Decoded-Content-Length", "9"),
    ]
    request = Request("PUT", "/papers/chunked", headers=headers)
    signed = sign(request, credentials=("test", "test"), region="us-east-1", service="s3", now=time.time())
    signed = [(name, value) for name, value in signed if name != "X-Amz-Content-SHA256"]
    signed.append(("X-Amz-Content-SHA256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"))

    assert httpx.put(url, content=body, headers=signed).status_code == 200
    assert client(emulator).get_object(Bucket="papers", Key="chunked")["Body"].read() == b"Wikipedia"
    broken = httpx.put(url, content=b"9\r\nWiki", headers=signed)
    assert (broken.status_code, "malformed" in broken.text) == (400, True)


def test_a_store_that_is_gone_is_named(tmp_path):
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    nowhere = S3Access("http://127.0.0.1:1", "key", "secret")
    given = options(tmp_path / "data", template=tmp_path / "template.yaml", parameters={}, s3=nowhere)
    with running(given) as emulator, pytest.raises(ClientError) as caught:
        client(emulator).list_buckets()

    assert caught.value.response["Error"]["Code"] == "ServiceUnavailable"
    assert "127.0.0.1:1 does not answer" in caught.value.response["Error"]["Message"]
