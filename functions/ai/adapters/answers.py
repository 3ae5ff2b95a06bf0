"""Parses what models say: one JSON object, perhaps with words around it, checked against a schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from functions.ai.model import Draft, ModelFailed, Remark, ReviewReason

M = TypeVar("M", bound=BaseModel)
MOST_OBJECTS = 50  # tried in one answer
MOST_REMARKS = 200


class _Remark(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    path: str = Field(max_length=4_096)
    line: int = Field(ge=1, lt=2**31)
    end_line: int | None = Field(default=None, ge=1, lt=2**31)
    body: str = Field(min_length=1)
    severity: str | None = None
    suggestion: str | None = None

    def remark(self) -> Remark:
        return Remark(**self.model_dump() | {"end_line": self.end_line or self.line})


class _Review(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    summary: str = ""
    comments: list[Any]


class _Comment(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    comment: str = Field(min_length=1)


class JsonAnswers:
    """`ports.Answers`."""

    def review(self, text: str) -> Draft:
        found = _checked(_Review, _last(text, "comments"))
        said = found.comments[:MOST_REMARKS]
        remarks = [remark for item in said if (remark := _remark(item)) is not None]
        if said and not remarks:
            raise ModelFailed(ReviewReason.BAD_ANSWER)
        return Draft(found.summary, tuple(remarks), len(found.comments) - len(remarks))

    def remark(self, text: str) -> str:
        return _checked(_Comment, _last(text, "comment")).comment


def _remark(item: Any) -> Remark | None:
    try:
        return _Remark.model_validate(item).remark()
    except ValidationError:
        return None


def _checked(model: type[M], found: dict[str, Any]) -> M:
    try:
        return model.model_validate(found)
    except ValidationError as malformed:
        raise ModelFailed(ReviewReason.BAD_ANSWER) from malformed


def _last(text: str, member: str) -> dict[str, Any]:
    """The last object with `member`: what a model thinks aloud comes before what it answers."""
    found = [candidate for candidate in _objects(text) if member in candidate]
    if not found:
        raise ModelFailed(ReviewReason.BAD_ANSWER)
    return found[-1]


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects in a text that are not inside another one."""
    decoder, position = json.JSONDecoder(), text.find("{")
    for _ in range(MOST_OBJECTS):
        if position < 0:
            return
        try:
            candidate, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            end = position + 1
        else:
            yield candidate
        position = text.find("{", end)
