"""The graph store over Bolt: Neo4j, or the embedded database that speaks its language."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any

from functions.analysis.adapters.deadlines import Result, within
from functions.analysis.adapters.neo4j_asking import AskedNeo4j
from functions.analysis.adapters.neo4j_writing import LABELS, PREPARED, WIPE, WIPE_LINE, batches, steps
from functions.analysis.graph import Difference, Scope, View
from kernel.errors import Unavailable

if TYPE_CHECKING:
    from neo4j import Driver

DATABASE = "neo4j"
_BATCH = 1_500  # rows in a statement: a thousand or two are the quickest
_WIPED = 5_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long the store may take, in seconds, before it counts as unavailable; the driver itself waits for ever."""

    ready: float = 5.0
    answer: float = 4.5  # to a request of a user
    statement: float = 20.0  # well below a lease, which is renewed between statements
    change: float = 300.0  # all statements of a wipe or a write


class Neo4jGraph:
    """`ports.GraphStore`; connects on first use.

    `forget` lets the next `driver` be a new one: that of a store that did not answer in time is given up.
    """

    def __init__(self, driver: Callable[[], Driver], forget: Callable[[], None], bounds: Bounds | None = None) -> None:
        self._driver, self._forget, self._bounds = driver, forget, bounds or Bounds()
        self._prepared = False

    def ready(self) -> None:
        self._within(self._bounds.ready, self._prepare)

    def reach(self) -> None:
        self._within(self._bounds.answer, self._reach)

    def wipe(self, org_id: str, project_id: str) -> None:
        self._wipe(WIPE, Scope(org_id, project_id, "").name)

    def wipe_line(self, scope: Scope) -> None:
        self._wipe(WIPE_LINE, scope.name)

    def write(self, scope: Scope, difference: Difference, hold: Callable[[], None]) -> None:
        until = time.monotonic() + self._bounds.change
        for statement, rows in batches(steps(scope, difference), _BATCH):
            self._change(until, statement, rows=rows)
            hold()

    def ask(self, view: View) -> AskedNeo4j:
        self.reach()
        return AskedNeo4j(partial(self._change, time.monotonic() + self._bounds.answer), view)

    def _wipe(self, statement: str, scope: str) -> None:
        until = time.monotonic() + self._bounds.change
        for label in LABELS:
            while self._change(until, statement % (label, _WIPED), scope=scope)[0]["n"]:
                pass

    def _prepare(self) -> None:
        self._reach()
        for statement in () if self._prepared else PREPARED:
            self._run(statement)
        self._prepared = True

    def _reach(self) -> None:
        """Fail at once if nobody answers, where a query would try again for seconds."""
        self._driver().verify_connectivity()

    def _change(self, until: float, statement: str, **parameters: Any) -> list[Any]:
        seconds = min(self._bounds.statement, until - time.monotonic())
        return self._within(seconds, partial(self._run, statement, **parameters))

    def _run(self, statement: str, **parameters: Any) -> list[Any]:
        return self._driver().execute_query(statement, parameters, database_=DATABASE).records

    def _within(self, seconds: float, call: Callable[[], Result]) -> Result:
        with _translated():
            try:
                return within(seconds, call)
            except TimeoutError:
                self._give_up()
                raise

    def _give_up(self) -> None:
        """Closing wakes the call that still waits; it may itself wait to send, so nobody waits for it."""
        driver = self._driver()
        self._forget()
        Thread(target=driver.close, name="close-graph", daemon=True).start()


@contextmanager
def _translated() -> Iterator[None]:
    from neo4j.exceptions import DriverError, Neo4jError

    try:
        yield
    except (DriverError, Neo4jError, OSError) as down:
        raise Unavailable("graph") from down
