"""Handlers that tests run in real processes."""

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import tools_of_layer

log = logging.getLogger()
calls = 0


def hello(event, context):
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps({"path": event["path"]}),
    }


def echo(event, context):
    if "httpMethod" not in event:
        return event
    return {"statusCode": 200, "body": json.dumps(event)}


def answer(event, context):
    """Answer exactly what the body says."""
    return json.loads(event["body"])


def behave(event, context):
    """Do what the event asks for, to see how the runtime takes it."""
    global calls
    calls += 1
    wanted = json.loads(event["body"]) if "body" in event else event
    return _BEHAVIOURS[wanted["do"]](wanted, context)


def _environ(wanted, context):
    return {
        "environ": dict(os.environ),
        "cwd": os.getcwd(),
        "path": sys.path,
        "tmp": tempfile.gettempdir(),
        "tool": tools_of_layer.TOOL,
        "pid": os.getpid(),
        "arn": context.invoked_function_arn,
        "left_ms": context.get_remaining_time_in_millis(),
        "client": context.client_context.custom if context.client_context else None,
    }


def _print(wanted, context):
    print("printed line")
    log.warning("logged line")
    sys.stderr.write("unfinished")
    return {"id": context.aws_request_id}


def _raise(wanted, context):
    raise ValueError("as asked")


def _child(wanted, context):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    return {"statusCode": 200, "body": json.dumps({"pid": os.getpid(), "child": child.pid})}


_BEHAVIOURS = {
    "environ": _environ,
    "print": _print,
    "raise": _raise,
    "child": _child,
    "exit": lambda wanted, context: os._exit(wanted.get("status", 0)),
    "count": lambda wanted, context: {"calls": calls, "pid": os.getpid()},
    "sleep": lambda wanted, context: time.sleep(wanted["seconds"]),
    "large": lambda wanted, context: "x" * wanted["bytes"],
}


def guard(event, context):
    """Authorise by the token or key that the request carries; its value says what to do."""
    token = event.get("authorizationToken") or event["headers"].get("X-Key", "")
    if token == "nobody":
        raise Exception("Unauthorized")  # noqa: TRY002 - the gateway knows these words, not the class
    if token == "crash":
        raise RuntimeError("guard failed")
    if token == "shapeless":
        return {"allowed": True}
    effect = "Deny" if token == "denied" else "Allow"
    resource = event["methodArn"] if token in ("one", "timed") else "arn:aws:execute-api:*:*:*/live/*"
    return {
        "principalId": "ada",
        "policyDocument": {"Statement": [{"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}]},
        "context": {"number": 7, "flag": True, "at": str(time.time_ns())},
    }


def nap(event, context):
    time.sleep(event["seconds"])
    return {"pid": os.getpid()}


def call(event, context):
    """Call another function as deployed code would."""
    import boto3

    reply = boto3.client("lambda").invoke(FunctionName=event["name"], Payload=json.dumps(event["event"]))
    return json.loads(reply["Payload"].read())


def note(event, context):
    """Append the event to a file that the environment names."""
    _append(event, context)


def fail_and_note(event, context):
    _append(event, context)
    raise RuntimeError("never works")


def _append(event, context):
    line = json.dumps({"id": context.aws_request_id, "event": event}) + "\n"
    with Path(os.environ["GREETING"]).open("a") as file:
        file.write(line)
