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
_WITHOUT_PREFIX = frozenset(
    {
        "DATABASE_URL", "REDIS_URL", "NEO4J_URI", "NEO4J_USER", "NEO4J_PASSWORD", "S3_ENDPOINT", "S3_ACCESS_KEY",
        "S3_SECRET_KEY", "KAFKA_BOOTSTRAP_SERVERS", "OPA_URL", "INFERENCE_URL", "OPENAI_API_KEY", "JWT_SECRET_KEY",
        "ACCESS_TOKEN_EXPIRE_MINUTES", "REFRESH_TOKEN_EXPIRE_DAYS",
    }
)  # fmt: skip
"""Names that others use too; all else is ours alone, so that a `STAGE` or `RUNTIME` of the shell means nothing here."""
Lookup = Callable[[str], str | None]


def variable_of(parameter: str) -> str:
    """The setting that a parameter stands for: DATABASE_URL for `DatabaseUrl`, CODEREV_STAGE for `Stage`."""
    if parameter in _OTHER_NAMES:
        return _OTHER_NAMES[parameter]
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", parameter).upper()
    return name if name in _WITHOUT_PREFIX else f"CODEREV_{name}"


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
    names = {parameter: variable_of(parameter) for parameter in declared}
    found = {parameter: running.get(name) or given(name) or own.get(name) for parameter, name in names.items()}
    return {parameter: value for parameter, value in found.items() if value}
