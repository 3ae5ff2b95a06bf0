"""What this domain tells the others: domain events as CloudEvents on `coderev.version.v1`."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from functions.version.model import Experiment, ExperimentArchived, ExperimentCreated
from kernel.events import Message

TOPIC = "coderev.version.v1"


class ExperimentData(BaseModel):
    experiment_id: str
    org_id: str
    name: str
    state: str
    created_at: datetime


def encode(event: object) -> Message:
    match event:
        case ExperimentCreated(experiment):
            return _message("experiment.created", experiment)
        case ExperimentArchived(experiment):
            return _message("experiment.archived", experiment)
    raise TypeError(f"no message for {type(event).__name__}")


def _message(type_: str, experiment: Experiment) -> Message:
    data = ExperimentData(
        experiment_id=experiment.id,
        org_id=experiment.org_id,
        name=experiment.name,
        state=experiment.state,
        created_at=experiment.created_at,
    )
    return Message(topic=TOPIC, type=type_, key=experiment.id, data=data)
