"""Kinds of fields that several resources share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^\S(.*\S)?$")]
Label = Annotated[str, Field(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Size = Annotated[int, Field(ge=0, lt=2**63)]
Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{7,64}$", description="of the repository's own history")]
Branch = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x20\x7f]+$")]  # git's rule, widely
Words = Annotated[str, Field(pattern=r"^[^\x00]*$")]  # PostgreSQL stores no NUL
SAMPLE = "a" * 64
