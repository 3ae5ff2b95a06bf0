"""What one process prints: lines of its standard output, and the framed records of awslambdaric's logger."""

from __future__ import annotations

from emulator.runtime.logs import FunctionLog, Pipe

TAIL_BYTES = 4096
_FRAME_HEAD = 16
_FRAME_MARK = b"\xa5\x5a"
_MAX_FRAME = 8 * 1024 * 1024
_MAX_LINE = 256 * 1024
"""CloudWatch cuts an event there, too."""


class Output:
    """Collects a process's output; `request_id` is the invocation that it belongs to now."""

    def __init__(self, log: FunctionLog) -> None:
        self._log = log
        self._line = b""
        self._frames = bytearray()
        self._tail: list[str] = []
        self.request_id = ""
        self.printed = Pipe(self._on_print)
        self.framed = Pipe(self._on_frames)

    def started(self) -> None:
        """The process is there: only it holds the writing ends from now on."""
        self.printed.started()
        self.framed.started()

    def begin(self, request_id: str) -> None:
        """An invocation starts: what comes from here on is its own."""
        self.drain()
        self.request_id = request_id
        self._tail.clear()

    def end(self) -> None:
        self.request_id = ""

    def drain(self) -> None:
        """Take what was written before now, a last line without its newline included."""
        self.printed.take()
        self.framed.take()
        if self._line:
            self._on_print(b"\n")

    def platform(self, text: str) -> None:
        """Add a line of Lambda's own (START, END, REPORT)."""
        self._add(text)

    def tail(self) -> bytes:
        """Return the last 4 KB of the invocation's log."""
        return "".join(line + "\n" for line in self._tail).encode("utf-8", "replace")[-TAIL_BYTES:]

    def close(self) -> None:
        self.drain()
        self.printed.close()
        self.framed.close()

    def _add(self, text: str) -> None:
        self._tail.append(text[-TAIL_BYTES:])
        if len(self._tail) > 1000:
            del self._tail[:500]
        self._log.write(self.request_id, text)

    def _on_print(self, data: bytes) -> None:
        *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            self._add(line.decode("utf-8", "replace"))
        if len(self._line) > _MAX_LINE:
            self._add(self._line.decode("utf-8", "replace"))
            self._line = b""

    def _on_frames(self, data: bytes) -> None:
        """Take records: mark, type, length, time, text. What is none of these is printed text."""
        self._frames += data
        while len(self._frames) >= _FRAME_HEAD:
            size = int.from_bytes(self._frames[4:8], "big")
            if not self._frames.startswith(_FRAME_MARK) or size > _MAX_FRAME:
                stray, self._frames = bytes(self._frames), bytearray()
                self._on_print(stray)
                return
            if len(self._frames) < _FRAME_HEAD + size:
                return
            text = self._frames[_FRAME_HEAD : _FRAME_HEAD + size]
            del self._frames[: _FRAME_HEAD + size]
            self._add(text.decode("utf-8", "replace").rstrip("\n"))
