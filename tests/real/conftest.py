"""The real services of `make test-real`; what could not be had there is skipped with its name."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real() -> Mapping[str, str]:
    """The settings by which the real services are reached."""
    told = os.environ.get("CODEREV_TEST_SERVICES")
    if told is None:
        pytest.skip("no real services: say `make test-real`")
    found: dict[str, str] = json.loads(Path(told).read_text())
    return found


@pytest.fixture
def needs(real: Mapping[str, str]):
    """`needs("OPA_URL")`: that setting, or a skip that names it."""

    def setting(name: str) -> str:
        if name not in real:
            pytest.skip(f"{name} could not be had here")
        return real[name]

    return setting
