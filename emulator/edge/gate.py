"""In front of the APIs of AWS: nothing passes unsigned, and who called what is kept.

AWS: https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html
"""

from __future__ import annotations

from emulator.aws import operations
from emulator.aws.calls import Recorder
from emulator.aws.refusals import refusal
from emulator.aws.signatures import BadSignature, Verify
from emulator.edge.edge import Part
from emulator.web.messages import Request, Response

_FORBIDDEN = 403


class Gate:
    """Asks its parts in order, once a request is signed as `verify` wants it."""

    def __init__(self, verify: Verify, recorder: Recorder, *parts: Part) -> None:
        self._verify, self._recorder, self._parts = verify, recorder, parts

    async def __call__(self, request: Request) -> Response | None:
        """Answer a request; None only if no part knows it."""
        try:
            caller = self._verify(request)
        except BadSignature as bad:
            return refusal(request, _service(request), _FORBIDDEN, bad.code, bad.message)
        self._recorder.record(caller.access_key, operations.of(request, caller.service))
        for part in self._parts:
            if (answer := await part(request)) is not None:
                return answer
        return None


def _service(request: Request) -> str:
    """Return the service that a request which is not signed seems to mean."""
    credential = f"{request.header('authorization')}{request.query}"
    plain = not request.path.startswith(("/2015-03-31/", "/2014-11-13/")) and not request.header("x-amz-target")
    named = "/s3/aws4_request" in credential or "%2Fs3%2Faws4_request" in credential
    return "s3" if plain and (named or request.method in ("PUT", "HEAD")) else "lambda"
