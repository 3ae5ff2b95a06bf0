"""Rules of the engines, and logs of other tools, on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, RootModel

from functions.analysis.engines.engine import Rule
from functions.analysis.engines.owasp import TITLES
from functions.analysis.model import Confidence, Severity
from functions.analysis.repositories import Import


class RuleQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    engine: str | None = Field(default=None, max_length=60, examples=["bandit"])


class RuleOut(BaseModel):
    id: str
    engine: str
    title: str
    severity: Severity = Field(description="the worst that it gives")
    confidence: Confidence
    cwe: int | None
    owasp: str = Field(examples=["A03:2021"])
    owasp_title: str
    reason: str = Field(description="why it matters")

    @classmethod
    def of(cls, rule: Rule) -> Self:
        return cls(
            id=rule.id,
            engine=rule.engine,
            title=rule.title,
            severity=rule.severity,
            confidence=rule.confidence,
            cwe=rule.cwe,
            owasp=rule.owasp,
            owasp_title=TITLES.get(rule.owasp, ""),
            reason=rule.reason,
        )


class RulesOut(BaseModel):
    items: list[RuleOut]


class SarifIn(RootModel[dict[str, Any]]):
    """A log in SARIF 2.1.0, of up to 5 MB."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "other"}}, "results": []}]}
        }
    )


class ImportOut(BaseModel):
    id: str
    tool: str
    sha256: str
    findings: int
    left_out: dict[str, int] = Field(description="why results were not taken in, to how many")
    created_by: str
    created_at: datetime

    @classmethod
    def of(cls, given: Import) -> Self:
        return cls(**{name: getattr(given, name) for name in cls.model_fields})


class ImportsOut(BaseModel):
    items: list[ImportOut]

    @classmethod
    def of(cls, given: list[Import]) -> Self:
        return cls(items=[ImportOut.of(one) for one in given])
