"""What it costs to tell which finding is which problem, in a project of 10,000 files. Prints figures.

Usage: python -m tests.bench.tracking [--files N]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from emulator.services.testing import postgres_for_tests
from functions.analysis import bootstrap
from functions.analysis.adapters import work
from functions.analysis.ports import Deps
from infra.postgres import migrate
from kernel.settings import Settings
from tests.conftest import SECRET
from tests.integration.analysis.ledger import Ledger

say = partial(print, file=sys.stdout, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    count = parser.parse_args().files
    with postgres_for_tests() as postgres:
        migrate.upgrade(postgres.migrator_url)
        settings = Settings(stage="test", database_url=postgres.app_url, jwt_secret_key=SECRET, s3_endpoint="http://s3")
        deps = replace(bootstrap.connect(settings), work=partial(work, bootstrap.database(settings)))
        run(deps, {f"src/app{n % 100}/part{n}.py": source(n) for n in range(count)})


def source(number: int) -> str:
    """Two findings in twelve lines."""
    return "\n".join(
        f"def f{n}_{number}(x):\n  a{number} = x\n  b = {n}\n  bad(a{number})\n  c = {n}\n  return c" for n in range(2)
    )


def run(deps: Deps, files: Mapping[str, str]) -> None:
    ledger = Ledger(deps, "01890000-0000-7000-8000-00000000000a")
    path = "src/app1/part1.py"
    edited = {**files, path: files[path] + "\nbad()\n"}
    step(ledger, "the first version", files)
    step(ledger, "the same again", files)
    step(ledger, "an edit of one file", edited)
    step(ledger, "another edit", {**edited, path: edited[path] + "bad(2)\n"})
    step(ledger, "a folder that moved", {name.replace("src/", "lib/"): text for name, text in edited.items()})
    ledger.afresh = True
    step(ledger, "new engines", {name.replace("src/", "lib/"): text for name, text in edited.items()})


def step(ledger: Ledger, what: str, files: Mapping[str, str]) -> None:
    analysis = ledger.add(files)
    began = time.perf_counter()
    done = ledger.track(analysis)
    spent = time.perf_counter() - began
    found = sum(done.findings_by_severity.values())
    say(f"{what}: {spent * 1000:.0f} ms; {found} findings, {done.new_findings} new, {done.fixed_findings} fixed")


if __name__ == "__main__":
    main()
