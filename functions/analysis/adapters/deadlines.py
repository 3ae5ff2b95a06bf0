"""A bound on the time of a call into a library that waits for its peer without one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """What `call` returns or raises. Raises TimeoutError after `seconds`; the call is then left to itself."""
    answer: Future[Result] = Future()
    context = copy_context()

    def answered() -> None:
        try:
            answer.set_result(context.run(call))
        except BaseException as failed:  # noqa: BLE001 - handed to whoever waits
            answer.set_exception(failed)

    Thread(target=answered, name="within", daemon=True).start()
    return answer.result(max(seconds, 0.0))
