"""Secrets in a content. What is found is never told: messages name the kind, positions cover the place."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator

from functions.analysis.engines.credential_rules import RULES, CredentialRule
from functions.analysis.engines.scale import Weight
from functions.analysis.engines.unit import Unit
from functions.analysis.model import Confidence, Finding, Form, Severity

_PLACEHOLDER = re.compile(
    rb"(?i)example|sample|dummy|fake|placeholder|change[-_]?me|your[-_]|redacted|xxxx|\*\*\*|\.\.\.|1234567|abcdefg|[<>{}$%()\[\]\\]"
)
_ALLOWED = re.compile(rb"pragma: ?allowlist secret|gitleaks:allow")
_MIN_ENTROPY_BITS = 3.2  # a character; English words stay below 3, random letters and digits reach 4
_HELP = "A secret in a repository stays in its history: revoke it, then read it from the environment or a secret store"


def check(unit: Unit) -> None:
    """Add findings for credentials to a readable unit."""
    data = unit.text.data
    lowered = data.lower()
    taken: list[tuple[int, int]] = []
    starts: list[int] = []
    for rule in RULES:
        if any(hint in lowered for hint in rule.hints):
            for span in _spans(rule, data, taken):
                starts = starts or _line_starts(data)
                unit.secrets.append(data[span[0] : span[1]].decode("utf-8", "replace"))
                unit.findings.append(_finding(rule, span, data, starts, unit.content.language.form))


def _spans(rule: CredentialRule, data: bytes, taken: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for match in rule.pattern.finditer(data):
        start, end = match.span(1)
        if _plausible(match[1], rule) and not any(start < other[1] and other[0] < end for other in taken):
            taken.append((start, end))
            if not _ALLOWED.search(data[start : data.find(b"\n", end) + 1 or None]):
                yield start, end


def _plausible(secret: bytes, rule: CredentialRule) -> bool:
    if rule.code == "private-key":
        return True
    if _PLACEHOLDER.search(secret):
        return False
    return not rule.weak or (_mixed(secret) and _entropy(secret) >= _MIN_ENTROPY_BITS)


def _mixed(secret: bytes) -> bool:
    """Letters and digits together, and not a dotted name, path or call."""
    has_digit = any(48 <= byte <= 57 for byte in secret)
    return (
        has_digit and not secret.isdigit() and not re.fullmatch(rb"[\w./:-]*[./:][a-z_]+\d{0,2}|[a-z_]+\d{1,2}", secret)
    )


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
    masked = data[starts[line - 1] : start] + b"***" + data[end : line_end if line_end >= 0 else None]
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
