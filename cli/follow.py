"""Follows an analysis and its AI review from the outside, by short polls that cost next to nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass

from cli.errors import UserError
from cli.exchange import ApiError
from cli.platform import Platform
from cli.progress import Progress
from cli.records import Analysis, Review

_QUICK_S, _SLOW_S = 0.2, 0.5
_QUICK_FOR_S = 5.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to wait, and for how long altogether. `until` is in monotonic seconds."""

    began: float
    until: float

    @classmethod
    def of(cls, timeout_s: float) -> Pace:
        now = time.monotonic()
        return cls(now, now + timeout_s)

    def pause(self) -> bool:
        """Wait a moment; False when the time is over."""
        now = time.monotonic()
        if now >= self.until:
            return False
        time.sleep(min(_QUICK_S if now - self.began < _QUICK_FOR_S else _SLOW_S, self.until - now))
        return True


def analysis(platform: Platform, version_id: str, progress: Progress, *, timeout_s: float) -> Analysis:
    """Return the ended analysis of a version.

    Raises:
        UserError: it failed, or did not end in time.
    """
    pace = Pace.of(timeout_s)
    progress.phase("plan")
    current = _planned(platform, version_id, pace)
    etag: str | None = None
    while not current.ended:
        _show(progress, current)
        if not pace.pause():
            raise UserError(
                f"The analysis {current.id} did not end within {timeout_s:.0f} s; it goes on at the server."
            )
        newer, etag = platform.analysis(current.id, etag)
        current = newer or current
    if current.state == "failed":
        raise UserError(f"The analysis {current.id} failed: {current.reason or 'it gives no reason'}.")
    return platform.analysis(current.id, None)[0] or current


def _planned(platform: Platform, version_id: str, pace: Pace) -> Analysis:
    while True:
        found = platform.analysis_of(version_id)
        if found is not None:
            return found
        if not pace.pause():
            raise UserError("The platform has not begun the analysis in time: see `coderev status`.")


def _show(progress: Progress, current: Analysis) -> None:
    if current.state == "merging":
        progress.phase("merge")
    elif current.files_total:
        progress.phase("analyse", current.files_total)
        progress.at(current.files_done, current.files_total)


def review(platform: Platform, analysis_id: str, progress: Progress, *, timeout_s: float) -> Review | None:
    """Return the ended review; None when there is none in time. Whatever goes wrong here fails no command."""
    pace = Pace.of(timeout_s)
    progress.phase("review")
    while True:
        found = _asked(platform, analysis_id)
        if found is not None and found.state in ("completed", "failed"):
            return found
        if not pace.pause():
            return None


def _asked(platform: Platform, analysis_id: str) -> Review | None:
    try:
        return platform.review_of(analysis_id)
    except ApiError as refused:
        if refused.status >= 500 or refused.status == 404:
            return None
        raise
