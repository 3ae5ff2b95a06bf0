"""Values of the template's parameters: from the running services, the environment and the generated secrets."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping

from cli.up.secrets import Secrets

_OTHER_NAMES = {
    "BucketName": "CODEREV_BUCKET",
    "OtlpEndpoint": "OTEL_EXPORTER_OTLP_ENDPOINT",
}
Lookup = Callable[[str], str | None]


def variables_of(parameter: str) -> tuple[str, ...]:
    """The settings that a parameter may stand for: `DatabaseUrl` for DATABASE_URL, else CODEREV_DATABASE_URL."""
    if parameter in _OTHER_NAMES:
        return (_OTHER_NAMES[parameter],)
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", parameter).upper()
    return name, f"CODEREV_{name}"


def values(declared: Iterable[str], running: Mapping[str, str], secrets: Secrets, given: Lookup) -> dict[str, str]:
    """Return the value of every declared parameter that has one here; the rest keep their defaults.

    Args:
        running: Settings of the services that run; they win over `given`, which they include.
    """
    own = {
        "JWT_SECRET_KEY": secrets.jwt_secret_key,
        "CODEREV_SETUP_TOKEN": secrets.setup_token,
        "CODEREV_STAGE": "local",
        "CODEREV_ANALYSIS_POLLERS": str(os.cpu_count() or 1),
    }
    found: dict[str, str] = {}
    for parameter in declared:
        for name in variables_of(parameter):
            value = running.get(name) or given(name) or own.get(name)
            if value:
                found[parameter] = value
                break
    return found
