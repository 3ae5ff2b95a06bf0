"""What a service that was given by URL needs to have: topics on the broker, the bucket in the object store."""

from __future__ import annotations

from collections.abc import Mapping

from cli.environment import ROOT
from cli.errors import UserError

TOPICS = ROOT / "infra" / "kafka" / "topics.yaml"


def provide(given: Mapping[str, str], bucket: str) -> None:
    """Create what is missing there. Raises UserError, StartFailed."""
    if bootstrap := given.get("KAFKA_BOOTSTRAP_SERVERS"):
        from emulator.services.topics import ensure_topics

        ensure_topics(bootstrap, TOPICS)
    if given.get("S3_ENDPOINT"):
        _ensure_bucket(given, bucket)


def _ensure_bucket(given: Mapping[str, str], bucket: str) -> None:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    client = boto3.client(
        "s3",
        endpoint_url=given["S3_ENDPOINT"],
        aws_access_key_id=given.get("S3_ACCESS_KEY"),
        aws_secret_access_key=given.get("S3_SECRET_KEY"),
        region_name="us-east-1",
    )
    try:
        if bucket not in {found["Name"] for found in client.list_buckets()["Buckets"]}:
            client.create_bucket(Bucket=bucket)
    except (BotoCoreError, ClientError) as refused:
        raise UserError(f"The bucket {bucket} cannot be created at {given['S3_ENDPOINT']}: {refused}") from refused
