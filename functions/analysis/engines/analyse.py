"""All engines over one shard, in the child process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from functions.analysis.engines import credentials, lint, remarks, security
from functions.analysis.engines.engine_set import engine_set
from functions.analysis.engines.fingerprints import stamp
from functions.analysis.engines.limits import Limits
from functions.analysis.engines.scale import wanted
from functions.analysis.engines.shingles import tokens_of
from functions.analysis.engines.structure import read
from functions.analysis.engines.unit import Content, Unit
from functions.analysis.model import FileResult, Finding, Form


def analyse(contents: Sequence[Content], limits: Limits) -> list[FileResult]:
    """Return one result for each content, in order. Memory grows with the shard."""
    units = [read(content, limits) for content in contents]
    readable = [unit for unit in units if unit.readable]
    linted = [
        unit for unit in readable if unit.parsed and unit.content.language.name == "python" and not unit.generated
    ]
    lint.check(linted)
    security.check([unit for unit in linted if unit.content.language.form is not Form.TEST])
    for unit in readable:
        credentials.check(unit)
        remarks.remark(unit)
    return [_result(unit, limits) for unit in units]


def _result(unit: Unit, limits: Limits) -> FileResult:
    content, language = unit.content, unit.content.language
    listed = (_masked(found, unit.secrets) for found in unit.findings if wanted(found.rule, language.form))
    findings = stamp(listed, unit.text.data, unit.secrets)
    if len(findings) > limits.findings:
        unit.notes.append(f"only the worst {limits.findings} findings are listed")
        findings = sorted(findings, key=lambda found: found.severity.rank)[: limits.findings]
    return FileResult(
        sha256=content.sha256,
        language=language.name,
        form=language.form,
        engine_set=engine_set(),
        status=unit.status,
        size_bytes=len(content.data),
        reason=unit.reason,
        generated=unit.generated,
        notes=tuple(unit.notes),
        metrics=unit.metrics,
        functions=tuple(unit.functions),
        classes=tuple(unit.classes),
        constants=tuple(unit.constants),
        imports=tuple(unit.imports),
        calls=tuple(unit.calls),
        findings=tuple(findings),
        tokens=tokens_of(unit, limits),
    )


def _masked(finding: Finding, secrets: Sequence[str]) -> Finding:
    """A tool may quote the source in its message; a secret that was found must not leave through there."""
    for secret in secrets:
        if secret in finding.message or secret in finding.fix:
            finding = replace(
                finding, message=finding.message.replace(secret, "***"), fix=finding.fix.replace(secret, "***")
            )
    return finding
