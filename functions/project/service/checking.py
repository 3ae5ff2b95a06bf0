"""Texts of settings that only a parser can judge: patterns of paths, rules and contracts in YAML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from functions.project.settings import LARGEST_SETTINGS, LARGEST_TEXT, LONGEST_PATTERN, Settings
from kernel.errors import Invalid, TooLarge

MOST_DOCUMENTS: Final = 200  # rules of a project
DEEPEST: Final = 60  # brackets in each other; the parsers recurse
_RULE_NEEDS: Final = ("id", "language", "rule")


def check(settings: Settings) -> None:
    """Raises Invalid or TooLarge, whose code and message say what cannot be kept."""
    check_patterns(settings.exclude)
    check_custom_rules(settings.custom_rules)
    check_contracts(settings.contracts)
    if len(settings.snapshot("").data) > LARGEST_SETTINGS:
        raise TooLarge(f"settings have at most {LARGEST_SETTINGS} bytes", code="settings_too_large")


def check_patterns(patterns: Sequence[str]) -> None:
    """Raises Invalid if one of them is no pattern of .gitignore."""
    from pathspec import GitIgnoreSpec

    for pattern in patterns:
        if not pattern.strip() or len(pattern) > LONGEST_PATTERN or not pattern.isprintable():
            raise Invalid("a pattern is empty, too long or cannot be shown", code="bad_pattern")
        try:
            GitIgnoreSpec.from_lines([pattern])
        except (ValueError, RecursionError, OverflowError) as bad:
            raise Invalid(f"{pattern!a} is not a pattern", code="bad_pattern") from bad


def check_custom_rules(text: str) -> None:
    """Rules of ast-grep: documents with an id, a language and a rule, ids once. Raises Invalid, TooLarge."""
    documents = [one for one in _documents(text, "custom_rules") if one is not None]
    if len(documents) > MOST_DOCUMENTS:
        raise TooLarge(f"a project has at most {MOST_DOCUMENTS} rules of its own", code="too_many_rules")
    seen: set[str] = set()
    for one in documents:
        if not isinstance(one, dict) or any(name not in one for name in _RULE_NEEDS) or not isinstance(one["id"], str):
            raise Invalid(f"each rule has {', '.join(_RULE_NEEDS)}", code="bad_custom_rules")
        if one["id"] in seen:
            raise Invalid(f"the rule {one['id'][:100]!a} is there twice", code="bad_custom_rules")
        seen.add(one["id"])


def check_contracts(text: str) -> None:
    """Raises Invalid, TooLarge."""
    documents = [one for one in _documents(text, "contracts") if one is not None]
    if len(documents) > 1 or any(not isinstance(one, dict) for one in documents):
        raise Invalid("contracts are one mapping", code="bad_contracts")


def _documents(text: str, name: str) -> list[Any]:
    import yaml

    code = f"bad_{name}"
    try:
        if len(text.encode()) > LARGEST_TEXT:
            raise TooLarge(f"{name} has at most {LARGEST_TEXT} bytes", code=f"{name}_too_large")
    except UnicodeEncodeError as bad:
        raise Invalid(f"{name} is not text", code=code) from bad
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _check_shape(yaml.parse(text, loader), yaml)
        return list(yaml.load_all(text, loader))
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as bad:
        mark = getattr(bad, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise Invalid(f"{name} is not YAML that can be kept{where}", code=code) from bad


def _check_shape(events: Any, yaml: Any) -> None:
    """Refuse depth and aliases: a few lines of aliases mean gigabytes to whoever walks through them."""
    depth = 0
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST or isinstance(event, yaml.AliasEvent):
            raise ValueError("aliases, or too deep")
