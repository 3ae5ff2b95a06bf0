"""What one content and one child process may cost."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one file and of the child that reads a shard; times in seconds of the wall clock unless named CPU.

    `wall_s` and `cpu_s` bound one attempt on a whole shard; a shard that is cut in two after a failure gets the same bounds
    scaled by size, never below `floor_s`.
    """

    file_bytes: int = 1_000_000
    line_bytes: int = 10_000
    nesting: int = 200  # brackets; CPython's own parser stops at 200
    depth: int = 1_000  # levels of the syntax tree; the deepest file of CPython's library has 713
    findings: int = 1_000  # of one file
    wall_s: float = 40.0  # with a quarter of it to spare below the lease on a shard
    cpu_s: float = 240.0
    floor_s: float = 15.0
    rule_s: float = 1.0  # of one of the project's own rules on one file
    rules_share: float = 0.3  # of an attempt's time for all of the project's own rules
    semgrep_share: float = 0.5  # of an attempt's time for semgrep
    semgrep_bytes: int = 4_096 * MIB  # address space; it reserves 2 GiB before it begins
    memory_bytes: int = 1_536 * MIB  # address space of the child and, each for itself, of the tools it starts
    output_bytes: int = 64 * MIB
