"""The task that a worker gets: Celery's message protocol, version 2, as its Redis transport stores it.

The emulator writes it without importing Celery, whose 45 MB would be in memory twice, here and in the worker.
https://docs.celeryq.dev/en/stable/internals/protocol.html
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid

QUEUE = "coderev-jobs"
TASK = "emulator.run_job"
_UNUSED = dict.fromkeys(("shadow", "eta", "expires", "group", "group_index", "parent_id", "stamped_headers"))
_EMBED = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}


def message(job_id: int, edge: str, *, token: str, origin: str) -> bytes:
    """Return the message that has a worker call the emulator at `edge` for a job."""
    task_id, arguments = str(uuid.uuid4()), [job_id, edge, signature(job_id, edge, token)]
    body = json.dumps([arguments, {}, _EMBED]).encode()
    document = {
        "body": base64.b64encode(body).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": _headers(task_id, job_id, origin),
        "properties": {
            "correlation_id": task_id,
            "reply_to": "",
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": QUEUE},
            "priority": 0,
            "body_encoding": "base64",
            "delivery_tag": str(uuid.uuid4()),
        },
    }
    return json.dumps(document).encode()


def signature(job_id: int, edge: str, token: str) -> str:
    """Return what proves that an emulator with this token wrote a message: a worker shows its token to no one else."""
    return hmac.new(token.encode(), f"{job_id} {edge}".encode(), hashlib.sha256).hexdigest()


def _headers(task_id: str, job_id: int, origin: str) -> dict[str, object]:
    return {
        "lang": "py",
        "task": TASK,
        "id": task_id,
        "root_id": task_id,
        "retries": 0,
        "timelimit": [None, None],
        "argsrepr": f"({job_id}, …)",
        "kwargsrepr": "{}",
        "origin": origin,
        "ignore_result": True,
        "replaced_task_nesting": 0,
        "stamps": {},
        **_UNUSED,
    }
