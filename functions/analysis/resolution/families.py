"""Which family a language is of; those not listed are dotted."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from functions.analysis.resolution.crates import Crates
from functions.analysis.resolution.folders import Folders
from functions.analysis.resolution.headers import Headers
from functions.analysis.resolution.requires import Requires
from functions.analysis.resolution.sight import Family, Sight
from functions.analysis.resolution.typed import CSharp, Java, Php

FAMILIES: Mapping[str, Callable[[Sight], Family]] = {
    "java": Java,
    "csharp": CSharp,
    "php": Php,
    "go": Folders,
    "rust": Crates,
    "c": Headers,
    "cpp": Headers,
    "ruby": Requires,
}
