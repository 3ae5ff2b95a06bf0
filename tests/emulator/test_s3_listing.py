"""An object store that sends no notifications: new objects are found by looking."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from emulator.options import S3Access
from emulator.services.testing import services_for_tests
from emulator.sources.s3_listing import Listing
from emulator.template import S3Mapping

MAPPING = S3Mapping("Uploaded", "unpack", "coderev", ("s3:ObjectCreated:*",), prefix="uploads/")


@pytest.fixture(scope="module")
def access() -> Iterator[S3Access]:
    with services_for_tests("objects") as services:
        given = services.environment
        yield S3Access(given["S3_ENDPOINT"], given["S3_ACCESS_KEY"], given["S3_SECRET_KEY"], listed=True)


@pytest.fixture
def store(access: S3Access) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=access.endpoint,
        aws_access_key_id=access.access_key,
        aws_secret_access_key=access.secret_key,
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required"),
    )


def told(listing: Listing, looks: int, client: Any) -> None:
    async def look() -> None:
        for _ in range(looks):
            await listing._look(client)

    asyncio.run(look())


def test_each_content_is_told_of_once_and_only_below_the_prefix(access, store):
    seen: list[str] = []

    async def deliver(document: dict[str, Any]) -> None:
        seen.append(document["Records"][0]["s3"]["object"]["key"])

    listing = Listing([MAPPING], access, deliver)
    store.put_object(Bucket="coderev", Key="uploads/a b", Body=b"1")
    store.put_object(Bucket="coderev", Key="packs/x", Body=b"1")
    told(listing, 2, store)
    store.put_object(Bucket="coderev", Key="uploads/a b", Body=b"22")
    store.put_object(Bucket="coderev", Key="uploads/c", Body=b"1")
    told(listing, 2, store)

    assert seen == ["uploads/a+b", "uploads/a+b", "uploads/c"]


def test_an_object_whose_delivery_failed_is_told_of_again(access, store):
    seen: list[str] = []

    async def deliver(document: dict[str, Any]) -> None:
        seen.append(document["Records"][0]["s3"]["object"]["key"])
        if len(seen) == 1:
            raise RuntimeError("the queue is full")

    store.delete_object(Bucket="coderev", Key="uploads/a b")
    store.delete_object(Bucket="coderev", Key="uploads/c")
    store.put_object(Bucket="coderev", Key="uploads/d", Body=b"1")
    listing = Listing([MAPPING], access, deliver)

    with pytest.raises(RuntimeError):
        told(listing, 1, store)
    told(listing, 2, store)

    assert seen == ["uploads/d", "uploads/d"]
