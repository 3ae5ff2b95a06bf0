"""What goes over the wire. Changing a field here changes the public API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from functions.comparison.model import Better, Comparison, ComparisonState, Metric

Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^\S(.*\S)?$")]


class NewComparison(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "name": "shorter prompt",
                "baseline": "review-1",
                "candidate": "review-2",
                "metric": "accepted_ratio",
            }
        },
    )

    name: Name
    baseline: Name
    candidate: Name
    metric: Metric


class ComparisonOut(BaseModel):
    id: str
    name: Name
    baseline: Name
    candidate: Name
    metric: Metric
    better: Better = Field(description="the direction in which the metric improves")
    state: ComparisonState
    created_by: str
    created_at: datetime
    revision: int

    @classmethod
    def of(cls, comparison: Comparison) -> Self:
        fields = {field: getattr(comparison, field) for field in cls.model_fields if field != "better"}
        return cls(**fields, better=comparison.metric.better)


class Health(BaseModel):
    status: Literal["ok"] = "ok"
    service: str
