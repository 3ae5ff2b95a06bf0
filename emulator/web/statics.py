"""Files and folders that the gateway serves where no route matches."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from emulator.web.messages import Request, Response

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
    ".yaml": "application/yaml",
}


class Statics:
    """Maps path prefixes to a file or a folder; a folder's own page is its `index.html`."""

    def __init__(self, mounts: Mapping[str, Path]) -> None:
        longest_first = sorted(mounts.items(), key=lambda mount: -len(mount[0]))
        self._mounts = [("/" + prefix.strip("/"), path.resolve()) for prefix, path in longest_first]

    def answer(self, request: Request) -> Response | None:
        """Return the file at the request's path, or None if there is none."""
        if request.method not in ("GET", "HEAD"):
            return None
        path = unquote(request.path)
        for prefix, root in self._mounts:
            inside = self._inside(prefix, path)
            if inside is not None and (file := _file(root, inside)) is not None:
                return _response(file)
        return None

    @staticmethod
    def _inside(prefix: str, path: str) -> str | None:
        if prefix == "/":
            return path.lstrip("/")
        if path == prefix or path.startswith(prefix + "/"):
            return path[len(prefix) :].lstrip("/")
        return None


def _file(root: Path, inside: str) -> Path | None:
    if "\0" in inside:
        return None
    if root.is_file():
        return root if not inside else None
    found = (root / inside).resolve()
    if not found.is_relative_to(root):
        return None
    if found.is_dir():
        found = found / "index.html"
    return found if found.is_file() else None


def _response(file: Path) -> Response:
    kind = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    headers = [("Content-Type", kind), ("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-cache")]
    return Response(200, headers, file.read_bytes())
