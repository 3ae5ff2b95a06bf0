"""Pytest plugin: the fixture `emulator` serves a template inside the test's process, and tests tell it what happens.

Importing this module costs nothing: the emulator is imported by the first test that asks for it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from emulator.pytest_plugin.emulated import Emulated
    from emulator.pytest_plugin.factory import EmulatorFactory

_INI = "emulator_template"
_MARKER = (
    "emulator(template=None, parameters=None, **options): what the fixture `emulator` of a test serves; "
    "options are those of `emulator.options.Options`"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(
        _INI, "SAM template that the fixture `emulator` serves, from the root folder", default="template.yaml"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture(scope="session")
def emulator_factory(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> EmulatorFactory:
    """Start emulators: `with emulator_factory(template, parameters={…}) as emulator`, each with nothing in it."""
    from emulator.pytest_plugin.factory import EmulatorFactory

    root = pytestconfig.rootpath
    return EmulatorFactory(root / Path(pytestconfig.getini(_INI)), tmp_path_factory.mktemp("emulator"))


@pytest.fixture
def emulator(request: pytest.FixtureRequest, emulator_factory: EmulatorFactory) -> Iterator[Emulated]:
    """Serve the project's template, or that of the marker `emulator`, in this process; each test has a fresh one."""
    from emulator.template import TemplateError

    marker = request.node.get_closest_marker("emulator")
    given = dict(marker.kwargs) if marker else {}
    template = marker.args[0] if marker and marker.args else given.pop("template", None)
    place = request.config.rootpath / template if template else None
    with contextlib.ExitStack() as parts:
        try:
            started = parts.enter_context(emulator_factory(place, **given))
        except TemplateError as wrong:
            pytest.fail(f"the fixture emulator: {wrong}", pytrace=False)
        yield started
