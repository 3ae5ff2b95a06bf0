"""Configuration: what is refused, what is hidden, and where it may come from."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from kernel.settings import Settings

GOOD = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"


@pytest.mark.parametrize("secret", ["", "secret", "changeme", "short-but-random-3f9c1d7b", "a" * 64])
@pytest.mark.parametrize("stage", ["test", "prod"])
def test_a_default_or_short_secret_is_refused_outside_local(stage, secret):
    with pytest.raises(ValidationError, match="JWT_SECRET_KEY"):
        Settings(stage=stage, jwt_secret_key=secret)


def test_a_weak_secret_is_accepted_locally_and_a_good_one_everywhere():
    assert Settings(stage="local", jwt_secret_key="dev")
    assert Settings(stage="prod", jwt_secret_key=GOOD)


def test_each_name_may_be_given_as_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text(GOOD + "\n")
    monkeypatch.setenv("JWT_SECRET_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("CODEREV_STAGE", "prod")

    assert Settings().jwt_secret_key.get_secret_value() == GOOD


def test_secrets_are_not_printed():
    settings = Settings(jwt_secret_key=GOOD, database_url="postgresql://u:hunter2@h/d", s3_secret_key="hunter3")

    assert "hunter" not in repr(settings)
    assert GOOD not in repr(settings)


@pytest.mark.parametrize(("name", "value"), [("ACCESS_TOKEN_EXPIRE_MINUTES", "0"), ("REFRESH_TOKEN_EXPIRE_DAYS", "x")])
def test_nonsense_is_refused(monkeypatch, name, value):
    monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError, match=name):
        Settings()


def test_settings_cannot_be_changed():
    with pytest.raises(ValidationError):
        Settings().stage = "prod"
