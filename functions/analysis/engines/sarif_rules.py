"""What a rule of a SARIF log says, and its words for badness on our scale."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from functions.analysis.model import Confidence, Severity

_CWE = re.compile(r"(?i)(?:\bexternal/cwe/|\b)cwe[-_ :]?0*(\d{1,5})\b")
_ARGUMENT = re.compile(r"\{(\d{1,2})\}")
_UNPRINTABLE = re.compile(r"[^\x21-\x7e]+")
_LEVELS = {"error": Severity.HIGH, "warning": Severity.MEDIUM, "note": Severity.LOW, "none": Severity.INFO}
_BANDS = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.1, Severity.LOW))
"""As GitHub bands `security-severity`, after CVSS."""
_PRECISION = {
    "very-high": Confidence.HIGH,
    "high": Confidence.HIGH,
    "medium": Confidence.MEDIUM,
    "low": Confidence.LOW,
}


@dataclass(frozen=True, slots=True)
class ToldRule:
    """`said` is the rule's own description, empty where the log has none."""

    id: str
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return _text(self.said.get("shortDescription")) or _word(self.said.get("name")) or self.id

    @property
    def help(self) -> str:
        address = _word(self.said.get("helpUri"))
        return address or _text(self.said.get("help")) or _text(self.said.get("fullDescription"))


def of(run: Mapping[str, Any], result: Mapping[str, Any]) -> ToldRule:
    """The rule of a result, by its place in the log or by its id."""
    pointer = result.get("rule") if isinstance(result.get("rule"), dict) else {}
    component = _component(run, pointer.get("toolComponent"))  # type: ignore[union-attr]
    listed = _dicts(component.get("rules"))
    index = result.get("ruleIndex", pointer.get("index"))  # type: ignore[union-attr]
    id_ = _word(result.get("ruleId")) or _word(pointer.get("id"))  # type: ignore[union-attr]
    if isinstance(index, int) and 0 <= index < len(listed):
        said = listed[index]
    else:
        said = next((one for one in listed if id_ and one.get("id") in (id_, id_.partition("/")[0])), {})
    name = _UNPRINTABLE.sub("-", id_ or _word(said.get("id")) or "unnamed").strip("-")
    return ToldRule(name[:200] or "unnamed", said)


def _component(run: Mapping[str, Any], pointer: object) -> Mapping[str, Any]:
    tool = run["tool"]
    index = pointer.get("index") if isinstance(pointer, dict) else None
    extensions = tool.get("extensions")
    if isinstance(index, int) and isinstance(extensions, list) and 0 <= index < len(extensions):
        found = extensions[index]
        return found if isinstance(found, dict) else {}
    driver: Mapping[str, Any] = tool["driver"]
    return driver


def message(rule: ToldRule, result: Mapping[str, Any]) -> str:
    """The text of a result, or that of its rule with the result's arguments."""
    given = result.get("message")
    if not isinstance(given, dict):
        return ""
    text = _word(given.get("text")) or _word(given.get("markdown"))
    strings = rule.said.get("messageStrings")
    if not text and isinstance(strings, dict):
        text = _text(strings.get(str(given.get("id"))))
    arguments = given.get("arguments")
    return _ARGUMENT.sub(lambda found: _argument(arguments, int(found[1])), text)


def _argument(arguments: object, number: int) -> str:
    known = arguments if isinstance(arguments, list) else ()
    return str(known[number])[:200] if number < len(known) else f"{{{number}}}"


def severity(rule: ToldRule, result: Mapping[str, Any]) -> Severity:
    """The score for security if there is one, else the level; a warning if nothing is said, as the standard has it."""
    for said in (result, rule.said):
        score = _score(_properties(said).get("security-severity"))
        if score is not None:
            return next((level for least, level in _BANDS if score >= least), Severity.INFO)
    default = rule.said.get("defaultConfiguration")
    level = result.get("level") or (default.get("level") if isinstance(default, dict) else None)
    return _LEVELS.get(str(level), Severity.MEDIUM)


def _score(said: object) -> float | None:
    try:
        score = float(said)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return score if math.isfinite(score) else None


def confidence(rule: ToldRule, result: Mapping[str, Any]) -> Confidence:
    said = _properties(result).get("precision") or _properties(rule.said).get("precision")
    return _PRECISION.get(str(said), Confidence.MEDIUM)


def cwe(rule: ToldRule, result: Mapping[str, Any]) -> int | None:
    """The first weakness that is named: in tags, in taxa or in the rule's relationships."""
    for text in (*_tags(result), *_tags(rule.said), *_taxa(result.get("taxa")), *_targets(rule.said)):
        if found := _CWE.search(text):
            return int(found[1])
    return None


def _tags(said: Mapping[str, Any]) -> Iterator[str]:
    properties = _properties(said)
    for name in ("tags", "cwe"):
        listed = properties.get(name)
        yield from (str(one)[:200] for one in (listed if isinstance(listed, list) else [listed]) if one)


def _targets(said: Mapping[str, Any]) -> Iterator[str]:
    relations = said.get("relationships")
    yield from _taxa([one.get("target") for one in _dicts(relations)])


def _taxa(listed: object) -> Iterator[str]:
    for one in _dicts(listed):
        component = one.get("toolComponent")
        taxonomy = component.get("name") if isinstance(component, dict) else ""
        yield f"{taxonomy}-{one.get('id')}"[:200]


def _dicts(listed: object) -> Sequence[Mapping[str, Any]]:
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _properties(said: Mapping[str, Any]) -> Mapping[str, Any]:
    found = said.get("properties")
    return found if isinstance(found, dict) else {}


def _text(said: object) -> str:
    """Of a message of several forms the plain one."""
    return (_word(said.get("text")) or _word(said.get("markdown"))) if isinstance(said, dict) else ""


def _word(said: object) -> str:
    return said.strip() if isinstance(said, str) else ""
