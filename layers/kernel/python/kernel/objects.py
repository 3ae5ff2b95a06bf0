"""Objects in S3, in the one bucket of this installation."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kernel import resources
from kernel.errors import NotFound, Unavailable
from kernel.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

UPLOAD_LIFE_S = 15 * 60


@dataclass(frozen=True, slots=True)
class Stored:
    size_bytes: int
    etag: str


@dataclass(frozen=True, slots=True)
class Objects:
    client: Callable[[], S3Client]
    public: Callable[[], S3Client]
    bucket: str

    def get(self, key: str) -> bytes:
        """Raises NotFound, Unavailable."""
        with _translated(key):
            return self.client().get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def get_range(self, key: str, offset: int, size_bytes: int) -> bytes:
        """Bytes `offset` to `offset + size_bytes` of an object. Raises NotFound, Unavailable."""
        if size_bytes == 0:
            return b""
        wanted = f"bytes={offset}-{offset + size_bytes - 1}"
        with _translated(key):
            return self.client().get_object(Bucket=self.bucket, Key=key, Range=wanted)["Body"].read()

    def download(self, key: str, into: str) -> None:
        """Write an object to the file `into`. Raises NotFound, Unavailable."""
        with _translated(key):
            self.client().download_file(self.bucket, key, into)

    def put(self, key: str, data: bytes, content_type: str = "application/octet-stream") -> None:
        """Store an object; the same key and bytes again change nothing. Raises Unavailable."""
        with _translated(key):
            self.client().put_object(Bucket=self.bucket, Key=key, Body=data, ContentType=content_type)

    def put_file(self, key: str, path: str) -> None:
        """Store the content of a file of up to 5 GB. Raises Unavailable."""
        with _translated(key), open(path, "rb") as file:
            self.client().put_object(Bucket=self.bucket, Key=key, Body=file, ContentType="application/octet-stream")

    def head(self, key: str) -> Stored:
        """Raises NotFound, Unavailable."""
        with _translated(key):
            found = self.client().head_object(Bucket=self.bucket, Key=key)
        return Stored(found["ContentLength"], found["ETag"].strip('"'))

    def delete(self, key: str) -> None:
        """Forget an object; one that is not there is no error. Raises Unavailable."""
        with _translated(key):
            self.client().delete_object(Bucket=self.bucket, Key=key)

    def keys(self, prefix: str) -> list[str]:
        """Up to 1,000 keys that begin with `prefix`, in their order. Raises Unavailable."""
        with _translated(prefix):
            found = self.client().list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        return [item["Key"] for item in found]

    def presigned_put(self, key: str, *, size_bytes: int, sha256: str) -> tuple[str, dict[str, str]]:
        """A URL that takes exactly this content for the next 15 minutes, and the headers to send with it.

        `sha256` is hexadecimal. Length and checksum are signed: the store refuses any other body.
        """
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        parameters = {"Bucket": self.bucket, "Key": key, "ContentLength": size_bytes, "ChecksumSHA256": checksum}
        url = self.public().generate_presigned_url("put_object", Params=parameters, ExpiresIn=UPLOAD_LIFE_S)
        return url, {"Content-Length": str(size_bytes), "x-amz-checksum-sha256": checksum}

    def presigned_get(self, key: str, *, filename: str) -> str:
        """A URL that downloads an object during the next 15 minutes. `filename` is ours, never a user's."""
        parameters = {
            "Bucket": self.bucket,
            "Key": key,
            "ResponseContentDisposition": f'attachment; filename="{filename}"',
        }
        return self.public().generate_presigned_url("get_object", Params=parameters, ExpiresIn=UPLOAD_LIFE_S)


@contextmanager
def _translated(key: str) -> Iterator[None]:
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as refused:
        if refused.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
            raise NotFound("no such object", key=key) from refused
        raise Unavailable("objects") from refused
    except (BotoCoreError, Boto3Error, OSError) as down:
        raise Unavailable("objects") from down


def objects(settings: Settings) -> Objects:
    return Objects(lambda: resources.s3(settings), lambda: resources.s3_public(settings), settings.bucket)
