"""All engines over one shard, in the child process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from functions.analysis.engines.engine import Run
from functions.analysis.engines.engine_set import ENGINES, rules
from functions.analysis.engines.fingerprints import stamp
from functions.analysis.engines.owasp import category
from functions.analysis.engines.scale import wanted
from functions.analysis.engines.shingles import tokens_of
from functions.analysis.engines.structure import read
from functions.analysis.engines.unit import Content, Unit
from functions.analysis.model import FileResult, Finding

INCOMPLETE = "-incomplete"
"""Ends the engine set of a result in which something ran out of time: it counts for one analysis and is never found again."""

_MOST_SECRETS = 1_000  # that are looked for in each message


def analyse(contents: Sequence[Content], run: Run) -> list[FileResult]:
    """Return one result for each content, in order. Memory grows with the shard."""
    units = [read(content, run.limits) for content in contents]
    readable = [unit for unit in units if unit.readable]
    for engine in ENGINES:
        engine.check(readable, run)
    return [_result(unit, run) for unit in units]


def _result(unit: Unit, run: Run) -> FileResult:
    content, language = unit.content, unit.content.language
    return FileResult(
        sha256=content.sha256,
        language=language.name,
        form=language.form,
        engine_set=run.engine_set + INCOMPLETE if unit.incomplete else run.engine_set,
        status=unit.status,
        size_bytes=len(content.data),
        reason=unit.reason,
        generated=unit.generated,
        findings=tuple(_findings(unit, run)),
        notes=tuple(unit.notes),
        metrics=unit.metrics,
        functions=tuple(unit.functions),
        classes=tuple(unit.classes),
        constants=tuple(unit.constants),
        imports=tuple(unit.imports),
        calls=tuple(unit.calls),
        tokens=tokens_of(unit, run.limits),
    )


def _findings(unit: Unit, run: Run) -> list[Finding]:
    """What the project wants to see, masked, rated and with its fingerprints: the worst, if there are too many."""
    mask, form = _masking(unit.secrets), unit.content.language.form
    kept = (found for found in unit.findings if wanted(found.rule, form) and run.choice.runs(found.rule))
    findings = stamp((_rated(mask(found), run) for found in kept), unit.text.data, unit.secrets[:_MOST_SECRETS])
    if len(findings) > run.limits.findings:
        unit.notes.append(f"only the worst {run.limits.findings} findings are listed")
        findings = sorted(findings, key=lambda found: found.severity.rank)[: run.limits.findings]
    return findings


def _rated(finding: Finding, run: Run) -> Finding:
    """With the weakness of its rule, that weakness' category and the project's own severity."""
    rule = rules().get(finding.rule)
    cwe = rule.cwe if rule and rule.cwe else finding.cwe
    severity = run.choice.severity(finding.rule) or finding.severity
    if cwe is None and severity is finding.severity:
        return finding
    return replace(finding, cwe=cwe, severity=severity, owasp=category(cwe))


def _masking(secrets: Sequence[str]) -> Callable[[Finding], Finding]:
    """A tool may quote the source in its message; a secret that was found must not leave through there."""
    if len(secrets) > _MOST_SECRETS:
        return _silenced
    longest_first = sorted(set(secrets), key=lambda secret: (-len(secret), secret))
    return lambda finding: _masked(finding, longest_first)


def _masked(finding: Finding, secrets: Sequence[str]) -> Finding:
    for secret in secrets:
        if secret in finding.message or secret in finding.fix:
            message, fix = finding.message.replace(secret, "***"), finding.fix.replace(secret, "***")
            finding = replace(finding, message=message, fix=fix)
    return finding


def _silenced(finding: Finding) -> Finding:
    """Of a file full of secrets no words are passed on but our own."""
    if finding.rule.startswith(("secrets/", "coderev/")):
        return finding
    return replace(finding, message=finding.title, fix="")
