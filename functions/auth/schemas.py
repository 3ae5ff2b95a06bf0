"""What goes over the wire. Changing a field here changes the public API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from functions.auth.model.credentials import LONGEST_EMAIL, LONGEST_PASSWORD
from functions.auth.model.people import Invitation, Member, Role
from functions.auth.model.sessions import Session

Name = Annotated[
    str, Field(min_length=1, max_length=120, pattern=r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$")
]
Email = Annotated[str, Field(min_length=3, max_length=LONGEST_EMAIL, examples=["ada@example.com"])]
Password = Annotated[SecretStr, Field(min_length=1, max_length=LONGEST_PASSWORD)]
Secret = Annotated[SecretStr, Field(min_length=1, max_length=512)]
_ADA: dict[str, Any] = {"email": "ada@example.com", "password": "a long sentence of ada", "name": "Ada Lovelace"}


class NewSetup(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"token": "as printed by up", "organisation": "Analytical Engines", **_ADA}},
    )

    token: Secret
    email: Email
    password: Password
    name: Name
    organisation: Name


class NewUser(BaseModel):
    """With an invitation into its organisation, or, where registration is open, with an organisation to found."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"invitation": "cri_…", **_ADA}})

    invitation: Secret | None = None
    organisation: Name | None = None
    email: Email
    password: Password
    name: Name

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.invitation is None) == (self.organisation is None):
            raise ValueError("give either an invitation or an organisation")
        return self


class Credentials(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"email": "ada@example.com", "password": "a long sentence of ada"}},
    )

    email: Email
    password: Password


class RefreshIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"refresh_token": "crr_…"}})

    refresh_token: Secret


class PasswordChange(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"current_password": "a long sentence", "new_password": "a longer sentence"}},
    )

    current_password: Password
    new_password: Password


class NewInvitation(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"email": "bob@example.com", "role": "reviewer"}}
    )

    email: Email
    role: Role


class RoleChange(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"role": "maintainer"}})

    role: Role


class UserOut(BaseModel):
    id: str
    email: str
    name: str


class OrganisationOut(BaseModel):
    id: str
    name: str


class SessionOut(BaseModel):
    """A session that has just begun or was continued; the tokens are shown nowhere else."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a scheme
    expires_in_s: int
    refresh_token: str
    user: UserOut
    organisation: OrganisationOut
    roles: list[Role]


class Me(BaseModel):
    id: str
    email: str
    name: str
    organisation: OrganisationOut
    roles: list[Role]

    @classmethod
    def of(cls, member: Member) -> Self:
        return cls(
            id=member.user.id,
            email=member.user.email,
            name=member.user.name,
            organisation=organisation_out(member),
            roles=[member.role],
        )


class MemberOut(BaseModel):
    id: str
    email: str
    name: str
    role: Role

    @classmethod
    def of(cls, member: Member) -> Self:
        return cls(id=member.user.id, email=member.user.email, name=member.user.name, role=member.role)


class InvitationKept(BaseModel):
    """What an Idempotency-Key keeps of an invitation: not its token, which can be made again."""

    id: str
    expires_at: datetime

    @classmethod
    def of(cls, invitation: Invitation) -> Self:
        return cls(id=invitation.id, expires_at=invitation.expires_at)


class InvitationOut(BaseModel):
    token: str
    expires_at: datetime


class OpenSession(BaseModel):
    id: str
    current: bool
    user_agent: str
    address: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, session: Session, *, current: str | None) -> Self:
        fields = {name: getattr(session, name) for name in cls.model_fields if name != "current"}
        return cls(current=session.id == current, **fields)


class OpenSessions(BaseModel):
    items: list[OpenSession]


class Jwk(BaseModel):
    kty: str
    crv: str
    alg: str
    use: str
    kid: str
    x: str


class Jwks(BaseModel):
    keys: list[Jwk]


class Health(BaseModel):
    status: Literal["ok"] = "ok"
    service: str


def user_out(member: Member) -> UserOut:
    return UserOut(id=member.user.id, email=member.user.email, name=member.user.name)


def organisation_out(member: Member) -> OrganisationOut:
    return OrganisationOut(id=member.organisation.id, name=member.organisation.name)
