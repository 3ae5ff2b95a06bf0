"""A handler in a package of packages, which imports its neighbour and a layer."""

import json
import os

import shared

from . import names


def handler(event, context):
    seen = {"event": event, "layer": shared.NAME, "neighbour": names.NAME, "memory": context.memory_limit_in_mb}
    variables = {name: os.environ[name] for name in ("STAGE", "FLAG", "NUMBER")}
    return {"statusCode": "200", "body": json.dumps({**seen, **variables})}
