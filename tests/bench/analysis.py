"""What an analysis costs beside the engines: plan, shards, merge; whole and after one edit. Prints figures.

.venv/bin/python -m tests.bench.analysis [FOLDER]      (default: the standard library of this Python)
"""

from __future__ import annotations

import json
import resource
import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from emulator.services.testing import postgres_for_tests, services_for_tests
from functions.analysis import bootstrap
from infra.postgres import migrate
from tests.integration.analysis.conftest import prepare
from tests.integration.analysis.house import WORK, Counted, House

MOST_FILES = 7_000


def main(folder: Path) -> None:
    files = read(folder)
    lines = sum(data.count(b"\n") for data in files.values())
    print(f"{folder}: {len(files)} files, {lines} lines")
    with house() as here:
        first = run(here, files, "whole")
        path = max((path for path in files if path.endswith(".py")), key=lambda path: len(files[path]) % 50_000)
        edited = files | {path: files[path] + b"\n\ndef added_by_the_bench():\n    return added_by_the_bench()\n"}
        second = run(here, edited, f"after an edit of {path}")
        print(f"the edit cost {second / first:.1%} of the whole, engines included")
        pages(here)


def read(folder: Path) -> Mapping[str, bytes]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix not in (".so", ".a")]
    kept = [path for path in paths if not {"site-packages", "__pycache__"} & set(path.relative_to(folder).parts)]
    return {str(path.relative_to(folder)): path.read_bytes() for path in kept[:MOST_FILES]}


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
    print(f"  {shards} shards, {here.engines.files} files through the engines, total {total:.2f} s CPU")
    print(
        f"  {done.state}, graph {done.graph}: {dict(done.totals)} {done.findings_by_severity} new {done.new_findings}"
    )
    print(f"  graph {here.client.get(f'/v1/analyses/{done.id}/graph').json}")
    skipped = here.items(f"/v1/analyses/{done.id}/files?status=skipped")
    print(f"  dead letters: {here.dead.reasons}, skipped: {dict(Counter(one['reason'] for one in skipped))}")
    return total


@contextmanager
def measured(title: str) -> Iterator[list[float]]:
    cost: list[float] = []
    started, before = time.perf_counter(), cpu()
    yield cost
    cost.append(cpu() - before)
    print(f"{title}: {cost[0]:.2f} s CPU, {time.perf_counter() - started:.2f} s wall, peak RSS {peak_mb()} MB")


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
        print(f"GET {path.partition(newest)[2][:40] or 'analysis'}: {(time.perf_counter() - started) * 1000:.1f} ms")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else sysconfig.get_path("stdlib")))
