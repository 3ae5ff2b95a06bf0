"""MinIO, which tells a webhook about new objects when it is given one."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from emulator.services import http_probe
from emulator.services.credentials import Credentials
from emulator.services.objects import Notify
from emulator.services.ports import LOOPBACK
from emulator.services.process import Command
from infra.real import fetch

WEBHOOK_ARN = "arn:minio:sqs::CODEREV:webhook"


@dataclass(frozen=True, slots=True)
class Minio:
    """`server.Server` with its drive in `<data>/minio`. `notify` is where its webhook goes."""

    data: Path
    port: int
    secret: Credentials
    buckets: tuple[str, ...] = ("coderev",)
    notify: Notify | None = None

    @property
    def folder(self) -> Path:
        return self.data / "minio"

    def environment(self) -> Mapping[str, str]:
        return {
            "S3_ENDPOINT": f"http://{LOOPBACK}:{self.port}",
            "S3_ACCESS_KEY": self.secret.s3_access_key,
            "S3_SECRET_KEY": self.secret.s3_secret_key,
        }

    def prepare(self) -> None:
        for folder in ("drive", "queue"):
            (self.folder / folder).mkdir(mode=0o700, parents=True, exist_ok=True)

    def command(self) -> Command:
        where = ("--address", f"{LOOPBACK}:{self.port}", "--console-address", f"{LOOPBACK}:0")
        variables = {
            "MINIO_ROOT_USER": self.secret.s3_access_key,
            "MINIO_ROOT_PASSWORD": self.secret.s3_secret_key,
            "MINIO_BROWSER": "off",
            "MINIO_UPDATE": "off",
        }
        argv = (str(fetch.go_program("minio")), "server", *where, str(self.folder / "drive"))
        return Command(argv=argv, folder=self.folder, environment=variables | self._webhook(), stop=signal.SIGTERM)

    def _webhook(self) -> dict[str, str]:
        if self.notify is None:
            return {}
        return {
            "MINIO_NOTIFY_WEBHOOK_ENABLE_CODEREV": "on",
            "MINIO_NOTIFY_WEBHOOK_ENDPOINT_CODEREV": self.notify.url,
            "MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_CODEREV": f"Bearer {self.notify.token}",
            "MINIO_NOTIFY_WEBHOOK_QUEUE_DIR_CODEREV": str(self.folder / "queue"),
        }

    def probe(self) -> None:
        http_probe.expect(HTTPStatus.OK, self.port, "/minio/health/ready")

    def settle(self) -> None:
        """Create the buckets that are missing, and tell each whom to notify."""
        import boto3

        client = boto3.client(
            "s3",
            endpoint_url=self.environment()["S3_ENDPOINT"],
            region_name="us-east-1",
            aws_access_key_id=self.secret.s3_access_key,
            aws_secret_access_key=self.secret.s3_secret_key,
        )
        there = {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}
        for bucket in set(self.buckets) - there:
            client.create_bucket(Bucket=bucket)
        for rule in self.notify.rules if self.notify else ():
            client.put_bucket_notification_configuration(
                Bucket=rule.bucket,
                NotificationConfiguration={
                    "QueueConfigurations": [
                        {
                            "QueueArn": WEBHOOK_ARN,
                            "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
                            "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": rule.prefix}]}},
                        }
                    ]
                },
            )
        client.close()
