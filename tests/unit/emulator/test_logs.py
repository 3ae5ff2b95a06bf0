"""Function logs: pieces become lines, frames become messages, files stay bounded."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from emulator.runtime import logs
from emulator.runtime.logs import FunctionLog, LogRecord
from emulator.runtime.output import Output


def frame(text: str) -> bytes:
    data = text.encode()
    return bytes.fromhex("a55a0003") + len(data).to_bytes(4, "big") + (7).to_bytes(8, "big") + data


def collect(tmp_path: Path, *pieces: tuple[str, bytes]) -> tuple[list[LogRecord], bytes]:
    records: list[LogRecord] = []

    async def main() -> bytes:
        output = Output(FunctionLog("f", tmp_path, records.append))
        output.begin("id-1")
        for pipe, data in pieces:
            os.write(getattr(output, pipe).writing, data)
            output.printed.take()
            output.framed.take()
        output.drain()
        tail = output.tail()
        output.end()
        output.close()
        return tail

    return records, asyncio.run(main())


def test_lines_in_pieces_and_without_an_end_are_whole(tmp_path):
    records, _ = collect(tmp_path, ("printed", b"one\ntw"), ("printed", b"o\nthree"))

    assert [(record.request_id, record.text) for record in records] == [
        ("id-1", "one"),
        ("id-1", "two"),
        ("id-1", "three"),
    ]


def test_a_frame_is_one_message_with_all_its_lines(tmp_path):
    whole = frame("[ERROR] a\nTraceback\n") + frame("é")
    records, _ = collect(tmp_path, ("framed", whole[:9]), ("framed", whole[9:30]), ("framed", whole[30:]))

    assert [record.text for record in records] == ["[ERROR] a\nTraceback", "é"]


def test_a_tail_is_at_most_four_kilobytes(tmp_path):
    _, tail = collect(tmp_path, ("printed", b"".join(b"%04d %s\n" % (n, b"x" * 50) for n in range(500))))

    assert len(tail) == 4096
    assert tail.rstrip().endswith(b"0499 " + b"x" * 50)


def test_invalid_utf8_does_not_hurt(tmp_path):
    records, _ = collect(tmp_path, ("printed", b"\xff\xfe\n"))

    assert records[0].text == "\ufffd\ufffd"


def test_a_log_file_is_rotated(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "MAX_FILE_BYTES", 1000)

    async def main() -> None:
        log = FunctionLog("f", tmp_path)
        for _ in range(10):
            log.write("id", "x" * 300)
            log.flush()

    asyncio.run(main())
    sizes = {file.name: file.stat().st_size for file in tmp_path.iterdir()}
    assert set(sizes) == {"f.log", "f.log.1"}
    assert all(size < 1500 for size in sizes.values())
