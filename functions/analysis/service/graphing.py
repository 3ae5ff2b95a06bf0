"""placeholder"""

from __future__ import annotations

from functions.analysis.lifecycle import Analysis, GraphState
from functions.analysis.ports import Deps
from kernel.identity import Caller


def update(deps: Deps, caller: Caller, analysis: Analysis) -> GraphState:
    return GraphState.PENDING
