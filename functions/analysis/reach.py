"""What a change can reach, step by step against the direction of use: ranked, capped, and the same each time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from functions.analysis.graph import EdgeKind, Link, Symbol, SymbolNode
from functions.analysis.parts import is_test
from functions.analysis.stores import Asked
from kernel.errors import NotFound

SHOWN = 100  # in an answer
VISITED = 1_000  # files or symbols looked at for an answer
LINKS = 20_000  # edges followed in one step


class Reached(NamedTuple):
    """A file, or a symbol of it, that uses what changes over `distance` steps; `dependants` use it directly."""

    path: str
    symbol: str
    distance: int
    dependants: int
    through: tuple[EdgeKind, ...]


class Impact(NamedTuple):
    """`tests` are paths of the tests among all that was reached, the nearest first."""

    items: list[Reached]
    tests: list[str]
    reached: int
    truncated: bool


def impact_of_file(asked: Asked, path: str, depth: int) -> Impact:
    """Raises NotFound, Unavailable."""
    require_file(asked, path)
    walk = _Walk(Symbol(path))
    for distance in range(1, depth + 1):
        users = asked.users([one.path for one in walk.edge], VISITED + 1)
        walk.take(distance, {Symbol(user): kinds for user, kinds in users.items()}, cut=len(users) > VISITED)
    return walk.impact(lambda nodes: {Symbol(one): n for one, n in asked.dependants([n.path for n in nodes]).items()})


def impact_of_symbol(asked: Asked, path: str, name: str, depth: int) -> Impact:
    """Of a class, its members count with it. Raises NotFound, Unavailable."""
    walk = _Walk(*members(asked, path, name))
    for distance in range(1, depth + 1):
        links = asked.into(walk.edge, LINKS)
        users: dict[Symbol, tuple[EdgeKind, ...]] = {}
        for link in links:
            users[link.ends[0]] = tuple(sorted({*users.get(link.ends[0], ()), link.kind}))
        walk.take(distance, users, cut=len(links) >= LINKS)
    return walk.impact(lambda nodes: _counted(asked.into(nodes, LINKS)))


def _counted(links: Iterable[Link]) -> Counter[Symbol]:
    return Counter(target for _, target in {link.ends for link in links})


def require_file(asked: Asked, path: str) -> str:
    """The file's language. Raises NotFound."""
    language = asked.language(path)
    if language is None:
        raise NotFound("the graph has no such file", path=path)
    return language


def members(asked: Asked, path: str, name: str) -> list[Symbol]:
    """The symbol and what lies in it. Raises NotFound."""
    found = [Symbol(*one[:2]) for one in asked.symbols(path, LINKS) if f"{one.name}.".startswith(f"{name}.")]
    if Symbol(path, name) not in found:
        raise NotFound("the graph has no such symbol", path=path, symbol=name)
    return found


def named(asked: Asked, path: str, name: str) -> SymbolNode:
    """Raises NotFound."""
    node = next((one for one in asked.symbols(path, LINKS) if one.name == name), None)
    if node is None:
        raise NotFound("the graph has no such symbol", path=path, symbol=name)
    return node


class _Walk:
    """A search in breadth: `edge` is what was found last, and is to be asked about next."""

    def __init__(self, *start: Symbol) -> None:
        self._start = set(start)
        self.edge: list[Symbol] = sorted(start)
        self._found: dict[Symbol, tuple[int, tuple[EdgeKind, ...]]] = {}
        self._cut = False

    def take(self, distance: int, users: Mapping[Symbol, tuple[EdgeKind, ...]], *, cut: bool) -> None:
        fresh = sorted(one for one in users if one not in self._start and one not in self._found)
        self.edge = fresh[: VISITED - len(self._found)]
        self._found |= {one: (distance, users[one]) for one in self.edge}
        self._cut = self._cut or cut or len(self.edge) < len(fresh)

    def impact(self, dependants: Callable[[list[Symbol]], Mapping[Symbol, int]]) -> Impact:
        """Dependants are counted of those that may be shown: up to the distance at which enough are found."""
        nearest = sorted((distance, one) for one, (distance, _) in self._found.items())
        furthest = nearest[:SHOWN][-1][0] if nearest else 0
        shown = [one for distance, one in nearest if distance <= furthest]
        counts = dependants(shown) if shown else {}
        reached = [Reached(*one, self._found[one][0], counts.get(one, 0), self._found[one][1]) for one in shown]
        ranked = sorted(reached, key=lambda one: (one.distance, -one.dependants, one.path, one.symbol))
        tests = list(dict.fromkeys(one.path for _, one in nearest if is_test(one.path)))
        truncated = self._cut or max(len(nearest), len(tests)) > SHOWN
        return Impact(ranked[:SHOWN], tests[:SHOWN], len(nearest), truncated)


class Called(NamedTuple):
    """Who calls a symbol; `symbol` is empty for the module level of a file."""

    path: str
    symbol: str
    times: int


def callers(asked: Asked, path: str, name: str) -> tuple[list[Called], bool]:
    """Callers of exactly this symbol, the most frequent first, and whether there are more. Raises NotFound."""
    node = named(asked, path, name)
    links = asked.into([Symbol(node.path, node.name)], LINKS)
    found = [Called(link.path, link.source, link.times) for link in links if link.kind is EdgeKind.CALLS]
    ranked = sorted(found, key=lambda one: (-one.times, one.path, one.symbol))
    return ranked[:SHOWN], len(ranked) > SHOWN


class Cycle(NamedTuple):
    """Files or folders that all depend on each other; `example` is a shortest way round, first and last the same."""

    size: int
    members: list[str]
    example: list[str]


def describe(members: Sequence[str], edges: Iterable[tuple[str, str]]) -> Cycle:
    inside, onward = set(members), defaultdict(list)
    for source, target in sorted(set(edges)):
        if source in inside and target in inside and source != target:
            onward[source].append(target)
    return Cycle(len(members), list(members[:SHOWN]), _round(members[0], onward))


def _round(start: str, onward: dict[str, list[str]]) -> list[str]:
    before: dict[str, str] = {}
    edge = [start]
    while start not in before:
        edge = [target for source in edge for target in onward[source] if before.setdefault(target, source) is source]
    way = [start]
    while len(way) == 1 or way[-1] != start:
        way.append(before[way[-1]])
    return way[::-1]
