"""What a client of versions' contents does, and what the sweeps do."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Mapping
from typing import Any

import httpx
import sqlalchemy as sa

from tests.client import Reply
from tests.integration.project.conftest import Sender, pack_of


def send(sender: Sender, files: Mapping[str, bytes], **about: object) -> Any:
    """Upload what files hold and publish them."""
    assert sender.upload(pack_of(*dict.fromkeys(files.values())))["state"] == "stored"
    made = sender.publish(files, **about)
    assert made.status == 201, made.json
    return made.json


def diff(sender: Sender, version: str, query: str = "") -> Any:
    """All pages of what a version changed."""
    cursor, items = "", []
    while True:
        reply = sender.client.get(f"/v1/versions/{version}/diff?limit=300{query}{cursor}")
        assert reply.status == 200, reply.json
        items += reply.json["items"]
        if reply.json["next_cursor"] is None:
            return {**reply.json, "items": items}
        cursor = f"&cursor={reply.json['next_cursor']}"


def export(sender: Sender, version: str, format: str = "zip") -> Reply:
    """Ask for an archive, let the function make it, ask again."""
    assert sender.client.get(f"/v1/versions/{version}/archive?format={format}").status == 202
    assert sender.client.app.handler_map["on_export"]({}, None)["made"] >= 1
    return sender.client.get(f"/v1/versions/{version}/archive?format={format}")


def downloaded(reply: Reply) -> bytes:
    answer = httpx.get(reply.json["url"])
    assert answer.status_code == 200
    return answer.content


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sweep(sender: Sender) -> dict[str, int]:
    return sender.client.app.handler_map["sweep"]({}, None)


def later(admin: sa.Engine, by: str) -> None:
    """Let time pass for whatever lives by the database's clock."""
    moved = (
        ("tasks", "check_at"),
        ("blobs", "marked_at"),
        ("objects", "touched_at"),
        ("objects", "doomed_at"),
        ("exports", "expires_at"),
        ("uploads", "expires_at"),
        ("arrivals", "check_at"),
    )
    with admin.begin() as connection:
        for table, column in moved:
            connection.execute(
                sa.text(f"UPDATE project.{table} SET {column} = {column} - CAST(:by AS interval)"), {"by": by}
            )


def collected(sender: Sender, admin: sa.Engine) -> None:
    """Two collections with more than the grace between them, and one for the objects."""
    for _ in range(3):
        later(admin, "26 hours")
        sweep(sender)


def wait_for(what: Any, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)
