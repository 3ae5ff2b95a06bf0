"""Variables that a function may not declare, because Lambda sets them.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from emulator.template.errors import TemplateError

RESERVED = {
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_MAX_CONCURRENCY", "AWS_LAMBDA_METADATA_API", "AWS_LAMBDA_METADATA_TOKEN", "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT",
}  # fmt: skip
MAX_BYTES = 4096
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_]+")
_UNABLE = (
    "Lambda was unable to configure your environment variables because the environment variables you have provided"
)


def check_variables(logical_id: str, variables: Mapping[str, str]) -> None:
    """Refuse what Lambda refuses when a function is created.

    Raises:
        TemplateError: a name is reserved or malformed, or all together are more than 4 KB.
    """
    reserved = sorted(RESERVED & variables.keys())
    if reserved:
        raise TemplateError(
            f"{logical_id}: {_UNABLE} contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )
    for name in variables:
        if not _NAME.fullmatch(name):
            raise TemplateError(f"{logical_id}: the environment variable {name} must match {_NAME.pattern}")
    if sum(len(name.encode()) + len(value.encode()) for name, value in variables.items()) > MAX_BYTES:
        raise TemplateError(f"{logical_id}: {_UNABLE} exceeded the 4KB limit")
