"""What the graph store takes: a graph of django's size written, asked and followed. Prints figures.

Usage: python -m tests.bench.graph     (the store of CODEREV_TEST_SERVICES, as `python -m infra.real run` sets it, or
the embedded one)
"""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from emulator.services.testing import services_for_tests
from functions.analysis import reach
from functions.analysis.adapters.components import RustComponents
from functions.analysis.adapters.neo4j import Bounds, Neo4jGraph
from functions.analysis.graph import Difference, EdgeKind, Part, Scope, View, line_of
from functions.analysis.resolution.linking import Linked
from functions.analysis.stores import Asked
from kernel import resources

FILES, SYMBOLS, CALLS, IMPORTS, BASES = 2_800, 40_000, 60_000, 14_000, 6_000  # as django 5's
ORG, PROJECT = "bench", "graph"


def main() -> None:
    parts = project()
    with store() as graph:
        graph.ready()
        scope = Scope(ORG, PROJECT)
        whole = difference(parts, fresh=True)
        with measured("written whole", rows(whole)):
            graph.write(scope, whole, nothing)
        one_file(graph, scope, parts)
        branch(graph, parts)
        for view in (View(scope), View(Scope(ORG, PROJECT, line_of("b")), scope, tuple(sorted(parts)[:30]))):
            ask(graph, view, sorted(parts))
        with measured("wiped", rows(whole)):
            graph.wipe(ORG, PROJECT)
    print(f"peak RSS of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


@contextmanager
def store() -> Iterator[Neo4jGraph]:
    with services_for_tests("graph") as running:
        found = running.environment
        driver = resources._neo4j(found["NEO4J_URI"], found["NEO4J_USER"], found["NEO4J_PASSWORD"])
        graph = Neo4jGraph(lambda: driver, nothing, Bounds(change=600.0, answer=60.0))
        graph.wipe(ORG, PROJECT)
        yield graph
        driver.close()


def nothing() -> None:
    """Nobody holds a lease here."""


def project() -> dict[str, Part]:
    chance = random.Random(1)
    paths = [f"pkg{number % 150}/mod{number}.py" for number in range(FILES)]
    symbols: dict[str, list[tuple[str, str, int, int]]] = {path: [] for path in paths}
    for line in range(SYMBOLS):
        symbols[chance.choice(paths)].append((f"Thing{line}.go", "function", line, line + 5))
    imports: dict[str, list[str]] = {path: [] for path in paths}
    for _ in range(IMPORTS):
        imports[chance.choice(paths)].append(paths[int(len(paths) * chance.random() ** 3)])  # some are used by many
    calls: dict[str, dict[tuple[str, str, str], int]] = {path: {} for path in paths}
    bases: dict[str, set[tuple[str, str, str]]] = {path: set() for path in paths}
    for number in range(CALLS + BASES):
        path = chance.choice(paths)
        target = chance.choice([path, *imports[path]])  # calls go where imports go
        if symbols[path] and symbols[target]:
            caller, callee = chance.choice(symbols[path])[0], chance.choice(symbols[target])[0]
            if number < CALLS:
                calls[path][caller, target, callee] = 1
            else:
                bases[path].add((caller, target, callee))
    return {path: part(path, symbols[path], imports[path], calls[path], bases[path]) for path in paths}


def part(
    path: str,
    symbols: list[tuple[str, str, int, int]],
    imports: list[str],
    calls: dict[tuple[str, str, str], int],
    bases: set[tuple[str, str, str]],
) -> Part:
    linked = Linked(
        "python",
        tuple(symbols),
        tuple(sorted({*imports} - {path})),
        tuple((*call, times) for call, times in sorted(calls.items())),
        0,
        0,
        inherits=tuple(sorted(bases)),
    )
    return Part(linked, owners=("@team",))


def difference(parts: dict[str, Part], *, fresh: bool) -> Difference:
    found = Difference(fresh)
    for path, one in parts.items():
        found.add(path, None, one)
    found.move_folders((), parts)
    return found


def rows(one: Difference) -> int:
    """Nodes and edges."""
    nodes = (
        len(one.files)
        + len(one.symbols)
        + len(one.folders)
        + len({e.target_path for e in one.edges[EdgeKind.OWNED_BY]})
    )
    return nodes + len(one.files) + len(one.symbols) + sum(map(len, one.edges.values()))


def one_file(graph: Neo4jGraph, scope: Scope, parts: dict[str, Part]) -> None:
    path = sorted(parts)[100]
    before = parts[path]
    moved = Part(Linked("python", before.linked.symbols[1:], before.linked.imports, (), 0, 0), owners=("@other",))
    change = Difference()
    change.add(path, before, moved)
    with measured("one file changed", rows(change)):
        graph.write(scope, change, nothing)
    back = Difference()
    back.add(path, moved, before)
    graph.write(scope, back, nothing)


def branch(graph: Neo4jGraph, parts: dict[str, Part]) -> None:
    overlay = difference({path: parts[path] for path in sorted(parts)[:30]}, fresh=True)
    with measured("a branch of 30 files", rows(overlay)):
        graph.write(Scope(ORG, PROJECT, line_of("b")), overlay, nothing)


def ask(graph: Neo4jGraph, view: View, paths: list[str]) -> None:
    title = "branch" if view.base else "main"
    used, quiet = "pkg0/mod0.py", paths[1_500]
    name = graph.ask(view).symbols(used, 10)[0].name
    questions: dict[str, Callable[[Asked], object]] = {
        "impact of the most used file, depth 3": lambda asked: reach.impact_of_file(asked, used, 3),
        "impact of the most used file, depth 6": lambda asked: reach.impact_of_file(asked, used, 6),
        "impact of a quiet file, depth 3": lambda asked: reach.impact_of_file(asked, quiet, 3),
        "impact of a symbol, depth 3": lambda asked: reach.impact_of_symbol(asked, used, name, 3),
        "callers": lambda asked: reach.callers(asked, used, name),
        "cycles": lambda asked: RustComponents().cycles(asked.imports(150_000)),
        "symbols without uses": lambda asked: asked.unused(["function"], 2_000),
    }
    for question, answer in questions.items():
        took = []
        for _ in range(3):
            started = time.perf_counter()
            answer(graph.ask(view))
            took.append((time.perf_counter() - started) * 1_000)
        print(f"  {title}: {question}: first {took[0]:.0f} ms, then {min(took[1:]):.0f} ms")


@contextmanager
def measured(title: str, many: int) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds = time.perf_counter() - started
    print(f"{title}: {many:,} rows in {seconds:.2f} s, {many / seconds:,.0f} rows/s", flush=True)


if __name__ == "__main__":
    main()
