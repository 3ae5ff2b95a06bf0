"""Calls between functions through the Lambda Invoke API: the same locally and in the cloud."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from kernel import errors, observe, resources
from kernel.identity import Caller, bearer_of, service_key, ticket
from kernel.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

M = TypeVar("M", bound=BaseModel)
_KINDS = {kind.code: kind for kind in errors.DomainError.__subclasses__()}


@dataclass(frozen=True, slots=True)
class Functions:
    """The other functions of this installation, by their names without the prefix (`provider-resolve`)."""

    client: Callable[[], LambdaClient]
    prefix: str
    key: bytes

    def call(self, function: str, question: BaseModel, answer: type[M], caller: Caller) -> M:
        """Ask another domain, on behalf of `caller`, and wait for its typed answer.

        Raises:
            DomainError: what the other function refused with, as if it had been raised here.
            Unavailable: it could not be reached, failed or timed out.
        """
        payload = {
            "ticket": ticket(caller, to=function, key=self.key),
            "traceparent": observe.traceparent(),
            "question": json.loads(question.model_dump_json()),
        }
        result = self._invoke(function, payload)
        if "error" in result:
            kind = _KINDS.get(result["error"]["kind"], errors.Unavailable)
            raise kind(result["error"]["message"], code=result["error"]["code"])
        return answer.model_validate(result["answer"])

    def _invoke(self, function: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            reply = self.client().invoke(FunctionName=f"{self.prefix}-{function}", Payload=json.dumps(payload).encode())
            result: dict[str, Any] = json.loads(reply["Payload"].read())
        except (BotoCoreError, ClientError, ValueError) as failed:
            raise errors.Unavailable(function) from failed
        if "FunctionError" in reply:
            raise errors.Unavailable(function)
        return result

    def nudge(self, function: str) -> None:
        """Wake a function without waiting for it. Its sweep finds what a lost nudge left behind."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self.client().invoke(FunctionName=f"{self.prefix}-{function}", InvocationType="Event", Payload=b"{}")
        except (BotoCoreError, ClientError) as failed:
            observe.log.warning("nudge lost", function=function, reason=type(failed).__name__)


def functions(settings: Settings) -> Functions:
    key = service_key(settings.jwt_secret_key.get_secret_value())
    return Functions(resources.functions, settings.function_prefix, key)


def answering(
    me: str, key: bytes, question: type[BaseModel], view: Callable[[Any, Caller], BaseModel]
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """The other end of `Functions.call`: a handler that verifies the ticket and answers or refuses."""

    def handle(event: Mapping[str, Any]) -> dict[str, Any]:
        try:
            caller = bearer_of(str(event.get("ticket", "")), me=me, key=key)
            asked = question.model_validate(event.get("question"))
            with observe.span(me, correlation_id=caller.request_id, parent=event.get("traceparent")):
                return {"answer": json.loads(view(asked, caller).model_dump_json())}
        except errors.DomainError as refused:
            kind = next(code for code, kind in _KINDS.items() if isinstance(refused, kind))
            return {"error": {"kind": kind, "code": refused.code, "message": refused.message}}

    return handle
