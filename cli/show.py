"""Shows an outcome: a table on a terminal, plain lines in a pipe, JSON, or SARIF."""

from __future__ import annotations

import json
import sys

from cli.api import Api
from cli.errors import UserError
from cli.outcome import Outcome
from cli.records import SEVERITIES
from cli.words import counted, lines, plain

_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim"}
_MOST_SKIPPED = 20  # lines; JSON has all
_INTERNAL = ("review-context.json", "new-findings.json")  # for the AI review, and for posting back
_SMALL_MODEL = "The embedded small model only shows that the path works: configure a provider for useful remarks."


def show(outcome: Outcome, form: str, threshold: str | None = None) -> None:
    """Print to stdout. `form` is table, json or sarif. Raises UserError when the artifact cannot be had."""
    if form == "json":
        print(json.dumps(outcome.document(threshold), indent=2, ensure_ascii=False))
    elif form == "sarif":
        sys.stdout.buffer.write(sarif(outcome))
    else:
        _print_findings(outcome)
        print("\n".join(summary(outcome)), flush=True)


def sarif(outcome: Outcome) -> bytes:
    """The artifact as the server made it."""
    found = next((each for each in outcome.artifacts if "sarif" in f"{each.content_type} {each.name}".lower()), None)
    if found is None:
        raise UserError("The analysis left no SARIF artifact.")
    with Api(outcome.server) as api:
        return api.download(found.url)


def _print_findings(outcome: Outcome) -> None:
    if not outcome.findings:
        return
    if sys.stdout.isatty():
        _print_table(outcome)
        return
    for finding in outcome.findings:
        place = f"{plain(finding.place)}:{finding.column}" if finding.column else plain(finding.place)
        print(f"{place}: {plain(finding.severity)}: {plain(finding.message)} [{plain(finding.rule)}]")


def _print_table(outcome: Outcome) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_edge=False, pad_edge=False)
    table.add_column("Severity", no_wrap=True)
    table.add_column("Place", overflow="fold", ratio=2)
    table.add_column("Rule", overflow="fold", ratio=1)
    table.add_column("Message", overflow="fold", ratio=4)
    for finding in outcome.findings:
        severity = Text(plain(finding.severity), style=_STYLES.get(finding.severity, ""))
        cells = (Text(plain(text)) for text in (finding.place, finding.rule, finding.message))
        table.add_row(severity, *cells)
    Console(highlight=False).print(table)


def summary(outcome: Outcome) -> list[str]:
    """What follows the findings, the same on a terminal and in a pipe."""
    return [*_counts(outcome), *_gate(outcome), *_skipped(outcome), *_review(outcome), *_where(outcome)]


def _counts(outcome: Outcome) -> list[str]:
    by_severity = outcome.by_severity
    parts = [f"{by_severity[name]} {name}" for name in SEVERITIES if by_severity.get(name)]
    kind = "new finding" if outcome.only_new else "finding"
    total = counted(len(outcome.findings), kind) if outcome.findings else f"No {kind}s"
    measured = f"{counted(outcome.analysis.total('files'), 'file')}, {counted(outcome.analysis.total('lines'), 'line')}"
    took = ", ".join(f"{name} {value:.1f} s" for name, value in outcome.seconds.items()) or "no time measured"
    return ["", f"{total}{': ' + ', '.join(parts) if parts else ''} in {measured} ({took})"]


def _gate(outcome: Outcome) -> list[str]:
    """What is not shown, and whether the gate passes, with the reason where it does not."""
    raw, found = outcome.analysis.raw, []
    known = sum((raw.get("findings_by_severity") or {}).values()) - int(raw.get("new_findings") or 0)
    if outcome.only_new and known > 0:
        found.append(f"{counted(known, 'known finding')}: --all shows them too")
    if raw.get("dismissed_findings"):
        found.append(f"{counted(int(raw['dismissed_findings']), 'dismissed finding')}")
    if raw.get("fixed_findings"):
        found.append(f"{counted(int(raw['fixed_findings']), 'finding')} fixed")
    if outcome.gate.get("status"):
        found.append(f"Quality gate: {plain(str(outcome.gate['status']))}")
    reasons = [str(each["reason"]) for each in outcome.gate.get("conditions") or [] if not each["passed"]]
    return [*found, *(f"  {plain(reason)}" for reason in reasons)]


def _skipped(outcome: Outcome) -> list[str]:
    if not outcome.skipped:
        return []
    shown = [f"  {plain(each.path, longest=160)}: {plain(each.reason)}" for each in outcome.skipped[:_MOST_SKIPPED]]
    more = len(outcome.skipped) - len(shown)
    rest = [f"  and {more:,} more: --format json lists all"] if more else []
    return [f"Not read: {counted(len(outcome.skipped), 'file')}", *shown, *rest]


def _review(outcome: Outcome) -> list[str]:
    review = outcome.review
    if review is None:
        return []
    if review.state == "failed":
        return ["", f"The AI review failed: {plain(review.reason) or 'it gives no reason'}"]
    found = ["", f"AI review by {plain(review.model) or 'an unnamed model'} ({plain(review.provider) or 'embedded'})"]
    found += [f"  {line}" for line in lines(review.summary)]
    for comment in review.comments:
        found.append(f"  {plain(comment.place)}: {plain(comment.severity)} [{plain(comment.model or review.model)}]")
        found += [f"    {line}" for line in lines(comment.body)]
    return [*found, f"  {_SMALL_MODEL}"] if _is_small(review.provider, review.model) else found


def _is_small(provider: str, model: str) -> bool:
    return "smollm" in model.lower() or provider.lower() in ("embedded", "builtin", "built-in", "")


def _where(outcome: Outcome) -> list[str]:
    told = [plain(each.name) for each in outcome.artifacts if each.name not in _INTERNAL]
    where = f"{outcome.server}/v1/analyses/{outcome.analysis.id}"
    artifacts = [f"Artifacts: {', '.join(told)} (`coderev artifacts --into FOLDER` downloads them)"] if told else []
    return ["", f"Project {plain(outcome.project)}, analysis {where}", *artifacts]
