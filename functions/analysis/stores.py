"""What the use cases need of a graph database, and of algorithms that go beyond its language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from functions.analysis.graph import Difference, EdgeKind, Link, Scope, Symbol, SymbolNode, View


class Asked(Protocol):
    """Questions about one view, which together take a bounded time. All raise Unavailable.

    Answers are sorted; `limit` bounds the rows of each, and one more than wanted shows that there are more.
    """

    def language(self, path: str) -> str | None:
        """The language of a file; None if the view has no such file."""
        ...

    def symbols(self, path: str, limit: int) -> list[SymbolNode]:
        """The symbols of a file, by line."""
        ...

    def users(self, paths: Sequence[str], limit: int) -> dict[str, tuple[EdgeKind, ...]]:
        """Files that import, call, derive from or test one of these, and by which of that."""
        ...

    def dependants(self, paths: Sequence[str]) -> dict[str, int]:
        """How many files use each of these; without those that none uses."""
        ...

    def into(self, nodes: Sequence[Symbol], limit: int) -> list[Link]: ...

    def out_of(self, nodes: Sequence[Symbol], limit: int) -> list[Link]: ...

    def owners(self, path: str, limit: int) -> list[str]: ...

    def imports(self, limit: int) -> list[tuple[str, str]]:
        """All imports between files: (path, imported path)."""
        ...

    def unused(self, kinds: Sequence[str], limit: int) -> list[SymbolNode]:
        """Symbols of these kinds that nothing calls and nothing derives from."""
        ...


class GraphStore(Protocol):
    """The graph itself. Every call names organisation, project and line; all raise Unavailable."""

    def ready(self) -> None: ...

    def reach(self) -> None:
        """Return if the store answers."""
        ...

    def wipe(self, org_id: str, project_id: str) -> None:
        """Remove all lines of a project."""
        ...

    def wipe_line(self, scope: Scope) -> None: ...

    def write(self, scope: Scope, difference: Difference, hold: Callable[[], None]) -> None:
        """Write in batches and call `hold` between them; the same difference a second time changes nothing."""
        ...

    def ask(self, view: View) -> Asked: ...


class Components(Protocol):
    """Algorithms over a whole graph: the graph store's own where it has them, else in this process."""

    def cycles(self, edges: Sequence[tuple[str, str]]) -> list[list[str]]:
        """Strongly connected components of two nodes or more, each sorted; the largest first, then by name."""
        ...
