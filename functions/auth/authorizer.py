"""The authorizer of the REST API: whoever holds a good access token passes, with organisation and roles.

It stands before every request, so it starts with few imports and asks Redis once. What a caller may do is
not decided here but by the policies. https://docs.aws.amazon.com/apigateway/latest/developerguide/
apigateway-use-lambda-authorizer.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from functions.auth.model.claims import Claims
from functions.auth.ports import Gate
from kernel import observe
from kernel.errors import Unauthorized
from kernel.settings import Settings

Authorizer = Callable[[Mapping[str, Any], Any], dict[str, Any]]


def build(gate: Gate, now: Callable[[], float] = time.time) -> Authorizer:
    """Return the Lambda handler. API Gateway answers 401 only to an exception that says `Unauthorized`."""

    def authorize(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        try:
            claims = gate.claims(bearer(event), now())
            if gate.epoch(claims) != claims.epoch:
                raise Unauthorized("the session is over, or its roles have changed")
        except Unauthorized:
            raise Exception("Unauthorized") from None  # noqa: TRY002 - the word that API Gateway knows
        except Exception:
            observe.log.exception("authorizer failed")
            raise
        return grant(claims, str(event["methodArn"]))

    return authorize


def bearer(event: Mapping[str, Any]) -> str:
    """Return the token of the one Authorization header. Raises Unauthorized if there is none, or several."""
    sent = event.get("multiValueHeaders") or {name: [value] for name, value in (event.get("headers") or {}).items()}
    values = [value for name, values in sent.items() if name.lower() == "authorization" for value in values]
    if len(values) != 1:
        raise Unauthorized("one Authorization header is needed")
    scheme, _, token = str(values[0]).partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized("a bearer token is needed")
    return token


def grant(claims: Claims, method_arn: str) -> dict[str, Any]:
    """Allow the whole stage: API Gateway may keep the policy for the holder's next requests."""
    api, stage = method_arn.split("/")[:2]
    allow = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"{api}/{stage}/*/*"}
    return {
        "principalId": claims.user_id,
        "policyDocument": {"Version": "2012-10-17", "Statement": [allow]},
        "context": {
            "org_id": claims.org_id,
            "roles": " ".join(claims.roles),
            "session_id": claims.session_id,
        },
    }


def connect(settings: Settings) -> Authorizer:
    """The composition root of the authorizer, apart from the one of the routes for the sake of its cold start."""
    from functions.auth.adapters.gate import Postgres, StoredGate
    from functions.auth.adapters.resp import connected
    from functions.auth.adapters.sealing import Sealer

    secret = settings.jwt_secret_key.get_secret_value()
    postgres = Postgres(settings.database_url.get_secret_value())
    return build(StoredGate(postgres.fetch, connected(settings.redis_url.get_secret_value()), Sealer(secret)))
