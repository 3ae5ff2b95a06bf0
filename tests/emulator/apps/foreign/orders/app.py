import json
import logging
import os

import pricing

CURRENCY = os.environ["CURRENCY"]
logger = logging.getLogger()
logger.setLevel("INFO")
placed = {}


def handler(event, context):
    if "httpMethod" not in event:
        return direct(event, context)
    if event["httpMethod"] == "POST":
        order = json.loads(event["body"])
        placed[order["id"]] = order | {"price": pricing.price(order), "currency": CURRENCY}
        logger.info("order %s placed", order["id"])
    number = (event["pathParameters"] or json.loads(event["body"] or "{}"))["id"]
    if number not in placed:
        return {"statusCode": 404, "body": "{}"}
    return {"statusCode": 200, "headers": {"X-Order": number}, "body": json.dumps(placed[number])}


def direct(event, context):
    if event == "fail":
        raise LookupError("no such order")
    return {"table": os.environ["TABLE"], "id": context.aws_request_id}
