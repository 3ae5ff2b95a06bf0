"""Logging in and staying logged in: the tokens behind `Api`."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from cli import local
from cli.api import Api
from cli.credentials import Session, Store
from cli.errors import UserError
from cli.exchange import ApiError


class Login:
    """`api.Bearer` of one server: the stored session, renewed when it ends; one renewal at a time on this machine."""

    def __init__(self, server: str, store: Store, owner: local.Owner | None = None) -> None:
        self._server = server
        self._store = store
        self._owner = owner
        self._threads = threading.Lock()

    def token(self) -> str:
        session = self._store.get(self._server)
        if session and session.fresh:
            return session.access_token
        newer = self.renewed(session.access_token if session else "")
        if newer is None:
            raise UserError(f"You are not logged in at {self._server}: run `coderev login`.")
        return newer

    def renewed(self, refused: str) -> str | None:
        with self._threads, self._store.exclusive():
            current = self._store.get(self._server)
            if current and current.access_token != refused and current.fresh:
                return current.access_token  # another thread or process was quicker
            session = self._refresh(current) or self._as_owner()
            if session is None:
                self._store.forget(self._server)
                return None
            self._store.put(self._server, session)
            return session.access_token

    def _refresh(self, current: Session | None) -> Session | None:
        if current is None:
            return None
        try:
            return enter(self._server, "refresh", {"refresh_token": current.refresh_token})
        except ApiError as refused:
            if refused.status in (400, 401, 403, 422):
                return None
            raise

    def _as_owner(self) -> Session | None:
        if self._owner is None:
            return None
        try:
            return enter(self._server, "login", {"email": self._owner.email, "password": self._owner.password})
        except ApiError as refused:
            if refused.status in (401, 403):
                return None
            raise


def enter(server: str, way: str, proof: dict[str, Any]) -> Session:
    """Exchange `proof` for a session. `way` is login, refresh, register or setup.

    It is not sent twice when the answer was lost: a refresh token works once.

    Raises:
        UserError: no answer; ApiError: refused.
    """
    with Api(server) as api:
        answer = api.post(f"/v1/auth/{way}", proof, doing=f"The {way}", repeatable=False)
    try:
        return Session.of(answer.body)
    except (KeyError, TypeError, ValueError) as nonsense:
        raise UserError(f"{server} does not answer as a coderev server.") from nonsense


def login_at(server: str) -> Login:
    """The session for `server`: the user's own, or that of the local platform's generated owner."""
    mine = Store()
    here = local.at(server)
    if here is None or mine.get(server) is not None:
        return Login(server, mine)
    return owner_login(server, Path(here.data))


def owner_login(server: str, data: Path) -> Login:
    """The session of the generated owner of the local platform in `data`."""
    return Login(server, Store(data / "sessions.json"), local.owner(data))


def log_in(server: str, email: str, password: str, setup_token: str | None = None) -> Session:
    """Log in, or with a set-up token register as the first owner, and remember it. Raises UserError, ApiError."""
    proof = {"email": email, "password": password}
    if setup_token is None:
        session = enter(server, "login", proof)
    else:
        names = {"name": email.partition("@")[0], "organisation": email.rpartition("@")[2]}
        session = enter(server, "setup", {"token": setup_token, **proof, **names})
    store = Store()
    with store.exclusive():
        store.put(server, session)
    return session


def log_out(server: str) -> bool:
    """End the stored session here and, where it answers, at the server; tell whether there was one."""
    store = Store()
    session = store.get(server)
    if session is None:
        return False
    with suppress(UserError), Api(server, Login(server, store)) as api:
        api.post("/v1/auth/logout", doing="The logout")
    with store.exclusive():
        store.forget(server)
    return True
