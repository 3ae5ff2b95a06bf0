"""A bundle of the project domain on the real database and the embedded object store."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest
import sqlalchemy as sa

from emulator.services.testing import services_for_tests
from functions.project import bootstrap, routes
from functions.project.ports import Deps
from kernel import resources
from kernel.settings import Settings
from tests.client import ORG, BundleClient, Reply


@pytest.fixture(scope="session")
def objects() -> Iterator[Mapping[str, str]]:
    """The environment of an embedded object store."""
    with services_for_tests("objects") as running:
        yield running.environment


@pytest.fixture
def stored(settings: Settings, objects: Mapping[str, str], empty: None) -> Settings:
    """Settings with an empty database and the object store."""
    update = {"s3_endpoint": objects["S3_ENDPOINT"], "s3_access_key": objects["S3_ACCESS_KEY"]}
    secret = Settings.model_validate({"S3_SECRET_KEY": objects["S3_SECRET_KEY"]}).s3_secret_key
    return settings.model_copy(update=update | {"s3_secret_key": secret})


@pytest.fixture
def deps(stored: Settings) -> Deps:
    return bootstrap.connect(stored)


@pytest.fixture
def ada(deps: Deps) -> BundleClient:
    return BundleClient(routes.build(deps))


@dataclass(frozen=True)
class Sender:
    """Does what a client does around the API: sends content and lets the store tell about it."""

    client: BundleClient
    project_id: str
    s3: Any
    bucket: str

    def of(self, deps: Deps) -> Sender:
        """The same on a bundle with other dependencies."""
        return replace(self, client=replace(self.client, app=routes.build(deps)))

    def promise(self, content: bytes, kind: str = "pack", **about: object) -> Any:
        body = {"kind": kind, "size_bytes": len(content), "sha256": sha256(content), **about}
        reply = self.client.post(f"/v1/projects/{self.project_id}/uploads", body)
        assert reply.status == 201, reply.json
        return reply.json

    def put(self, upload: Mapping[str, Any], content: bytes) -> int:
        return httpx.put(upload["url"], headers=upload["headers"], content=content).status_code

    def place(self, upload: Mapping[str, Any], content: bytes) -> None:
        """Put an object past the signed URL, as a store without its checks would let a client do."""
        self.s3.put_object(Bucket=self.bucket, Key=key_of(upload), Body=content)

    def notify(self, *keys: str) -> dict[str, str]:
        records = [{"s3": {"bucket": {"name": self.bucket}, "object": {"key": quote_plus(key)}}} for key in keys]
        return self.client.app.handler_map["on_upload"]({"Records": records}, None)

    def sweep(self) -> dict[str, str]:
        return self.client.app.handler_map["on_upload"]({"resources": ["rule"]}, None)

    def upload(self, content: bytes, kind: str = "pack", **about: object) -> Any:
        """Promise, send, notify; the upload as it then is."""
        promised = self.promise(content, kind, **about)
        assert self.put(promised, content) == 200
        self.notify(key_of(promised))
        return self.state(promised)

    def state(self, upload: Mapping[str, Any]) -> Any:
        return self.client.get(f"/v1/uploads/{upload['id']}").json

    def publish(self, files: Mapping[str, bytes], **about: object) -> Reply:
        body = {"files": [entry(path, content) for path, content in files.items()], **about}
        return self.client.post(f"/v1/projects/{self.project_id}/versions", body)

    def objects(self, prefix: str = "") -> list[str]:
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        return [item["Key"] for item in found]


@pytest.fixture
def sender(ada: BundleClient, stored: Settings) -> Sender:
    s3 = resources.s3(stored)
    for item in s3.list_objects_v2(Bucket=stored.bucket).get("Contents", []):
        s3.delete_object(Bucket=stored.bucket, Key=item["Key"])
    project = ada.post("/v1/projects", {"name": "compiler"}).json
    return Sender(ada, project["id"], s3, stored.bucket)


@pytest.fixture
def count(admin: sa.Engine) -> Callable[[str], int]:
    """The number of rows of a table, past row-level security."""

    def rows(table: str) -> int:
        with admin.begin() as connection:
            return connection.execute(sa.text(f"SELECT count(*) FROM project.{table}")).scalar_one()

    return rows


def key_of(upload: Mapping[str, Any], org: str = ORG) -> str:
    return f"uploads/{org}/{upload['id']}"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def entry(path: str, content: bytes, mode: str = "100644") -> dict[str, object]:
    return {"path": path, "mode": mode, "sha256": sha256(content), "size_bytes": len(content)}


def pack_of(*contents: bytes) -> bytes:
    """A pack, made by tarfile as any client may."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for content in contents:
            member = tarfile.TarInfo(sha256(content))
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
