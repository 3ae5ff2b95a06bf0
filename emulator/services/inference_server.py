"""The model's process: `python -m emulator.services.inference_server WEIGHTS PORT NAME`."""

from __future__ import annotations

import importlib
import sys
import threading
from typing import Any

_SLOTS = 2  # requests that are answered at once; others wait in line, so callers need a timeout
_CONTEXT_TOKENS = 8_192  # what the model was trained for; the slots share them (23 KB of memory a token)
_SLEEP_AFTER_S = 30  # then the weights are released (350 MB to 80 MB); the next request waits 0.6 s


def main(weights: str, port: str, name: str) -> None:
    """Serve `/v1` on `port` until SIGTERM, which ends the process at once: there is nothing to keep."""
    xllamacpp: Any = importlib.import_module("xllamacpp")  # a binary module without types
    parameters = xllamacpp.CommonParams()
    parameters.model.path = weights
    parameters.model_alias = {name}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = int(port)
    parameters.ui = False
    parameters.cors_origins = ""
    parameters.n_ctx = _CONTEXT_TOKENS
    parameters.n_parallel = _SLOTS
    parameters.kv_unified = True
    parameters.n_threads_http = 2 * _SLOTS
    parameters.cpuparams.n_threads = 1  # two threads wait for each other as soon as anything else runs
    parameters.cpuparams_batch.n_threads = 1
    parameters.cache_ram_mib = 32
    parameters.warmup = False
    parameters.sleep_idle_seconds = _SLEEP_AFTER_S
    server = xllamacpp.Server(parameters)
    threading.Event().wait()
    del server


if __name__ == "__main__":
    main(*sys.argv[1:])
