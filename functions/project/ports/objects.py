"""The object store, as the use cases see it."""

from __future__ import annotations

from typing import Protocol


class Sized(Protocol):
    @property
    def size_bytes(self) -> int: ...


class Store(Protocol):
    """Objects; each method raises Unavailable if the store is down."""

    def get(self, key: str) -> bytes:
        """Raises NotFound."""
        ...

    def get_range(self, key: str, offset: int, size_bytes: int) -> bytes:
        """Raises NotFound."""
        ...

    def head(self, key: str) -> Sized:
        """Raises NotFound."""
        ...

    def download(self, key: str, into: str) -> None:
        """Raises NotFound."""
        ...

    def put(self, key: str, data: bytes, content_type: str = ...) -> None: ...

    def put_file(self, key: str, path: str) -> None: ...

    def delete(self, key: str) -> None:
        """Forget an object; one that is not there is no error."""
        ...

    def presigned_put(self, key: str, *, size_bytes: int, sha256: str) -> tuple[str, dict[str, str]]:
        """A URL that takes exactly this content, and the headers to send with it."""
        ...

    def presigned_get(self, key: str, *, filename: str) -> str:
        """A URL that downloads an object; `filename` is ours, never a user's."""
        ...
