"""Settings, their history and baselines on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictFloat, StrictInt, model_validator

from functions.project.baselines import Baseline, BaselineKind
from functions.project.gates import MOST_CONDITIONS
from functions.project.settings import (
    LARGEST_TEXT,
    LONGEST_PATTERN,
    MOST_PATTERNS,
    MOST_RULES,
    Change,
    Kept,
    Revision,
)
from kernel.pages import Id, PageQuery

Branch = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x20\x7f~^:?*\[\\]+$")]
RuleName = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]
Level = Literal["critical", "high", "medium", "low", "info"]


class ConditionIn(BaseModel):
    """A condition of the quality gate: what must hold. Percentages are 0 to 100, grades A to E with A the greatest."""

    model_config = ConfigDict(extra="forbid")

    metric: Annotated[str, Field(max_length=40)]  # the rule itself, with its code, is `GateCondition.of`
    operator: Literal["<", "<=", "==", ">=", ">"]
    threshold: StrictInt | StrictFloat | Literal["A", "B", "C", "D", "E"]
    scope: Literal["new", "overall"] | None = None
    severity: Level | None = Field(default=None, description="count findings as bad as this or worse")


class RulesPatch(BaseModel):
    model_config = ConfigDict(extra="forbid")

    disabled: Annotated[list[RuleName], Field(max_length=MOST_RULES)] | None = None
    severity: Annotated[dict[RuleName, Level], Field(max_length=MOST_RULES)] | None = None


class SettingsPatch(BaseModel):
    """What is to change; a null means the default, what is not named stays."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"exclude": ["vendor/**"], "rules": {"disabled": ["ruff/E501"]}}},
    )

    default_branch: Branch | None = None
    exclude: (
        Annotated[list[Annotated[str, Field(max_length=LONGEST_PATTERN)]], Field(max_length=MOST_PATTERNS)] | None
    ) = None
    rules: RulesPatch | None = None
    custom_rules: Annotated[str, Field(max_length=LARGEST_TEXT)] | None = None
    semgrep: bool | None = None
    contracts: Annotated[str, Field(max_length=LARGEST_TEXT)] | None = None
    gate: Annotated[list[ConditionIn], Field(max_length=MOST_CONDITIONS)] | None = None
    retention_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    concurrency: Annotated[int, Field(ge=1, le=64)] | None = None
    supersede: Literal["never", "topic", "always"] | None = None

    def changes(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True)


class ConditionOut(BaseModel):
    metric: str
    operator: str
    threshold: int | float | str
    scope: str
    severity: str | None


class SettingsRulesOut(BaseModel):
    disabled: list[str]
    severity: dict[str, str]


class SettingsOut(BaseModel):
    project_id: str
    revision: int
    default_branch: str
    exclude: list[str]
    rules: SettingsRulesOut
    custom_rules: str
    semgrep: bool
    contracts: str
    gate: list[ConditionOut] | None = Field(description="null: the platform's default gate")
    retention_days: int
    concurrency: int
    supersede: str

    @classmethod
    def of(cls, kept: Kept) -> Self:
        return cls(project_id=kept.project_id, revision=kept.revision, **kept.settings.document())


class HistoryQuery(PageQuery):
    """A page of the history, or with `?revision=` one entry with its values whole."""

    limit: int = Field(default=50, ge=1, le=50)
    revision: int | None = Field(default=None, ge=1, lt=2**31)


class ChangeOut(BaseModel):
    field: str
    old: Any
    new: Any

    @classmethod
    def of(cls, change: Change) -> Self:
        return cls(field=change.field, old=change.old, new=change.new)


class RevisionOut(BaseModel):
    """A change of the settings; in lists a long value is given by its `sha256` and `size_bytes`."""

    id: str
    revision: int
    changed_by: str
    changed_at: datetime
    changes: list[ChangeOut]

    @classmethod
    def of(cls, entry: Revision) -> Self:
        return cls._of(entry, [change.short() for change in entry.changes])

    @classmethod
    def whole(cls, entry: Revision) -> Self:
        return cls._of(entry, list(entry.changes))

    @classmethod
    def _of(cls, entry: Revision, changes: list[Change]) -> Self:
        about = {name: getattr(entry, name) for name in ("id", "revision", "changed_by", "changed_at")}
        return cls(**about, changes=[ChangeOut.of(change) for change in changes])


class BaselineIn(BaseModel):
    """What versions are compared with: a version, a branch's newest one, the one before, or the state at a date."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"kind": "branch", "branch": "main"}})

    kind: BaselineKind
    version_id: Id | None = None
    branch: Branch | None = None
    date: AwareDatetime | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        allowed = {BaselineKind.VERSION: "version_id", BaselineKind.BRANCH: "branch", BaselineKind.DATE: "date"}
        wanted = allowed.get(self.kind)
        given = {name for name in allowed.values() if getattr(self, name) is not None}
        if given - {wanted} or (wanted not in given and self.kind in (BaselineKind.VERSION, BaselineKind.DATE)):
            raise ValueError(f"a baseline of kind {self.kind} is given by {wanted or 'its kind alone'}")
        return self

    def value(self) -> Baseline:
        return Baseline(self.kind, self.version_id, self.branch, self.date)


class BaselineOut(BaseModel):
    """`kind` is null while nobody chose one: then a version is compared with what it came from."""

    project_id: str
    revision: int = Field(description="of the settings, which the baseline is part of")
    kind: BaselineKind | None
    version_id: str | None = None
    branch: str | None = None
    date: datetime | None = None
    resolved_version_id: str | None = Field(description="what a version of the main line published now would get")

    @classmethod
    def of(cls, kept: Kept, resolved: str | None) -> Self:
        chosen = kept.baseline
        fields = {name: getattr(chosen, name, None) for name in ("kind", "version_id", "branch", "date")}
        return cls(project_id=kept.project_id, revision=kept.revision, resolved_version_id=resolved, **fields)
