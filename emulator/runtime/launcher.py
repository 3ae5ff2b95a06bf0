"""First code of a function's process: ties its life to the emulator's, then becomes `awslambdaric`.

Started as a script with `-P`, so that nothing of the emulator is on the function's import path.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Ask the kernel (Linux) to kill this process when the emulator ends, however it ends.

    Elsewhere `awslambdaric` ends by itself once its connection to the Runtime API is gone.
    """
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)


def main() -> None:
    parent, handler = int(sys.argv[1]), sys.argv[2]
    die_with(parent)
    sys.argv = ["awslambdaric", handler]
    sys.path.insert(0, os.getcwd())
    runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
