"""Artifacts on the wire."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel

from functions.analysis.lifecycle import Artifact


class ArtifactOut(BaseModel):
    name: str
    content_type: str
    size_bytes: int
    url: str

    @classmethod
    def of(cls, artifact: Artifact, url: str) -> Self:
        return cls(name=artifact.name, content_type=artifact.content_type, size_bytes=artifact.size_bytes, url=url)


class ArtifactsOut(BaseModel):
    items: list[ArtifactOut]
