"""Comments, summaries and reports in words."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence

from functions.project.posting.hosts import Annotation, Report
from functions.project.posting.news import SEVERITIES, Finding, News
from functions.project.posting.plain import code, markdown, visible
from functions.project.postings import MOST_LISTED, Remark

LARGEST = 50_000  # characters: a comment on GitHub holds 65,536
_GATE = {
    "passed": "**Quality gate passed.**",
    "failed": "**Quality gate failed.**",
    "unknown": "The quality gate has not been decided yet.",
}
_LEVELS = {"critical": "failure", "high": "failure", "medium": "warning", "low": "notice", "info": "notice"}


def mark_of_summary(posting_id: str) -> str:
    """The hidden mark of our summary; nobody knows it before it is told."""
    return f"<!-- coderev:summary:{posting_id} -->"


def mark_of_finding(posting_id: str, finding_id: str) -> str:
    return f"<!-- coderev:{hashlib.sha256(f'{posting_id}/{finding_id}'.encode()).hexdigest()[:32]} -->"


def comment(posting_id: str, finding: Finding) -> str:
    """What is said at a line."""
    words = [f"**{finding.severity}** {markdown(finding.message or finding.title, 1_000)} ({code(finding.rule)})"]
    words += [f"\n*Fix:* {markdown(finding.fix, 500)}"] if finding.fix else []
    return "\n".join([*words, "", mark_of_finding(posting_id, finding.id)])


def summary(posting_id: str, news: News, listed: Sequence[Finding], inline: int, resolved: Sequence[Remark]) -> str:
    """The one summary. `listed` are told here alone, `inline` at their lines, `resolved` are there no more."""
    head, foot = list(_head(news, inline)), ["", mark_of_summary(posting_id)]
    left = LARGEST - sum(map(len, head)) - sum(map(len, foot)) - 500
    lines = _fitting([_listed(finding) for finding in listed[:MOST_LISTED]], left)
    more = news.new_total - inline - len(lines)
    tail = [f"\n{more} more are in the full report."] if more > 0 else []
    done = _fitting([_resolved(remark) for remark in resolved[:MOST_LISTED]], left - sum(map(len, lines)))
    over = ["\n### Resolved\n", *done] if done else []
    return "\n".join([*head, *lines, *tail, *over, *foot])


def _head(news: News, inline: int) -> Iterator[str]:
    yield f"## coderev: {title(news)}\n"
    if news.gate in _GATE:
        yield _GATE[news.gate] + "\n"
    yield from (f"- {markdown(reason)}" for reason in news.reasons)
    counted = Counter(finding.severity for finding in news.findings)
    if counted and news.is_whole:
        yield ", ".join(f"{counted[name]} {name}" for name in SEVERITIES if counted[name]) + ".\n"
    yield f"{news.known_total} known, {news.fixed_total} fixed.\n"
    if inline:
        yield f"{inline} {'is' if inline == 1 else 'are'} commented on at the line.\n"


def title(news: News) -> str:
    return f"{news.new_total or 'no'} new finding{'' if news.new_total == 1 else 's'}"


def _fitting(lines: Sequence[str], left: int) -> list[str]:
    kept = []
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            break
        kept.append(line)
    return kept


def _listed(finding: Finding) -> str:
    place = code(f"{finding.path}:{finding.line}" if finding.line else finding.path)
    return f"- **{finding.severity}** {place} {markdown(finding.message or finding.title)} ({code(finding.rule)})"


def _resolved(remark: Remark) -> str:
    return f"- {code(f'{remark.path}:{remark.line}')} {code(remark.rule)}"


def report(posting_id: str, sha: str, news: News) -> Report:
    said = "\n".join(_head(news, 0))
    return Report(sha, news.gate, title(news), said, tuple(map(_annotation, news.findings)), posting_id)


def _annotation(finding: Finding) -> Annotation:
    first = max(finding.line, 1)
    return Annotation(
        path=finding.path,
        start_line=first,
        end_line=max(finding.end_line, first),
        level=_LEVELS.get(finding.severity, "notice"),
        title=visible(finding.rule, 200),
        message=visible(finding.message or finding.title or finding.rule, 1_000),
    )
