"""Which findings are new against a baseline: by fingerprint, as often as there are more of them than before.

Fingerprints are made of the rule and the normalised line, not of the path: moved and renamed code yields nothing new.
Only files that differ need to be looked at, as equal files carry equal findings on both sides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from functions.analysis.results import Mark


def new_places(now: Sequence[Mark], before: Sequence[Mark]) -> list[tuple[int, int]]:
    """(file seq, finding number) of what was not there; a match at the same path goes before one elsewhere."""
    known = Counter((found.path, found.fingerprint) for found in before)
    unmatched = []
    for found in now:
        if known[found.path, found.fingerprint] > 0:
            known[found.path, found.fingerprint] -= 1
        else:
            unmatched.append(found)
    elsewhere: Counter[str] = Counter()
    for (_, fingerprint), left in known.items():
        elsewhere[fingerprint] += left
    return [(found.seq, found.n) for found in unmatched if not _taken(elsewhere, found.fingerprint)]


def _taken(counts: Counter[str], fingerprint: str) -> bool:
    if counts[fingerprint] <= 0:
        return False
    counts[fingerprint] -= 1
    return True
