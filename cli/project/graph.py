"""Questions to the graph of a project."""

from __future__ import annotations

from cli.project.place import Place
from cli.project.rows import picked, show_json, show_rows

COLUMNS = {
    "impact": ("path", "symbol", "distance", "dependants"),
    "callers": ("path", "symbol", "times"),
    "cycles": ("size", "example"),
    "hotspots": ("score", "path", "commits", "complexity", "authors"),
    "coupling": ("path", "other", "support", "confidence"),
    "dead-code": ("path", "line", "kind", "symbol", "confidence", "reason"),
}


def ask(place: Place, question: str, version_id: str | None, *, as_json: bool, **query: str | None) -> None:
    """Print an answer; what could not be measured is said with the reason."""
    analysis = place.analysis(version_id)
    said = place.api.get(f"/v1/analyses/{analysis['id']}/graph/{question}", doing="The question", **query).body
    if as_json:
        show_json(said)
        return
    columns = COLUMNS[question]
    reason = said.get("reason")
    nothing = f"Not measured: {reason}." if reason else "Nothing."
    rows = [[_told(cell) for cell in picked(one, columns)] for one in said["items"]]
    show_rows(columns, rows, nothing=nothing)
    if said.get("tests"):
        print("Tests to run: " + ", ".join(said["tests"]))
    if said.get("truncated"):
        print("There is more: --json says how much was looked at.")


def contracts(place: Place, version_id: str | None, *, as_json: bool) -> bool:
    """Print which contracts between modules are kept, and return whether all are."""
    analysis = place.analysis(version_id)
    said = place.api.get(f"/v1/analyses/{analysis['id']}/graph/contracts", doing="The question").body
    if as_json:
        show_json(said)
    else:
        rows = [("kept" if one["kept"] else "broken", one["name"]) for one in said["contracts"]]
        why = said.get("refused") or said.get("reason")
        show_rows(("Contract", "Name"), rows, nothing=f"No contracts{f': {why}' if why else ''}.")
        for one in said["contracts"]:
            for broken in one["violations"]:
                print(f"{broken['path']}:{broken['line']}: {' -> '.join(broken['chain'])}")
    return all(one["kept"] for one in said["contracts"]) and not said.get("refused")


def _told(cell: object) -> object:
    return " -> ".join(map(str, cell)) if isinstance(cell, list) else cell
