"""Everything that the graph store holds of a project, read past the product."""

from __future__ import annotations

from collections import Counter

from functions.analysis.graph import MAIN
from tests.integration.analysis.house import House

PROJECT = "01890000-0000-7000-8000-0000000000f1"
OTHER_PROJECT = "01890000-0000-7000-8000-0000000000f2"


def wiped(house: House, *projects: str) -> None:
    """Forget the projects in both stores."""
    for project in projects or (PROJECT, OTHER_PROJECT):
        house.deps.graph.wipe(house.org, project)
        house.sql("DELETE FROM analysis.graphs WHERE project_id = :id", id=project)


def graph(house: House, project: str = PROJECT, line: str = MAIN) -> tuple[set, set]:
    """All nodes and edges of a line, without its name; a node or an edge that is there twice fails."""
    driver, scope = house.deps.graph._driver(), f"{house.org}/{project}/{line}"

    def rows(statement: str) -> list:
        return driver.execute_query(statement, scope=scope, database_="neo4j").records

    nodes = [
        (*row["labels"], *sorted((k, v) for k, v in row["all"].items() if k not in ("key", "scope")))
        for row in rows("MATCH (n) WHERE n.scope = $scope RETURN labels(n) AS labels, properties(n) AS all")
    ]
    found = [
        (
            row["a"].removeprefix(f"{scope}/"),
            row["type"],
            row["times"],
            str((row["names"], row["kinds"])),
            row["b"].removeprefix(f"{scope}/"),
        )
        for row in rows(
            "MATCH (a)-[r]->(b) WHERE a.scope = $scope"
            " RETURN a.key AS a, type(r) AS type, r.times AS times, r.names AS names, r.kinds AS kinds, b.key AS b"
        )
    ]
    assert [one for one, times in Counter(map(str, nodes)).items() if times > 1] == []
    assert [one for one, times in Counter(found).items() if times > 1] == []
    return set(nodes), set(found)


def edges(house: House, line: str = MAIN) -> set[tuple[str, str, str]]:
    return {(a, kind, b) for a, kind, _, _, b in graph(house, line=line)[1] if kind not in ("CONTAINS", "USES")}


def counted(house: House, analysis_id: str) -> dict[str, int]:
    """What the product says that there is."""
    answer = house.client.get(f"/v1/analyses/{analysis_id}/graph")
    assert answer.status == 200, answer.json
    return {name: value for name, value in answer.json.items() if name not in ("version_id", "state")}
