"""Findings of bandit on Python, in process, only where its rules have something to look at."""

from __future__ import annotations

import ast
import io
import logging
import re
import tokenize
import warnings
from collections.abc import Sequence
from functools import cache
from typing import Any

from bandit.core.config import BanditConfig
from bandit.core.manager import BanditManager, _parse_nosec_comment
from bandit.core.metrics import Metrics

from functions.analysis.engines.bandit_visitor import Visitor
from functions.analysis.engines.engine import Run
from functions.analysis.engines.scale import BANDIT_SKIPPED, bandit
from functions.analysis.engines.unit import Unit
from functions.analysis.model import Finding, Form

_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)  # what a hostile source makes of `ast.parse`
_WORDS = re.compile(
    rb"\b(?:eval|exec|pickle|dill|shelve|jsonpickle|marshal|Crypto(?:dome)?|cryptography|mktemp|mark_safe|urllib|telnetlib|xml"
    rb"|ftplib|ssl|SSL|RawSQL|flask|from_pretrained|load_dataset|hf_hub_download|snapshot_download|repository_id|jinja2|Markup"
    rb"|paramiko|pysnmp|system|popen[234]?|Popen[34]?|getoutput|getstatusoutput|extractall|mako|yaml|torch|httpx|requests|hashlib"
    rb"|crypt|listen|extra|shell\s*=|ssl_version|method\s*=|read_pickle|PROTOCOL_\w+)|chmod|0\.0\.0\.0"
    rb"|(?i:select|update|delete|insert)[\s\"'{%\\]"
)


def check(units: Sequence[Unit], _: Run) -> None:
    """Add bandit's findings to Python outside of tests; a content that it cannot read gets a note."""
    for unit in units:
        if unit.python and unit.content.language.form is not Form.TEST:
            _check(unit)


def _check(unit: Unit) -> None:
    data = unit.text.data
    if _WORDS.search(data):
        try:
            unit.findings += scan(data)
        except _UNREADABLE as failed:
            unit.notes.append(f"bandit could not read it: {type(failed).__name__}")


def scan(data: bytes) -> list[Finding]:
    """Raises what `ast.parse` raises: SyntaxError, ValueError, RecursionError, MemoryError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(data)
    source, metrics = io.BytesIO(data), Metrics()  # type: ignore[no-untyped-call]
    visitor = Visitor("<content>", source, None, _rules(), False, _allowed(data), metrics)  # type: ignore[no-untyped-call]
    visitor.prepare(data)
    visitor.generic_visit(tree)
    return [_finding(issue) for issue in visitor.tester.results]


@cache
def _rules() -> Any:
    logging.getLogger("bandit").setLevel(logging.CRITICAL + 1)
    profile = {"exclude": set(BANDIT_SKIPPED)}
    return BanditManager(BanditConfig(), "file", profile=profile).b_ts  # type: ignore[no-untyped-call]


def _allowed(data: bytes) -> dict[int, Any]:
    """Line to the rules that a `# nosec` comment switches off there."""
    if b"nosec" not in data:
        return {}
    try:
        tokens = list(tokenize.tokenize(io.BytesIO(data).readline))
    except tokenize.TokenError:
        return {}
    comments = [token for token in tokens if token.type == tokenize.COMMENT]
    return {token.start[0]: _parse_nosec_comment(token.string) for token in comments}  # type: ignore[no-untyped-call]


def _finding(issue: Any) -> Finding:
    weight = bandit(issue.test_id, issue.severity, issue.confidence)
    return Finding(
        rule=f"bandit/{issue.test_id}",
        title=issue.test.replace("_", " ") if issue.test != "blacklist" else "risky call",
        message=issue.text,
        severity=weight.severity,
        confidence=weight.confidence,
        line=issue.lineno,
        column=max(issue.col_offset, 0) + 1,
        end_line=max(issue.linerange or [issue.lineno]),
        end_column=max(issue.end_col_offset, 0) + 1,
        fingerprint="",
        cwe=issue.cwe.id or None,
        help=f"https://bandit.readthedocs.io/en/latest/search.html?q={issue.test_id}",
    )
