"""The table of what is emulated names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
TABLE = (ROOT / "emulator" / "parity.md").read_text()


def test_every_test_that_the_table_names_is_there():
    named = set(re.findall(r"\b(?:unit/)?test_\w+", TABLE))

    folders = {name: ROOT / "tests" / ("unit/emulator" if name.startswith("unit/") else "emulator") for name in named}
    missing = {name for name, folder in folders.items() if not (folder / f"{name.removeprefix('unit/')}.py").is_file()}

    assert len(named) > 50
    assert missing == set()


def test_every_row_of_what_is_emulated_names_a_test():
    emulated = TABLE.partition("## Different on purpose")[0]
    rows = [row for row in emulated.splitlines() if row.startswith("| ") and not row.startswith("| area |")]

    assert len(rows) > 40
    assert [row for row in rows if "test_" not in row] == []
