"""The built-in page: plain files, served under a policy that lets nothing else in."""

from __future__ import annotations

from pathlib import Path

from emulator.console.router import Asked, Refused, Route
from emulator.web.messages import Response

FOLDER = Path(__file__).parent / "files"
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Page:
    """Routes of the page's files, which are read once."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._files: dict[str, Response] = {}

    def routes(self) -> list[Route]:
        return [("GET", "/_emulator", self._index), ("GET", "/_emulator/page/{file}", self._file)]

    async def _index(self, asked: Asked) -> Response:
        if not asked.request.path.endswith("/"):
            return Response(308, [("Location", "/_emulator/")])
        return self._answer("index.html")

    async def _file(self, asked: Asked) -> Response:
        return self._answer(asked.names["file"])

    def _answer(self, name: str) -> Response:
        if not self._files:
            self._files = {path.name: _response(path) for path in self._folder.iterdir() if path.suffix in _TYPES}
        found = self._files.get(name)
        if found is None:
            raise Refused(404, "not_found", "The page has no such file.")
        return Response(found.status, list(found.headers), found.body)


def _response(path: Path) -> Response:
    headers = [
        ("Content-Type", f"{_TYPES[path.suffix]}; charset=utf-8"),
        ("Content-Security-Policy", _POLICY),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cache-Control", "no-cache"),
    ]
    return Response(200, headers, path.read_bytes())
