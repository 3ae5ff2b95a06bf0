"""Use cases, in the order an analysis meets them: plan, run shards, merge; beside them the sweep."""

from functions.analysis.service.merging import merge
from functions.analysis.service.planning import Published, plan
from functions.analysis.service.shards import run_shard
from functions.analysis.service.sweeping import sweep
from functions.analysis.service.tracking import Baseline, rebase

__all__ = ["Baseline", "Published", "merge", "plan", "rebase", "run_shard", "sweep"]
