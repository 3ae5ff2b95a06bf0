"""The report as Markdown, for a pull request: short enough to be read there, with nothing in it that acts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from functions.analysis.lifecycle import Analysis
from functions.analysis.render.plain import code, markdown
from functions.analysis.results import SEVERITIES, ListedFinding

LARGEST_BYTES = 60_000  # a comment on GitHub holds 65,536 characters
MOST_NEW = 50
_GATE = {"passed": "**Quality gate passed.**", "failed": "**Quality gate failed.**"}
_MEASURES = (
    ("duplicated_lines_density", "Duplicated lines", "%"),
    ("clone_groups", "Groups of duplicates", ""),
    ("dependencies", "Dependencies", ""),
    ("dependencies_unpinned", "Dependencies without an exact version", ""),
)


def render(analysis: Analysis, news: Sequence[ListedFinding]) -> bytes:
    """`news` are new findings, worst first; the last ones give way if the report would be too long."""
    head = "\n".join(_head(analysis))
    foot = "\n".join(_foot(analysis))
    lines: list[str] = []
    left = LARGEST_BYTES - len(head.encode()) - len(foot.encode()) - 200
    for found in news[:MOST_NEW]:
        line = _line(found)
        left -= len(line.encode(errors="replace")) + 1
        if left < 0:
            break
        lines.append(line)
    more = analysis.new_findings - len(lines)
    tail = [f"\n{more} more new findings are in the full report."] if more > 0 else []
    return "\n".join([head, *lines, *tail, foot]).encode(errors="replace")


def _head(analysis: Analysis) -> Iterator[str]:
    new = analysis.new_findings
    yield f"## coderev: {new} new finding{'' if new == 1 else 's'}\n"
    if (gate := _GATE.get(analysis.gate or "")) is not None:
        yield gate + "\n"
    yield "| Severity | New | All |"
    yield "| --- | ---: | ---: |"
    for name in SEVERITIES:
        before = analysis.new_by_severity.get(name, 0), analysis.findings_by_severity.get(name, 0)
        yield f"| {name} | {before[0]} | {before[1]} |"
    yield ""
    if new:
        yield "### New findings\n"


def _line(found: ListedFinding) -> str:
    place = code(f"{found.path}:{found.line}")
    fix = f" *Fix:* {markdown(found.fix, 200)}" if found.fix else ""
    return f"- **{found.severity}** {place} {markdown(found.message or found.title)} ({code(found.rule)}){fix}"


def _foot(analysis: Analysis) -> Iterator[str]:
    totals = analysis.totals
    yield ""
    yield "### Figures\n"
    yield f"- {totals.files} files, {totals.lines} lines, {totals.functions} functions"
    yield f"- {analysis.fixed_findings} findings fixed, {analysis.dismissed_findings} dismissed"
    if totals.skipped:
        yield f"- {totals.skipped} files could not be read: the full report says why"
    for name, title, unit in _MEASURES:
        if name in analysis.measures:
            yield f"- {title}: {analysis.measures[name]:g}{unit}"
    yield from (f"- {markdown(note)}" for note in analysis.notes[:20])
    yield f"\nAnalysis `{analysis.id}` of version `{analysis.version_id}`."
