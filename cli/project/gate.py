"""The quality gate of a version, with the reason for each condition."""

from __future__ import annotations

from cli.project.place import Place
from cli.project.rows import show_json, show_rows


def show(place: Place, version_id: str | None, *, as_json: bool) -> bool:
    """Print the gate and return whether it passed; a gate that could not be decided did not. Raises UserError."""
    analysis = place.analysis(version_id)
    gate = place.api.get(f"/v1/analyses/{analysis['id']}/gate", doing="The gate").body
    if as_json:
        show_json(gate)
    else:
        rows = (("passed" if each["passed"] else "failed", each["reason"]) for each in gate["conditions"])
        show_rows(("Condition", "Reason"), rows, nothing="The gate has no conditions.")
        print(f"Gate of version {analysis['version_id']}: {gate['status'] or 'not decided yet'}.")
    return gate["status"] in ("passed", "none")
