"""Findings of a project: list them, say why one may stay, take that back, read what happened to one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cli.errors import UserError
from cli.project.place import Place
from cli.project.rows import show_json, show_rows
from cli.records import Json
from cli.words import counted

AT_ONCE = 1_000  # that one action may name
_OUTCOMES = {
    "unchanged": "it was so already",
    "not_found": "the project has no such finding",
    "not_dismissed": "it is not dismissed",
}
_COLUMNS = ("Severity", "State", "Place", "Rule", "Message", "Id")


def show(place: Place, *, as_json: bool, **wanted: str | None) -> None:
    """List findings, worst first."""
    asked: dict[str, str | None] = {"project_id": place.project_id, **wanted}
    listed = list(place.api.list_of("/v1/findings", asked, doing="The list of findings"))
    if as_json:
        show_json(listed)
        return
    rows = (
        (one["severity"], one["state"], f"{one['path']}:{one['line']}", one["rule"], one["message"], one["id"])
        for one in listed
    )
    show_rows(_COLUMNS, rows, nothing="No such finding.")


def act(place: Place, finding_ids: Sequence[str], body: Mapping[str, object]) -> None:
    """Dismiss or reopen findings, all of a batch or none of it. Raises UserError."""
    outcomes: list[Json] = []
    for start in range(0, len(finding_ids), AT_ONCE):
        batch = {"project_id": place.project_id, "finding_ids": list(finding_ids[start : start + AT_ONCE]), **body}
        outcomes += place.api.post("/v1/findings/actions", batch, doing="The action").body["items"]
    verb = "reopened" if body["action"] == "reopen" else "dismissed"
    print(f"{counted(sum(one['outcome'] == 'done' for one in outcomes), 'finding')} {verb}.")
    for one in outcomes:
        if one["outcome"] != "done":
            print(f"{one['id']}: {_OUTCOMES.get(one['outcome'], one['outcome'])}")
    if any(one["outcome"] == "not_found" for one in outcomes):
        raise UserError(f"The project {place.name!r} has not all of these findings.")


def explain(place: Place, finding_id: str, *, as_json: bool) -> None:
    """One finding with all that happened to it."""
    found = place.api.get(f"/v1/findings/{finding_id}", doing="The finding").body
    events = list(place.api.items(f"/v1/findings/{finding_id}/history", doing="The history"))
    if as_json:
        show_json({**found, "history": events})
        return
    for name in ("severity", "confidence", "state", "rule", "message", "help", "fix"):
        if found.get(name):
            print(f"{name}: {found[name]}")
    print(f"place: {found['path']}:{found['line']}")
    rows = ((one["at"], one["change"], one.get("reason"), one.get("comment")) for one in events)
    show_rows(("When", "What", "Reason", "Comment"), rows, nothing="Nothing happened to it yet.")
