"""Signed requests: what `Authorizer: AWS_IAM` asks for.

https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html
"""

from __future__ import annotations

import re
from typing import Protocol
from urllib.parse import parse_qs

from emulator.rest.call import Caller
from emulator.rest.refusals import INCOMPLETE_SIGNATURE, UNSIGNED, Refused
from emulator.web.messages import Request

_ALGORITHM = "AWS4-HMAC-SHA256"
_PARTS = ("Credential", "SignedHeaders", "Signature")
_CREDENTIAL = re.compile(r"([\w.-]+)/\d{8}/[\w-]+/[\w-]+/aws4_request")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")


class Verify(Protocol):
    """Finds out who signed a request."""

    def __call__(self, request: Request) -> Caller:
        """Return the caller.

        Raises:
            Refused: 403; the signature is missing, incomplete, wrong or expired.
        """
        ...


def well_formed(request: Request) -> Caller:
    """Take any signature of Signature Version 4, in the header or in the query, without checking it.

    Raises:
        Refused: 403; there is none, or a part of it is missing.
    """
    header = request.header("authorization")
    found = _of_query(request.query) if header is None else _of_header(header, request)
    credential = _CREDENTIAL.fullmatch(found["Credential"])
    if credential is None:
        raise Refused(INCOMPLETE_SIGNATURE.saying("Credential must have exactly 5 slash-delimited elements."))
    if _SIGNATURE.fullmatch(found["Signature"]) is None:
        raise Refused(INCOMPLETE_SIGNATURE.saying("The signature is not 64 hexadecimal digits."))
    return Caller(access_key=credential[1])


def _of_header(header: str, request: Request) -> dict[str, str]:
    algorithm, _, rest = header.strip().partition(" ")
    pairs = [part.strip() for part in (rest if algorithm == _ALGORITHM else header).split(",")]
    for pair in pairs:
        if "=" not in pair:
            message = f"'{pair}' not a valid key=value pair (missing equal-sign) in Authorization header: '{header}'."
            raise Refused(INCOMPLETE_SIGNATURE.saying(message))
    found = dict(pair.split("=", 1) for pair in pairs)
    missing = [f"Authorization header requires '{name}' parameter." for name in _PARTS if name not in found]
    if request.header("x-amz-date") is None and request.header("date") is None:
        missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if missing:
        raise Refused(INCOMPLETE_SIGNATURE.saying(f"{' '.join(missing)} Authorization={algorithm}"))
    return found


def _of_query(query: str) -> dict[str, str]:
    given = {name: values[-1] for name, values in parse_qs(query).items()}
    if given.get("X-Amz-Algorithm") != _ALGORITHM:
        raise Refused(UNSIGNED)
    missing = [f"X-Amz-{name}" for name in (*_PARTS, "Date", "Expires") if f"X-Amz-{name}" not in given]
    if missing:
        message = (
            f"AWS query-string parameters must include {', '.join(missing)}. Re-examine the query-string parameters."
        )
        raise Refused(INCOMPLETE_SIGNATURE.saying(message))
    return {name: given[f"X-Amz-{name}"] for name in _PARTS}
