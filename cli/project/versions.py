"""Versions of a project: list them, compare two, download one; and findings of other tools for one."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from cli.errors import UserError
from cli.project.place import Place
from cli.project.rows import picked, show_json, show_rows
from cli.records import Json
from cli.words import plain

_COLUMNS = ("id", "created_at", "branch", "commit", "label", "file_count")
LARGEST_IMPORT_BYTES = 5_000_000
EXPORTED_WITHIN_S = 120.0


def show(place: Place, *, branch: str | None, as_json: bool) -> None:
    """List versions, newest first."""
    path = f"/v1/projects/{place.project_id}/versions"
    listed = list(place.api.items(path, doing="The list of versions", branch=branch))
    if as_json:
        show_json(listed)
        return
    show_rows(_COLUMNS, (picked(one, _COLUMNS) for one in listed), nothing="There is no version yet.")


def diff(place: Place, old: str, new: str, *, path: str | None, as_json: bool) -> None:
    """What changed from one version to another: the files, or the hunks of one file."""
    found = list(place.api.items(f"/v1/versions/{new}/diff", doing="The difference", against=old, path=path))
    if as_json:
        show_json(found)
        return
    for file in found:
        old = file["old"]["path"] if file["old"] else file["path"]
        was = f"{plain(old)} -> " if old != file["path"] else ""
        counts = f"\t+{file['additions']} -{file['deletions']}" if file["additions"] is not None else ""
        note = f" ({file['note']})" if file["note"] else ""
        print(f"{file['status']}\t{was}{plain(file['path'])}{counts}{note}")
        for hunk in file.get("hunks") or []:
            print(_header(hunk))
            print("\n".join(map(plain, hunk["lines"])))


def _header(hunk: Json) -> str:
    return f"@@ -{hunk['old_start']},{hunk['old_lines']} +{hunk['new_start']},{hunk['new_lines']} @@"


def download(place: Place, version_id: str, into: Path, *, form: str) -> None:
    """Write a version's files as one archive. Raises UserError if it is not made in time."""
    deadline = time.monotonic() + EXPORTED_WITHIN_S
    while True:
        answer = place.api.get(f"/v1/versions/{version_id}/archive", doing="The archive", format=form).body
        if answer.get("url"):
            break
        if time.monotonic() > deadline:
            raise UserError(f"The archive was not made within {EXPORTED_WITHIN_S:.0f} s: try again.")
        time.sleep(0.5)
    try:
        into.write_bytes(place.api.download(str(answer["url"])))
    except OSError as refused:
        raise UserError(f"{into} cannot be written: {refused.strerror}.") from refused
    print(into)


def take_sarif(place: Place, version_id: str | None, file: Path) -> None:
    """Add what another tool found to the analysis of a version. Raises UserError."""
    found = place.api.post(
        f"/v1/analyses/{place.analysis(version_id)['id']}/imports", _sarif(file), doing=f"The import of {file}"
    )
    print(json.dumps(found.body, indent=2))


def _sarif(file: Path) -> Any:
    try:
        data = file.read_bytes()
        document = json.loads(data)
    except OSError as refused:
        raise UserError(f"{file} cannot be read: {refused.strerror}.") from refused
    except ValueError as malformed:
        raise UserError(f"{file} is no JSON.") from malformed
    if len(data) > LARGEST_IMPORT_BYTES:
        raise UserError(f"{file} has more than {LARGEST_IMPORT_BYTES / 1e6:.0f} MB.")
    return document
