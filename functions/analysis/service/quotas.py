"""How many analyses may wait: beyond that a version's analysis fails with the reason `quota`, and can be restarted.

An analysis that is refused costs one row. One that waited unplanned would cost no more, but nobody would learn from
it that the platform is behind; a failed one tells its publisher at once, and the gate of a merge stays closed.
"""

from __future__ import annotations

from functions.analysis.lifecycle import Analysis
from functions.analysis.ports import Limits, Work


def exceeded(work: Work, analysis: Analysis, limits: Limits) -> bool:
    """Whether one more analysis of this project would be too many, for it or for its organisation.

    Two that are planned at the same moment may both be let in: the bound protects the platform, not a price.
    """
    of_project, of_organisation = work.queue.count_open(analysis.project_id)
    return of_project >= limits.queued_per_project or of_organisation >= limits.queued_per_organisation
