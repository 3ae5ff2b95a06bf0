"""Places in lists, as clients carry them."""

from __future__ import annotations

import base64
import binascii

from kernel.errors import Invalid


def cursor_of(*numbers: int) -> str:
    return base64.urlsafe_b64encode(b"at:" + ".".join(map(str, numbers)).encode()).decode()


def numbers_of(cursor: str, count: int) -> list[int]:
    try:
        word, _, rest = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
        numbers = [int(part) for part in rest.split(".")]
    except (ValueError, binascii.Error) as bad:
        raise Invalid("this cursor is not one of ours", code="bad_cursor") from bad
    if word != "at" or len(numbers) != count or not all(0 <= number < 2**31 for number in numbers):
        raise Invalid("this cursor is not one of ours", code="bad_cursor")
    return numbers
