from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.platform import Platform, platform


@pytest.fixture(scope="session")
def house() -> Iterator[Platform]:
    """One running platform for all tests that do not kill it, with its first owner."""
    with platform() as running:
        running.register_owner()
        yield running


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small code base with known faults."""
    (tmp_path / "shop").mkdir()
    files = {
        "shop/__init__.py": "",
        "shop/cart.py": "from shop import prices\n\n\ndef total(items):\n    return sum(prices.of(item) for item in items)\n",
        "shop/prices.py": "def of(item):\n    return undefined_name[item]\n",
        "shop/run.py": "import subprocess\n\n\ndef run(command):\n    return subprocess.call(command, shell=True)\n",
        "web/app.js": "import { total } from './total.js'\n\nexport function show(items) {\n  return total(items)\n}\n",
        "web/total.js": "export function total(items) {\n  return items.length\n}\n",
        "README.md": "# Shop\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path
