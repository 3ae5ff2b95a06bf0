"""The process that reads foreign code: bounded in memory and CPU, without secrets in its environment, fed through a pipe."""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time
from contextlib import suppress

from functions.analysis.engines import frames
from functions.analysis.engines.limits import Limits

OUT_OF_MEMORY = 77  # exit status


def main() -> None:
    """Answer requests until the pipe closes; the first frame says that all imports worked."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not look like an answer
    limits = Limits(**json.loads(sys.argv[1]))
    _bound(limits)
    try:
        serve = importlib.import_module(sys.argv[2]).serve  # after the limits

        frames.write(answers, b"ready")
        while (header := frames.read(sys.stdin.buffer)) is not None:
            body = frames.read(sys.stdin.buffer) or b""
            _bound_cpu(limits.cpu_s)
            frames.write(answers, serve(header, body, limits))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _bound(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError, OSError):  # some systems do not know this limit
        hard = max(limits.memory_bytes, limits.semgrep_bytes)  # that one tool may have more
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, hard))


def _bound_cpu(seconds: float) -> None:
    """The limit counts from the start of the process, so each request moves it."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + seconds) + 1, hard))


if __name__ == "__main__":
    main()
