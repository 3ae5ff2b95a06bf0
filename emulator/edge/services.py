"""Every service of AWS that the emulator is not itself: S3 in the object store, the rest in moto."""

from __future__ import annotations

import logging

from emulator.aws.chunked import BadChunks
from emulator.aws.forward import MAX_BYTES, Ended, TooLarge, Unreachable
from emulator.aws.moto import Moto
from emulator.aws.object_events import Deliver, ObjectEvents
from emulator.aws.objects import Objects, path_of
from emulator.aws.refusals import refusal
from emulator.aws.signatures import BadSignature, present
from emulator.web.messages import Request, Response

log = logging.getLogger(__name__)
_NOT_INSTALLED = b"Internal Server Error"


class Services:
    """Answers whatever is signed for a service. Without an object store S3 is in moto too, and `deliver` hears of it."""

    def __init__(self, moto: Moto, objects: Objects | None, deliver: Deliver) -> None:
        self._moto, self._objects = moto, objects
        self._events = ObjectEvents(moto.send, deliver)

    async def __call__(self, request: Request) -> Response | None:
        """Answer a request, or return None if no service is named."""
        try:
            caller = present(request)
        except BadSignature:
            return None
        service = caller.service
        try:
            return await self._send(request, service, caller.access_key)
        except Unreachable as failed:
            if not isinstance(failed, Ended):
                log.warning("%s does not answer: %s", service, failed)
            return refusal(request, service, 503, "ServiceUnavailable", str(failed))
        except TooLarge:
            message = f"Answers over {MAX_BYTES >> 20} MB do not pass this port: read the object in ranges."
            return refusal(request, service, 400, "InvalidRequest", message)
        except BadChunks as broken:
            return refusal(request, service, 400, "InvalidRequest", f"The body is malformed: {broken}.")

    async def _send(self, request: Request, service: str, access_key: str) -> Response:
        if service == "s3" and self._objects is not None:
            return await self._objects.send(request, access_key)
        if service == "s3":
            request = Request(request.method, path_of(request), request.query, request.headers, request.body)
        answer = await self._moto.send(request)
        if answer.status == 500 and _NOT_INSTALLED in answer.body[:200] and b"<title>" in answer.body[:200]:
            message = f"{service} is not emulated, or this operation of it is not."
            return refusal(request, service, 501, "NotImplemented", message)
        if service == "s3":
            await self._events.after(request, answer)
        return answer
