"""Graph algorithms in this process, in compiled code."""

from __future__ import annotations

from collections.abc import Sequence


class RustComponents:
    """`stores.Components` by rustworkx."""

    def cycles(self, edges: Sequence[tuple[str, str]]) -> list[list[str]]:
        import rustworkx

        names = sorted({name for edge in edges for name in edge})
        numbers = {name: number for number, name in enumerate(names)}
        graph = rustworkx.PyDiGraph(multigraph=False)
        graph.add_nodes_from(names)
        graph.add_edges_from_no_data([(numbers[source], numbers[target]) for source, target in edges])
        found = [sorted(names[number] for number in one) for one in rustworkx.strongly_connected_components(graph)]
        return sorted((one for one in found if len(one) > 1), key=lambda one: (-len(one), one))
