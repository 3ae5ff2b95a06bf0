"""The HTTP surface of this domain: read top to bottom, it is the API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from functions.auth.ports import Deps, Work
from functions.auth.schemas import (
    Credentials,
    Health,
    InvitationKept,
    InvitationOut,
    Jwk,
    Jwks,
    Me,
    MemberOut,
    NewInvitation,
    NewSetup,
    NewUser,
    OpenSession,
    OpenSessions,
    PasswordChange,
    RefreshIn,
    RoleChange,
    SessionOut,
    organisation_out,
    user_out,
)
from functions.auth.service import accounts, members, sessions
from functions.auth.service.opening import Device, Opened
from kernel.http import Answer, Application, Once, endpoint
from kernel.identity import Caller
from kernel.pages import Id, Page, PageQuery, page_of
from kernel.relay import Relay

_CONTROL = re.compile(r"[^\x20-\x7e]")


def build(deps: Deps, relay: Relay | None = None) -> Application:
    app = Application("auth")

    @app.route("/v1/auth/health", methods=["GET"])
    @endpoint(app)
    def auth_health() -> Health:
        """Tell whether this domain can serve."""
        deps.ready()
        return Health(service="auth")

    @app.route("/.well-known/jwks.json", methods=["GET"])
    @endpoint(app)
    def get_jwks() -> Jwks | Answer:
        """Give the public keys that access tokens are signed with."""
        jwks = Jwks(keys=[Jwk(**key) for key in deps.tokens.published()])
        return Answer(jwks, headers={"Cache-Control": "public, max-age=300"})

    _add_ways_in(app, deps)
    _add_session_routes(app, deps)
    _add_member_routes(app, deps)

    if relay is not None:

        @app.on("relay")
        def relay_events(event: Mapping[str, Any]) -> dict[str, int]:
            return relay.run(event)

    return app


def _add_ways_in(app: Application, deps: Deps) -> None:
    @app.route("/v1/auth/setup", methods=["POST"])
    @endpoint(app, status=HTTPStatus.CREATED)
    def set_up(body: NewSetup) -> SessionOut:
        """Make the first owner of a new installation, once, with the operator's set-up token."""
        token, organisation = body.token.get_secret_value(), body.organisation
        return _session(
            accounts.set_up(deps, token=token, profile=_profile(body), organisation=organisation, device=_device(app))
        )

    @app.route("/v1/auth/register", methods=["POST"])
    @endpoint(app, status=HTTPStatus.CREATED)
    def register(body: NewUser) -> SessionOut:
        """Make an account: with an invitation, or with an organisation of one's own where that is allowed."""
        return _session(_register(deps, body, _device(app)))

    @app.route("/v1/auth/invitations", methods=["POST"])
    @endpoint(app, status=HTTPStatus.CREATED)
    def create_invitation(body: NewInvitation, caller: Caller, once: Once) -> InvitationOut:
        """Invite an e-mail address into the organisation, in a role not above the caller's."""
        deps.permissions.require(caller, "auth.invite", role=body.role.value)
        with deps.work(caller) as work:
            kept = once(work, InvitationKept, lambda: _invite(deps, work, body))
        token = deps.secrets.invitation(caller.organisation, kept.id)
        return InvitationOut(token=token, expires_at=kept.expires_at)


def _add_session_routes(app: Application, deps: Deps) -> None:
    @app.route("/v1/auth/login", methods=["POST"])
    @endpoint(app)
    def log_in(body: Credentials) -> SessionOut:
        """Open a session."""
        password = body.password.get_secret_value()
        return _session(sessions.log_in(deps, email=body.email, password=password, device=_device(app)))

    @app.route("/v1/auth/refresh", methods=["POST"])
    @endpoint(app)
    def refresh(body: RefreshIn) -> SessionOut:
        """Exchange a refresh token, once, for a new access token and the next refresh token."""
        return _session(sessions.refresh(deps, token=body.refresh_token.get_secret_value(), device=_device(app)))

    @app.route("/v1/auth/logout", methods=["POST"])
    @endpoint(app)
    def log_out(caller: Caller) -> None:
        """End this session; its tokens hold no more."""
        deps.permissions.require(caller, "auth.own")
        with deps.work(caller) as work:
            sessions.log_out(work)

    @app.route("/v1/auth/sessions", methods=["GET"])
    @endpoint(app)
    def list_sessions(caller: Caller) -> OpenSessions:
        """List the caller's open sessions, newest first."""
        deps.permissions.require(caller, "auth.own")
        with deps.work(caller) as work:
            found = work.sessions.living(caller.user_id)
        return OpenSessions(items=[OpenSession.of(session, current=caller.session_id) for session in found])

    @app.route("/v1/auth/sessions/{session_id}", methods=["DELETE"])
    @endpoint(app)
    def revoke_session(session_id: Id, caller: Caller) -> None:
        """End one of the caller's sessions."""
        deps.permissions.require(caller, "auth.own")
        with deps.work(caller) as work:
            sessions.revoke_own(work, session_id=session_id)

    @app.route("/v1/auth/password", methods=["PUT"])
    @endpoint(app)
    def change_password(body: PasswordChange, caller: Caller) -> None:
        """Set a new password; all other sessions of the caller end."""
        deps.permissions.require(caller, "auth.own")
        current, new = body.current_password.get_secret_value(), body.new_password.get_secret_value()
        sessions.change_password(deps, caller, current=current, new=new, device=_device(app))


def _add_member_routes(app: Application, deps: Deps) -> None:
    @app.route("/v1/auth/me", methods=["GET"])
    @endpoint(app)
    def get_me(caller: Caller) -> Me:
        """Tell who the caller is, as of now."""
        deps.permissions.require(caller, "auth.own")
        with deps.work(caller) as work:
            return Me.of(work.people.member(caller.user_id))

    @app.route("/v1/auth/members", methods=["GET"])
    @endpoint(app)
    def list_members(query: PageQuery, caller: Caller) -> Page[MemberOut]:
        """List the organisation's members, oldest account first."""
        deps.permissions.require(caller, "auth.members")
        with deps.work(caller) as work:
            found = work.people.members(after=query.after, limit=query.limit + 1)
        return page_of(found, query, MemberOut.of)

    @app.route("/v1/auth/members/{user_id}", methods=["PUT"])
    @endpoint(app)
    def change_role(user_id: Id, body: RoleChange, caller: Caller) -> MemberOut:
        """Give a member another role, neither of them above the caller's."""
        _may_change(deps, caller, "auth.change_role", user_id=user_id, role=body.role.value)
        with deps.work(caller) as work:
            return MemberOut.of(members.change_role(work, user_id=user_id, role=body.role))

    @app.route("/v1/auth/members/{user_id}", methods=["DELETE"])
    @endpoint(app)
    def remove_member(user_id: Id, caller: Caller) -> None:
        """End a membership, one's own included, unless it is the last owner's."""
        _may_change(deps, caller, "auth.remove_member", user_id=user_id)
        with deps.work(caller) as work:
            members.remove(work, user_id=user_id)


def _may_change(deps: Deps, caller: Caller, action: str, *, user_id: str, **wanted: str) -> None:
    """Ask the policy about the member as they are. The answer to an unknown one is 404 for members only."""
    deps.permissions.require(caller, "auth.members")
    with deps.work(caller) as work:
        present = work.people.member(user_id).role.value
    deps.permissions.require(caller, action, member_id=user_id, present=present, **wanted)


def _register(deps: Deps, body: NewUser, device: Device) -> Opened:
    profile = _profile(body)
    if body.invitation is not None:
        invitation = body.invitation.get_secret_value()
        return accounts.register_invited(deps, invitation=invitation, profile=profile, device=device)
    assert body.organisation is not None, "the schema wants one of the two"
    return accounts.register_organisation(deps, profile=profile, organisation=body.organisation, device=device)


def _invite(deps: Deps, work: Work, body: NewInvitation) -> InvitationKept:
    return InvitationKept.of(accounts.invite(work, id=deps.new_id(), email=body.email, role=body.role))


def _profile(body: NewSetup | NewUser) -> accounts.Profile:
    return accounts.Profile(email=body.email, password=body.password.get_secret_value(), name=body.name)


def _device(app: Application) -> Device:
    """Who asks, in the gateway's own words; X-Forwarded-For is anybody's word."""
    request = app.current_request
    assert request is not None, "a view runs inside a request"
    identity = request.context.get("identity") or {}
    agent = _CONTROL.sub("?", str(request.headers.get("user-agent") or ""))[:200]
    return Device(str(identity.get("sourceIp") or ""), agent, str(request.context.get("requestId", "")))


def _session(opened: Opened) -> SessionOut:
    return SessionOut(
        access_token=opened.access_token,
        expires_in_s=opened.expires_in_s,
        refresh_token=opened.refresh_token,
        user=user_out(opened.member),
        organisation=organisation_out(opened.member),
        roles=[opened.member.role],
    )
