"""What goes over the wire. Changing a field here changes the public API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, Field

from functions.ai.model import Comment, Review, ReviewReason, ReviewSeverity, ReviewState
from kernel.pages import Id, PageQuery


class ReviewQuery(PageQuery):
    analysis_id: Id | None = None


class CommentOut(BaseModel):
    """A remark of a model, as plain text: links, HTML and control characters have been taken out."""

    id: str
    path: str
    line: int
    end_line: int
    severity: ReviewSeverity
    body: str
    suggestion: str | None = Field(default=None, description="code for these lines; never applied without a person")
    finding_id: str | None
    model: str = Field(description="which model said it")

    @classmethod
    def of(cls, comment: Comment) -> Self:
        return cls(**{field: getattr(comment, field) for field in cls.model_fields})


class ReviewOut(BaseModel):
    id: str
    analysis_id: str
    project_id: str
    state: ReviewState
    reason: ReviewReason | None = Field(default=None, description="why there are no comments")
    provider: str | None
    model: str | None
    summary: str
    comments: list[CommentOut]
    dropped_comments: int = Field(description="remarks that were not about the lines the model was shown, or malformed")
    created_at: datetime
    completed_at: datetime | None

    @classmethod
    def of(cls, review: Review, comments: Sequence[Comment]) -> Self:
        fields = {field: getattr(review, field) for field in cls.model_fields if field != "comments"}
        return cls(**fields, comments=[CommentOut.of(comment) for comment in comments])


class Health(BaseModel):
    status: Literal["ok"] = "ok"
    service: str
