"""Statements that move problems. Ids are given in pieces and joined, so that no plan hangs on statistics."""

from __future__ import annotations

import sqlalchemy as sa

from functions.analysis.adapters.placements import PLACES

GIVEN = "unnest(CAST(:ids AS uuid[])) AS given(id)"
"""Joined, not compared with `= ANY`: where statistics are missing, that may go through the list for each problem."""
CURRENT = f"""
    SELECT problem FROM ({PLACES.format("CAST(:here AS uuid)")}) AS here
    JOIN analysis.placements AS placed ON placed.project_id = :project_id AND placed.result_id = here.result_id
      AND placed.path = here.path AND placed.variant = here.variant
    CROSS JOIN LATERAL unnest(placed.problems) AS problem
"""
MOVED = sa.text(
    f"""
    WITH current AS ({CURRENT}),
      present AS (SELECT id FROM analysis.problems WHERE project_id = :project_id AND present)
    SELECT current.problem, present.id FROM current FULL JOIN present ON present.id = current.problem
    WHERE current.problem IS NULL OR present.id IS NULL ORDER BY 1, 2
    """
)
WITHHELD = sa.text(
    f"""
    WITH held AS MATERIALIZED (
      SELECT id, rule, path FROM analysis.problems WHERE project_id = :project_id AND withheld IS NOT NULL
    ), current AS ({CURRENT})
    SELECT id, rule, path FROM held WHERE NOT EXISTS (SELECT FROM current WHERE current.problem = held.id) ORDER BY id
    """
)
WHERE_GIVEN = """
    FROM unnest(CAST(:id AS uuid[]), CAST(:rank AS smallint[]), CAST(:path AS text[]), CAST(:path_id AS uuid[]),
      CAST(:line AS integer[]), CAST(:result_id AS bigint[]), CAST(:n AS integer[]), CAST(:digest AS text[]),
      CAST(:context AS text[]), CAST(:symbol AS text[]))
      AS given(id, rank, path, path_id, line, result_id, n, digest, context, symbol)
    WHERE problem.id = given.id
"""
PLACED = ("rank", "path", "path_id", "line", "result_id", "n", "digest", "context", "symbol")
MOVE = sa.text(
    f"""
    UPDATE analysis.problems AS problem SET {", ".join(f"{name} = given.{name}" for name in PLACED)},
      last_analysis_id = :analysis_id, last_version_id = :version_id
    {WHERE_GIVEN} AND (:leads OR (NOT problem.present AND problem.last_analysis_id <= :analysis_id))
    """
)
BEGAN = sa.text(
    f"""
    UPDATE analysis.problems AS problem
    SET first_analysis_id = :analysis_id, first_version_id = :version_id, first_seen_at = :at
    FROM {GIVEN} WHERE problem.id = given.id AND first_analysis_id > :analysis_id
    """
)
ALIKE = """
      SELECT problem.* FROM unnest(CAST(:{2} AS {1}[])) AS given(wanted) CROSS JOIN LATERAL (
        SELECT id, path, rule, digest, context, symbol, line, state, present FROM analysis.problems
        WHERE project_id = :project_id AND {0} = given.wanted OFFSET 0
      ) AS problem
"""
CANDIDATES = sa.text(
    f"""
    SELECT id, path, rule, digest, context, symbol, line, state, present FROM (
      {ALIKE.format("digest", "text", "digests")} UNION {ALIKE.format("path_id", "uuid", "paths")}
    ) AS alike ORDER BY id
    """
)
EXISTING = sa.text(
    f"""
    SELECT problem.id FROM {GIVEN}
    CROSS JOIN LATERAL (SELECT id FROM analysis.problems WHERE id = given.id OFFSET 0) AS problem
    """
)
DISMISSED = sa.text(
    "SELECT id FROM analysis.problems WHERE project_id = :project_id AND state = 'dismissed'"
    " AND (expires_at IS NULL OR expires_at > now())"
)
EXPIRE = sa.text(
    """
    UPDATE analysis.problems SET reason = NULL, comment = NULL, dismissed_by = NULL, dismissed_at = NULL,
      expires_at = NULL, state = CASE WHEN landed AND NOT present AND withheld IS NULL THEN 'fixed' ELSE 'open' END
    WHERE project_id = :project_id AND state = 'dismissed' AND expires_at <= now() RETURNING id
    """
)
BACK = sa.text(
    f"""
    UPDATE analysis.problems AS problem SET state = 'open', reopened = reopened + 1
    FROM {GIVEN} WHERE problem.id = given.id AND state = 'fixed' RETURNING problem.id
    """
)
COME = sa.text(
    "UPDATE analysis.problems AS problem SET present = true, landed = true, withheld = NULL"
    f" FROM {GIVEN} WHERE problem.id = given.id"
)
GO = sa.text(
    f"""
    UPDATE analysis.problems AS problem SET present = false, withheld = NULL,
      last_analysis_id = coalesce(CAST(:analysis_id AS uuid), last_analysis_id),
      last_version_id = coalesce(CAST(:version_id AS uuid), last_version_id)
    FROM {GIVEN} WHERE problem.id = given.id
    """
)
FIX = sa.text(
    f"UPDATE analysis.problems AS problem SET state = 'fixed' FROM {GIVEN}"
    " WHERE problem.id = given.id AND state = 'open' RETURNING problem.id"
)
WITHHOLD = sa.text(
    f"UPDATE analysis.problems AS problem SET present = false, withheld = :reason FROM {GIVEN} WHERE problem.id = given.id"
)
RULES = sa.text(f"SELECT id, rule, path FROM analysis.problems JOIN {GIVEN} USING (id) ORDER BY id")
UNREAD = sa.text(
    """
    SELECT file.path, coalesce(file.reason, result.reason) FROM analysis.analysis_files AS file
    LEFT JOIN analysis.file_results AS result ON result.id = file.result_id
    WHERE file.analysis_id = :analysis_id AND file.path = ANY(:paths)
      AND coalesce(file.reason, result.reason, '') <> ''
    """
)
