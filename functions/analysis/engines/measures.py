"""Lines and maintainability, from a content and the spans of its comments."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from functions.analysis.engines.scopes import Scope
from functions.analysis.engines.text import line_count
from functions.analysis.model import Metrics

_WORD = frozenset(b"_$@abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_SIGNS = bytes(byte for byte in range(33, 127) if byte not in _WORD)
_SPACES = bytes(32 if byte in _SIGNS else byte for byte in range(256))
_NOT_SIGNS = bytes(set(range(256)) - set(_SIGNS))
_CODE_LINE = re.compile(rb"^.*?\S", re.MULTILINE)


def without(data: bytes, spans: Iterable[tuple[int, int]]) -> bytes:
    """`data` with the spans cut out and their line ends kept."""
    pieces: list[bytes] = []
    position = 0
    for start, end in spans:
        if start >= position:
            pieces += (data[position:start], b"\n" * data.count(b"\n", start, end))
            position = end
    pieces.append(data[position:])
    return b"".join(pieces)


def lines(data: bytes, code: bytes) -> Metrics:
    """Count: a line is blank if it holds nothing, code if something is left without comments, else comment."""
    total, filled, coded = line_count(data), _filled(data), _filled(code)
    return Metrics(lines=total, code=coded, comment=filled - coded, blank=total - filled)


def _filled(data: bytes) -> int:
    return sum(map(bool, map(bytes.strip, data.split(b"\n"))))


def volume(code: bytes) -> float:
    """Halstead's volume N log2 n in bits, with words as operands and single signs as operators, lexically."""
    words = code.translate(_SPACES).split()
    signs = code.translate(None, _NOT_SIGNS)
    vocabulary = len(set(words)) + len(set(signs))
    return (len(words) + len(signs)) * math.log2(vocabulary) if vocabulary > 1 else 0.0


def maintainability(code: bytes, metrics: Metrics, functions: Sequence[Scope]) -> float | None:
    """The four-metric index of Coleman, Ash, Lowther and Oman (IEEE Computer 27(8), 1994), on averages per function.

    171 - 5.2 ln V - 0.23 G - 16.2 ln L + 50 sin sqrt(2.4 C), scaled to 0..100 by 100/171 and cut off at 0 and 100, where V is
    the volume, G the cyclomatic complexity and L the code lines per function, C the share of comment lines. None without functions.
    """
    if not functions:
        return None
    count = len(functions)
    average_volume = max(volume(code) / count, 1.0)
    average_complexity = sum(function.cyclomatic for function in functions) / count
    average_lines = max(metrics.code / count, 1.0)
    share = metrics.comment / max(metrics.code + metrics.comment, 1)
    index = 171 - 5.2 * math.log(average_volume) - 0.23 * average_complexity - 16.2 * math.log(average_lines)
    return round(min(max((index + 50 * math.sin(math.sqrt(2.4 * share))) / 1.71, 0.0), 100.0), 1)
