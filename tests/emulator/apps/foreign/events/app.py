def handler(event, context):
    if event.get("detail", {}).get("fail"):
        raise RuntimeError("no mail today")
    if "Records" in event:
        return event["Records"][0]["s3"]["object"]["key"]
    return event["detail-type"]
