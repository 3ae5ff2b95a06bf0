"""What a template says about a queue that wakes a function."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SqsMapping:
    """`queue` is an ARN. `concurrency` bounds how many batches are in the function at once."""

    name: str
    function: str
    queue: str
    batch_size: int = 10
    window_s: int = 0
    partial: bool = False
    concurrency: int | None = None
    filters: tuple[str, ...] = ()

    @property
    def fifo(self) -> bool:
        return self.queue.endswith(".fifo")
