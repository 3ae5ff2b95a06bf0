"""Lines that differ with the lines around them, as a unified diff has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from functions.project.diffs.lines import Block, Budget, compare

CONTEXT = 3
LOOKED_AT = 8_000  # bytes in which a NUL says that this is no text: git's rule
NO_END = "\\ No newline at end of file"


@dataclass(frozen=True, slots=True)
class Hunk:
    """`lines` begin with a space, `-` or `+`; starts count from 1, or are 0 where nothing is."""

    old_start: int
    old_lines: int
    new_start: int
    new_lines: int
    lines: Sequence[str]


def is_binary(data: bytes) -> bool:
    return b"\0" in data[:LOOKED_AT]


def lines_of(data: bytes) -> list[bytes]:
    """Lines with their ends, so that one without an end differs from one with it."""
    lines = data.split(b"\n")
    last = lines.pop()
    return [line + b"\n" for line in lines] + ([last] if last else [])


def counts(old: bytes, new: bytes, budget: Budget) -> tuple[int, int]:
    """Lines that were added and removed."""
    blocks = compare(lines_of(old), lines_of(new), budget)
    return sum(one.new_end - one.new_start for one in blocks), sum(one.old_end - one.old_start for one in blocks)


def hunks(old: bytes, new: bytes, budget: Budget) -> list[Hunk]:
    """What differs, with `CONTEXT` lines around it; what is no UTF-8 is shown with replacement characters."""
    before, after = lines_of(old), lines_of(new)
    return [_hunk(group, before, after) for group in _groups(compare(before, after, budget))]


def _groups(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Blocks whose context would touch."""
    group: list[Block] = []
    for block in blocks:
        if group and block.old_start - group[-1].old_end > 2 * CONTEXT:
            yield group
            group = []
        group.append(block)
    if group:
        yield group


def _hunk(group: Sequence[Block], old: Sequence[bytes], new: Sequence[bytes]) -> Hunk:
    first, last = group[0], group[-1]
    above = min(CONTEXT, first.old_start)
    old_start, new_start = first.old_start - above, first.new_start - above
    below = min(CONTEXT, len(old) - last.old_end)
    lines: list[str] = []
    at = old_start
    for block in group:
        lines += _shown(" ", old[at : block.old_start])
        lines += _shown("-", old[block.old_start : block.old_end])
        lines += _shown("+", new[block.new_start : block.new_end])
        at = block.old_end
    lines += _shown(" ", old[at : at + below])
    old_lines, new_lines = last.old_end + below - old_start, last.new_end + below - new_start
    return Hunk(old_start + (old_lines > 0), old_lines, new_start + (new_lines > 0), new_lines, lines)


def _shown(mark: str, lines: Sequence[bytes]) -> Iterator[str]:
    for line in lines:
        yield mark + line.removesuffix(b"\n").decode(errors="replace")
        if not line.endswith(b"\n"):
            yield NO_END
