"""The settings that an analysis runs under."""

from __future__ import annotations

from dataclasses import replace

from functions.analysis.configuration import Configuration
from functions.analysis.lifecycle import Analysis
from functions.analysis.ports import Deps
from kernel.errors import NotFound


def configuration_of(deps: Deps, analysis: Analysis) -> Configuration:
    """The settings that the analysis' version was published under; defaults where there are none, and it says so.

    Raises Unavailable.
    """
    key = analysis.config_key
    if key is None:
        return Configuration(ignored=("the version names no settings",))
    if not key.startswith(f"configurations/{analysis.org_id}/"):
        return Configuration(ignored=("the settings belong to another organisation",))
    try:
        return Configuration.of(deps.blobs.get(key))
    except NotFound:
        return replace(Configuration(), ignored=("the settings are gone",))
