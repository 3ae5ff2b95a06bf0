"""Fingerprints of a content's tokens by winnowing: Schleimer, Wilkerson, Aiken, SIGMOD 2003.

Of each window of grams (`GRAM` tokens in a row) the smallest in a fixed order is kept, so two equal runs of
`LEAST_TOKENS` tokens have at least one fingerprint in common wherever they stand. Standard library only: the merge reads these where no parser is.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

from functions.analysis.engines.limits import Limits
from functions.analysis.engines.text import longest_line
from functions.analysis.engines.tokens import NOT_CODE, Tokens, tokens
from functions.analysis.engines.unit import Unit

LEAST_TOKENS = 100
GRAM = 50
_WINDOW = LEAST_TOKENS - GRAM + 1
_LEAST_DISTINCT = 12  # of a gram's tokens: tables and long lists of literals say nothing
_HEAD = struct.Struct("<III")


@dataclass(frozen=True, slots=True)
class Shingled:
    """Tokens, and the fingerprints chosen of them: `grams[i]` is of the tokens from `places[i]` on."""

    hashes: Sequence[int]
    counts: Sequence[int]
    grams: Sequence[int]
    places: Sequence[int]


def tokens_of(unit: Unit, limits: Limits) -> bytes:
    """What the search for duplicates needs of a content, packed; empty for what is no code or that a tool has made."""
    language = unit.content.language.name
    made = unit.generated or longest_line(unit.code) > limits.line_bytes
    return b"" if made or language in NOT_CODE else pack(shingled(tokens(unit.code, language)))


def shingled(found: Tokens) -> Shingled:
    """Choose fingerprints; a content that is too short to hold a duplicate has none."""
    hashes = found.hashes.tolist()
    data = memoryview(found.hashes).cast("B")
    chosen = [
        place for place in _minima(_order(found.hashes)) if len({*hashes[place : place + GRAM]}) >= _LEAST_DISTINCT
    ]
    grams = [crc32(data[4 * place : 4 * (place + GRAM)]) for place in chosen]
    return Shingled(found.hashes, found.counts, grams, chosen)


def _order(hashes: array[int]) -> list[int]:
    """What decides which gram of a window is chosen: a mixture of four of its tokens, cheaper than a hash of all.

    All of a content are mixed at once, as one long number.
    """
    many = max(len(hashes) - GRAM + 1, 0)
    data, size = hashes.tobytes(), many * hashes.itemsize
    mixed = 0
    for place in (0, 1, 3, 7):
        start = place * hashes.itemsize
        mixed ^= int.from_bytes(data[start : start + size], "little")
    return array("I", mixed.to_bytes(size, "little")).tolist()


def _minima(order: Sequence[int]) -> Iterator[int]:
    """The place of the smallest in each window, the leftmost of equals, each place once."""
    start, end = 0, len(order) - _WINDOW
    while start <= end:
        window = order[start : start + _WINDOW]
        least = min(window)
        place, seen = start + window.index(least), start + _WINDOW
        yield place
        while (smaller := _smaller(order, seen, place + _WINDOW, least)) is not None:
            place, least, seen = smaller, order[smaller], smaller + 1
            yield place
        start = place + 1


def _smaller(order: Sequence[int], start: int, end: int, least: int) -> int | None:
    """The first place from `start` on whose value is below `least`: it enters while `least` is still in the window."""
    for place, one in enumerate(order[start:end], start):
        if one < least:
            return place
    return None


def pack(found: Shingled) -> bytes:
    """Compressed, little-endian; empty if there is no fingerprint, as then nothing will ever be compared."""
    if not found.grams:
        return b""
    head = _HEAD.pack(len(found.hashes), len(found.counts), len(found.grams))
    body = [array("I", found.hashes), array("I", found.counts), array("I", found.grams), array("I", found.places)]
    return zlib.compress(head + b"".join(column.tobytes() for column in body), 1)


def unpack(packed: bytes) -> Shingled:
    data = zlib.decompress(packed)
    position = _HEAD.size
    tokens, lines, grams = _HEAD.unpack_from(data)
    columns = []
    for many in (tokens, lines, grams, grams):
        columns.append(array("I", data[position : position + 4 * many]))
        position += 4 * many
    return Shingled(*columns)
