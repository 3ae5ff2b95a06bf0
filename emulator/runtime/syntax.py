"""Finds what Python cannot read, without running it."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path


def errors(files: Iterable[Path]) -> dict[Path, str]:
    """Return a sentence for each Python file with a syntax error; files that are gone have none."""
    found = {}
    for file in files:
        if file.suffix == ".py" and (wrong := _error(file)):
            found[file] = wrong
    return found


def _error(file: Path) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(file.read_bytes(), str(file), "exec", dont_inherit=True)
    except SyntaxError as wrong:
        shown = f": {wrong.text.strip()}" if wrong.text else ""
        return f"{file}:{wrong.lineno or 1}: {wrong.msg}{shown}"
    except ValueError as wrong:
        return f"{file}:1: {wrong}"
    except OSError:
        return ""
    return ""
