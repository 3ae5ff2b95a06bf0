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
from functions.analysis.repositories.duplicates import MOST_OF_A_GRAM
from functions.analysis.tables import clones, duplicate_groups, file_results, gram_contents, gram_states, grams

CHUNK = 200  # groups in a row
_COMPARED = sa.text(
    """
    SELECT file.result_id, file.path, known.lines
    FROM analysis.analysis_files AS file JOIN analysis.file_results AS known ON known.id = file.result_id
    WHERE file.analysis_id = :analysis_id AND file.reason IS NULL AND known.tokens IS NOT NULL
      AND split_part(file.language_key, ':', 2) NOT IN ('test', 'stub') ORDER BY file.seq
    """
)
_MINE = """
    WITH mine AS MATERIALIZED (
      SELECT own.gram, own.result_id, own.place FROM unnest(CAST(:ids AS bigint[])) AS id CROSS JOIN LATERAL (
        SELECT gram, result_id, place FROM analysis.grams WHERE project_id = :project_id AND result_id = id OFFSET 0
      ) AS own
    )
"""
_CROSSING = sa.text(
    f"""
    {_MINE}
    SELECT gram FROM (SELECT gram, count(*) AS many FROM mine GROUP BY gram) AS named CROSS JOIN LATERAL (
      SELECT count(*) AS every FROM analysis.grams AS each
      WHERE each.project_id = :project_id AND each.gram = named.gram
    ) AS counted WHERE every > :most AND every - many <= :most
    """
)
_LOOK_AGAIN = sa.text(
    """
    UPDATE analysis.gram_contents SET paired = false WHERE project_id = :project_id AND paired AND result_id IN (
      SELECT result_id FROM analysis.grams WHERE project_id = :project_id AND gram = ANY(:grams)
    )
    """
)
_SEEDS = sa.text(
    f"""
    {_MINE}
    SELECT found.result_id, found.place, found.other_id, found.there FROM (
      SELECT mine.result_id, mine.place, other.result_id AS other_id, other.place AS there,
        count(*) OVER (PARTITION BY mine.result_id, mine.place) AS many
      FROM mine CROSS JOIN LATERAL (
        SELECT each.result_id, each.place FROM analysis.grams AS each
        WHERE each.project_id = :project_id AND each.gram = mine.gram LIMIT :most + 1
      ) AS other
    ) AS found JOIN analysis.gram_contents AS content ON content.project_id = :project_id
      AND content.result_id = found.other_id
    WHERE found.many BETWEEN 2 AND :most AND CASE WHEN found.other_id = ANY(:ids)
      THEN (found.result_id, found.place) < (found.other_id, found.there) ELSE content.paired END
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

    def compared(self, analysis: Analysis) -> list[tuple[int, str, int]]:
        return [tuple(row) for row in self._connection.execute(_COMPARED, {"analysis_id": analysis.id})]

    def indexed(self, project_id: str) -> set[int]:
        query = sa.select(gram_contents.c.result_id).where(gram_contents.c.project_id == project_id)
        return set(self._connection.execute(query).scalars())

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
        of_them = (grams.c.project_id == project_id) & grams.c.result_id.in_(result_ids)
        self._connection.execute(sa.delete(grams).where(of_them))
        content = gram_contents.c
        gone = sa.delete(gram_contents).where(content.project_id == project_id, content.result_id.in_(result_ids))
        self._connection.execute(gone)

    def _look_again(self, project_id: str, result_ids: Sequence[int]) -> None:
        given = {"project_id": project_id, "ids": list(result_ids), "most": MOST_OF_A_GRAM}
        crossing = list(self._connection.execute(_CROSSING, given).scalars())
        if crossing:
            self._connection.execute(_LOOK_AGAIN, {"project_id": project_id, "grams": crossing})

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

    def extents(self, project_id: str, result_ids: Sequence[int]) -> list[Extent]:
        content = gram_contents.c
        query = sa.select(*[content[name] for name in Extent.__slots__]).where(content.project_id == project_id)
        rows = self._connection.execute(query.where(content.result_id.in_(result_ids)).order_by(content.result_id))
        return [Extent(*row) for row in rows]

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

    def _insert(self, table: sa.Table, project_id: str, rows: Sequence[Mapping[str, Any]], also: str = "") -> None:
        if rows:
            keys = {"org_id": self._org_id, "project_id": project_id}
            whole = [{**keys, **row} for row in rows]
            bulk.insert(self._connection, table, {name: [row[name] for row in whole] for name in whole[0]}, also)


def _packed(groups: Sequence[Mapping[str, Any]]) -> bytes:
    return zlib.compress(json.dumps(groups, separators=(",", ":")).encode(), 1)


def _unpacked(packed: bytes) -> list[Mapping[str, Any]]:
    return list(json.loads(zlib.decompress(packed)))
