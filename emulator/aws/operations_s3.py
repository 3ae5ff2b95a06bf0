"""The permissions that a request to S3 needs.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote

from emulator.aws.places import place
from emulator.web.messages import Request

_OF_OBJECTS = {
    "GET": "GetObject",
    "HEAD": "GetObject",
    "PUT": "PutObject",
    "POST": "PutObject",
    "DELETE": "DeleteObject",
}
_OF_BUCKETS = {"GET": "ListBucket", "HEAD": "ListBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket"}
_OBJECT_PARTS = {
    ("GET", "uploadId"): "ListMultipartUploadParts",
    ("DELETE", "uploadId"): "AbortMultipartUpload",
    ("GET", "tagging"): "GetObjectTagging",
    ("PUT", "tagging"): "PutObjectTagging",
    ("DELETE", "tagging"): "DeleteObjectTagging",
    ("GET", "acl"): "GetObjectAcl",
    ("PUT", "acl"): "PutObjectAcl",
    ("GET", "attributes"): "GetObjectAttributes",
}
_BUCKET_PARTS = {
    ("GET", "location"): "GetBucketLocation",
    ("GET", "uploads"): "ListBucketMultipartUploads",
    ("GET", "versions"): "ListBucketVersions",
    ("GET", "versioning"): "GetBucketVersioning",
    ("PUT", "versioning"): "PutBucketVersioning",
    ("GET", "notification"): "GetBucketNotification",
    ("PUT", "notification"): "PutBucketNotification",
    ("GET", "tagging"): "GetBucketTagging",
    ("PUT", "tagging"): "PutBucketTagging",
    ("GET", "policy"): "GetBucketPolicy",
    ("PUT", "policy"): "PutBucketPolicy",
    ("POST", "delete"): "DeleteObject",
}


def of(request: Request) -> list[tuple[str, str]]:
    """Return pairs of an action and the ARN that it is done to."""
    bucket, key = place(request)
    if not bucket:
        return [("ListAllMyBuckets", "*")]
    asked = [name for name, _ in parse_qsl(request.query, keep_blank_values=True)]
    if not key:
        action = _action(_BUCKET_PARTS, _OF_BUCKETS, request.method, asked)
        return [(action, f"arn:aws:s3:::{bucket}" + ("/*" if action == "DeleteObject" else ""))]
    found = [(_action(_OBJECT_PARTS, _OF_OBJECTS, request.method, asked), f"arn:aws:s3:::{bucket}/{unquote(key)}")]
    source = request.header("x-amz-copy-source")
    if source and request.method == "PUT":
        found.append(("GetObject", f"arn:aws:s3:::{unquote(source).lstrip('/').partition('?')[0]}"))
    return found


def _action(parts: dict[tuple[str, str], str], plain: dict[str, str], method: str, asked: list[str]) -> str:
    special = next((parts[method, name] for name in asked if (method, name) in parts), None)
    return special or plain.get(method, "*")
