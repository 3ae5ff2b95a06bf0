"""Published versions of functions: each has processes of its own, which are told the version that they are.

AWS: https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

from emulator.runtime.pool import Pool
from emulator.runtime.results import UnknownFunction
from emulator.template import Function

Make = Callable[[Function], Pool]


class Versions:
    """The pools of versions; those of `$LATEST` are the runtime's own. A version's pool comes with its first event."""

    def __init__(self, make: Make) -> None:
        self._make = make
        self._pools: dict[tuple[str, str], Pool] = {}

    def __iter__(self) -> Iterator[Pool]:
        return iter(self._pools.values())

    def pool(self, latest: Pool, qualifier: str) -> Pool:
        """Return the pool of what a qualifier stands for; it shares the reserved concurrency of the function."""
        function = latest.function
        version = function.qualifiers.get(qualifier, function.version)
        if version == function.version or latest.alone:
            return latest
        found = self._pools.get((function.name, version))
        if found is None:
            found = self._pools[function.name, version] = self._make(replace(function, version=version))
            found.join(latest)
        return found

    def replace(self, functions: Mapping[str, Function], changed: Collection[str]) -> list[Pool]:
        """Serve other definitions from here on; return the pools that take no more events."""
        gone = []
        for (name, version), pool in list(self._pools.items()):
            function = functions.get(name)
            if function is None or version not in function.qualifiers.values():
                pool.close(UnknownFunction(name))
                gone.append(self._pools.pop((name, version)))
            elif (told := replace(function, version=version)) != pool.function or name in changed:
                pool.renew(told)
        return gone
