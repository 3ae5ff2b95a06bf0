"""The settings that a version is analysed under, as project left them in an object.

Read tolerantly: a field that is foreign, malformed or beyond its bound falls back to its default, and `ignored`
says which, so that settings of another release never keep an analysis from running. Standard library only.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from functions.analysis.model import Severity

LARGEST_BYTES: Final = 512 * 1024  # of the object; two texts of 64 KB, escaped, and lists fill a third of it
LARGEST_TEXT: Final = 64 * 1024  # bytes of custom rules, and of contracts
MOST_PATTERNS: Final = 500
MOST_RULES: Final = 1_000  # disabled, and again with a severity of their own
MOST_CONDITIONS: Final = 50
LONGEST_WORD: Final = 512  # characters of a pattern, a rule or a metric
MOST_DAYS: Final = 3_650
MOST_WORKERS: Final = 64
OPERATORS: Final = ("<", "<=", "==", ">=", ">")
SCOPES: Final = ("new", "overall")
_GRADES: Final = ("A", "B", "C", "D", "E")
SUPERSEDE: Final = ("never", "topic", "always")
_TEXTS: Final = ("custom_rules", "contracts")
_KNOWN: Final = frozenset(
    ("schema", "exclude", "rules", *_TEXTS, "semgrep", "gate", "retention_days", "concurrency", "supersede")
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a gate: `metric` of new or all code, compared with `threshold` (a grade is A to E).

    `severity` keeps a count of findings to those as bad or worse; an unknown metric is for the policy to refuse.
    """

    metric: str
    operator: str
    threshold: float | str
    severity: Severity | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Configuration:
    """Settings of one analysis. `None` as a gate means the default one; an empty gate asks for nothing."""

    exclude: tuple[str, ...] = ()  # patterns as in .gitignore
    disabled_rules: tuple[str, ...] = ()  # ruff/F401, bandit/*
    severities: Mapping[str, Severity] = field(default_factory=lambda: MappingProxyType({}))
    custom_rules: str = ""  # ast-grep YAML, several documents
    semgrep: bool = False
    contracts: str = ""  # YAML: layers and forbidden imports
    gate: tuple[Condition, ...] | None = None
    retention_days: int = 90
    concurrency: int = 4
    supersede: str = "topic"  # branches whose newest version takes the place of those that wait: topic is not main
    ignored: tuple[str, ...] = ()  # what could not be used, in words

    @classmethod
    def of(cls, data: bytes | None) -> Configuration:
        """The configuration that an object holds. Never raises."""
        if data is None:
            return cls()
        if len(data) > LARGEST_BYTES:
            return cls(ignored=("the settings are too large",))
        try:
            said = json.loads(data)
        except (ValueError, RecursionError):
            return cls(ignored=("the settings are not JSON",))
        if not isinstance(said, dict):
            return cls(ignored=("the settings are not an object",))
        return _read(said)


def _read(said: Mapping[str, Any]) -> Configuration:
    ignored = [f"{_word(name)}: unknown" for name in sorted(said.keys() - _KNOWN)[:MOST_CONDITIONS]]
    read = _Reader(said, ignored)
    rules = read("rules", {}, lambda value: isinstance(value, dict))
    return Configuration(
        exclude=_words(said, "exclude", MOST_PATTERNS, ignored),
        disabled_rules=tuple(sorted(set(_words(rules, "disabled", MOST_RULES, ignored)))),
        severities=MappingProxyType(_severities(rules, ignored)),
        custom_rules=read("custom_rules", "", _is_text),
        semgrep=read("semgrep", False, lambda value: isinstance(value, bool)),
        contracts=read("contracts", "", _is_text),
        gate=_gate(said, ignored),
        retention_days=read("retention_days", 90, lambda value: _is_count(value, MOST_DAYS)),
        concurrency=read("concurrency", 4, lambda value: _is_count(value, MOST_WORKERS)),
        supersede=read("supersede", "topic", lambda value: value in SUPERSEDE),
        ignored=tuple(ignored),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Takes a field if it is there and `fits`, else the default, and says so."""

    said: Mapping[str, Any]
    ignored: list[str]

    def __call__(self, name: str, default: Any, fits: Callable[[Any], bool]) -> Any:
        value = self.said.get(name)
        if value is None or fits(value):
            return default if value is None else value
        self.ignored.append(f"{name}: malformed or beyond its bound")
        return default


def _words(said: Mapping[str, Any], name: str, most: int, ignored: list[str]) -> tuple[str, ...]:
    listed = said.get(name)
    if listed is None:
        return ()
    if not isinstance(listed, list):
        ignored.append(f"{name}: malformed")
        return ()
    kept = tuple(word for word in listed[:most] if _is_word(word))
    if len(kept) < len(listed):
        ignored.append(f"{name}: {len(listed) - len(kept)} entries malformed or beyond the bound")
    return kept


def _severities(rules: Mapping[str, Any], ignored: list[str]) -> dict[str, Severity]:
    said = rules.get("severity")
    if said is None:
        return {}
    if not isinstance(said, dict):
        ignored.append("severity: malformed")
        return {}
    pairs = sorted(said.items())[:MOST_RULES]
    kept = {rule: Severity(value) for rule, value in pairs if _is_word(rule) and _is_severity(value)}
    if len(kept) < len(said):
        ignored.append(f"severity: {len(said) - len(kept)} entries malformed or beyond the bound")
    return kept


def _gate(said: Mapping[str, Any], ignored: list[str]) -> tuple[Condition, ...] | None:
    """A gate that cannot be read in full is not read at all: a gate with a hole would pass what it should not."""
    listed = said.get("gate")
    if listed is None:
        return None
    conditions = [_condition(one) for one in listed[: MOST_CONDITIONS + 1]] if isinstance(listed, list) else [None]
    read = tuple(one for one in conditions if one is not None)
    if len(read) == len(conditions) <= MOST_CONDITIONS:
        return read
    ignored.append("gate: malformed or beyond its bound")
    return (Condition("unreadable", "==", 0),)


def _condition(said: object) -> Condition | None:
    if not isinstance(said, dict):
        return None
    metric, operator, threshold = said.get("metric"), said.get("operator"), said.get("threshold")
    severity, scope = said.get("severity"), said.get("scope")
    known = _is_word(metric) and operator in OPERATORS and _is_threshold(threshold)
    if not known or not (severity is None or _is_severity(severity)) or scope not in (None, *SCOPES):
        return None
    return Condition(str(metric), str(operator), threshold, Severity(severity) if severity else None, scope)  # type: ignore[arg-type]


def _is_threshold(value: object) -> bool:
    if isinstance(value, bool):
        return False
    return value in _GRADES if isinstance(value, str) else isinstance(value, int | float) and _is_finite(value)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _is_severity(value: object) -> bool:
    return isinstance(value, str) and value in set(Severity)


def _is_word(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_WORD and value.isprintable()


def _is_text(value: object) -> bool:
    """Half a surrogate pair is no text: nothing could store it or parse it."""
    try:
        return isinstance(value, str) and len(value.encode()) <= LARGEST_TEXT
    except UnicodeEncodeError:
        return False


def _is_count(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def _word(name: str) -> str:
    return name[:LONGEST_WORD] if name.isprintable() else "a name that cannot be shown"
