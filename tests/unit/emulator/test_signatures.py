"""Signatures that botocore makes are read and verified; ours are those that botocore would make."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from emulator.aws.signatures import BadSignature, Caller, present, verify
from emulator.aws.sigv4 import sign
from emulator.web.messages import Request

KEYS = {"AKID": "hush"}
OWN = Credentials("AKID", "hush")
LAMBDA = "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aone/invocations"


def signed(signer, method="POST", path=LAMBDA, body=b"{}", headers=None):
    request = AWSRequest(method, f"http://127.0.0.1:4566{path}", headers=headers or {}, data=body)
    signer.add_auth(request)
    url = urlsplit(request.url)
    found = [(name, value) for name, value in request.headers.items()]
    return Request(method, url.path, url.query, [("Host", url.netloc), *found], body)


def now():
    return datetime.now(UTC).timestamp()


def refusal(request, secrets=KEYS, at=None):
    with pytest.raises(BadSignature) as caught:
        verify(request, secrets, at or now())
    return caught.value.code


@pytest.mark.parametrize(
    ("signer", "path"),
    [
        (SigV4Auth(OWN, "lambda", "us-east-1"), LAMBDA),
        (SigV4Auth(OWN, "lambda", "us-east-1"), "/2015-03-31/functions/?Marker=a%20b&MaxItems=2&Empty="),
        (SigV4QueryAuth(OWN, "lambda", "us-east-1"), LAMBDA),
        (S3SigV4Auth(OWN, "s3", "us-east-1"), "/bucket/a%20b/../c//d?versionId=1&acl"),
        (S3SigV4QueryAuth(OWN, "s3", "us-east-1"), "/bucket/key"),
    ],
)
def test_what_botocore_signs_is_verified(signer, path):
    query = isinstance(signer, SigV4QueryAuth)
    request = signed(signer, path=path, body=b"" if query else b"{}", headers={"X-Amz-Log-Type": "Tail"})

    service = "s3" if "bucket" in path else "lambda"
    assert verify(request, KEYS, now()) == present(request) == Caller("AKID", service, "us-east-1")


def test_what_was_changed_is_refused():
    def fresh(**given):
        return signed(SigV4Auth(OWN, "lambda", "us-east-1"), **given)

    other_body, other_path, more_headers, other_method = fresh(), fresh(), fresh(), fresh()
    other_body.body = b"[]"
    other_path.path += "x"
    more_headers.headers.append(("X-Amz-Invocation-Type", "Event"))
    other_method.method = "PUT"
    for request in (other_body, other_path, more_headers, other_method):
        assert refusal(request) == "InvalidSignatureException"
    assert refusal(fresh(), {"AKID": "other"}) == "InvalidSignatureException"
    assert refusal(fresh(), {}) == "UnrecognizedClientException"


def test_a_hash_of_the_body_must_be_that_of_the_body():
    request = signed(S3SigV4Auth(OWN, "s3", "us-east-1"), "PUT", "/bucket/key", b"one")
    request.body = b"two"

    assert refusal(request) == "InvalidSignatureException"


def test_old_and_early_signatures_are_refused():
    request = signed(SigV4Auth(OWN, "lambda", "us-east-1"))

    assert refusal(request, at=now() + 301) == "InvalidSignatureException"
    assert refusal(request, at=now() - 301) == "InvalidSignatureException"
    assert verify(request, KEYS, now() + 290)

    presigned = signed(S3SigV4QueryAuth(OWN, "s3", "us-east-1", expires=900), "GET", "/bucket/key", b"")
    assert verify(presigned, KEYS, now() + 890)
    assert refusal(presigned, at=now() + 901) == "AccessDenied"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "MissingAuthenticationTokenException"),
        ("Bearer x", "MissingAuthenticationTokenException"),
        ("AWS4-HMAC-SHA256 nonsense", "IncompleteSignatureException"),
        ("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=c", "IncompleteSignatureException"),
        (
            "AWS4-HMAC-SHA256 Credential=a/20260101/r/lambda/aws4_request, SignedHeaders=x-amz-date, Signature=c",
            "IncompleteSignatureException",
        ),
    ],
)
def test_what_is_not_signed_is_refused(header, code):
    request = Request("GET", "/", headers=[("Host", "x"), *([("Authorization", header)] if header else [])])

    assert refusal(request) == code
    with pytest.raises(BadSignature):
        present(request)


def test_what_we_sign_is_verified():
    request = Request("PUT", "/bucket/a%20b", "partNumber=1&uploadId=x", [("Host", "127.0.0.1:9000")], b"text")
    request.headers = sign(request, credentials=("AKID", "hush"), region="us-east-1", service="s3", now=now())

    assert verify(request, KEYS, now()).service == "s3"
