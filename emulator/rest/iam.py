"""Signed requests: what `Authorizer: AWS_IAM` asks for.

https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html
"""

from __future__ import annotations

from dataclasses import replace

from emulator.aws.signatures import BadSignature, Verify
from emulator.aws.sigv4 import ALGORITHM
from emulator.rest.call import Caller
from emulator.rest.refusals import BAD_SIGNATURE, EXPIRED, INCOMPLETE_SIGNATURE, UNSIGNED, Refused
from emulator.web.messages import Request

_SERVICE = "execute-api"
_KINDS = {each.error: each for each in (BAD_SIGNATURE, EXPIRED, INCOMPLETE_SIGNATURE, UNSIGNED)}
_PARTS = ("Credential", "Signature", "SignedHeaders")


def caller_of(request: Request, verify: Verify) -> Caller:
    """Return who signed a request for API Gateway.

    Raises:
        Refused: 403; the signature is missing, incomplete, wrong or expired, or for another service.
    """
    header = request.header("authorization")
    if header is not None and not header.startswith(ALGORITHM):
        raise Refused(INCOMPLETE_SIGNATURE.saying(_complaint(header, request)))
    try:
        signed = verify(request)
    except BadSignature as bad:
        kind = _KINDS.get(bad.code, BAD_SIGNATURE)
        raise Refused(replace(kind, error=bad.code, message=bad.message)) from bad
    if signed.service != _SERVICE:
        raise Refused(BAD_SIGNATURE.saying(f"Credential should be scoped to correct service: '{_SERVICE}'."))
    return Caller(signed.access_key)


def _complaint(header: str, request: Request) -> str:
    """Say what AWS says about an `Authorization` that is not Signature Version 4's, a bearer token for one."""
    pairs = [part.strip() for part in header.split(",")]
    for pair in pairs:
        if "=" not in pair:
            return f"'{pair}' not a valid key=value pair (missing equal-sign) in Authorization header: '{header}'."
    missing = [f"Authorization header requires '{name}' parameter." for name in _PARTS]
    if request.header("x-amz-date") is None and request.header("date") is None:
        missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    return f"{' '.join(missing)} Authorization={header.partition(' ')[0]}"
