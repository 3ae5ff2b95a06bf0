"""Event patterns: the language of EventBridge's rules and of Lambda's filter criteria, compiled once."""

from emulator.patterns.filters import Filters
from emulator.patterns.operators import BadPattern
from emulator.patterns.pattern import Pattern

__all__ = ["BadPattern", "Filters", "Pattern"]
