"""Questions to the past of a project, as far as the version came with its history."""

from __future__ import annotations

from collections.abc import Mapping

from functions.analysis.history import History
from functions.analysis.hotspots import Measured
from functions.analysis.lifecycle import Analysis
from functions.analysis.ports import Deps
from kernel.errors import NotFound
from kernel.identity import Caller

_UNREAD = ("lexical", "skipped")


def history_of(deps: Deps, analysis: Analysis) -> History | str:
    """The version's history, or a sentence that says why there is none. Raises Unavailable."""
    key = analysis.history_key
    if key is None:
        return "the version was published without its history"
    if not key.startswith(f"histories/{analysis.org_id}/"):
        return "the history belongs to another organisation"
    try:
        history = History.read(deps.blobs.get(key))
    except NotFound:
        return "the history is gone"
    return history if history.commits else "the history holds no commit that can be read"


def measured(deps: Deps, caller: Caller, analysis: Analysis) -> Mapping[str, Measured]:
    """All files of the version; complexity where a parser has read them."""
    with deps.work(caller) as work:
        rows = list(work.files.all(analysis.id))
    return {
        row.path: Measured(None if row.status in (None, *_UNREAD) else row.max_cyclomatic, row.code_lines)
        for row in rows
    }
