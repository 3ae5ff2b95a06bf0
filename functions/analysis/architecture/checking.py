"""Whether imports keep contracts: chains of imports are found as import-linter finds them.

A chain counts from where it leaves the importing module, by its shortest way, and never leads through another
module that the contract names, whose own imports are judged by themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations, product
from typing import NamedTuple

from functions.analysis.architecture.contracts import Contract, Contracts, Layer, Refused
from functions.analysis.architecture.modules import Names, is_under, pattern

MOST_VIOLATIONS = 200  # of one contract
_MOST_STEPS = 3_000_000  # edges looked at for all contracts together: seconds


class Violation(NamedTuple):
    """`chain` are paths from the importing file on; a library at its end stands there by its name."""

    importer: str
    imported: str
    chain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one contract says. `problems` are sentences about the contract itself."""

    contract: Contract
    violations: tuple[Violation, ...] = ()
    stale: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    truncated: bool = False

    @property
    def kept(self) -> bool:
        return not self.violations and not self.problems and not (self.stale and self.contract.stale_is_error)


def check(
    contracts: Contracts, edges: Iterable[tuple[str, str]], externals: Mapping[str, Sequence[str]], paths: Iterable[str]
) -> list[Verdict]:
    """Judge the imports of a version; `externals` are modules that are no files, by importer.

    Raises:
        Refused: it would take too long.
    """
    names = Names(paths, contracts.roots)
    budget = _Budget(_MOST_STEPS)
    everything = sorted(set(edges))
    return [_Check(names, everything, externals, one, budget).verdict() for one in contracts.contracts]


@dataclass(slots=True)
class _Budget:
    left: int

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise Refused("the contracts take too long on so many imports: name fewer modules")


class _Check:
    """One contract on the imports that it does not ignore."""

    def __init__(
        self,
        names: Names,
        edges: Sequence[tuple[str, str]],
        externals: Mapping[str, Sequence[str]],
        contract: Contract,
        budget: _Budget,
    ) -> None:
        self._names, self._contract, self._budget = names, contract, budget
        self._stale: list[str] = []
        self._problems: list[str] = []
        self._libraries: dict[str, str] = {}
        self._back: dict[str, list[str]] = defaultdict(list)
        for importer, imported in self._kept(edges, externals):
            self._back[imported].append(importer)

    def verdict(self) -> Verdict:
        kinds = {"layers": self._layers, "forbidden": self._forbidden, "independence": self._independence}
        found = list(dict.fromkeys(kinds[self._contract.type]()))
        found.sort(key=lambda one: (one.chain, one.importer, one.imported))
        kept = tuple(found[:MOST_VIOLATIONS])
        return Verdict(self._contract, kept, tuple(self._stale), tuple(self._problems), len(found) > MOST_VIOLATIONS)

    def _kept(
        self, edges: Sequence[tuple[str, str]], externals: Mapping[str, Sequence[str]]
    ) -> Iterator[tuple[str, str]]:
        """Libraries are nodes of their own, which no path can be: their names begin with a line end."""
        foreign = [(path, f"\n{module}") for path, modules in sorted(externals.items()) for module in modules]
        self._libraries = {node: node[1:] for _, node in foreign}
        ignored: set[tuple[str, str]] = set()
        for one in self._contract.ignored:
            found = self._matching(one, [*edges, *foreign])
            ignored |= found
            if not found:
                self._stale.append(" -> ".join(one))
        return (edge for edge in [*edges, *foreign] if edge not in ignored)

    def _matching(self, one: tuple[str, str], edges: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        self._budget.spend(len(edges) // 4)
        importer, imported = map(pattern, one)
        return {
            edge
            for edge in edges
            if importer.fullmatch(self._name(edge[0])) and imported.fullmatch(self._name(edge[1]))
        }

    def _name(self, node: str) -> str:
        return self._libraries.get(node) or self._names.of.get(node, "")

    def _layers(self) -> Iterator[Violation]:
        containers = [name for one in self._contract.containers for name in self._meant(one)]
        for container in containers or [""]:
            prefix = f"{container}." if container else ""
            there = [self._there(prefix, layer) for layer in self._contract.layers]
            everything = [one for layer in there for one in layer]
            for height, layer in enumerate(there):
                above = [one for higher in there[:height] for one in higher]
                beside = layer if self._contract.layers[height].independent else []
                for importer in layer:
                    for imported in (*above, *(one for one in beside if one != importer)):
                        yield from self._chains(importer, imported, everything)

    def _there(self, prefix: str, layer: Layer) -> list[str]:
        """The modules of a layer that the version has."""
        modules = [prefix + one for one in layer.modules]
        missing = [one for one in modules if not self._names.meant(one)]
        optional = {prefix + one for one in layer.optional}
        self._problems += [f"there is no module {one}" for one in missing if one not in optional]
        return [one for one in modules if one not in missing]

    def _independence(self) -> Iterator[Violation]:
        modules = [name for one in self._contract.sources for name in self._meant(one)]
        for importer, imported in permutations(dict.fromkeys(modules), 2):
            if not is_under(importer, imported) and not is_under(imported, importer):
                yield from self._chains(importer, imported, modules)

    def _forbidden(self) -> Iterator[Violation]:
        sources = [name for one in self._contract.sources for name in self._meant(one)]
        targets = [name for one in self._contract.targets for name in self._names.meant(one) or [one]]
        for importer, imported in product(sources, targets):
            if is_under(importer, imported) or is_under(imported, importer):
                self._problems.append(f"{importer} and {imported} hold each other")
            else:
                yield from self._chains(importer, imported, ())

    def _meant(self, expression: str) -> list[str]:
        found = self._names.meant(expression)
        if not found:
            self._problems.append(f"there is no module {expression}")
        return found

    def _chains(self, importer: str, imported: str, others: Iterable[str]) -> Iterator[Violation]:
        """The shortest ways from each file of one module into another, around the modules that are judged beside."""
        inside, targets = self._names.under(importer), self._targets(imported)
        closed = [one for one in others if one not in (importer, imported)]
        barred = frozenset(path for one in closed for path in self._names.under(one)) - inside - targets
        onward = dict.fromkeys(sorted(targets), "")
        edge = list(onward)
        found: dict[str, str] = {}
        while edge:
            edge = self._step(edge, onward, found, inside, barred)
        for path in sorted(found):
            yield Violation(importer, imported, tuple(self._way(path, found[path], onward)))

    def _step(
        self,
        edge: list[str],
        onward: dict[str, str],
        found: dict[str, str],
        inside: frozenset[str],
        barred: frozenset[str],
    ) -> list[str]:
        further = []
        for node in edge:
            users = self._back.get(node, ())
            self._budget.spend(len(users) + 1)
            for user in users:
                if user in inside:
                    found.setdefault(user, node)
                elif user not in onward and user not in barred and not self._contract.direct_only:
                    onward[user] = node
                    further.append(user)
        return sorted(further)

    def _targets(self, module: str) -> frozenset[str]:
        libraries = (node for node, name in self._libraries.items() if is_under(name, module))
        return self._names.under(module) | frozenset(libraries)

    def _way(self, path: str, node: str, onward: Mapping[str, str]) -> Iterator[str]:
        yield path
        while node:
            yield self._libraries.get(node, node)
            node = onward[node]
