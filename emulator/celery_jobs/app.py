"""The Celery application: one task, which asks the emulator that owns a job to run it. Imported by workers only."""

from __future__ import annotations

import hmac
import json
import logging
import urllib.error
import urllib.request
from typing import Any

from celery import Celery

from emulator.celery_jobs.message import QUEUE, TASK, signature
from emulator.celery_jobs.settings import WorkerSettings

log = logging.getLogger(__name__)
RUN_S = 960.0
"""A function runs for 15 minutes at most; then the answer is late."""
_VISIBLE_S = 1800
"""After this Redis hands out again what a dead worker held. The emulator's leases are much shorter."""
_CONFIGURATION = {
    "task_default_queue": QUEUE,
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_ignore_result": True,
    "worker_prefetch_multiplier": 1,
    "worker_enable_remote_control": False,
    "worker_hijack_root_logger": False,
    "worker_pool": "threads",
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "broker_transport_options": {"visibility_timeout": _VISIBLE_S, "health_check_interval": 10},
    "beat_max_loop_interval": 5,
}
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def build(settings: WorkerSettings) -> Any:
    """Return the application of a worker."""
    app: Any = Celery("emulator", broker=settings.broker, set_as_current=False)
    app.conf.update(_CONFIGURATION, worker_concurrency=settings.threads)

    def run_job(job_id: int, edge: str, signed: str) -> None:
        ask_to_run(job_id, edge, signed, token=settings.token)

    app.task(name=TASK, acks_late=True, reject_on_worker_lost=True, ignore_result=True)(run_job)
    return app


def ask_to_run(job_id: int, edge: str, signed: str, *, token: str) -> None:
    """Ask the owner of a job to run it, and wait for the end.

    A refusal needs no retry of ours: the owner hands the job out again as long as it is not settled.
    """
    if not hmac.compare_digest(signed, signature(job_id, edge, token)):
        log.warning("a job of a foreign emulator is left out")
        return
    try:
        post(f"{edge}/_emulator/jobs/{job_id}/run", token, timeout_s=RUN_S)
    except OSError as away:
        log.warning("the emulator that owns a job is away: %s", away)


def post(url: str, token: str, *, timeout_s: float) -> dict[str, Any]:
    """Ask an emulator and return its answer.

    Raises:
        OSError: it does not answer, or refuses.
    """
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, b"{}", headers, method="POST")
    with _direct.open(request, timeout=timeout_s) as answer:
        found: dict[str, Any] = json.load(answer)
        return found
