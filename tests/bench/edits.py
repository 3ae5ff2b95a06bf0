"""Random edits of a large repository: what each costs, and whether the result is that of a look at everything.

Usage: python -m tests.bench.edits [--files 10000] [--steps 200] [--compare 50]

Every `--compare` steps a project that has never been seen gets the same files: findings and graph must be equal. Lifecycles
are compared step by step on small repositories (tests/integration/analysis/test_edits.py).
"""

from __future__ import annotations

import argparse
import io
import random
import statistics
import time
from collections.abc import Mapping
from contextlib import redirect_stdout

from kernel import observe
from kernel.ids import new_id
from tests.bench.analysis import cpu, house, say
from tests.integration.analysis.graphs import graph, wiped
from tests.integration.analysis.house import House

Files = dict[str, bytes]


def main() -> None:
    known = argparse.ArgumentParser(description=__doc__)
    known.add_argument("--files", type=int, default=10_000)
    known.add_argument("--steps", type=int, default=200)
    known.add_argument("--compare", type=int, default=50)
    given = known.parse_args()
    chance, files = random.Random(4), repository(given.files)
    with house() as here:
        project = new_id()
        cold, _ = published(here, project, files, "cold")
        costs, walls = [], []
        for step in range(1, given.steps + 1):
            files = edited(chance, files, step)
            used, took = published(here, project, files, f"step {step}")
            costs.append(used / cold)
            walls.append(took)
            if step % given.compare == 0:
                compare(here, project, files, step)
        say(f"CPU of an edit: median {statistics.median(costs):.2%}, worst {max(costs):.2%} of {cold:.1f} s")
        say(f"wall of an edit: median {statistics.median(walls):.2f} s, worst {max(walls):.2f} s")


def repository(count: int) -> Files:
    """Packages of twenty modules that import each other, each with something to find."""
    packages = max(count // 20, 1)
    files: Files = {f"src/p{number}/__init__.py": b"" for number in range(packages)}
    for number in range(count - packages):
        package, other = number % packages, (number * 7 + 1) % (count - packages)
        files[f"src/p{package}/m{number}.py"] = source(number, other, other % packages)
    return files


def source(number: int, other: int, package: int) -> bytes:
    body = "".join(f"    if value > {limit}:\n        value -= {number % 97}\n" for limit in range(6))
    return (
        f"import os\nfrom p{package}.m{other} import work{other}\n\n\n"
        f"class Thing{number}:\n    def go(self, value):\n        return work{other}(value)\n\n\n"
        f"def work{number}(value):\n{body}    return Thing{number}().go(value) + undefined{number}\n"
    ).encode()


def edited(chance: random.Random, files: Mapping[str, bytes], step: int) -> Files:
    """One file changed, added, removed or renamed; now and then a folder is renamed."""
    after = dict(files)
    path = chance.choice(sorted(after))
    folder, _, name = path.rpartition("/")
    match chance.randrange(7):
        case 0:
            del after[path]
        case 1:
            after[f"{folder}/moved{step}_{name}"] = after.pop(path)
        case 2:
            after[path] = b"\n\n" + after[path]
        case 3:
            after[path] = after[path].replace(b"def work", b"def job", 1)
        case 4:
            after[f"{folder}/extra{step}.py"] = source(step, step * 3, 0)
        case 5:
            after[path] = after[path].replace(b"import os\n", b"import sys\n\nprint(eval('1'))\n", 1)
        case 6 if step % 5 == 0:
            inside = [other for other in after if other.startswith(f"{folder}/")]
            after |= {f"{folder}_{step}/{other.rpartition('/')[2]}": after.pop(other) for other in inside}
        case _:
            after[path] += b"\n\ndef more(x):\n    return x\n"
    return after


def published(here: House, project: str, files: Mapping[str, bytes], title: str) -> tuple[float, float]:
    """CPU seconds of this process and its children, and seconds of the wall, of the analysis alone."""
    event = here.published(files, project=project)
    before, began = cpu(), time.perf_counter()
    assert here.plan(event) == []
    assert here.drain() == []
    used, took = cpu() - before, time.perf_counter() - began
    say(f"{title}: {used:.2f} s CPU, {took:.2f} s wall, {len(files)} files")
    return used, took


def compare(here: House, project: str, files: Mapping[str, bytes], step: int) -> None:
    fresh = new_id()
    published(here, fresh, files, f"step {step}, unseen")
    assert found(here, project) == found(here, fresh), f"findings differ at step {step}"
    assert graph(here, project) == graph(here, fresh), f"graphs differ at step {step}"
    say(f"step {step}: findings and graph are equal")
    wiped(here, fresh)


def found(here: House, project: str) -> list[tuple[object, ...]]:
    (newest,) = here.client.get(f"/v1/analyses?project_id={project}&limit=1").json["items"]
    listed = here.items(f"/v1/analyses/{newest['id']}/findings")
    assert len(listed) == sum(newest["findings_by_severity"].values())
    return sorted((one["path"], one["line"], one["column"], one["rule"], one["fingerprint"]) for one in listed)


if __name__ == "__main__":
    observe.log.logger.setLevel("ERROR")
    with redirect_stdout(io.StringIO()):
        main()
