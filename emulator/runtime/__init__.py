"""Lambda's runtime: real `awslambdaric` processes behind a real Runtime API."""

from emulator.runtime.faults import Fault, Kind
from emulator.runtime.results import InvokeError, Result, Stopping, Throttled, UnknownFunction
from emulator.runtime.runtime import Runtime, RuntimeOptions

__all__ = [
    "Fault",
    "InvokeError",
    "Kind",
    "Result",
    "Runtime",
    "RuntimeOptions",
    "Stopping",
    "Throttled",
    "UnknownFunction",
]
