"""Routes that read the journal: invocations and log lines."""

from __future__ import annotations

from itertools import islice

from emulator.console.journal import Journal, Wanted
from emulator.console.router import Asked, Refused, Route
from emulator.console.views import Views
from emulator.web.messages import Response, json_response

PAGE, LARGEST_PAGE = 50, 200
LINES, MOST_LINES = 200, 2000


class Invocations:
    """Routes under `/_emulator/invocations` and `/_emulator/logs`."""

    def __init__(self, journal: Journal, views: Views) -> None:
        self._journal, self._views = journal, views

    def routes(self) -> list[Route]:
        return [
            ("GET", "/_emulator/invocations", self._list),
            ("GET", "/_emulator/invocations/{id}", self._one),
            ("GET", "/_emulator/logs", self._logs),
        ]

    async def _list(self, asked: Asked) -> Response:
        """Return a page, newest first; `next` is the `before` of the following one, null at the end."""
        limit = asked.number("limit", PAGE, largest=LARGEST_PAGE)
        query = asked.query
        wanted = Wanted(
            function=query.get("function") or None,
            origin=query.get("origin") or None,
            error=asked.flag("error"),
            before=asked.number("before", 0, largest=1 << 62) or None,
        )
        found = list(islice(self._journal.entries(wanted), limit + 1))
        page = found[:limit]
        told = {
            "running": [self._views.started(each) for each in self._journal.running()],
            "invocations": [self._views.summary(each) for each in page],
            "next": page[-1].number if page and len(found) > limit else None,
        }
        return json_response(200, told)

    async def _one(self, asked: Asked) -> Response:
        entry = self._journal.find(asked.names["id"])
        if entry is None:
            raise Refused(404, "unknown_invocation", "This invocation is not known, or no longer.")
        return json_response(200, self._views.detail(entry))

    async def _logs(self, asked: Asked) -> Response:
        """Return the latest lines, oldest first; `next` is the `after` with which to read on."""
        limit = asked.number("limit", LINES, largest=MOST_LINES)
        after = asked.number("after", 0, largest=1 << 62)
        found = list(self._journal.lines(asked.query.get("function") or None, after=after))
        page = found[:limit] if "after" in asked.query else found[-limit:]
        told = {"lines": [self._views.line(each) for each in page], "next": page[-1].number if page else after}
        return json_response(200, told)
