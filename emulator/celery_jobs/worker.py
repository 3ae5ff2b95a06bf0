"""`python -m emulator.celery_jobs.worker SETTINGS [beat]`: a worker of four threads, a beat beside it, or a beat alone.

SETTINGS is a file of `WorkerSettings`. Any number of workers may run; of their beats one works at a time.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

from celery.beat import Service
from celery.exceptions import SecurityWarning
from celery.signals import worker_ready

from emulator.celery_jobs.app import build
from emulator.celery_jobs.beat import scheduler_of
from emulator.celery_jobs.settings import WorkerSettings


def main(settings_file: str, only: str = "") -> None:
    """Work until SIGTERM; what is running then is finished, within the time of whoever stops us."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    warnings.simplefilter("ignore", SecurityWarning)  # it is about root and pickled messages; ours are JSON
    settings = WorkerSettings.read(Path(settings_file))
    app = build(settings)
    beat = Service(app, max_interval=5, scheduler_cls=scheduler_of(settings), remote_control=False)
    if only == "beat":
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        _tell_ready(settings)
        beat.start()
        return
    threading.Thread(target=beat.start, name="beat", daemon=True).start()
    try:
        code = _work(app, settings)
    finally:
        beat.stop()
        beat.scheduler.close()
    sys.exit(code)


def _work(app: Any, settings: WorkerSettings) -> int | None:
    """Take jobs until we are asked to stop; return the exit code."""
    worker_ready.connect(lambda **_: _tell_ready(settings), weak=False)
    worker: Any = app.Worker(
        hostname=f"coderev-{os.getpid()}",
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    code: int | None = worker.exitcode
    return code


def _tell_ready(settings: WorkerSettings) -> None:
    Path(settings.ready).write_text(str(os.getpid()))


if __name__ == "__main__":
    main(*sys.argv[1:])
