"""Lambda's runtime: real `awslambdaric` processes behind a real Runtime API."""

from emulator.runtime.results import InvokeError, Result, Stopping, Throttled, UnknownFunction
from emulator.runtime.runtime import Runtime, RuntimeOptions

__all__ = ["InvokeError", "Result", "Runtime", "RuntimeOptions", "Stopping", "Throttled", "UnknownFunction"]
