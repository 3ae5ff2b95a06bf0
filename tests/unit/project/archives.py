"""Hostile archives, made when they are needed."""

from __future__ import annotations

import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable

Change = Callable[[bytearray], None]
DIRECTORY, LOCAL, END = b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"


def zip_of(*entries: tuple[str, bytes] | tuple[str, bytes, int], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of (name, content, mode); names and modes are written as they are given."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content, *mode in entries:
            info = zipfile.ZipInfo("x")
            info.filename = name
            info.compress_type = method
            info.create_system = 3
            info.external_attr = (mode[0] if mode else stat.S_IFREG | 0o644) << 16
            archive.writestr(info, content)
    return buffer.getvalue()


def tar_of(*entries: tuple[str, bytes] | tuple[str, bytes, dict[str, object]], mode: str = "w:gz") -> bytes:
    """A tar of (name, content, attributes of its TarInfo)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, format=tarfile.PAX_FORMAT) as tar:  # type: ignore[call-overload]
        for name, content, *attributes in entries:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            for attribute, value in (attributes[0] if attributes else {}).items():
                setattr(member, attribute, value)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def changed(archive: bytes, change: Change) -> bytes:
    data = bytearray(archive)
    change(data)
    return bytes(data)


def lying_zip(content: bytes, says: int) -> bytes:
    """A zip whose directory and local header say another size than the content has."""

    def lie(data: bytearray) -> None:
        place = data.rfind(DIRECTORY)
        data[place + 24 : place + 28] = data[22:26] = struct.pack("<I", says)

    return changed(zip_of(("lie.py", content)), lie)


def overlapping_zip() -> bytes:
    """Two names in the directory that lead to the same bytes."""
    data = bytearray(zip_of(("a.py", b"B" * 1000)))
    begin, end = data.rfind(DIRECTORY), data.rfind(END)
    entry = bytes(data[begin:end])
    out = data[:begin] + entry * 2 + data[end:]
    place = out.rfind(END)
    out[place + 8 : place + 12] = struct.pack("<HH", 2, 2)
    out[place + 12 : place + 16] = struct.pack("<I", 2 * len(entry))
    return bytes(out)


def encrypted_zip() -> bytes:
    def encrypt(data: bytearray) -> None:
        data[6] |= 1
        data[data.rfind(DIRECTORY) + 8] |= 1

    return changed(zip_of(("a.py", b"secret")), encrypt)


def zip_with_bad_crc() -> bytes:
    def flip(data: bytearray) -> None:
        data[data.find(b"good content")] ^= 0xFF

    return changed(zip_of(("a.py", b"good content"), method=zipfile.ZIP_STORED), flip)


def zip_bomb(unpacked_bytes: int) -> bytes:
    """Zeros, about 1,029 times smaller; the size that it declares is the real one."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("a", "w", force_zip64=True) as file,
    ):
        for _ in range(unpacked_bytes >> 20):
            file.write(b"\0" * (1 << 20))
    return buffer.getvalue()


def modest_zip_bomb(unpacked_bytes: int) -> bytes:
    """The same, but directory and header say that there is next to nothing."""
    packed = zip_bomb(unpacked_bytes)

    def lie(data: bytearray) -> None:
        place = data.rfind(DIRECTORY)
        data[place + 24 : place + 28] = struct.pack("<I", 10)

    return changed(packed, lie)


def sparse_tar(real_bytes: int) -> bytes:
    """An old GNU sparse member that says it has `real_bytes`."""
    member = tarfile.TarInfo("sparse")
    member.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    header[483:495] = tarfile.itn(real_bytes, 12, tarfile.GNU_FORMAT)
    header[148:156] = b"        "
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + b"\0" * 1024


def zip64_of(*entries: tuple[str, bytes]) -> bytes:
    """A zip whose directory is found by the records of zip64 only."""
    data = zip_of(*entries)
    place = data.rfind(END)
    count, size, offset = struct.unpack_from("<HLL", data, place + 10)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, place, 1)
    end = struct.pack("<4s4H2LH", END, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return data[:place] + record + locator + end
