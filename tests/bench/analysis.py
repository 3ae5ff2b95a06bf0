"""What an analysis costs, stage by stage, whole and after one edit, beside radon on the same files. Prints figures.

Usage: python -m tests.bench.analysis [FOLDER] [--sample N]     (default: every 3rd file of the standard library)
"""

from __future__ import annotations

import argparse
import ast
import io
import json
import resource
import sys
import sysconfig
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from radon.visitors import ComplexityVisitor

from emulator.services.testing import postgres_for_tests, services_for_tests
from functions.analysis import bootstrap
from infra.postgres import migrate
from kernel import observe
from tests.integration.analysis.conftest import prepare
from tests.integration.analysis.house import WORK, Counted, House

MOST_FILES = 7_000
say = partial(print, file=sys.stdout, flush=True)  # metrics, which go where stdout is led, are not shown


def main() -> None:
    folder, sample = arguments()
    files = read(folder, sample)
    lines = sum(data.count(b"\n") for data in files.values())
    say(f"{folder}: {len(files)} files, {lines} lines")
    with house() as here:
        first = run(here, files, "whole")
        path = max((path for path in files if path.endswith(".py")), key=lambda path: len(files[path]) % 50_000)
        edited = files | {path: files[path] + b"\n\ndef added_by_the_bench():\n    return added_by_the_bench()\n"}
        second = run(here, edited, f"after an edit of {path}")
        say(f"the edit cost {second / first:.1%} of the whole, engines included")
        pages(here)
    radon(files, first)


def arguments() -> tuple[Path, int]:
    known = argparse.ArgumentParser(description=__doc__)
    known.add_argument("folder", nargs="?", type=Path, default=Path(sysconfig.get_path("stdlib")))
    known.add_argument("--sample", type=int, default=3, help="take every Nth file")
    given = known.parse_args()
    return given.folder, given.sample


def read(folder: Path, sample: int) -> Mapping[str, bytes]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix not in (".so", ".a")]
    kept = [path for path in paths if not {"site-packages", "__pycache__"} & set(path.relative_to(folder).parts)]
    return {str(path.relative_to(folder)): path.read_bytes() for path in kept[:MOST_FILES][::sample]}


@contextmanager
def house() -> Iterator[House]:
    with postgres_for_tests() as postgres, services_for_tests("objects", "graph") as stores:
        migrate.upgrade(postgres.migrator_url, domains=["analysis"])
        settings = prepare(postgres, stores)
        deps = bootstrap.connect(settings)
        admin = sa.create_engine(sa.make_url(postgres.admin_url).set(drivername="postgresql+psycopg"))
        yield House(replace(deps, engines=Counted(deps.engines)), admin)
        deps.engines.rest()


def run(here: House, files: Mapping[str, bytes], title: str) -> float:
    """CPU seconds of this process and its children; the services' own are not in it."""
    event = here.published(files)
    here.engines.files = 0
    with measured(f"{title}: plan") as plan:
        assert here.plan(event) == []
    shards, merges = 0, []
    with measured(f"{title}: shards") as work:
        for message in here.sent(WORK):
            if json.loads(message)["type"] == "merge.ready":
                merges.append(message)
                continue
            assert here.work(message) == []
            shards += 1
        merges += here.sent(WORK)
    with measured(f"{title}: merge") as merge:
        for message in merges:
            assert here.work(message) == []
    done = here.of_version(json.loads(event)["subject"])
    total = plan[0] + work[0] + merge[0]
    say(f"  {shards} shards, {here.engines.files} files through the engines, total {total:.2f} s CPU")
    say(f"  {done.state}, graph {done.graph}: {dict(done.totals)} {done.findings_by_severity} new {done.new_findings}")
    say(f"  graph {here.client.get(f'/v1/analyses/{done.id}/graph').json}")
    skipped = here.items(f"/v1/analyses/{done.id}/files?status=skipped")
    say(f"  dead letters: {here.dead.reasons}, skipped: {dict(Counter(one['reason'] for one in skipped))}")
    return total


def radon(files: Mapping[str, bytes], ours: float) -> None:
    """Its complexity alone, without storing anything."""
    started = cpu()
    for path, data in files.items():
        if path.endswith(".py"):
            with suppress(SyntaxError, ValueError, RecursionError), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ComplexityVisitor.from_ast(ast.parse(data))
    say(
        f"radon, complexity of the Python files only: {cpu() - started:.2f} s CPU; the whole analysis: {ours:.2f} s CPU"
    )


@contextmanager
def measured(title: str) -> Iterator[list[float]]:
    cost: list[float] = []
    started, before = time.perf_counter(), cpu()
    yield cost
    cost.append(cpu() - before)
    say(f"{title}: {cost[0]:.2f} s CPU, {time.perf_counter() - started:.2f} s wall, peak RSS {peak_mb()} MB")


def cpu() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def pages(here: House) -> None:
    newest = here.client.get("/v1/analyses?limit=1").json["items"][0]["id"]
    first = f"/v1/analyses/{newest}/findings?limit=50"
    cursor = here.client.get(first).json["next_cursor"]
    for path in (first, f"{first}&cursor={cursor}", f"{first}&severity=low", f"/v1/analyses/{newest}"):
        started = time.perf_counter()
        here.client.get(path)
        say(f"GET {path.partition(newest)[2][:40] or 'analysis'}: {(time.perf_counter() - started) * 1000:.1f} ms")


if __name__ == "__main__":
    observe.log.logger.setLevel("ERROR")
    with redirect_stdout(io.StringIO()):
        main()
