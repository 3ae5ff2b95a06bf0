"""How people get in: the first owner by set-up token, others by invitation or open registration."""

from __future__ import annotations

from dataclasses import dataclass

from functions.auth.model.credentials import email_key, email_of, new_password
from functions.auth.model.limits import registration_limits
from functions.auth.model.people import (
    INVITATION_LIFE,
    Invitation,
    Membership,
    Organisation,
    Role,
    User,
    UserRegistered,
    no_invitation,
)
from functions.auth.ports import Deps, Work
from functions.auth.service.opening import Begun, Device, Opened, begin, opened, person
from kernel.errors import Conflict, Forbidden


@dataclass(frozen=True, slots=True)
class Profile:
    """What somebody tells about themself."""

    email: str
    password: str
    name: str


@dataclass(frozen=True, slots=True)
class _NewUser:
    id: str
    email: str
    name: str
    password_hash: str

    @property
    def email_key(self) -> str:
        return email_key(self.email)


def set_up(deps: Deps, *, token: str, profile: Profile, organisation: str, device: Device) -> Opened:
    """Make the first owner and their organisation.

    Raises:
        Forbidden: the token is wrong, or the operator gave none.
        Conflict: somebody has registered already.
        TooMany: too many tries from one address.
    """
    deps.limits.claim(registration_limits(device.address))
    if not deps.secrets.same(token, deps.rules.setup_token):
        raise Forbidden("this is not the set-up token", code="bad_setup_token")
    user, home = _user(deps, profile), deps.new_id()
    with deps.work(person(user.id, home, device)) as work:
        if not work.people.nobody_yet():
            raise Conflict("the installation is set up already", code="already_set_up")
        begun = _found(deps, work, user=user, organisation=organisation, device=device)
    return opened(deps, begun)


def register_organisation(deps: Deps, *, profile: Profile, organisation: str, device: Device) -> Opened:
    """Make an organisation and its owner.

    Raises:
        Forbidden: registration is by invitation here.
        Conflict: the e-mail address has an account.
    """
    if not deps.rules.open_registration:
        raise Forbidden("registration needs an invitation", code="registration_closed")
    deps.limits.claim(registration_limits(device.address))
    user, home = _user(deps, profile), deps.new_id()
    with deps.work(person(user.id, home, device)) as work:
        begun = _found(deps, work, user=user, organisation=organisation, device=device)
    return opened(deps, begun)


def register_invited(deps: Deps, *, invitation: str, profile: Profile, device: Device) -> Opened:
    """Make a user who joins the organisation that invited them.

    Raises:
        NotFound: the invitation is unknown, used, expired or for another address.
        Conflict: the e-mail address has an account.
    """
    deps.limits.claim(registration_limits(device.address))
    named = deps.secrets.read_invitation(invitation)
    if named is None:
        raise no_invitation()
    org_id, invitation_id = named
    user = _user(deps, profile)
    with deps.work(person(user.id, org_id, device)) as work:
        found = work.invitations.locked(invitation_id)
        if found is None:
            raise no_invitation()
        accepted = found.accept(email_key=user.email_key, at=work.now)
        work.invitations.save(accepted)
        begun = _join(deps, work, user=user, role=accepted.role, device=device)
    return opened(deps, begun)


def invite(work: Work, *, id: str, email: str, role: Role) -> Invitation:
    """Whether the caller may invite into `role` is the policy's matter."""
    address = email_of(email)
    invitation = Invitation(
        org_id=work.caller.organisation,
        id=id,
        email=address,
        email_key=email_key(address),
        role=role,
        invited_by=work.caller.user_id,
        created_at=work.now,
        expires_at=work.now + INVITATION_LIFE,
    )
    work.invitations.add(invitation)
    work.audit.add("invitation.create", id, role=role.value)
    return invitation


def _user(deps: Deps, profile: Profile) -> _NewUser:
    """Check and hash before the unit of work opens: a hash takes longer than a transaction should."""
    email = email_of(profile.email)
    password = new_password(profile.password, email=email, name=profile.name)
    return _NewUser(deps.new_id(), email, profile.name, deps.passwords.hash(password))


def _found(deps: Deps, work: Work, *, user: _NewUser, organisation: str, device: Device) -> Begun:
    work.people.found(Organisation(work.caller.organisation, organisation, work.now))
    work.audit.add("organisation.create", work.caller.organisation, name=organisation)
    return _join(deps, work, user=user, role=Role.OWNER, device=device)


def _join(deps: Deps, work: Work, *, user: _NewUser, role: Role, device: Device) -> Begun:
    made = User(user.id, user.email, user.email_key, user.name, user.password_hash, work.now)
    membership = Membership(work.caller.organisation, user.id, role, work.now)
    work.people.add(made)
    work.people.join(membership)
    work.events.add(UserRegistered(made, membership.org_id, role))
    work.audit.add("user.register", user.id, role=role.value)
    return begin(deps, work, membership, device)
