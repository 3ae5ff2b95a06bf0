"""Results of quality gates on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from functions.analysis.gates import Gate

GateStatus = Literal["passed", "failed", "none", "unknown"]


class GateConditionOut(BaseModel):
    """A condition as policy decided it: what was asked, what is there, and why that is enough or not."""

    model_config = ConfigDict(extra="ignore")

    metric: str
    scope: str
    severity: str | None
    operator: str
    threshold: int | float | str
    actual: int | float | str | None
    passed: bool
    reason: str


class GateOut(BaseModel):
    """`status` is null until the analysis is merged; `unknown` says that policy could not be asked, and never passes."""

    analysis_id: str
    status: GateStatus | None
    evaluated_at: datetime | None
    conditions: list[GateConditionOut]

    @classmethod
    def of(cls, analysis_id: str, gate: Gate | None) -> Self:
        return cls.model_validate(
            {
                "analysis_id": analysis_id,
                "status": gate.status if gate else None,
                "evaluated_at": gate.evaluated_at if gate else None,
                "conditions": list(gate.conditions) if gate else [],
            }
        )
