"""A project's own rules: ast-grep's YAML (https://ast-grep.github.io/reference/yaml.html), read without trusting it.

Taken: id, language, message, severity, note, url, metadata.cwe, rule, constraints, utils, transform, fix (a text, or an object
with `template`), files, ignores. Anything else, and any rule that cannot be used, is a problem with the reason; the other
rules work on. Whether ast-grep itself takes a rule is found out in the child (`matching`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from functions.analysis.engines.custom_languages import ALIASES, LANGUAGES
from functions.analysis.engines.globs import globs
from functions.analysis.model import Severity

LARGEST_BYTES = 64 * 1024
MOST_RULES = 200
MOST_DEPTH = 40  # levels of a document
LONGEST_TEXT = 4_000
ENGINE = "custom"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_CWE = re.compile(r"(?i)(?:cwe-)?(\d{1,5})\b")
_KNOWN = frozenset(
    "id language message severity note url metadata rule constraints utils transform fix files ignores labels rewriters".split()  # noqa: SIM905
)
_UNSUPPORTED = ("rewriters",)
_LEVELS = {
    "error": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "info": Severity.LOW,
    "hint": Severity.INFO,
    **{severity.value: severity for severity in Severity if severity is not Severity.INFO},
}
"""Severities of ast-grep on our scale; the names of our own are taken too."""


@dataclass(frozen=True, slots=True)
class CustomRule:
    """`matcher` is what ast-grep is given; `fix` a template with `$NAME`, or None."""

    id: str
    language: str  # as we call it
    message: str
    severity: Severity
    note: str
    cwe: int | None
    matcher: Mapping[str, Any]
    fix: str | None
    files: Sequence[str] = ()
    ignores: Sequence[str] = ()

    @property
    def name(self) -> str:
        return f"{ENGINE}/{self.id}"

    def meant_for(self, path: str) -> bool:
        return not (self.files and not globs(self.files).match(path)) and not globs(self.ignores).match(path)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a document (counted from 1; 0 is the text as a whole) is not used."""

    document: int
    rule: str
    reason: str

    def __str__(self) -> str:
        where = f"rule {self.rule}" if self.rule else f"document {self.document}" if self.document else "the rules"
        return f"{where}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Rules:
    usable: Sequence[CustomRule] = ()
    problems: Sequence[Problem] = ()
    numbers: Mapping[str, int] = field(default_factory=dict)  # id to the document it is in


class Bad(ValueError):
    """A document is not a rule; the message says why."""


@lru_cache(maxsize=16)
def read(text: str) -> Rules:
    """The rules of a text in their order. Never raises: what cannot be used is a problem."""
    usable: list[CustomRule] = []
    problems: list[Problem] = []
    numbers: dict[str, int] = {}
    for number, said in enumerate(_documents(text, problems), 1):
        try:
            rule = _rule(said)
            if rule.id in numbers:
                raise Bad("another rule has this id")
            if len(usable) == MOST_RULES:
                raise Bad(f"there are more than {MOST_RULES} rules")
        except Bad as bad:
            problems.append(Problem(number, _name(said), str(bad)))
            continue
        usable.append(rule)
        numbers[rule.id] = number
    return Rules(tuple(usable), tuple(problems), numbers)


def away(text: str, path: str) -> frozenset[str]:
    """The rules whose `files` or `ignores` keep them away from a path."""
    if not text:
        return frozenset()
    return frozenset(rule.id for rule in _bound(text) if not rule.meant_for(path))


@lru_cache(maxsize=16)
def _bound(text: str) -> tuple[CustomRule, ...]:
    return tuple(rule for rule in read(text).usable if rule.files or rule.ignores)


def _documents(text: str, problems: list[Problem]) -> Iterator[object]:
    """What the documents of a text hold, empty ones left out. Anchors are refused: they let a short text grow without bound."""
    import yaml

    if len(text.encode(errors="replace")) > LARGEST_BYTES:
        problems.append(Problem(0, "", f"they are longer than {LARGEST_BYTES} bytes"))
        return
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _check_shape(yaml.parse(text, Loader=loader))
        yield from [said for said in yaml.load_all(text, Loader=loader) if said is not None]
    except Bad as bad:
        problems.append(Problem(0, "", str(bad)))
    except yaml.YAMLError as malformed:
        problems.append(Problem(0, "", _where(malformed)))
    except (ValueError, RecursionError) as odd:  # a date that is none, a number of a million digits
        problems.append(Problem(0, "", f"a value cannot be read: {type(odd).__name__}"))


def _check_shape(events: Iterator[Any]) -> None:
    import yaml

    depth = 0
    for event in events:
        if isinstance(event, yaml.AliasEvent):
            raise Bad("anchors and aliases are not taken")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH:
            raise Bad(f"they nest deeper than {MOST_DEPTH} levels")


def _where(malformed: Any) -> str:
    mark = getattr(malformed, "problem_mark", None)
    place = f" in line {mark.line + 1}" if mark is not None else ""
    return f"they are not YAML{place}"


def _rule(said: object) -> CustomRule:
    """Raises Bad."""
    if not isinstance(said, dict):
        raise Bad("it is not a mapping")
    unknown = sorted(str(name) for name in said.keys() - _KNOWN) + [name for name in _UNSUPPORTED if name in said]
    if unknown:
        raise Bad(f"`{unknown[0][:100]}` is not known here")
    id_ = said.get("id")
    if not isinstance(id_, str) or not _ID.fullmatch(id_):
        raise Bad("its id is not made of letters, digits, dots, dashes and underscores")
    if not isinstance(said.get("rule"), dict):
        raise Bad("`rule` is missing")
    level = str(said.get("severity", "hint")).lower()
    if level not in _LEVELS:
        raise Bad("its severity is none of error, warning, info, hint, critical, high, medium, low")
    return CustomRule(
        id=id_,
        language=_language(said.get("language")),
        message=_text(said, "message") or id_,
        severity=_LEVELS[level],
        note=_text(said, "note") or _text(said, "url"),
        cwe=_cwe(said.get("metadata")),
        matcher={name: said[name] for name in ("rule", "constraints", "utils", "transform") if said.get(name)},
        fix=_fix(said.get("fix")),
        files=_patterns(said, "files"),
        ignores=_patterns(said, "ignores"),
    )


def _language(said: object) -> str:
    name = str(said).lower()
    name = ALIASES.get(name, name)
    if name not in LANGUAGES:
        raise Bad("its language is not known")
    return name


def _text(said: Mapping[str, Any], name: str) -> str:
    found = said.get(name, "")
    if not isinstance(found, str) or len(found) > LONGEST_TEXT:
        raise Bad(f"`{name}` is not a text of up to {LONGEST_TEXT} characters")
    return found.strip()


def _fix(said: object) -> str | None:
    template = said.get("template") if isinstance(said, dict) else said
    if template is not None and (not isinstance(template, str) or len(template) > LONGEST_TEXT):
        raise Bad(f"`fix` is not a text of up to {LONGEST_TEXT} characters")
    if isinstance(said, dict) and said.keys() != {"template"}:
        raise Bad("of a `fix` only `template` is taken")
    return template


def _patterns(said: Mapping[str, Any], name: str) -> tuple[str, ...]:
    listed = said.get(name) or []
    if not isinstance(listed, list) or len(listed) > 100 or not all(isinstance(one, str) for one in listed):
        raise Bad(f"`{name}` is not a list of up to 100 patterns")
    if bad := globs(listed).bad:
        raise Bad(f"`{name}` has a pattern that cannot be read: {bad[0][:100]}")
    return tuple(listed)


def _cwe(metadata: object) -> int | None:
    said = metadata.get("cwe") if isinstance(metadata, dict) else None
    found = _CWE.match(str(said[0] if isinstance(said, list) and said else said or ""))
    return int(found[1]) if found else None


def _name(said: object) -> str:
    found = said.get("id") if isinstance(said, dict) else None
    return found if isinstance(found, str) and _ID.fullmatch(found) else ""
