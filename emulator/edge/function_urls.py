"""How the Lambda API describes the URL of a function.

AWS: https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionUrlConfig.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from emulator.http_api.urls import address
from emulator.template.http_model import FunctionUrl
from emulator.template.model import function_arn


@dataclass(frozen=True, slots=True)
class Urls:
    """The URLs of a template. `ports` tells on which port they are served, once they are."""

    declared: Iterable[FunctionUrl] = ()
    ports: Mapping[str, int] = field(default_factory=dict)

    def of(self, function: str, since: float) -> list[dict[str, Any]]:
        """Return what is to be told of a function's URL, which it may not have.

        Args:
            since: When it came to be, in seconds since 1970.
        """
        made = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        return [
            {
                "FunctionUrl": address(url, self.ports.get("all", 0)),
                "FunctionArn": function_arn(function),
                "AuthType": url.auth,
                "InvokeMode": "BUFFERED",
                "CreationTime": made,
                "LastModifiedTime": made,
            }
            for url in self.declared
            if url.function == function
        ]
