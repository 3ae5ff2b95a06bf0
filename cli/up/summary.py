"""What `up` tells once it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Summary:
    """`memory_bytes` counts this process and all below it; `setup_token` is set while nobody has registered."""

    server: str
    edge: str
    domains: Mapping[str, int]
    services: Sequence[str]
    seconds: Mapping[str, float]
    memory_bytes: int
    setup_token: str | None
    pages: Sequence[str]

    def lines(self) -> list[str]:
        took = ", ".join(f"{name} {value:.1f} s" for name, value in self.seconds.items())
        first = max(self.seconds.values(), default=0.0)
        return [
            f"coderev answers after {first:.1f} s ({took}), {self.memory_bytes / 1e6:,.0f} MB in use",
            f"  API        {self.server}" + "".join(f"  {self.server}{page}" for page in self.pages),
            f"  Domains    {'  '.join(f'{name} :{port}' for name, port in self.domains.items()) or 'none'}",
            f"  Lambda API {self.edge}",
            f"  Services   {'  '.join(self.services) or 'none'}",
            *self._welcome(),
        ]

    def _welcome(self) -> list[str]:
        if self.setup_token:
            return [f"  First user: coderev login --setup-token {self.setup_token}"]
        return ["  Log in with `coderev login`, review with `coderev review PATH`; Ctrl-C stops everything."]
