"""What goes over the wire. Changing a field here changes the public API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from functions.version.model import Experiment, ExperimentState

Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^\S(.*\S)?$")]


class NewExperiment(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"name": "shorter prompt", "hypothesis": "as useful at half the tokens"}},
    )

    name: Name
    hypothesis: str = Field(min_length=1, max_length=2000)


class ExperimentOut(BaseModel):
    id: str
    name: Name
    hypothesis: str
    state: ExperimentState
    created_by: str
    created_at: datetime
    revision: int

    @classmethod
    def of(cls, experiment: Experiment) -> Self:
        return cls(**{field: getattr(experiment, field) for field in cls.model_fields})


class Health(BaseModel):
    status: Literal["ok"] = "ok"
    service: str
