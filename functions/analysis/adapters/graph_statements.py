"""What `graphs` says in SQL of its own. Of a branch that is based, the main line's files show through."""

from __future__ import annotations

import sqlalchemy as sa

_COLUMNS = "path_id, path, result_id, stems, consulted, imports, externals, counts, links"
_IN_VIEW = """
    file.project_id = :project_id AND file.result_id IS NOT NULL AND (file.line = :line OR :based AND file.line = :main
      AND NOT EXISTS (SELECT FROM analysis.graph_files AS own
        WHERE own.project_id = :project_id AND own.line = :line AND own.path_id = file.path_id))
"""

FILES = sa.text(
    """
    SELECT file.path, file.result_id FROM analysis.analysis_files AS file
    JOIN analysis.file_results AS result ON result.id = file.result_id
    WHERE file.analysis_id = :analysis_id AND file.reason IS NULL AND result.language = ANY(:parsed)
      AND result.status IN ('parsed', 'partial')
    """
)
STORE = sa.text(
    f"""
    INSERT INTO analysis.graph_files (org_id, project_id, line, {_COLUMNS})
    SELECT :org_id, :project_id, :line, path_id, path, result_id, string_to_array(stems, chr(10)),
      CAST(string_to_array(consulted, ',') AS uuid[]), CAST(string_to_array(imports, ',') AS uuid[]),
      string_to_array(externals, chr(10)), CAST(string_to_array(counts, ',') AS integer[]), links
    FROM unnest(CAST(:path_id AS uuid[]), CAST(:path AS text[]), CAST(:result_id AS bigint[]), CAST(:stems AS text[]),
      CAST(:consulted AS text[]), CAST(:imports AS text[]), CAST(:externals AS text[]), CAST(:counts AS text[]),
      CAST(:links AS bytea[])) AS given({_COLUMNS})
    ON CONFLICT (org_id, project_id, line, path_id) DO UPDATE SET result_id = excluded.result_id,
      stems = excluded.stems, consulted = excluded.consulted, imports = excluded.imports,
      externals = excluded.externals, counts = excluded.counts, links = excluded.links
    """
)
RESTATE = sa.text(
    """
    UPDATE analysis.graph_files AS file SET links = given.links,
      counts = CAST(string_to_array(given.counts, ',') AS integer[])
    FROM unnest(CAST(:path_id AS uuid[]), CAST(:counts AS text[]), CAST(:links AS bytea[]))
      AS given(path_id, counts, links)
    WHERE file.project_id = :project_id AND file.line = :main AND file.path_id = given.path_id
    """
)
HIDE = sa.text(
    f"""
    INSERT INTO analysis.graph_files (org_id, project_id, line, {_COLUMNS})
    SELECT :org_id, :project_id, :line, path_id, path, NULL, '{{}}', '{{}}', '{{}}', '{{}}', '{{}}', ''
    FROM unnest(CAST(:path_id AS uuid[]), CAST(:path AS text[])) AS given(path_id, path)
    ON CONFLICT DO NOTHING
    """
)
PRESERVE = sa.text(
    f"""
    INSERT INTO analysis.graph_files (org_id, project_id, line, {_COLUMNS})
    SELECT org_id, project_id, :line, {_COLUMNS} FROM analysis.graph_files
    WHERE project_id = :project_id AND line = :main AND path_id = ANY(CAST(:path_id AS uuid[]))
    ON CONFLICT DO NOTHING
    """
)
COUNTS = sa.text(
    f"""
    SELECT count(*) AS files, sum(counts[1]) AS symbols, sum(counts[2]) AS imports, sum(counts[3]) AS calls,
      sum(counts[4]) AS inherits, sum(counts[5]) AS tests, sum(counts[6]) AS owned
    FROM analysis.graph_files AS file WHERE {_IN_VIEW}
    """
)
IMPORTS = sa.text(f"SELECT path_id, path, imports, externals FROM analysis.graph_files AS file WHERE {_IN_VIEW}")
IMPORTERS = sa.text(
    """
    SELECT used, count(*) FROM analysis.graph_files AS known, unnest(known.consulted) AS used
    WHERE known.project_id = :project_id AND known.line = :main AND used = ANY(CAST(:ids AS uuid[])) GROUP BY used
    """
)
DEPENDANTS = sa.text(
    """
    SELECT path FROM analysis.graph_files WHERE project_id = :project_id AND line = :main
      AND (consulted && CAST(:ids AS uuid[]) OR stems && CAST(:stems AS text[]))
    """
)
