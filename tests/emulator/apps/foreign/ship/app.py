import json


def handler(event, context):
    failures, seen = [], []
    for record in event["Records"]:
        parcel = json.loads(record["body"])
        if parcel.get("bad"):
            failures.append({"itemIdentifier": record["messageId"]})
        else:
            seen.append(parcel["id"])
    return {"batchItemFailures": failures, "seen": seen}
