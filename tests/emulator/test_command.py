"""`python -m emulator`."""

from __future__ import annotations

import pytest

from emulator.__main__ import main
from emulator.server import Emulator
from emulator.template import TemplateError
from tests.emulator.conftest import BASIC, options


def test_routes_are_listed_with_their_handlers(capsys):
    assert main(["--template", str(BASIC), "routes"]) == 0

    assert "GET     /hello" in capsys.readouterr().out


def test_what_is_wrong_is_said_in_one_sentence(capsys, tmp_path):
    assert main(["--template", str(tmp_path / "none.yaml"), "routes"]) == 2

    assert capsys.readouterr().err == f"emulator: {tmp_path / 'none.yaml'}: no such file\n"


def test_an_unknown_domain_is_refused(tmp_path):
    with pytest.raises(TemplateError, match="no function is tagged with the domain nope"):
        Emulator(options(tmp_path, domains=("nope",)))
