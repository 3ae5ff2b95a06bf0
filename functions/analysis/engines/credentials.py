"""Secrets in a content. What is found is never told: messages name the kind, positions cover the place."""

from __future__ import annotations

import math
import re
from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Iterator, Sequence

from functions.analysis.engines.credential_rules import PATTERNS, CredentialRule
from functions.analysis.engines.engine import Run
from functions.analysis.engines.scale import Weight
from functions.analysis.engines.unit import Unit
from functions.analysis.model import Confidence, Finding, Form, Severity

_PLACEHOLDER = re.compile(
    rb"(?i)example|sample|dummy|fake|placeholder|change[-_]?me|your[-_]|redacted|xxxx|\*\*\*|\.\.\.|1234567|abcdefg|[<>{}$%()\[\]\\]"
)
_STOP_WORDS = re.compile(
    rb"(?i)(?<![a-z])(?:test|tests|testing|foo|bar|baz|qux|todo|demo|mock|stub|default|insert|replace|enter|null|none|undefined"
    rb"|invalid|wrong|bogus|password|passwd|secret|token|credentials?|localhost|admin|user|hello|world|lorem|env)(?![a-z])"
)
_NAME = re.compile(
    rb"[\w./:-]*[./:][a-z_]+\d{0,2}|[a-z]+(?:[-_.][a-z]+)*[-_.]?\d{0,3}|[A-Z]+(?:_[A-Z]+)*_?\d{0,3}|[0-9a-f]{8,16}"
)
_ALLOWED = re.compile(rb"pragma: ?allowlist secret|gitleaks:allow")
_SIGNS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
_MIN_ENTROPY_BITS = 3.2  # a character; English words stay below 3, random letters and digits reach 4
_LEAST_ENTROPY_BITS = 2.5  # below it even what has an issuer's form is a row of equal signs
_LONGEST_LINE = 2_000  # of it no more is looked through for an exception
_MOST = 1_000  # of one content
_HELP = "A secret in a repository stays in its history: revoke it, then read it from the environment or a secret store"


def check(units: Sequence[Unit], _: Run) -> None:
    """Add findings for credentials to readable units."""
    for unit in units:
        _check(unit)


def _check(unit: Unit) -> None:
    data = unit.text.data
    lowered = data.lower()
    taken: list[tuple[int, int]] = []
    starts: list[int] = []
    for rule in PATTERNS:
        if any(hint in lowered for hint in rule.hints):
            for span in _spans(rule, data, taken):
                starts = starts or _line_starts(data)
                unit.secrets.append(data[span[0] : span[1]].decode("utf-8", "replace"))
                if len(unit.secrets) <= _MOST:
                    unit.findings.append(_finding(rule, span, data, starts, unit.content.language.form))


def _spans(rule: CredentialRule, data: bytes, taken: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Where the rule finds what no rule before it has taken; `taken` is kept in order."""
    for match in rule.pattern.finditer(data):
        span = match.span(1)
        begins = not (rule.whole and span[0] and data[span[0] - 1] in _SIGNS)
        if begins and _plausible(match[1], rule) and _free(span, taken):
            insort(taken, span)
            if not _ALLOWED.search(data[span[0] : data.find(b"\n", span[1]) + 1 or None][:_LONGEST_LINE]):
                yield span


def _free(span: tuple[int, int], taken: Sequence[tuple[int, int]]) -> bool:
    place = bisect_right(taken, span)
    before = place == 0 or taken[place - 1][1] <= span[0]
    return before and (place == len(taken) or span[1] <= taken[place][0])


def _plausible(secret: bytes, rule: CredentialRule) -> bool:
    if rule.code == "private-key":
        return True
    if (_PLACEHOLDER.search(secret) and rule.code != "azure-sas") or _entropy(secret) < _LEAST_ENTROPY_BITS:
        return False
    return not rule.weak or (_mixed(secret) and _entropy(secret) >= _MIN_ENTROPY_BITS)


def _mixed(secret: bytes) -> bool:
    """Letters and digits together, and neither a dotted name, path or call nor words."""
    has_digit = any(48 <= byte <= 57 for byte in secret)
    return has_digit and not secret.isdigit() and not _NAME.fullmatch(secret) and not _STOP_WORDS.search(secret)


def _entropy(secret: bytes) -> float:
    """Shannon's, in bits a character."""
    size = len(secret)
    return -sum(count / size * math.log2(count / size) for count in Counter(secret).values())


def _line_starts(data: bytes) -> list[int]:
    return [0, *(match.end() for match in re.finditer(rb"\n", data))]


def _finding(rule: CredentialRule, span: tuple[int, int], data: bytes, starts: list[int], form: Form) -> Finding:
    start, end = span
    line, end_line = bisect_right(starts, start), bisect_right(starts, end - 1)
    line_end = data.find(b"\n", end)
    line_end = min(line_end if line_end >= 0 else len(data), end + _LONGEST_LINE)
    masked = data[max(starts[line - 1], start - _LONGEST_LINE) : start] + b"***" + data[end:line_end]
    weight = _in_form(rule, form)
    return Finding(
        rule=f"secrets/{rule.code}",
        title=rule.title,
        message=f"This looks like a credential: {rule.title}",
        severity=weight.severity,
        confidence=weight.confidence,
        line=line,
        column=_column(data, starts[line - 1], start),
        end_line=end_line,
        end_column=_column(data, starts[end_line - 1], end),
        fingerprint=masked.decode("utf-8", "replace"),
        cwe=798,
        help=_HELP,
    )


def _column(data: bytes, line_start: int, position: int) -> int:
    return len(data[line_start:position].decode("utf-8", "replace")) + 1


def _in_form(rule: CredentialRule, form: Form) -> Weight:
    """Tests hold made-up secrets; only what an issuer would accept keeps its weight there."""
    if form is Form.TEST and rule.weight.severity is not Severity.CRITICAL:
        return Weight(Severity.LOW, Confidence.LOW)
    return rule.weight
