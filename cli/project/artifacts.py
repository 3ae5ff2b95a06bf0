"""What an analysis leaves: SARIF, reports, a bill of materials."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from cli.errors import UserError
from cli.project.place import Place
from cli.project.rows import show_json, show_rows

_COLUMNS = ("name", "content_type", "size_bytes")


def show(place: Place, version_id: str | None, *, as_json: bool) -> None:
    """List artifacts; in JSON with addresses that download them for a while."""
    listed = _listed(place, version_id)
    if as_json:
        show_json(listed)
    else:
        show_rows(_COLUMNS, ([one[name] for name in _COLUMNS] for one in listed), nothing="There is none.")


def download(place: Place, version_id: str | None, names: Collection[str], into: Path) -> None:
    """Write artifacts into a folder: those named, else all. Raises UserError."""
    listed = _listed(place, version_id)
    unknown = set(names) - {str(one["name"]) for one in listed}
    if unknown:
        raise UserError(f"There is no artifact {min(unknown)!r}: `coderev artifacts` lists them.")
    for one in listed:
        if not names or one["name"] in names:
            _write(into / Path(str(one["name"])).name, place.api.download(str(one["url"])))


def _listed(place: Place, version_id: str | None) -> list[dict[str, object]]:
    path = f"/v1/analyses/{place.analysis(version_id)['id']}/artifacts"
    return list(place.api.get(path, doing="The artifacts").body["items"])


def _write(file: Path, content: bytes) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    except OSError as refused:
        raise UserError(f"{file} cannot be written: {refused.strerror}.") from refused
    print(file)
