import boto3


def handler(event, context):
    told = event["requestContext"]
    if told["eventType"] == "CONNECT":
        return {"statusCode": 403 if (event.get("queryStringParameters") or {}).get("as") == "eve" else 200}
    if told["eventType"] == "DISCONNECT":
        return {"statusCode": 200, "code": told["disconnectStatusCode"]}
    if event["body"] == "echo":
        client = boto3.client("apigatewaymanagementapi", endpoint_url=f"https://{told['domainName']}/{told['stage']}")
        client.post_to_connection(ConnectionId=told["connectionId"], Data=b"echoed")
    return {"statusCode": 200, "body": event["body"].upper()}
