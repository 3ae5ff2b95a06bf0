"""The local store of parameters and secrets, and the register of what may not be printed."""

from __future__ import annotations

import json
import logging
import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from emulator.template.errors import TemplateError

log = logging.getLogger(__name__)
HIDDEN = "***"
_SHORT = 4
_STAGES = ("AWSCURRENT", "AWSPREVIOUS", "AWSPENDING")
_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([A-Za-z_][\w./-]*)\s*=\s*(.*?)\s*")
_hidden: set[str] = set()


def hide(values: Iterable[str]) -> None:
    """Have `redact` replace these values from now on."""
    _hidden.update(value for value in values if value)


def redact(text: str) -> str:
    """Return the text with every hidden value replaced; a very short one only where it stands alone."""
    for value in sorted(_hidden, key=len, reverse=True):
        if len(value) >= _SHORT:
            text = text.replace(value, HIDDEN)
        elif value in text:
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", HIDDEN, text)
    return text


@dataclass(frozen=True, slots=True)
class LocalStore:
    """What a file says: `ssm` by name, `secretsmanager` by id. A flat file gives both the same entries."""

    ssm: Mapping[str, Any] = field(default_factory=dict, repr=False)
    secretsmanager: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def parameter(self, name: str, version: str | None) -> str | None:
        """Return a parameter; a list holds its versions, from 1."""
        value = self.ssm.get(name)
        if isinstance(value, list):
            index = len(value) if version is None else int(version) if version.isdigit() else 0
            return _text(value[index - 1]) if 1 <= index <= len(value) else None
        return None if value is None or version not in (None, "1") else _text(value)

    def secret(self, name: str, stage: str, version: str | None) -> str | None:
        """Return a secret by name or ARN; a mapping with the names of stages holds one text for each."""
        plain = re.sub(r"-[A-Za-z0-9]{6}$", "", name) if name.startswith("arn:") else name
        found = [self.secretsmanager.get(each.rpartition(":secret:")[2]) for each in (name, plain)]
        value = next((each for each in found if each is not None), None)
        if value is None or version is not None:
            return None
        if isinstance(value, Mapping) and set(value) <= set(_STAGES):
            return None if stage not in value else _text(value[stage])
        return _text(value) if stage == _STAGES[0] else None


def read(path: Path | None, default: Path) -> LocalStore:
    """Return what a file holds: YAML, JSON, or `NAME=value` lines where its name ends in `.env`.

    Args:
        path: None for the default, which may be missing.

    Raises:
        TemplateError: it is missing or cannot be read; the message holds no value.
    """
    chosen = path or default
    if path is None and not chosen.exists():
        return LocalStore()
    try:
        if stat.S_IMODE(chosen.stat().st_mode) & 0o077:
            log.warning("%s can be read by others: its mode should be 0600", chosen)
        text = chosen.read_text(encoding="utf-8")
        document = _assignments(text) if chosen.suffix == ".env" or chosen.name == ".env" else yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as unreadable:
        raise TemplateError(f"{chosen} cannot be read: {type(unreadable).__name__}") from unreadable
    except yaml.YAMLError:
        raise TemplateError(f"{chosen} is not YAML") from None
    return _store(chosen, document or {})


def _store(path: Path, document: Any) -> LocalStore:
    if not isinstance(document, dict):
        raise TemplateError(f"{path} must hold names with their values")
    if not {"ssm", "secretsmanager"} & document.keys():
        return LocalStore(document, document)
    return LocalStore(document.get("ssm") or {}, document.get("secretsmanager") or {})


def _assignments(text: str) -> dict[str, str]:
    found = (_ASSIGNMENT.fullmatch(line) for line in text.splitlines())
    return {each[1]: each[2].strip("\"'") for each in found if each}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
