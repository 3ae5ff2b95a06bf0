"""`coderev migrate` on an empty PostgreSQL."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.up import schema
from emulator.services.testing import TestPostgres


def test_from_empty_to_head_and_nothing_twice(postgres: TestPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    with postgres.fresh_database() as empty:
        monkeypatch.setenv("CODEREV_MIGRATION_DATABASE_URL", empty.migrator_url)

        first = CliRunner().invoke(app, ["migrate"])
        second = CliRunner().invoke(app, ["migrate"])

        assert first.exit_code == 0, first.output
        assert "auth: empty -> auth_" in first.stdout
        assert "7 schemas migrated." in first.stdout
        assert second.stdout == "Everything is at its newest revision.\n"
        assert schema.current(empty.migrator_url, schema.heads()) == schema.heads()
        assert schema.nobody_yet(empty.migrator_url)


def test_a_database_that_is_not_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    result = CliRunner().invoke(app, ["migrate", "--url", "postgresql://nobody:secret@127.0.0.1:9/none"])

    assert result.exit_code == 1  # the runner does not pass through `main`
    assert "failed" in str(result.exception)
    assert "secret" not in str(result.exception)
