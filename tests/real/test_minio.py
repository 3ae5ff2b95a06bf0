"""MinIO tells the emulator about objects by its webhook, and functions get the event as S3 would send it."""

from __future__ import annotations

import secrets

import boto3
import pytest

from emulator.services import credentials
from emulator.services.keeper import Plan
from emulator.services.objects import Notify
from emulator.services.objects_rules import Rule
from emulator.services.testing import running as service
from emulator.testing import running
from infra.real.fetch import Missing, go_program
from infra.real.minio_server import Minio
from tests.emulator.conftest import eventually, notes, options

pytestmark = pytest.mark.real


@pytest.fixture
def data(real, tmp_path):
    try:
        go_program("minio")
    except Missing as reason:
        pytest.skip(str(reason))
    return tmp_path


def test_an_object_in_minio_invokes_the_function_in_the_words_of_s3(data):
    token, secret = secrets.token_urlsafe(), credentials.load(data / "credentials.json")
    with running(options(data / "emulator", token=token, parameters={"Greeting": str(data / "notes.jsonl")})) as served:
        url = f"http://127.0.0.1:{served.ports['edge']}/_emulator/s3-events"
        notify = Notify(url, token, (Rule(bucket="uploads", prefix="in box/"),))
        plan = Plan("minio", lambda port: Minio(data, port, secret, ("uploads",), notify))
        with service(plan, data) as keeper:
            client = client_of(keeper.server.environment())
            client.put_object(Bucket="uploads", Key="elsewhere.tar", Body=b"no rule names it")
            client.put_object(Bucket="uploads", Key="in box/ä+1.tar", Body=b"content")
            eventually(lambda: bool(notes(data)), 20)
            client.close()

    assert len(notes(data)) == 1
    record = notes(data)[0]["event"]["Records"][0]
    assert (record["eventName"], record["eventSource"]) == ("ObjectCreated:Put", "aws:s3")
    assert record["s3"]["object"]["key"] == "in+box/%C3%A4%2B1.tar"
    assert (record["s3"]["object"]["size"], record["s3"]["bucket"]["name"]) == (7, "uploads")
    assert int(record["s3"]["object"]["sequencer"], 16) > 0


def client_of(settings):
    return boto3.client(
        "s3",
        endpoint_url=settings["S3_ENDPOINT"],
        region_name="us-east-1",
        aws_access_key_id=settings["S3_ACCESS_KEY"],
        aws_secret_access_key=settings["S3_SECRET_KEY"],
    )
