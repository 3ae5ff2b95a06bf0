"""Questions to the policies, whole ones and ones with something missing or odd."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

from kernel.policy import policy_folder

ACTIONS = sorted(
    {
        action
        for path in policy_folder().glob("*.rego")
        for action in re.findall(rf'"({path.stem}\.\w+)"', path.read_text())
    }
)
ROLES = ("viewer", "reviewer", "maintainer", "admin", "owner")
ODD = (
    None,
    False,
    True,
    0,
    -1,
    2.5,
    "",
    "OWNER",
    "owner ",
    "nonsense",
    [],
    {},
    [None],
    [["owner"]],
    {"owner": "owner"},
)
FIELDS = (
    ("action",),
    ("caller",),
    ("caller", "user_id"),
    ("caller", "org_id"),
    ("caller", "roles"),
    ("caller", "kind"),
    ("resource",),
    ("resource", "project_role"),
    ("resource", "role"),
    ("resource", "present"),
    ("resource", "leaves"),
    ("resource", "member_id"),
)


def whole(action: str) -> Iterator[dict[str, Any]]:
    """Questions with every field told, by callers of each role, about roles at, below and above theirs."""
    for role, other, project_role in itertools.product(ROLES, ("viewer", "owner"), ("viewer", "admin")):
        caller = {"user_id": "u1", "org_id": "o1", "roles": [role], "kind": "user"}
        about = {"role": other, "present": other, "leaves": "u2", "member_id": "u2", "project_role": project_role}
        yield {"action": action, "caller": caller, "resource": about}


def spoilt(question: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The question with each field left out, and with each odd value in its place."""
    for field in FIELDS:
        yield _with(question, field)
        for value in ODD:
            yield _with(question, field, value)


def _with(question: dict[str, Any], field: Sequence[str], *value: object) -> dict[str, Any]:
    changed = deepcopy(question)
    inner = changed
    for name in field[:-1]:
        inner = inner[name]
    del inner[field[-1]]
    if value:
        inner[field[-1]] = value[0]
    return changed
