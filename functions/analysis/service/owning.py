"""The CODEOWNERS file of a version."""

from __future__ import annotations

from functions.analysis.codeowners import LARGEST_BYTES, PLACES
from functions.analysis.graph import MAIN
from functions.analysis.lifecycle import Analysis
from functions.analysis.ports import Deps
from functions.analysis.repositories import OwnersFile
from functions.analysis.service.contents import contents
from kernel.identity import Caller


def owners_file(deps: Deps, caller: Caller, analysis: Analysis) -> OwnersFile | None:
    """The version's own; it is fetched only if the main line knows another one. Raises Unavailable."""
    with deps.work(caller) as work:
        there = work.graphs.owners_at(analysis, PLACES)
        known = work.graphs.owners(analysis.project_id, MAIN)
    place = next((one for one in PLACES if one in there), None)
    if place is None:
        return None
    if known is not None and (known.path, known.sha256) == (place, there[place]):
        return known
    data = contents(deps, analysis, [place], largest=LARGEST_BYTES).get(place, b"")
    return OwnersFile(place, data.decode(errors="replace").replace("\0", "\ufffd"), there[place])
