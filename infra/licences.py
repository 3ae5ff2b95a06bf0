"""`python -m infra.licences [--check]`: write, or compare, the list of third-party packages and their licences."""

from __future__ import annotations

import argparse
import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIST = ROOT / "THIRD_PARTY.md"
LOCKS = ("base", "analysis", "emulator", "embedded", "router", "nodeps")
HEAD = """# Third-party packages

What `make run` installs, with the licence that each package states. `make check` keeps this list; nothing here is
combined into what coderev publishes.

| package | version | licence |
|---|---|---|
"""


def locked() -> dict[str, str]:
    """Name and version of every package in the locks of the product."""
    lines = "\n".join((ROOT / "requirements" / f"{lock}.txt").read_text() for lock in LOCKS)
    return dict(sorted(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lines, re.MULTILINE)))


def licence(package: str) -> str:
    """The licence that an installed package states, or that it is for other platforms."""
    try:
        about = metadata(package)
    except PackageNotFoundError:
        return "(another platform)"
    stated = (about.get_all("License-Expression") or [""])[0]
    classified = [
        line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or [] if line.startswith("License ::")
    ]
    written = (about.get_all("License") or [""])[0].strip().splitlines()
    return stated or ", ".join(sorted(classified)) or (written[0][:60] if written else "not stated")


def text() -> str:
    return HEAD + "".join(f"| {name} | {version} | {licence(name)} |\n" for name, version in locked().items())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.licences", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="exit with 1 if the list names other packages than the locks"
    )
    if not parser.parse_args().check:
        LIST.write_text(text())
        return 0
    listed = dict(re.findall(r"^\| (\S+) \| (\S+) \|", LIST.read_text(), re.MULTILINE)) if LIST.exists() else {}
    listed.pop("package", None)
    if listed == locked():
        return 0
    sys.stderr.write("THIRD_PARTY.md does not list what the locks hold: run .venv/bin/python -m infra.licences\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
