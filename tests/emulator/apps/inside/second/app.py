"""A handler that does what its event asks for."""

import logging
import os
import sys
import time

import naming
import shared

NAME = os.environ["NAME"]
calls = 0


def handler(event, context):
    return globals()[f"_{event['do']}"](event, context)


def _look(event, context):
    import late

    return {
        "names": [NAME, os.environ["NAME"], os.getenv("NAME"), naming.NAME, late.NAME, shared.name()],
        "only": os.environ.get("ONLY"),
        "function": [context.function_name, os.environ["AWS_LAMBDA_FUNCTION_NAME"], os.environ["_HANDLER"]],
        "arn": context.invoked_function_arn,
        "memory": context.memory_limit_in_mb,
        "request_id": context.aws_request_id,
        "client": context.client_context.custom if context.client_context else None,
        "left": 0 < context.get_remaining_time_in_millis() <= 1000,
        "trace": os.environ["_X_AMZN_TRACE_ID"],
        "region": os.environ["AWS_REGION"],
    }


def _count(event, context):
    global calls
    calls += 1
    return calls


def _change(event, context):
    os.environ["CHANGED"] = "yes"
    del os.environ["NAME"]
    return sorted(name for name in ("CHANGED", "NAME") if name in os.environ)


def _say(event, context):
    logging.getLogger("said").warning("logged\nin two lines")
    logging.getLogger("said").info("not logged")
    print("printed", file=sys.stderr)
    sys.stdout.write("without a newline")


def _raise(event, context):
    raise ValueError("as asked")


def _set(event, context):
    return {1}


def _leave(event, context):
    sys.exit(3)


def _large(event, context):
    return "x" * event["bytes"]


def _sleep(event, context):
    time.sleep(event["seconds"])
    return "slept"
