"""Counts what an archive really yields, and stops it at the first bound that it passes."""

from __future__ import annotations

from collections.abc import Callable

from functions.project.limits import (
    LARGEST_FILE,
    LARGEST_RATIO,
    LARGEST_TREE,
    MIB,
    MOST_FILES,
    RATIO_COUNTS_FROM,
    UNPACK_S,
)
from kernel.errors import TooLarge

LARGEST_STREAM = LARGEST_TREE + 64 * MIB  # a tar's headers and padding: 2 kB for each of 20,000 files, and some


class Meter:
    """`packed_bytes` is the size of the archive itself, `clock` counts seconds. Each method raises TooLarge."""

    def __init__(self, packed_bytes: int, clock: Callable[[], float]) -> None:
        self._packed_bytes = packed_bytes
        self._clock = clock
        self._deadline = clock() + UNPACK_S
        self._entries = 0
        self._content_bytes = 0
        self._stream_bytes = 0

    def entry(self, declared_bytes: int) -> None:
        """One more entry, which says that it has `declared_bytes`."""
        self._entries += 1
        if self._entries > MOST_FILES:
            raise TooLarge(f"the archive has more than {MOST_FILES} entries", code="too_many_files")
        self._check_content(declared_bytes, self._content_bytes + declared_bytes)

    def content(self, size_bytes: int, file_bytes: int) -> None:
        """`size_bytes` more of a file that has `file_bytes` so far."""
        self._content_bytes += size_bytes
        self._check_content(file_bytes, self._content_bytes)

    def stream(self, size_bytes: int) -> None:
        """`size_bytes` more came out of the decompressor, whatever they are."""
        self._stream_bytes += size_bytes
        if self._stream_bytes > max(LARGEST_RATIO * self._packed_bytes, RATIO_COUNTS_FROM):
            raise TooLarge(f"the archive unpacks to more than {LARGEST_RATIO} times its size", code="bomb_ratio")
        if self._stream_bytes > LARGEST_STREAM:
            raise _too_large()
        if self._clock() > self._deadline:
            raise TooLarge(f"the archive takes more than {UNPACK_S:.0f} s to unpack", code="too_slow")

    def _check_content(self, file_bytes: int, total_bytes: int) -> None:
        if file_bytes > LARGEST_FILE:
            raise TooLarge(f"a file in the archive has more than {LARGEST_FILE} bytes", code="file_too_large")
        if total_bytes > LARGEST_TREE:
            raise _too_large()


def _too_large() -> TooLarge:
    return TooLarge(f"the archive unpacks to more than {LARGEST_TREE} bytes", code="too_large_unpacked")
