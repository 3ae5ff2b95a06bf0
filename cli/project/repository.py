"""A project's repository at a git host, and fetching from it."""

from __future__ import annotations

import time
from collections.abc import Mapping

from cli.errors import UserError
from cli.exchange import ApiError
from cli.project.place import Place
from cli.project.rows import show_json

FETCHED_WITHIN_S = 600.0


def show(place: Place) -> None:
    show_json(place.api.get(_path(place), doing="The repository").body)


def connect(place: Place, wanted: Mapping[str, object]) -> None:
    """Set what is given and leave the rest; print where the host is to send its webhooks. Raises UserError."""
    try:
        present = place.api.get(_path(place), doing="The repository")
        kept = {name: present.body[name] for name in ("kind", "url", "default_branch", "filters")}
        etag = present.etag
    except ApiError as refused:
        if refused.status != 404:
            raise
        kept, etag = {}, None
    said = place.api.put(_path(place), {**kept, **wanted}, doing="The repository", etag=etag).body
    print(f"{place.name} is connected to {said['url']}.")
    print(f"Webhooks go to {place.api.server}{said['hook_path']}")


def fetch(place: Place, wanted: Mapping[str, object], *, wait: bool) -> None:
    """Have a reference, or a pull request, fetched and analysed. Raises UserError when it fails."""
    path = f"/v1/projects/{place.project_id}/fetches"
    found = place.api.post(path, dict(wanted), doing="The fetch").body
    deadline = time.monotonic() + FETCHED_WITHIN_S
    while wait and found["state"] in ("queued", "running"):
        if time.monotonic() > deadline:
            raise UserError(f"The fetch did not end within {FETCHED_WITHIN_S:.0f} s; it goes on at the server.")
        time.sleep(0.5)
        found = place.api.get(f"/v1/fetches/{found['id']}", doing="The fetch").body
    if found["state"] == "failed":
        raise UserError(f"The fetch failed: {found.get('detail') or found.get('code')}.")
    print(
        f"Fetch {found['id']}: {found['state']}"
        + (f", version {found['version_id']}" if found.get("version_id") else "")
    )


def _path(place: Place) -> str:
    return f"/v1/projects/{place.project_id}/repository"
