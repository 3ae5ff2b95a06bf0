"""Reviews code twice, each time with nothing known, and compares findings, their ids, measures and the graph.

Usage: python -m tests.bench.twice FOLDER...
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import time
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from kernel import observe
from tests.bench.analysis import house, read, say
from tests.integration.analysis.graphs import graph
from tests.integration.analysis.house import House

PROJECT = "01890000-0000-7000-8000-0000000000f1"


def main() -> None:
    known = argparse.ArgumentParser(description=__doc__)
    known.add_argument("folders", nargs="+", type=Path)
    for folder in known.parse_args().folders:
        files = read(folder, 1)
        one, other = run(files), run(files)
        verdict = "identical" if one == other else f"DIFFERENT in {[name for name in one if one[name] != other[name]]}"
        say(f"{folder.name}: {len(files)} files, {verdict}: {one}")


def run(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Hashes of what an installation of its own says about these files."""
    began = time.perf_counter()
    with house() as here:
        done = here.publish(files, project=PROJECT)
        assert done.state == "completed", done
        assert here.dead.reasons == []
        listed = [stable(one) for one in here.items(f"/v1/analyses/{done.id}/findings")]
        measured = here.items(f"/v1/analyses/{done.id}/files")
        nodes, edges = graph(here, PROJECT)
        return {
            "findings": (len(listed), digest(listed)),
            "files": (len(measured), digest(measured)),
            "measures": digest(done.measures),
            "graph": (len(nodes), len(edges), digest(sorted(map(str, nodes)) + sorted(map(str, edges)))),
        } | told(here, done, time.perf_counter() - began)


def told(here: House, done: Any, took_s: float) -> dict[str, Any]:
    say(f"  {dict(done.totals)} in {took_s:.1f} s, {done.findings_by_severity}")
    return {"state": done.state, "graph_state": done.graph}


def stable(finding: Mapping[str, Any]) -> dict[str, Any]:
    """Without the ids of the version and the moment."""
    return {name: value for name, value in finding.items() if name != "first_seen"}


def digest(document: object) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True, default=str).encode()).hexdigest()[:16]


if __name__ == "__main__":
    observe.log.logger.setLevel("ERROR")
    with redirect_stdout(io.StringIO()):
        main()
