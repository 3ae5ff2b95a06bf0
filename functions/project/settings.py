"""Settings of a project, what differs between two states of them, and the snapshot that analysis reads.

The snapshot is an object named by its own hash, so that a version says for ever under what it was analysed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Self

from functions.project.baselines import Baseline
from functions.project.gates import GateCondition

LARGEST_TEXT: Final = 64 * 1024  # bytes of custom rules, and of contracts
LARGEST_SETTINGS: Final = 192 * 1024  # bytes of all of it as JSON: two states of it fit an answer
MOST_PATTERNS: Final = 500
MOST_RULES: Final = 1_000
LONGEST_PATTERN: Final = 512
LONGEST_SHOWN: Final = 2 * 1024  # bytes of a value in a list of changes; one change alone is shown whole


@dataclass(frozen=True, slots=True)
class Settings:
    """`gate` of None is the platform's default gate, an empty one asks for nothing. See `document` for the names.

    `supersede` says on which branches a newer version takes the place of an older one that still waits: `never`,
    `topic` (all but the main line) or `always`.
    """

    default_branch: str = "main"
    exclude: tuple[str, ...] = ()
    disabled_rules: tuple[str, ...] = ()
    severities: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    custom_rules: str = ""
    semgrep: bool = False
    contracts: str = ""
    gate: tuple[GateCondition, ...] | None = None
    retention_days: int = 90
    concurrency: int = 4
    supersede: str = "topic"

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """Settings from their document; what it does not say is as by default. Raises Invalid for a bad gate."""
        rules, gate = said.get("rules") or {}, said.get("gate")
        plain = {name: said[name] for name in _PLAIN if said.get(name) is not None}
        return cls(
            **plain,
            exclude=tuple(said.get("exclude") or ()),
            disabled_rules=tuple(sorted(set(rules.get("disabled") or ()))),
            severities=MappingProxyType(dict(sorted((rules.get("severity") or {}).items()))),
            gate=None if gate is None else tuple(GateCondition.of(one) for one in gate),
        )

    def document(self) -> dict[str, Any]:
        """The settings as they are stored and shown."""
        return {
            **{name: getattr(self, name) for name in _PLAIN},
            "exclude": list(self.exclude),
            "rules": {"disabled": list(self.disabled_rules), "severity": dict(self.severities)},
            "gate": None if self.gate is None else [one.document() for one in self.gate],
        }

    def changed(self, patch: Mapping[str, Any]) -> Settings:
        """These settings with what `patch` names: a null there means the default. Raises Invalid for a bad gate."""
        merged = self.document()
        for name, value in patch.items():
            parts = isinstance(value, dict) and isinstance(merged[name], dict)
            merged[name] = merged[name] | value if parts else value
        return Settings.of(merged)

    def snapshot(self, org_id: str) -> Snapshot:
        said = self.document()
        kept = {name: said[name] for name in _SNAPSHOT} | {"schema": 1}
        data = json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        return Snapshot(f"configurations/{org_id}/{hashlib.sha256(data).hexdigest()}.json", data)


_PLAIN = (
    "default_branch",
    "custom_rules",
    "semgrep",
    "contracts",
    "retention_days",
    "concurrency",
    "supersede",
)
_SNAPSHOT = (
    "exclude",
    "rules",
    "custom_rules",
    "semgrep",
    "contracts",
    "gate",
    "retention_days",
    "concurrency",
    "supersede",
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The object that a version's `config_key` names."""

    key: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored of a project's settings; revision 0 says that nobody ever changed them."""

    project_id: str
    settings: Settings = Settings()
    baseline: Baseline | None = None
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """One field's old and new value, as JSON."""

    field: str
    old: Any
    new: Any

    def short(self) -> Change:
        """The same with long values named by hash and size."""
        return Change(self.field, _short(self.old), _short(self.new))


@dataclass(frozen=True, slots=True)
class Revision:
    """An entry of the history: who changed what, and when."""

    id: str
    project_id: str
    revision: int
    changes: tuple[Change, ...]
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """Domain event: a project's settings are others now; `fields` are the names of those that changed."""

    project_id: str
    org_id: str
    revision: int
    fields: tuple[str, ...]


def changes(old: Kept, new: Kept) -> tuple[Change, ...]:
    """What differs, field by field, in the order of names; `rules` counts as its parts."""
    before, after = _fields(old), _fields(new)
    return tuple(Change(name, before[name], after[name]) for name in sorted(after) if before[name] != after[name])


def _fields(kept: Kept) -> dict[str, Any]:
    flat: dict[str, Any] = {"baseline": kept.baseline.document() if kept.baseline else None}
    for name, value in kept.settings.document().items():
        if name == "rules":
            flat |= {f"{name}.{part}": one for part, one in value.items()}
        else:
            flat[name] = value
    return flat


def _short(value: Any) -> Any:
    data = json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
    if len(data) <= LONGEST_SHOWN:
        return value
    return {"sha256": hashlib.sha256(data).hexdigest(), "size_bytes": len(data)}
