import base64
import json
import os


def handler(event, context):
    failures, seen = [], []
    for place, records in event["records"].items():
        for record in records:
            value = json.loads(base64.b64decode(record["value"]))
            if value.get("bad"):
                failures.append({"itemIdentifier": {"partition": place, "offset": record["offset"]}})
                break
            seen.append(value["id"])
    return {"batchItemFailures": failures, "seen": seen, "table": os.environ["TABLE"]}
