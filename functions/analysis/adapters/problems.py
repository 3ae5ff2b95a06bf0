"""Problems as people see and change them, with their history."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from functions.analysis.adapters import bulk
from functions.analysis.adapters.lifetimes import shown
from functions.analysis.results import RANK
from functions.analysis.tables import findings, problem_history, problems, tracks
from functions.analysis.tracking.problems import (
    Change,
    Details,
    Dismissal,
    DismissalReason,
    Entry,
    Problem,
    ProblemState,
    Wanted,
)
from kernel.errors import NotFound
from kernel.identity import Caller

_of, _history = problems.c, problem_history.c
EXPIRED = (_of.state == ProblemState.DISMISSED) & (_of.expires_at <= sa.func.now())
"""By the database's clock: a dismissal whose time is over holds no more, whoever has noticed."""
DISMISSED = (_of.state == ProblemState.DISMISSED) & (_of.expires_at.is_(None) | (_of.expires_at > sa.func.now()))
_GONE = _of.landed & ~_of.present & _of.withheld.is_(None)
_UNDISMISSED = sa.case((_GONE, ProblemState.FIXED.value), else_=ProblemState.OPEN.value)
_STATE = sa.case((EXPIRED, _UNDISMISSED), else_=_of.state).label("effective")
_PLAIN = tuple(name for name in Problem.__slots__ if name not in ("state", "dismissal"))
_LAST = ("last_analysis_id", "last_version_id")
_DETAILS = tuple(findings.c[name].label(f"detail_{name}") for name in Details.__slots__)
_ENTRY = Entry.__slots__
_RECORD = sa.text(
    f"""
    INSERT INTO analysis.problem_history (org_id, problem_id, seq, {", ".join(_ENTRY)})
    SELECT :org_id, id, 1 + (SELECT coalesce(max(seq), 0) FROM analysis.problem_history WHERE problem_id = id),
      {", ".join(f":{name}" for name in _ENTRY)}
    FROM unnest(CAST(:ids AS uuid[])) AS given(id)
    """
)


class SqlProblems:
    """`repositories.Problems`."""

    def __init__(self, connection: sa.Connection, caller: Caller) -> None:
        self._connection, self._org_id = connection, caller.org_id or ""
        self._shown = shown(problems, caller)

    def get(self, problem_id: str) -> tuple[Problem, Details]:
        row = self._connection.execute(_select().where(_of.id == problem_id, self._shown)).one_or_none()
        if row is None:
            raise NotFound("no such finding", finding_id=problem_id)
        return _problem(row), _details(row)

    def locked(self, ids: Collection[str]) -> list[Problem]:
        wanted = sa.literal(sorted(ids), sa.ARRAY(_of.id.type))
        query = _select().where(_of.id == sa.func.any(wanted), self._shown).order_by(_of.id)
        return [_problem(row) for row in self._connection.execute(query.with_for_update(of=problems))]

    def page(self, wanted: Wanted) -> list[tuple[Problem, Details]]:
        query = _select().where(*_conditions(wanted), self._shown).order_by(_of.rank, _of.id).limit(wanted.limit)
        return [(_problem(row), _details(row)) for row in self._connection.execute(query)]

    def save(self, changed: Sequence[Problem]) -> None:
        update = sa.update(problems).where(_of.id == sa.bindparam("of_id"), _of.org_id == self._org_id)
        if changed:
            self._connection.execute(update, [_dismissal_row(one) | {"of_id": one.id} for one in changed])

    def record(self, ids: Sequence[str], entry: Entry) -> None:
        for part in bulk.parts(sorted(ids)):
            self._connection.execute(_RECORD, asdict(entry) | {"org_id": self._org_id, "ids": list(part)})

    def history(self, problem_id: str, *, after: int, limit: int) -> list[tuple[int, Entry]]:
        columns = [_history[name] for name in _ENTRY]
        query = sa.select(_history.seq, *columns).where(_history.problem_id == problem_id, _history.seq > after)
        rows = self._connection.execute(query.order_by(_history.seq).limit(limit))
        return [(seq, Entry(Change(change), *rest)) for seq, change, *rest in rows]


def _select() -> sa.Select[Any]:
    """Where a problem is present, the newest analysis of the main line has seen it last."""
    own = (tracks.c.org_id == _of.org_id) & (tracks.c.project_id == _of.project_id)
    said = (findings.c.result_id == _of.result_id) & (findings.c.n == _of.n)
    joined = problems.outerjoin(tracks, own).outerjoin(findings, said)
    last = [
        sa.case(
            (_of.present, sa.func.coalesce(tracks.c[name.removeprefix("last_")], _of[name])), else_=_of[name]
        ).label(name)
        for name in _LAST
    ]
    plain = [column for column in problems.columns if column.name not in _LAST]
    return sa.select(*plain, *last, _STATE, EXPIRED.label("expired"), *_DETAILS).select_from(joined)


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    """Without states: all that the main line has or had, and all that anybody dismissed on a branch."""
    conditions = [_of.project_id == wanted.project_id]
    if wanted.states:
        conditions.append(sa.or_(*(_in_state(state) for state in wanted.states)))
    else:
        conditions.append(_of.landed | (_of.state == ProblemState.DISMISSED))
    if wanted.severities:
        conditions.append(_of.rank.in_([RANK[name] for name in wanted.severities]))
    if wanted.rule is not None:
        conditions.append(_of.rule == wanted.rule)
    if wanted.path is not None:
        conditions.append(_of.path == wanted.path)
    if wanted.after is not None:
        rank, id_ = wanted.after
        conditions.append(sa.tuple_(_of.rank, _of.id) > sa.tuple_(rank, sa.literal(id_, _of.id.type)))
    return conditions


def _in_state(state: ProblemState) -> sa.ColumnElement[bool]:
    """Open are those that the newest version of the main line has: not those that are withheld, or on a branch only."""
    same = _STATE.element == state.value
    return same & _of.present if state is ProblemState.OPEN else same


def _problem(row: sa.Row[Any]) -> Problem:
    fields = row._mapping
    dismissal = None
    if fields["effective"] == ProblemState.DISMISSED:
        dismissal = Dismissal(
            reason=DismissalReason(fields["reason"]),
            comment=fields["comment"] or "",
            by=str(fields["dismissed_by"]),
            at=fields["dismissed_at"],
            expires_at=fields["expires_at"],
        )
    return Problem(
        **{name: fields[name] for name in _PLAIN}, state=ProblemState(fields["effective"]), dismissal=dismissal
    )


def _details(row: sa.Row[Any]) -> Details:
    """Nothing, where the result that said it has been erased."""
    fields = row._mapping
    if fields["detail_title"] is None:
        return Details()
    return Details(**{name: fields[f"detail_{name}"] for name in Details.__slots__})


def _dismissal_row(problem: Problem) -> dict[str, Any]:
    told = problem.dismissal
    return {
        "state": problem.state.value,
        "reason": told.reason.value if told else None,
        "comment": told.comment if told else None,
        "dismissed_by": told.by if told else None,
        "dismissed_at": told.at if told else None,
        "expires_at": told.expires_at if told else None,
    }
