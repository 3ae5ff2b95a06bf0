"""What a project chose of the engines: rules off, severities and rules of its own, semgrep. Standard library only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from typing import Any

from functions.analysis.configuration import Configuration
from functions.analysis.model import Severity

EVERY = "/*"
"""Ends a name that stands for all rules of an engine: bandit/*."""


@dataclass(frozen=True)
class Choice:
    """As much of a configuration as decides what engines say of a content."""

    disabled: tuple[str, ...] = ()
    severities: tuple[tuple[str, str], ...] = ()
    custom_rules: str = ""
    semgrep: bool = False

    @classmethod
    def of(
        cls,
        *,
        disabled: Iterable[str] = (),
        severities: Mapping[str, str] | None = None,
        custom_rules: str = "",
        semgrep: bool = False,
    ) -> Choice:
        """Equal choices are equal values, whatever order they were written in."""
        listed = tuple(sorted((rule, str(level)) for rule, level in (severities or {}).items()))
        text = custom_rules if custom_rules.strip() else ""
        return cls(tuple(sorted(set(disabled))), listed, text, semgrep)

    @classmethod
    def made(cls, configuration: Configuration) -> Choice:
        return cls.of(
            disabled=configuration.disabled_rules,
            severities=configuration.severities,
            custom_rules=configuration.custom_rules,
            semgrep=configuration.semgrep,
        )

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Choice:
        pairs = tuple((rule, level) for rule, level in said["severities"])
        return cls(tuple(said["disabled"]), pairs, said["custom_rules"], said["semgrep"])

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        """The same text for the same choice; empty for none."""
        return "" if self == Choice() else json.dumps(self.to_json(), sort_keys=True)

    def runs(self, rule: str) -> bool:
        return self._off.isdisjoint(_names(rule)) if self._off else True

    def severity(self, rule: str) -> Severity | None:
        """The project's own severity of a rule; the rule's name beats its engine's."""
        if not self._levels:
            return None
        found = next((self._levels[name] for name in _names(rule) if name in self._levels), None)
        return Severity(found) if found else None

    @cached_property
    def _off(self) -> frozenset[str]:
        return frozenset(self.disabled)

    @cached_property
    def _levels(self) -> dict[str, str]:
        return dict(self.severities)


@lru_cache(maxsize=4096)
def _names(rule: str) -> tuple[str, ...]:
    """What a rule can be called, the narrowest name first: foreign/tool/rule, foreign/tool/*, foreign/*."""
    parts = rule.split("/")
    return rule, *("/".join(parts[:count]) + EVERY for count in range(len(parts) - 1, 0, -1))
