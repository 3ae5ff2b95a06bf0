"""Signs a request to the emulator's Lambda API by AWS Signature Version 4, with the local user's own key.

https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import time
from urllib.parse import quote, urlsplit

ACCESS_KEY, REGION, SERVICE = "coderev", "us-east-1", "lambda"
_ALGORITHM = "AWS4-HMAC-SHA256"


def secret_of(token: str) -> str:
    """The secret of the local user's key, made from what only the owner of the data folder can read."""
    return hmac.digest(token.encode(), b"command line", "sha256").hex()


def headers(url: str, body: bytes, secret: str, *, now: float | None = None) -> dict[str, str]:
    """Return the headers that sign a POST of `body` to `url`, which has no query."""
    place = urlsplit(url)
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    scope = f"{moment[:8]}/{REGION}/{SERVICE}/aws4_request"
    signed = "host;x-amz-date"
    request = f"POST\n{quote(place.path)}\n\nhost:{place.netloc}\nx-amz-date:{moment}\n\n{signed}\n{hashlib.sha256(body).hexdigest()}"
    text = f"{_ALGORITHM}\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    credential = f"Credential={ACCESS_KEY}/{scope}, SignedHeaders={signed}, Signature={signature}"
    return {"X-Amz-Date": moment, "Authorization": f"{_ALGORITHM} {credential}"}
