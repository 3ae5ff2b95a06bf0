"""The review context that an analysis left in S3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from functions.ai.model import Place, ReviewSeverity
from kernel.errors import Invalid
from kernel.objects import Objects

MOST_PLACES = 20
LARGEST_BYTES = 64 * 1024  # analysis writes at most 24 KB


class _Place(BaseModel):
    model_config = ConfigDict(extra="ignore")

    path: str = Field(max_length=4_096)
    line: int = Field(ge=1, lt=2**31)
    end_line: int = Field(ge=1, lt=2**31)
    rule: str = Field(max_length=200)
    severity: ReviewSeverity
    message: str
    excerpt: str
    finding_id: str | None = Field(default=None, max_length=200)
    rank: int = 0


class _Context(BaseModel):
    model_config = ConfigDict(extra="ignore")

    places: list[_Place]


@dataclass(frozen=True, slots=True)
class StoredContexts:
    """`ports.Contexts` on the object store."""

    objects: Objects

    def read(self, key: str) -> Sequence[Place]:
        body = self.objects.get_range(key, 0, LARGEST_BYTES + 1)
        if len(body) > LARGEST_BYTES:
            raise Invalid("the context is larger than a context may be", code="context_too_large")
        return parse(body)


def parse(body: bytes) -> Sequence[Place]:
    """The places of a context, best ranked first. Raises Invalid."""
    try:
        context = _Context.model_validate_json(body)
    except ValidationError as malformed:
        raise Invalid("the artifact is no review context", code="bad_context") from malformed
    ranked = sorted(context.places, key=lambda place: place.rank)[:MOST_PLACES]
    return tuple(Place(**place.model_dump(exclude={"rank"})) for place in ranked)
