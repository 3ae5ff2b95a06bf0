"""What this domain hears (`analysis.completed`, `project.erased`) and tells: `review.completed` on `coderev.ai.v1`."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from functions.ai.model import Request, Review, ReviewCompleted
from kernel.events import Message
from kernel.pages import Id

TOPIC = "coderev.ai.v1"
DEAD_LETTERS = "coderev.ai.dead.v1"


class AnalysisCompleted(BaseModel):
    """What this domain needs to know of an analysis; whatever else the event says is not its business."""

    model_config = ConfigDict(extra="ignore")

    analysis_id: Id
    project_id: Id
    org_id: Id
    context_key: str

    def request(self) -> Request:
        return Request(
            analysis_id=self.analysis_id,
            project_id=self.project_id,
            org_id=self.org_id,
            context_key=self.context_key,
        )


class ProjectErased(BaseModel):
    """What this domain reads of analysis' event."""

    model_config = ConfigDict(extra="ignore")

    project_id: Id
    org_id: Id


class ReviewData(BaseModel):
    review_id: str
    analysis_id: str
    project_id: str
    org_id: str
    status: str
    reason: str | None
    model: str | None
    comments: int
    completed_at: datetime | None

    @classmethod
    def of(cls, review: Review, comments: int) -> ReviewData:
        return cls(
            review_id=review.id,
            analysis_id=review.analysis_id,
            project_id=review.project_id,
            org_id=review.org_id,
            status=review.state,
            reason=review.reason,
            model=review.model,
            comments=comments,
            completed_at=review.completed_at,
        )


def encode(event: object) -> Message:
    match event:
        case ReviewCompleted(review, comments):
            return Message(topic=TOPIC, type="review.completed", key=review.id, data=ReviewData.of(review, comments))
    raise TypeError(f"no message for {type(event).__name__}")
