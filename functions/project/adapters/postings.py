"""What is told of pull requests at their hosts."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from functions.project.adapters.rows import row_of
from functions.project.ports.hooks import POSTING
from functions.project.postings import Completion, Posting, PostingState, Remark
from functions.project.tables import completions, post_queue, postings, pull_requests, remarks


class SqlPostings:
    """`ports.Postings`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def complete(self, completion: Completion) -> None:
        stored = insert(completions).values(row_of(completion, completions))
        again = {name: stored.excluded[name] for name in ("analysis_id", "news_key", "gate", "completed_at")}
        newer = completions.c.completed_at <= stored.excluded.completed_at
        key = [completions.c.org_id, completions.c.version_id]
        self._connection.execute(stored.on_conflict_do_update(index_elements=key, set_=again, where=newer))

    def regate(self, version_id: str, analysis_id: str, gate: str) -> None:
        mine = completions.c.version_id == version_id, completions.c.analysis_id == analysis_id
        self._connection.execute(sa.update(completions).where(*mine).values(gate=gate))

    def completion(self, version_id: str) -> Completion | None:
        query = sa.select(completions).where(completions.c.version_id == version_id)
        row = self._connection.execute(query).one_or_none()
        return Completion(**row._mapping) if row is not None else None

    def numbers(self, project_id: str, version_id: str) -> list[int]:
        mine = pull_requests.c.project_id == project_id, pull_requests.c.version_id == version_id
        query = sa.select(pull_requests.c.number).where(*mine).order_by(pull_requests.c.number)
        return list(self._connection.execute(query).scalars())

    def want(self, posting: Posting, host: str) -> None:
        self._hold(posting)
        stored = insert(postings).values(row_of(posting, postings))
        again = {name: stored.excluded[name] for name in ("version_id", "state", "code", "detail", "updated_at")}
        key = [postings.c.org_id, postings.c.project_id, postings.c.number]
        wished = stored.on_conflict_do_update(index_elements=key, set_=again | {"wanted": postings.c.wanted + 1})
        posting_id = self._connection.execute(wished.returning(postings.c.id)).scalar_one()
        job = {"id": posting_id, "kind": POSTING, "org_id": posting.org_id, "project_id": posting.project_id}
        row = insert(post_queue).values(**job, host=host, run_at=sa.func.now())
        anew = {"attempts": 0, "host": row.excluded.host}
        self._connection.execute(row.on_conflict_do_update(index_elements=[post_queue.c.id], set_=anew))

    def _hold(self, posting: Posting) -> None:
        """Lock the job before the posting, in the order of whoever ends one."""
        one = postings.c.project_id == posting.project_id, postings.c.number == posting.number
        mine = post_queue.c.id.in_(sa.select(postings.c.id).where(*one))
        self._connection.execute(sa.select(post_queue.c.id).where(mine).with_for_update())

    def find(self, posting_id: str) -> Posting | None:
        query = sa.select(postings).where(postings.c.id == posting_id).with_for_update()
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        fields = dict(row._mapping)
        return Posting(**fields | {"state": PostingState(fields["state"])})

    def save(self, posting: Posting) -> None:
        ended = {name: getattr(posting, name) for name in ("state", "code", "detail", "updated_at")}
        self._connection.execute(sa.update(postings).where(postings.c.id == posting.id).values(ended))

    def remarks(self, project_id: str, number: int) -> list[Remark]:
        mine = remarks.c.project_id == project_id, remarks.c.number == number
        order = remarks.c.path, remarks.c.line, remarks.c.finding_id
        return [
            Remark(**row._mapping) for row in self._connection.execute(sa.select(remarks).where(*mine).order_by(*order))
        ]

    def remember(self, said: Sequence[Remark]) -> None:
        if not said:
            return
        rows = insert(remarks).values([row_of(remark, remarks) for remark in said])
        again = {"inline": remarks.c.inline | rows.excluded.inline}
        self._connection.execute(rows.on_conflict_do_update(index_elements=list(remarks.primary_key), set_=again))
