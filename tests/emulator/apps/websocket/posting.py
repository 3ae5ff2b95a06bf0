"""A handler with an AWS client, apart from the others because they start without it."""

import json
import os

import boto3


def reply(event, context):
    """Post to the connection in the ways that deployed code does."""
    asked = event["requestContext"]
    said = json.loads(event["body"])
    endpoints = {
        "event": f"https://{asked['domainName']}/{asked['stage']}",
        "template": os.environ["ENDPOINT"],
        "default": None,
    }
    client = boto3.client("apigatewaymanagementapi", endpoint_url=endpoints[said["by"]])
    target = said.get("to", asked["connectionId"])
    data = json.dumps({"by": said["by"], "socket": os.environ["SOCKET"]}).encode()
    client.post_to_connection(ConnectionId=target, Data=data)
    return {"statusCode": 200}
