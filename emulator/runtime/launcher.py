"""First code of a function's process: ties its life to the emulator's, then becomes `awslambdaric`.

Started as a script with `-P`, so that nothing of the emulator is on the function's import path.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import signal
import sys
import time
from importlib.machinery import SourceFileLoader
from typing import Any

PR_SET_PDEATHSIG = 1
MAX_FILES = 1024
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, file descriptors"""
YOUNG_S = 2.0


def die_with(parent: int) -> None:
    """Ask the kernel (Linux) to kill this process when the emulator ends, however it ends.

    Elsewhere `awslambdaric` ends by itself once its connection to the Runtime API is gone. A `parent` of 0 is
    not looked for: a wrapper may stand between.
    """
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent and os.getppid() != parent:
        sys.exit(1)


def bound(data_bytes: int) -> None:
    """Set limits that a healthy function never meets, so that a hostile one cannot take the machine."""
    if sys.platform == "win32":
        return
    import resource

    for which, most in (
        (resource.RLIMIT_DATA, data_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, MAX_FILES),
    ):
        _, hard = resource.getrlimit(which)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(which, (most if hard < 0 else min(most, hard), hard))


def keep_no_young_bytecode() -> None:
    """Cache no bytecode of a file that was just saved.

    Python knows a stale cache by the file's size and the whole second of its change, so that of two edits within
    a second the later one would not be seen.
    """
    store = getattr(SourceFileLoader, "_cache_bytecode", None)
    if store is None:
        return

    def unless_young(loader: Any, source: str, cache: str, data: bytes) -> None:
        if time.time() - os.stat(source).st_mtime > YOUNG_S:
            store(loader, source, cache, data)

    SourceFileLoader._cache_bytecode = unless_young  # type: ignore[attr-defined]


def forget_locale() -> None:
    """Remove what Python adds to the environment by itself where the machine lacks the locale of `LANG`; Lambda has it."""
    if os.environ.get("LC_CTYPE") == "C.UTF-8":  # noqa: TID251 - it is the function's environment
        del os.environ["LC_CTYPE"]  # noqa: TID251


def listen(port: int) -> None:
    """Let a debugger attach on loopback, before the handler is loaded."""
    try:
        import debugpy  # noqa: T100 - this is the debugger's own switch
    except ImportError:
        sys.exit("debugpy is not installed: `pip install debugpy` lets a debugger attach")
    debugpy.listen(("127.0.0.1", port), in_process_debug_adapter=True)  # noqa: T100
    sys.stderr.write(f"a debugger can attach to 127.0.0.1:{port}\n")


def main() -> None:
    parent, handler, data_bytes, debug_port, *layers = sys.argv[1:]
    die_with(int(parent))
    bound(int(data_bytes))
    keep_no_young_bytecode()
    forget_locale()
    if int(debug_port):
        listen(int(debug_port))
    sys.argv = ["awslambdaric", handler]
    sys.path[:0] = [os.getcwd(), *(layer for layer in layers if layer not in sys.path)]
    runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
