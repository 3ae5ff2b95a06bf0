"""Code that stands in the template itself: Lambda puts it into a file `index.py`.

AWS: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from emulator.template.errors import TemplateError

MAX_BYTES = 4 * 1024 * 1024


def folder_of(logical_id: str, code: object) -> Path:
    """Return a folder that holds this code alone, the same one for the same code.

    Raises:
        TemplateError: it is no text, it is too large, or the folder cannot be written.
    """
    if not isinstance(code, str):
        raise TemplateError(f"{logical_id}: code in the template must be text")
    data = code.encode()
    if len(data) > MAX_BYTES:
        raise TemplateError(f"{logical_id}: code in the template is limited to {MAX_BYTES} bytes")
    folder = Path.home() / ".cache" / "coderev" / "inline" / hashlib.sha256(data).hexdigest()
    try:
        _write(folder, data)
    except OSError as refused:
        raise TemplateError(f"{logical_id}: its code cannot be written to {folder}: {refused.strerror}") from refused
    return folder


def _write(folder: Path, data: bytes) -> None:
    """Write the file whole or not at all; several emulators may do so at the same time."""
    if (folder / "index.py").is_file():
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as unfinished:
        unfinished.write(data)
    os.replace(unfinished.name, folder / "index.py")
