"""What this domain tells the others: domain events as CloudEvents on `coderev.comparison.v1`."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from functions.comparison.model import Comparison, ComparisonCreated
from kernel.events import Message

TOPIC = "coderev.comparison.v1"


class ComparisonData(BaseModel):
    comparison_id: str
    org_id: str
    name: str
    baseline: str
    candidate: str
    metric: str
    created_at: datetime

    @classmethod
    def of(cls, comparison: Comparison) -> ComparisonData:
        fields = {field: getattr(comparison, field) for field in cls.model_fields if field != "comparison_id"}
        return cls(**fields, comparison_id=comparison.id)


def encode(event: object) -> Message:
    match event:
        case ComparisonCreated(comparison):
            data = ComparisonData.of(comparison)
            return Message(topic=TOPIC, type="comparison.created", key=comparison.id, data=data)
    raise TypeError(f"no message for {type(event).__name__}")
