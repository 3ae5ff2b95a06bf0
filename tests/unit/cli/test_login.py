"""Sessions: kept privately, renewed once however many ask, given up when they do not hold."""

from __future__ import annotations

import os
import stat
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cli import local
from cli.api import Api
from cli.credentials import Session, Store
from cli.errors import UserError
from cli.login import Login, log_in, log_out, login_at
from tests.unit.cli.conftest import Asked, LocalServer, Said


class Auth:
    """A server that takes each refresh token once, as the real one does."""

    def __init__(self) -> None:
        self.turn = 0
        self.burnt = False
        self._one = threading.Lock()

    def session(self) -> Said:
        self.turn += 1
        user = {"user": {"email": "ada@example.com"}, "organisation": {"name": "Engines"}}
        tokens = {"access_token": f"a{self.turn}", "refresh_token": f"r{self.turn}", "expires_in_s": 900}
        return Said(200, tokens | user)

    def __call__(self, asked: Asked) -> Said:
        with self._one:
            if asked.path == "/v1/auth/login":
                good = asked.json == {"email": "ada@example.com", "password": "right"}
                return self.session() if good else Said(401, {"code": "bad_credentials", "detail": "wrong"})
            if asked.path == "/v1/auth/refresh":
                self.burnt |= asked.json["refresh_token"] != f"r{self.turn}"
                return Said(401, {"code": "reused"}) if self.burnt else self.session()
            if asked.headers.get("authorization") == f"Bearer a{self.turn}":
                return Said(204) if asked.path == "/v1/auth/logout" else Said(200, {"ok": True})
            return Said(401, {"code": "unauthorized"})


@pytest.fixture
def auth(server: LocalServer) -> Auth:
    made = Auth()
    server.answer = made
    return made


def stale(session: Session | None) -> Session:
    assert session is not None
    return Session(session.access_token, session.refresh_token, time.time() - 1)


def test_the_file_of_tokens_is_private_and_whole(server: LocalServer, auth: Auth) -> None:
    log_in(server.url, "ada@example.com", "right")

    path = Store().path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert sorted(each.name for each in path.parent.iterdir()) == ["credentials.json", "credentials.lock"]


def test_tokens_do_not_show_in_a_repr(server: LocalServer, auth: Auth) -> None:
    assert "a1" not in repr(log_in(server.url, "ada@example.com", "right"))


def test_each_server_has_its_own_session(server: LocalServer) -> None:
    store = Store()
    for name in ("one", "two"):
        store.put(f"http://{name}", Session(name, name, 0.0))

    assert store.forget("http://one")
    assert store.get("http://one") is None
    assert store.get("http://two") == Session("two", "two", 0.0)


def test_an_unreadable_or_foreign_file_is_no_crash(home: Path) -> None:
    path = Store().path
    path.parent.mkdir(parents=True)
    for content in ("", "[1]", "{", '{"servers": {"http://s": {"other": 1}}}', '{"servers": 3}'):
        path.write_text(content)
        assert Store().get("http://s") is None


def test_a_stale_token_is_renewed_before_it_is_used(server: LocalServer, auth: Auth) -> None:
    log_in(server.url, "ada@example.com", "right")
    Store().put(server.url, stale(Store().get(server.url)))

    with Api(server.url, Login(server.url, Store())) as api:
        assert api.get("/v1/x", doing="It").body == {"ok": True}
    assert [asked.path for asked in server.asked] == ["/v1/auth/login", "/v1/auth/refresh", "/v1/x"]


def test_a_refused_token_is_renewed_once_for_all_processes_and_threads(server: LocalServer, auth: Auth) -> None:
    log_in(server.url, "ada@example.com", "right")
    Store().put(server.url, Session("revoked", "r1", time.time() + 900))

    def ask(number: int) -> object:
        with Api(server.url, Login(server.url, Store())) as api:  # its own locks, as a process of its own has
            return api.get("/v1/x", doing="It").body

    with ThreadPoolExecutor(6) as asking:
        assert list(asking.map(ask, range(6))) == [{"ok": True}] * 6
    assert sum(asked.path == "/v1/auth/refresh" for asked in server.asked) == 1


def test_a_refresh_whose_answer_was_lost_is_not_sent_again(server: LocalServer) -> None:
    Store().put(server.url, Session("a", "r", 0.0))
    server.answer = lambda asked: Said(0)

    with pytest.raises(UserError, match="broke"):
        Login(server.url, Store()).token()

    assert len(server.asked) == 1


def test_a_dead_session_asks_for_a_login(server: LocalServer, auth: Auth) -> None:
    Store().put(server.url, Session("a0", "unknown", 0.0))

    with pytest.raises(UserError, match=r"run `coderev login`"):
        Login(server.url, Store()).token()
    assert Store().get(server.url) is None


def test_logging_out_ends_the_session_here_even_if_the_server_is_gone(closed_port: str) -> None:
    Store().put(closed_port, Session("a", "r", time.time() + 900))

    assert log_out(closed_port)
    assert not log_out(closed_port)


def test_the_local_owner_works_while_nobody_has_logged_in(server: LocalServer, auth: Auth, tmp_path: Path) -> None:
    data = Path(os.environ["CODEREV_DATA"])
    local.announce(data, server=server.url, edge_port=4566)
    local.keep_owner(data, local.Owner("ada@example.com", "right"))

    assert login_at(server.url).token() == "a1"
    assert Store().get(server.url) is None
    assert stat.S_IMODE((data / "owner.json").stat().st_mode) == 0o600


def test_the_owners_password_goes_to_nobody_but_the_running_local_platform(
    server: LocalServer, auth: Auth, tmp_path: Path
) -> None:
    data = Path(os.environ["CODEREV_DATA"])
    local.announce(data, server="http://127.0.0.1:1", edge_port=4566)
    local.keep_owner(data, local.Owner("ada@example.com", "right"))

    with pytest.raises(UserError, match="not logged in"):
        login_at(server.url).token()
    assert server.asked == []


def test_a_platform_that_was_killed_is_not_running(tmp_path: Path) -> None:
    local.announce(tmp_path, server="http://127.0.0.1:8000", edge_port=4566)
    assert local.running(tmp_path) is not None

    content = (tmp_path / "up.json").read_text().replace(str(os.getpid()), str(2**22 - 1))
    (tmp_path / "up.json").write_text(content)

    assert local.running(tmp_path) is None
