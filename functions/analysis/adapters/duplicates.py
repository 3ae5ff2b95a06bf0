"""Duplicates on PostgreSQL: the index is a row for each gram, so that what a merge costs follows what has changed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from functions.analysis.adapters import bulk
from functions.analysis.duplicates import Clone, Extent
from functions.analysis.engines.shingles import Shingled, unpack
from functions.analysis.lifecycle import Analysis
from functions.analysis.repositories.duplicates import MOST_OF_A_GRAM, Move
from functions.analysis.tables import clones, duplicate_groups, file_results, gram_contents, gram_states, grams

CHUNK = 200  # groups in a row
_FOREIGN = (
    "(^|/)(node_modules|vendor|vendored|third[_-]?party|bower_components|site-packages|dist|build|migrations)/"
    "|[.-]min[.](js|css)$|(^|/)[^/]*_pb2(_grpc)?[.]py$"
)
_COMPARED = """
    FROM analysis.analysis_files AS file JOIN analysis.file_results AS known ON known.id = file.result_id
    WHERE file.analysis_id = :analysis_id AND file.reason IS NULL AND known.tokens IS NOT NULL
      AND file.language_key !~ ':(test|stub)$' AND file.path !~* :foreign
"""
_MOVE = sa.text(
    f"""
    WITH now AS (SELECT DISTINCT file.result_id {_COMPARED}),
      before AS (SELECT result_id FROM analysis.gram_contents WHERE project_id = :project_id)
    SELECT now.result_id, before.result_id FROM now FULL JOIN before USING (result_id)
    WHERE now.result_id IS NULL OR before.result_id IS NULL ORDER BY 1, 2
    """
)
_PATHS = sa.text(f"SELECT file.result_id, file.path {_COMPARED} AND file.result_id = ANY(:ids) ORDER BY file.seq")
_LINES = sa.text(f"SELECT coalesce(sum(known.lines), 0) {_COMPARED}")
_EXTENT = ", ".join(f"content.{name}" for name in Extent.__slots__)
_COPIES = sa.text(
    f"""
    WITH several AS (SELECT file.result_id {_COMPARED} GROUP BY file.result_id HAVING count(*) > 1)
    SELECT {_EXTENT} FROM several JOIN analysis.gram_contents AS content USING (result_id)
    WHERE content.project_id = :project_id ORDER BY content.result_id
    """
)
_LOOK_AGAIN = sa.text(
    """
    WITH mine AS (
      SELECT gram, count(*) AS many FROM analysis.grams
      WHERE project_id = :project_id AND result_id = ANY(:ids) GROUP BY gram
    ), crossing AS (
      SELECT gram FROM mine JOIN analysis.grams AS every USING (gram) WHERE every.project_id = :project_id
      GROUP BY gram, mine.many HAVING count(*) > :most AND count(*) - mine.many <= :most
    )
    UPDATE analysis.gram_contents SET paired = false WHERE project_id = :project_id AND paired AND result_id IN (
      SELECT result_id FROM analysis.grams JOIN crossing USING (gram) WHERE project_id = :project_id
    )
    """
)
_SEEDS = sa.text(
    """
    WITH mine AS MATERIALIZED (
      SELECT gram, result_id, place FROM analysis.grams WHERE project_id = :project_id AND result_id = ANY(:ids)
    ), shared AS MATERIALIZED (
      SELECT gram FROM analysis.grams JOIN (SELECT DISTINCT gram FROM mine) AS named USING (gram)
      WHERE project_id = :project_id GROUP BY gram HAVING count(*) BETWEEN 2 AND :most
    )
    SELECT mine.result_id, mine.place, other.result_id, other.place
    FROM shared JOIN mine USING (gram) JOIN analysis.grams AS other USING (gram)
      JOIN analysis.gram_contents AS content ON content.project_id = :project_id
        AND content.result_id = other.result_id
    WHERE other.project_id = :project_id AND CASE WHEN other.result_id = ANY(:ids)
      THEN (mine.result_id, mine.place) < (other.result_id, other.place) ELSE content.paired END
    """
)


class SqlDuplicates:
    """`ports.Duplicates`."""

    def __init__(self, connection: sa.Connection, org_id: str) -> None:
        self._connection, self._org_id = connection, org_id

    def begin(self, analysis: Analysis) -> None:
        row = {"org_id": self._org_id, "project_id": analysis.project_id, "analysis_id": analysis.id}
        mine = insert(gram_states).values(row)
        keys = [gram_states.c.org_id, gram_states.c.project_id]
        self._connection.execute(mine.on_conflict_do_update(index_elements=keys, set_={"analysis_id": analysis.id}))

    def claim(self, analysis: Analysis) -> bool:
        query = sa.select(gram_states.c.analysis_id).where(gram_states.c.project_id == analysis.project_id)
        return self._connection.execute(query.with_for_update()).scalar() == analysis.id

    def move(self, analysis: Analysis) -> Move:
        rows = self._connection.execute(_MOVE, self._of(analysis)).all()
        added, removed = [now for now, _ in rows if now is not None], [before for now, before in rows if now is None]
        return Move(added, removed)

    def add(self, project_id: str, contents: Sequence[tuple[Extent, Shingled]]) -> None:
        rows = [asdict(extent) | {"grams": len(found.grams), "paired": False} for extent, found in contents]
        self._insert(gram_contents, project_id, rows, "ON CONFLICT DO NOTHING")
        given = [
            {"gram": gram, "result_id": extent.result_id, "place": place}
            for extent, found in contents
            for gram, place in zip(found.grams, found.places, strict=True)
        ]
        self._insert(grams, project_id, given, "ON CONFLICT DO NOTHING")
        self._look_again(project_id, [extent.result_id for extent, _ in contents])

    def remove(self, project_id: str, result_ids: Sequence[int]) -> None:
        self._look_again(project_id, result_ids)
        content = gram_contents.c
        gone = sa.delete(gram_contents).where(content.project_id == project_id, content.result_id.in_(result_ids))
        self._connection.execute(gone)

    def _look_again(self, project_id: str, result_ids: Sequence[int]) -> None:
        given = {"project_id": project_id, "ids": list(result_ids), "most": MOST_OF_A_GRAM}
        self._connection.execute(_LOOK_AGAIN, given)

    def unpaired(self, project_id: str, limit: int) -> list[tuple[int, int]]:
        content = gram_contents.c
        query = sa.select(content.result_id, content.grams).where(content.project_id == project_id, ~content.paired)
        return [(id_, many) for id_, many in self._connection.execute(query.order_by(content.result_id).limit(limit))]

    def seeds(self, project_id: str, result_ids: Sequence[int]) -> Iterator[tuple[int, int, int, int]]:
        given = {"project_id": project_id, "ids": list(result_ids), "most": MOST_OF_A_GRAM}
        for left, at, right, there in self._connection.execute(_SEEDS, given):
            yield (left, at, right, there) if (left, at) < (right, there) else (right, there, left, at)

    def tokens(self, result_ids: Iterable[int]) -> Iterator[tuple[int, Shingled]]:
        ids = sa.literal(list(result_ids), sa.ARRAY(sa.BigInteger))
        wanted = file_results.c.id == sa.func.any(ids)
        query = sa.select(file_results.c.id, file_results.c.tokens).where(wanted, file_results.c.tokens.is_not(None))
        for id_, packed in self._connection.execute(query.order_by(file_results.c.id)):
            yield id_, unpack(packed)

    def pair(self, project_id: str, result_ids: Sequence[int], found: Sequence[Clone]) -> None:
        ids = list(result_ids)
        one_side = clones.c.left_id.in_(ids) | clones.c.right_id.in_(ids)
        self._connection.execute(sa.delete(clones).where(clones.c.project_id == project_id, one_side))
        self._insert(clones, project_id, [asdict(one) for one in found])
        content = gram_contents.c
        done = sa.update(gram_contents).where(content.project_id == project_id, content.result_id.in_(ids))
        self._connection.execute(done.values(paired=True))

    def clones(self, project_id: str) -> Iterator[Clone]:
        columns = [clones.c[name] for name in Clone.__slots__]
        for row in self._connection.execute(sa.select(*columns).where(clones.c.project_id == project_id)):
            yield Clone(*row)

    def copies(self, analysis: Analysis) -> list[Extent]:
        return [Extent(*row) for row in self._connection.execute(_COPIES, self._of(analysis))]

    def paths(self, analysis: Analysis, result_ids: Iterable[int]) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for id_, path in self._connection.execute(_PATHS, self._of(analysis) | {"ids": sorted(result_ids)}):
            found.setdefault(id_, []).append(path)
        return found

    def lines(self, analysis: Analysis) -> int:
        return int(self._connection.execute(_LINES, self._of(analysis)).scalar_one())

    def store(self, analysis_id: str, groups: Sequence[Mapping[str, Any]]) -> None:
        mine = duplicate_groups.c.analysis_id == analysis_id
        self._connection.execute(sa.delete(duplicate_groups).where(mine))
        rows = [
            {"org_id": self._org_id, "analysis_id": analysis_id, "chunk": start // CHUNK, "groups": _packed(piece)}
            for start in range(0, len(groups), CHUNK)
            if (piece := groups[start : start + CHUNK])
        ]
        if rows:
            self._connection.execute(sa.insert(duplicate_groups), rows)

    def page(self, analysis_id: str, *, after: int, limit: int) -> list[Mapping[str, Any]]:
        first, row = after + 1, duplicate_groups.c
        wanted = row.chunk.between(first // CHUNK, (first + limit) // CHUNK)
        query = sa.select(row.groups).where(row.analysis_id == analysis_id, wanted).order_by(row.chunk)
        listed = [one for packed in self._connection.execute(query).scalars() for one in _unpacked(packed)]
        return listed[first % CHUNK : first % CHUNK + limit]

    def _of(self, analysis: Analysis) -> dict[str, Any]:
        return {"analysis_id": analysis.id, "project_id": analysis.project_id, "foreign": _FOREIGN}

    def _insert(self, table: sa.Table, project_id: str, rows: Sequence[Mapping[str, Any]], also: str = "") -> None:
        if rows:
            keys = {"org_id": self._org_id, "project_id": project_id}
            whole = [{**keys, **row} for row in rows]
            bulk.insert(self._connection, table, {name: [row[name] for row in whole] for name in whole[0]}, also)


def _packed(groups: Sequence[Mapping[str, Any]]) -> bytes:
    return zlib.compress(json.dumps(groups, separators=(",", ":")).encode(), 1)


def _unpacked(packed: bytes) -> list[Mapping[str, Any]]:
    return list(json.loads(zlib.decompress(packed)))
