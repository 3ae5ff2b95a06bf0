"""Records which AWS operations each function calls, and writes the least policy that allows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from emulator.aws.operations import Operation

_MAX_RESOURCES = 200
"""Resources kept of one action of one function; above it the policy says `*`."""
FunctionOf = Callable[[str], str | None]
"""Returns the function whose access key id this is."""


class Recorder:
    """Counts calls by function, permission and resource, from the start of the emulator."""

    def __init__(self, function_of: FunctionOf) -> None:
        self._function_of = function_of
        self._calls: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))

    def record(self, access_key: str, operations: Iterable[Operation]) -> None:
        """Keep what a request asked for, if a function sent it."""
        function = self._function_of(access_key)
        if function is None:
            return
        for operation in operations:
            resources = self._calls[function][operation.permission]
            known = operation.resource in resources or len(resources) < _MAX_RESOURCES
            resource = operation.resource if known else "*"
            resources[resource] = resources.get(resource, 0) + 1

    def calls(self, function: str) -> list[dict[str, Any]]:
        """Return what a function called and how often."""
        return [
            {"action": permission, "resource": resource, "count": count}
            for permission, resources in sorted(self._calls.get(function, {}).items())
            for resource, count in sorted(resources.items())
        ]

    def policy(self, function: str) -> dict[str, Any]:
        """Return an IAM policy document that allows what the function called, and nothing else.

        AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
        """
        actions: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for permission, resources in sorted(self._calls.get(function, {}).items()):
            named = ("*",) if "*" in resources else tuple(sorted(resources))
            actions[named].append(permission)
        statements = [
            {"Effect": "Allow", "Action": permissions, "Resource": list(resources)}
            for resources, permissions in sorted(actions.items())
        ]
        return {"Version": "2012-10-17", "Statement": statements}
