"""What handlers in this process print and log, told apart by their invocations.

Only while a handler runs do `sys.stdout`, `sys.stderr` and the root logger lead here, and only for its thread.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

_FORMAT = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
_STAMP = "%Y-%m-%dT%H:%M:%S"
_guard = threading.Lock()


class Printed:
    """The output of one invocation, or of loading a handler: hands on whole lines and messages, in the call's thread."""

    def __init__(self, request_id: str, take: Callable[[str], None]) -> None:
        self.request_id, self._take = request_id, take
        self._line = ""

    def write(self, text: str) -> None:
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self._take(line)

    def log(self, message: str, frame_type: object = None) -> None:
        """Take a message of `awslambdaric`."""
        self._take(message.rstrip("\n"))

    def log_error(self, lines: list[str]) -> None:
        """Take an error of `awslambdaric`."""
        self._take("\n".join(lines))

    def close(self) -> None:
        """Take a last line without its newline."""
        if self._line:
            self.write("\n")


_CURRENT: ContextVar[Printed | None] = ContextVar("printed", default=None)


class _Stream:
    """A standard stream: text of a call goes to its invocation, all other to the stream that was there before."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.before: Any = getattr(sys, f"__{name}__")

    def write(self, text: str) -> int:
        printed = _CURRENT.get()
        if printed is None:
            self._elsewhere().write(text)
        else:
            printed.write(text)
        return len(text)

    def flush(self) -> None:
        if _CURRENT.get() is None:
            self._elsewhere().flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._elsewhere(), name)

    def _elsewhere(self) -> Any:
        current = getattr(sys, self._name)
        return self.before if current is self else current


class _Handler(logging.Handler):
    """Writes records as Lambda's own handler of the root logger does."""

    def __init__(self) -> None:
        super().__init__()
        formatter = logging.Formatter(_FORMAT, _STAMP)
        formatter.converter = time.gmtime
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        printed = _CURRENT.get()
        if printed is not None:
            record.aws_request_id = printed.request_id
            printed.log(self.format(record))


_STREAMS = {name: _Stream(name) for name in ("stdout", "stderr")}
_HANDLER = _Handler()
_open: set[Printed] = set()


@contextlib.contextmanager
def into(printed: Printed) -> Iterator[None]:
    """Lead what this thread prints and logs into `printed`."""
    _begin(printed)
    token = _CURRENT.set(printed)
    try:
        yield
    finally:
        _CURRENT.reset(token)
        printed.close()
        drop(printed)


def _begin(printed: Printed) -> None:
    with _guard:
        _open.add(printed)
        if _HANDLER not in logging.getLogger().handlers:
            logging.getLogger().addHandler(_HANDLER)
        for name, stream in _STREAMS.items():
            if getattr(sys, name) is not stream:
                stream.before = getattr(sys, name)
                setattr(sys, name, stream)


def drop(printed: Printed) -> None:
    """Stop waiting for output; after the last one the streams are again what they were."""
    with _guard:
        _open.discard(printed)
        if _open:
            return
        logging.getLogger().removeHandler(_HANDLER)
        for name, stream in _STREAMS.items():
            if getattr(sys, name) is stream:
                setattr(sys, name, stream.before)
