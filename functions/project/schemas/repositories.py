"""Repositories, fetches and pull requests on the wire."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from functions.project.repositories import (
    LONGEST_ADDRESS,
    Fetch,
    FetchKind,
    FetchState,
    Filters,
    HostKind,
    PullRequest,
    Repository,
    WantedRepository,
)
from functions.project.schemas.fields import Branch
from kernel.errors import Invalid

Pattern = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x20\x7f]+$")]
Tag = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
Secret = Annotated[str, Field(max_length=500, pattern=r"^[!-~]*$")]
Ref = Annotated[
    str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x20\x7f~^:?*\[\\-][^\x00-\x20\x7f~^:?*\[\\]*$")
]
SHORTEST_SECRET = 16  # characters


class RepositoryFilters(BaseModel):
    """Which events lead to a fetch; `branches` are patterns, none of them means: pushes to the default branch."""

    model_config = ConfigDict(extra="forbid")

    drafts: bool = False
    bots: bool = False
    include_labels: list[Tag] = Field(default=[], max_length=50, description="one of them must be on a pull request")
    exclude_labels: list[Tag] = Field(default=[], max_length=50)
    branches: list[Pattern] = Field(default=[], max_length=50, description="`release/*`; of pull requests: the target")

    def kept(self) -> Filters:
        lists = {name: tuple(value) for name, value in self if isinstance(value, list)}
        return Filters(drafts=self.drafts, bots=self.bots, **lists)


class RepositoryIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"kind": "github", "url": "https://github.com/example/compiler"}},
    )

    kind: HostKind
    url: str = Field(min_length=1, max_length=LONGEST_ADDRESS, description="https, as for `git clone`")
    default_branch: Branch = "main"
    token: Secret | None = Field(default=None, description="left out: stays, while the host does; empty: forgotten")
    webhook_secret: Secret | None = Field(default=None, description="left out: stays; empty: no webhooks")
    filters: RepositoryFilters = RepositoryFilters()

    @model_validator(mode="after")
    def _refuse_weak_secret(self) -> Self:
        if self.webhook_secret and len(self.webhook_secret) < SHORTEST_SECRET:
            raise ValueError(f"a webhook secret has at least {SHORTEST_SECRET} characters")
        return self

    def wanted(self) -> WantedRepository:
        filters = self.filters.kept()
        return WantedRepository(self.kind, self.url, self.default_branch, filters, self.token, self.webhook_secret)


class RepositoryOut(BaseModel):
    """Secrets are never shown: `has_token` and `has_webhook_secret` say whether there are any."""

    project_id: str
    kind: HostKind
    url: str
    default_branch: str
    has_token: bool
    has_webhook_secret: bool
    filters: RepositoryFilters
    hook_path: str = Field(description="give the host this path on the API's address as the webhook's URL")
    revision: int
    created_by: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, repository: Repository) -> Self:
        filters = repository.filters
        lists = {name: list(getattr(filters, name)) for name in ("include_labels", "exclude_labels", "branches")}
        same = ("project_id", "kind", "url", "default_branch", "revision", "created_by", "created_at", "updated_at")
        return cls(
            **{name: getattr(repository, name) for name in same},
            has_token=repository.sealed_token is not None,
            has_webhook_secret=repository.sealed_secret is not None,
            filters=RepositoryFilters(drafts=filters.drafts, bots=filters.bots, **lists),
            hook_path=f"/v1/hooks/{repository.hook_id}",
        )


class NewFetch(BaseModel):
    """A branch, a tag or a full commit id; or the number of a pull request that its host has told of."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"ref": "main"}})

    ref: Ref | None = None
    pull_request: int | None = Field(default=None, gt=0, lt=2**31)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.ref is None) == (self.pull_request is None):
            raise ValueError("give either ref or pull_request")
        return self

    def wish(self) -> tuple[FetchKind, str]:
        return (FetchKind.REF, self.ref) if self.ref is not None else (FetchKind.PULL, str(self.pull_request))


class FetchNote(BaseModel):
    path: str
    code: str = Field(description="submodule, symlink, lfs_pointer, file_too_large, case_collision, path_…")


class FetchOut(BaseModel):
    id: str
    project_id: str
    kind: FetchKind
    ref: str
    state: FetchState
    attempts: int
    code: str | None = Field(description="why it failed, or why the last attempt did")
    detail: str | None
    commit: str | None
    version_id: str | None
    base_version_id: str | None = Field(description="what the head of a pull request is compared with")
    notes: list[FetchNote] = Field(description="what was left out of the version, the first hundred")
    notes_total: int
    requested_by: str
    created_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, fetch: Fetch) -> Self:
        same = {name: getattr(fetch, name) for name in cls.model_fields if name != "notes"}
        return cls(**same, notes=[FetchNote(path=path, code=code) for path, code in fetch.notes])


class PullRequestQuery(BaseModel):
    """`?limit=` (1 to 200) and `?cursor=` of a list, and `?state=` for those that are open, closed or merged."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=200)
    state: Literal["open", "closed", "merged"] | None = None

    @property
    def before(self) -> int | None:
        """The number below which the page begins. Raises Invalid if the cursor is not one of ours."""
        if self.cursor is None:
            return None
        try:
            word, _, number = base64.urlsafe_b64decode(self.cursor.encode()).decode().partition(":")
            if word != "number":
                raise ValueError(word)
            return min(int(number), 2**31 - 1)
        except (ValueError, binascii.Error) as bad:
            raise Invalid("this cursor is not one of ours", code="bad_cursor") from bad

    @staticmethod
    def cursor_of(number: int) -> str:
        return base64.urlsafe_b64encode(f"number:{number}".encode()).decode()


class PullRequestOut(BaseModel):
    """A pull or merge request as its host last told of it."""

    number: int
    title: str
    author: str
    url: str
    state: str
    draft: bool
    labels: list[str]
    head_ref: str
    head_sha: str
    base_ref: str
    changed_at: datetime
    fetch_id: str | None
    version_id: str | None
    base_version_id: str | None
    analysis_id: str | None

    @classmethod
    def of(cls, pull: PullRequest) -> Self:
        same = {name: getattr(pull, name) for name in cls.model_fields if name != "labels"}
        return cls(**same, labels=list(pull.labels))
