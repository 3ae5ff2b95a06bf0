"""Errors in the words of each service: JSON, or XML for S3 and the services that take forms."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from xml.sax.saxutils import escape

from emulator.web.messages import Request, Response

_S3_CODES = {
    "MissingAuthenticationTokenException": "AccessDenied",
    "IncompleteSignatureException": "AuthorizationHeaderMalformed",
    "UnrecognizedClientException": "InvalidAccessKeyId",
    "InvalidSignatureException": "SignatureDoesNotMatch",
}
_FORM_CODES = {
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
    "IncompleteSignatureException": "IncompleteSignature",
    "UnrecognizedClientException": "InvalidClientTokenId",
    "InvalidSignatureException": "SignatureDoesNotMatch",
}


def refusal(request: Request, service: str, status: int, code: str, message: str) -> Response:
    """Return an error as a service would send it. `code` is what JSON services call it."""
    if service == "s3":
        return _xml(
            status, f"<Error><Code>{_S3_CODES.get(code, code)}</Code><Message>{escape(message)}</Message>%s</Error>"
        )
    if "form" in (request.header("content-type") or ""):
        named = _FORM_CODES.get(code, code)
        inner = f"<Type>Sender</Type><Code>{named}</Code><Message>{escape(message)}</Message>"
        return _xml(status, f"<ErrorResponse><Error>{inner}</Error>%s</ErrorResponse>")
    if request.header("x-amz-target"):
        return _json(status, {"__type": code, "message": message}, code, request.header("content-type"))
    return _json(status, {"message": message}, code)


def _json(status: int, document: Mapping[str, str], code: str, kind: str | None = None) -> Response:
    headers = [
        ("Content-Type", kind or "application/json"),
        ("x-amzn-ErrorType", code),
        ("x-amzn-RequestId", str(uuid.uuid4())),
    ]
    return Response(status, headers, json.dumps(document).encode())


def _xml(status: int, text: str) -> Response:
    made = str(uuid.uuid4())
    headers = [("Content-Type", "application/xml"), ("x-amz-request-id", made)]
    return Response(status, headers, (text % f"<RequestId>{made}</RequestId>").encode())
