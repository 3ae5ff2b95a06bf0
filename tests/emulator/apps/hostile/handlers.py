"""Handlers that do what no handler should, and a few that look at where they run."""

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

number = 0
MB = 1024 * 1024
_SLEEPER = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(120)"


def handler(event, context):
    """Do what the event asks for."""
    return globals()[f"_{event['do']}"](event, context)


def _count(event, context):
    global number
    number += 1
    return {"number": number, "pid": os.getpid()}


def _environ(event, context):
    identity, client = context.identity, context.client_context
    return {
        "environ": dict(os.environ),
        "path": sys.path,
        "arn": context.invoked_function_arn,
        "tenant": context.tenant_id,
        "identity": identity.cognito_identity_id if identity else None,
        "client": client.custom if client else None,
        "left_ms": context.get_remaining_time_in_millis(),
        "debugger": "debugpy" in sys.modules,
    }


def _note(event, context):
    """Leave a file in the temporary folder and a number in this module, then take too long if asked to."""
    global number
    file = Path(tempfile.gettempdir(), "note.txt")
    before = {"number": number, "content": file.read_text() if file.exists() else None, "pid": os.getpid()}
    if event.get("content"):
        number = 42
        file.write_text(event["content"])
        time.sleep(event["seconds"])
    return before


def _sleep(event, context):
    time.sleep(event["seconds"])
    return {"pid": os.getpid()}


def _meet(event, context):
    """Wait until so many processes are here at once."""
    folder = Path(event["folder"])
    (folder / str(os.getpid())).touch()
    while len(list(folder.iterdir())) < event["count"]:
        time.sleep(0.02)
    return {"pid": os.getpid()}


def _raise(event, context):
    raise ValueError("as asked")


def _unserialisable(event, context):
    return {"set": {1, 2}}


def _not_a_number(event, context):
    return {"value": float("nan")}


def _bytes(event, context):
    return b"\xff\xfe"


def _circular(event, context):
    found = {}
    found["self"] = found
    return found


def _large(event, context):
    return "x" * event["bytes"]


def _flood(event, context):
    """Print so many bytes, in lines or without a single newline."""
    piece = ("x" * 1023 + "\n") if event.get("lines") else "x" * 1024
    for _ in range(event["bytes"] // 1024):
        sys.stdout.write(piece)
    return {"printed": event["bytes"]}


def _dangling(event, context):
    sys.stdout.write("no newline here")
    return {}


def _garbage_frames(event, context):
    """Write what is no record to every descriptor that may be the log's."""
    for number in range(3, 64):
        try:
            os.write(number, b"\x00garbage" * 8)
        except OSError:
            continue
    return {}


def _fork(event, context):
    """Leave a child that ignores SIGTERM and holds the output, in our group or in a session of its own."""
    child = subprocess.Popen([sys.executable, "-c", _SLEEPER], start_new_session=event.get("escape", False))
    if event.get("leave"):
        os._exit(0)
    return {"pid": os.getpid(), "child": child.pid}


def _bare_fork(event, context):
    pid = os.fork()
    if pid == 0:
        time.sleep(120)
        os._exit(0)
    return {"pid": os.getpid(), "child": pid}


def _hungry_child(event, context):
    """Let a child hold the memory."""
    code = f"import time; held = bytearray({event['mb']} * 1024 * 1024); print('held', flush=True); time.sleep(120)"
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    child.stdout.readline()
    time.sleep(event.get("seconds", 0))
    child.kill()
    child.wait()
    return {}


def _ignore_sigterm(event, context):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return {"pid": os.getpid()}


def _close_everything(event, context):
    os.closerange(event.get("first", 3), 1024)
    return {"closed": True}


def _close_later(event, context):
    """Answer, and hang up while the runtime waits for the next event."""

    def close():
        time.sleep(0.2)
        os.closerange(3, 1024)

    threading.Thread(target=close, daemon=True).start()
    return {"pid": os.getpid()}


def _exit(event, context):
    sys.exit(event["status"])


def _os_exit(event, context):
    os._exit(event["status"])


def _abort(event, context):
    os.abort()


def _segfault(event, context):
    os.kill(os.getpid(), signal.SIGSEGV)
    time.sleep(5)


def _die(event, context):
    os.kill(os.getpid(), event["signal"])
    time.sleep(5)


def _recurse(event, context):
    return _recurse(event, context)


def _recurse_in_c(event, context):
    sys.setrecursionlimit(10**9)
    nested = []
    for _ in range(300_000):
        nested = [nested]
    return repr(nested)


def _allocate(event, context):
    """Allocate and touch, `mb` or without end."""
    held = []
    while len(held) * 8 < event.get("mb", 10**9):
        held.append(bytearray(b"x") * (8 * MB))
    if event.get("keep"):
        globals()["kept"] = held
    return {"mb": len(held) * 8}


def _reserve(event, context):
    """Reserve far more than there is, without touching it."""
    return len(bytearray(event["mb"] * MB))


def _spin(event, context):
    while True:
        pass


def _threads(event, context):
    """Leave threads that print and spin."""

    def work():
        while True:
            print("still here")
            time.sleep(0.01)

    for _ in range(4):
        threading.Thread(target=work, daemon=True).start()
    return {"pid": os.getpid()}


def _at_exit(event, context):
    atexit.register(time.sleep, 60)
    sys.exit(3)


def _post(event, context):
    """Talk to the Runtime API out of turn."""
    url = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/{event['path']}"
    body = b"x" * event["bytes"] if "bytes" in event else json.dumps(event.get("body", {})).encode()
    request = urllib.request.Request(url, data=body if event.get("method", "POST") == "POST" else None)
    for name, value in event.get("headers", {}).items():
        request.add_header(name, value)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return {"status": answer.status, "body": answer.read().decode()}
    except urllib.error.HTTPError as refused:
        return {"status": refused.code, "body": refused.read().decode()}


def _answer_for_itself(event, context):
    """Post the answer before `awslambdaric` does."""
    return _post({"path": f"invocation/{context.aws_request_id}/response", "body": {"forged": True}}, context)


def _call(event, context):
    """Call a function, by default this one, as deep as asked."""
    import boto3
    from botocore.config import Config

    client = boto3.client("lambda", config=Config(retries={"max_attempts": 0}))
    reply = client.invoke(FunctionName=context.function_name, Payload=json.dumps(event))
    return json.loads(reply["Payload"].read())
