"""Messages of a WebSocket, which may come in several frames."""

from __future__ import annotations

from websockets.frames import Frame, Opcode


class Pieces:
    """Puts the frames of a message together."""

    __slots__ = ("_parts", "_text")

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._text = False

    def add(self, frame: Frame) -> str | bytes | None:
        """Return the message that this frame completes, if it does.

        Raises:
            UnicodeDecodeError: it is text and not UTF-8.
        """
        if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return None
        if frame.opcode is not Opcode.CONT:
            self._text = frame.opcode is Opcode.TEXT
        self._parts.append(bytes(frame.data))
        if not frame.fin:
            return None
        data, self._parts = b"".join(self._parts), []
        return data.decode() if self._text else data
