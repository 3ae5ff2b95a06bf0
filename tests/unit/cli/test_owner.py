"""The generated first owner of a local platform."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import local
from cli.exchange import ApiError
from cli.login import owner_login
from cli.up import owner
from tests.unit.cli.conftest import LocalServer, Said


def test_the_first_owner_is_made_once_and_stays_logged_in(server: LocalServer, tmp_path: Path) -> None:
    server.answer = lambda asked: Said(201, {"access_token": "a", "refresh_token": "r", "expires_in_s": 900})

    assert owner.ensure(server.url, tmp_path, "tok")
    assert owner.ensure(server.url, tmp_path, "tok")

    (asked,) = server.asked
    made = local.owner(tmp_path)
    assert made is not None
    assert (asked.json["token"], asked.json["email"], asked.json["password"]) == ("tok", made.email, made.password)
    assert owner_login(server.url, tmp_path).token() == "a"


@pytest.mark.parametrize("status", [403, 409])
def test_where_somebody_exists_no_owner_is_invented(server: LocalServer, tmp_path: Path, status: int) -> None:
    server.answer = lambda asked: Said(status, {"code": "already_set_up"})

    assert not owner.ensure(server.url, tmp_path, "tok")
    assert local.owner(tmp_path) is None


def test_a_server_that_is_broken_is_no_set_up(server: LocalServer, tmp_path: Path) -> None:
    server.answer = lambda asked: Said(500, {"code": "internal"})

    with pytest.raises(ApiError):
        owner.ensure(server.url, tmp_path, "tok")
    assert local.owner(tmp_path) is None
