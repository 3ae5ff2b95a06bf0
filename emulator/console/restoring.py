"""Puts back what the console hid, in an event that was edited after it had been shown."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any


def restored(edited: Any, shown: Any, original: Any) -> Any:
    """Return `edited` with the values of `original` wherever it still says what was `shown` of them."""
    if edited == shown:
        return original
    if isinstance(edited, dict) and isinstance(shown, dict) and isinstance(original, dict):
        return {
            name: restored(each, shown[name], original[name]) if name in shown and name in original else each
            for name, each in edited.items()
        }
    if isinstance(edited, list) and isinstance(shown, list) and isinstance(original, list):
        known = min(len(shown), len(original))
        kept = [restored(*each) for each in zip(edited[:known], shown[:known], original[:known], strict=False)]
        return kept + edited[known:]
    if isinstance(edited, str) and isinstance(shown, str) and isinstance(original, str):
        return _inside(edited, shown, original)
    return edited


def _inside(edited: str, shown: str, original: str) -> str:
    """The same within strings that hold JSON or base64, such as the body of a request."""
    try:
        documents = [json.loads(each) for each in (edited, shown, original)]
    except ValueError:
        return _encoded(edited, shown, original)
    if not all(isinstance(each, dict | list) for each in documents):
        return edited
    return json.dumps(restored(*documents), separators=(",", ":"))


def _encoded(edited: str, shown: str, original: str) -> str:
    try:
        texts = [base64.b64decode(each, validate=True).decode() for each in (edited, shown, original)]
    except (binascii.Error, ValueError):
        return edited
    if texts[1] == texts[2]:
        return edited
    return base64.b64encode(restored(*texts).encode()).decode()
