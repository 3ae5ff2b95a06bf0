"""Settings and baseline of a project."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli.errors import UserError
from cli.project.place import Place
from cli.project.rows import show_json, show_rows


def show(place: Place) -> None:
    show_json(place.api.get(_path(place), doing="The settings").body)


def change(place: Place, file: Path) -> None:
    """Set what a YAML or JSON file says and leave the rest. Raises UserError."""
    wanted = _read(file)
    present = place.api.get(_path(place), doing="The settings")
    place.api.patch(_path(place), wanted, doing="The settings", etag=present.etag)
    print(f"Settings of {place.name} changed: {', '.join(sorted(wanted))}.")


def history(place: Place, *, as_json: bool) -> None:
    changes = list(place.api.list_of(f"{_path(place)}/history", {}, doing="The history", page=50))
    if as_json:
        show_json(changes)
        return
    rows = ((one["changed_at"], one["changed_by"], _named(one["changes"])) for one in changes)
    show_rows(("When", "Who", "What"), rows, nothing="Nothing was changed yet.")


def baseline(place: Place, wanted: Mapping[str, str] | None, *, as_json: bool) -> None:
    """Set the baseline to what is wanted, if anything is, and print it."""
    path = f"/v1/projects/{place.project_id}/baseline"
    present = place.api.get(path, doing="The baseline")
    found = present.body
    if wanted is not None:
        found = place.api.put(path, dict(wanted), doing="The baseline", etag=present.etag).body
    if as_json:
        show_json(found)
        return
    about = found.get("version_id") or found.get("branch") or found.get("date") or ""
    kind = found["kind"] or "nothing chosen: a version is compared with what it came from"
    print(f"Baseline: {kind}{f' {about}' if about else ''}.")


def _named(changes: list[dict[str, Any]]) -> str:
    return ", ".join(sorted(str(change["field"]) for change in changes))


def _path(place: Place) -> str:
    return f"/v1/projects/{place.project_id}/settings"


def _read(file: Path) -> dict[str, Any]:
    import yaml

    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as absent:
        raise UserError(f"{file} cannot be read.") from absent
    except yaml.YAMLError as malformed:
        raise UserError(f"{file} is no YAML.") from malformed
    if not isinstance(found, dict) or not found:
        raise UserError(f"{file} names no settings.")
    return found
