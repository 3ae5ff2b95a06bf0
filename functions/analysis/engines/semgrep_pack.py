"""Our own rules for semgrep: small, over several languages, and each with its weakness and reason."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from functions.analysis.engines.engine import Rule
from functions.analysis.model import Confidence, Severity

FOLDER = Path(__file__).parent / "semgrep_rules"


@cache
def said() -> dict[str, dict[str, Any]]:
    """The rules of the pack as they are written, by id."""
    import yaml

    files = sorted(FOLDER.glob("*.yaml"))
    listed = [rule for file in files for rule in yaml.safe_load(file.read_text(encoding="utf-8"))["rules"]]
    return {rule["id"]: rule for rule in listed}


def _rule(id_: str, written: dict[str, Any]) -> Rule:
    about = written["metadata"]
    severity, confidence = Severity(about["severity"]), Confidence(about["confidence"])
    return Rule(f"semgrep/{id_}", about["title"], severity, confidence, about["reason"], about["cwe"])


RULES = tuple(_rule(id_, written) for id_, written in said().items())
