"""`FunctionUrlConfig` of a function.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-functionurlconfig.html
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from emulator.template.errors import TemplateError
from emulator.template.http_apis import cors, unknown_cors
from emulator.template.http_model import FunctionUrl
from emulator.template.model import Function

READ = {"AuthType", "Cors", "InvokeMode"}
_LENGTH = 32


def read(function: Function, given: Mapping[str, Any]) -> FunctionUrl | None:
    """Read a function's URL, if it declares one.

    Raises:
        TemplateError: its authentication or its mode is not one that is emulated.
    """
    config = given.get("FunctionUrlConfig")
    if config is None:
        return None
    place = f"{function.logical_id}: FunctionUrlConfig"
    if not isinstance(config, Mapping):
        raise TemplateError(f"{place} is not a map")
    auth = config.get("AuthType")
    if auth not in ("NONE", "AWS_IAM"):
        raise TemplateError(f"{place} needs an AuthType of NONE or AWS_IAM")
    if config.get("InvokeMode", "BUFFERED") not in ("BUFFERED", "RESPONSE_STREAM"):
        raise TemplateError(
            f"{place} has the InvokeMode {config['InvokeMode']}, known are BUFFERED and RESPONSE_STREAM"
        )
    try:
        allowed = cors(place, config.get("Cors"), wildcard_credentials=True)
    except (AttributeError, TypeError, ValueError) as wrong:
        raise TemplateError(f"{place} has a property of the wrong kind: {wrong}") from wrong
    return FunctionUrl(function.name, url_id(function.name), auth, allowed)


def warnings(function: Function, given: Mapping[str, Any]) -> list[str]:
    """Name what is declared and left out; a streamed answer is sent in one piece."""
    config = given.get("FunctionUrlConfig") or {}
    unknown = sorted(set(config) - READ) + unknown_cors("Cors", config.get("Cors"))
    if config.get("InvokeMode") == "RESPONSE_STREAM":
        unknown.append("InvokeMode RESPONSE_STREAM")
    return [f"{function.logical_id}: FunctionUrlConfig.{name} is not emulated" for name in unknown]


def url_id(name: str) -> str:
    """Return 32 letters and digits that stay the same for a function."""
    digest = hashlib.sha256(name.encode()).digest()
    return base64.b32encode(digest).decode().lower()[:_LENGTH]
