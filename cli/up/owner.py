"""The first owner of a local platform, made from generated credentials when nobody exists yet."""

from __future__ import annotations

import secrets
from pathlib import Path

from cli import local
from cli.api import Api
from cli.credentials import Session, Store
from cli.exchange import ApiError

EMAIL = "owner@coderev.example"


def ensure(server: str, data: Path, setup_token: str) -> bool:
    """Make the first owner unless somebody exists; tell whether there is a generated one to work as.

    The password is kept before it is sent, so that a lost answer leaves no owner whom nobody can be.

    Raises:
        UserError: no answer; ApiError: refused for another reason than that somebody exists.
    """
    if local.owner(data) is not None:
        return True
    made = local.Owner(EMAIL, secrets.token_urlsafe(24))
    local.keep_owner(data, made)
    proof = {"token": setup_token, "email": made.email, "password": made.password}
    try:
        with Api(server) as api:
            who = {"name": "Local owner", "organisation": "Local"}
            answer = api.post("/v1/auth/setup", proof | who, doing="The set-up", repeatable=False)
    except ApiError as refused:
        local.forget_owner(data)
        if refused.status in (401, 403, 404, 409):
            return False
        raise
    store = Store(data / "sessions.json")
    with store.exclusive():
        store.put(server, Session.of(answer.body))
    return True
