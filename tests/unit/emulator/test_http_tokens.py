"""JWT authorizers of HTTP APIs, against an issuer on this machine."""

from __future__ import annotations

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import RSAAlgorithm

from emulator.clock import ManualClock
from tests.unit.emulator.http import gateway, of

NOW = 1_700_000_000
KEY, OTHER = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


class Issuer:
    """An OpenID Connect issuer. `documents` are by path; `asked` are the paths that were fetched."""

    def __init__(self, port):
        self.address = f"http://127.0.0.1:{port}"
        self.asked = []
        self.keys = [public(KEY, "one")]
        self.redirect = None
        self.documents = {"/.well-known/openid-configuration": {"jwks_uri": f"{self.address}/keys"}}

    def answer(self, path):
        self.asked.append(path)
        return {"keys": self.keys} if path == "/keys" else self.documents.get(path)


def public(key, key_id):
    return {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), "kid": key_id, "use": "sig"}


@contextlib.contextmanager
def listening():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            document = issuer.answer(self.path)
            if issuer.redirect is not None:
                self.send_response(302)
                self.send_header("Location", issuer.redirect)
            else:
                self.send_response(404 if document is None else 200)
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, *_):
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = Issuer(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def issuer():
    with listening() as found:
        yield found


@pytest.fixture
def clock():
    return ManualClock(NOW)


@pytest.fixture
def http(tmp_path, issuer, clock):
    api = f"""
    Auth:
      DefaultAuthorizer: Jwt
      Authorizers:
        Jwt:
          JwtConfiguration: {{ issuer: "{issuer.address}", audience: [shop, other] }}
          IdentitySource: $request.header.Authorization
    """
    events = """
    Any: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /any, Method: GET } }
    Old: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /old, Method: GET, PayloadFormatVersion: "1.0" } }
    Scoped: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /scoped, Method: GET, Auth: { AuthorizationScopes: [read, write] } } }
    """
    return gateway(tmp_path, api=api, events=events, clock=clock)


def token(issuer, key=KEY, key_id="one", algorithm="RS256", **claims):
    given = {"iss": issuer.address, "aud": "shop", "exp": NOW + 60, **claims}
    payload = {name: value for name, value in given.items() if value is not ...}
    return jwt.encode(payload, key, algorithm=algorithm, headers={} if key_id is None else {"kid": key_id})


def send(http, given, path="/any", prefix="Bearer "):
    return http.send("GET", path, headers={"Authorization": prefix + given})


@pytest.mark.parametrize("prefix", ["Bearer ", "bearer ", ""])
def test_a_valid_token_gets_through_with_its_claims_as_text(http, issuer, prefix):
    given = token(
        issuer, sub="ada", n=3, f=1.5, b=True, roles=["a", "b"], nested={"x": 1}, nothing=None, scope="read x"
    )

    assert send(http, given, prefix=prefix).status == 200

    assert http.functions.asked["Echo"][-1]["requestContext"]["authorizer"] == {
        "jwt": {
            "claims": {
                "iss": issuer.address,
                "aud": "shop",
                "exp": str(NOW + 60),
                "sub": "ada",
                "n": "3",
                "f": "1.5",
                "b": "true",
                "roles": "[a b]",
                "nested": '{"x":1}',
                "scope": "read x",
            },
            "scopes": None,
        }
    }


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_every_rsa_algorithm_is_accepted(http, issuer, algorithm):
    assert send(http, token(issuer, algorithm=algorithm)).status == 200


def test_without_a_token_the_challenge_is_bare(http):
    for headers in ({}, {"Authorization": ""}, {"Authorization": "Bearer "}):
        response = http.send("GET", "/any", headers=headers)

        assert (response.status, response.body) == (401, b'{"message":"Unauthorized"}')
        assert of(response, "www-authenticate") == ["Bearer"]


@pytest.mark.parametrize(
    ("claims", "description"),
    [
        ({"aud": "elsewhere"}, "the token does not have a valid audience"),
        ({"aud": ["a", "b"]}, "the token does not have a valid audience"),
        ({"aud": "elsewhere", "client_id": "shop"}, "the token does not have a valid audience"),
        ({"aud": ...}, "the token does not have a valid audience"),
        ({"exp": NOW}, "the token has expired"),
        ({"exp": NOW - 1}, "the token has expired"),
        ({"exp": ...}, "the token has expired"),
        ({"exp": "soon"}, "the token has expired"),
        ({"nbf": NOW + 1}, "the token is not valid yet"),
        ({"iat": NOW + 1}, "the token was issued in the future"),
        ({"iss": "http://127.0.0.1"}, "the token has an invalid issuer"),
        ({"iss": ...}, "the token has an invalid issuer"),
    ],
)
def test_a_token_with_wrong_claims_is_refused(http, issuer, claims, description):
    response = send(http, token(issuer, **claims))

    assert (response.status, response.body) == (401, b'{"message":"Unauthorized"}')
    challenge = f'Bearer scope="" error="invalid_token" error_description="{description}"'
    assert of(response, "www-authenticate") == [challenge]
    assert http.functions.asked["Echo"] == []


@pytest.mark.parametrize(
    "claims", [{"aud": ["x", "other"]}, {"aud": ..., "client_id": "shop"}, {"nbf": NOW, "iat": NOW}]
)
def test_one_audience_or_the_client_id_is_enough(http, issuer, claims):
    assert send(http, token(issuer, **claims)).status == 200


def test_forged_tokens_are_refused(http, issuer):
    curve = ec.generate_private_key(ec.SECP256R1())
    header, payload, signature = token(issuer).split(".")
    forged = [
        token(issuer, OTHER),
        token(issuer, key_id="two"),
        token(issuer, key_id=None),
        token(issuer, key=None, algorithm="none"),
        token(issuer, key="a secret of at least thirty-two bytes", algorithm="HS256"),
        token(issuer, key=curve, algorithm="ES256"),
        f"{header}.{payload}.",
        f"{header}.{payload}.{signature[:-8]}AAAAAAAA",
        f"{header}.{token(issuer, sub='eve').split('.')[1]}.{signature}",
        "a.b.c",
        "nonsense",
        f"{header}.{payload}",
    ]

    answers = [send(http, each) for each in forged]

    assert [each.status for each in answers] == [401] * len(forged)
    assert all('error="invalid_token"' in of(each, "www-authenticate")[0] for each in answers)
    assert "signing method HS256 is invalid" in of(answers[4], "www-authenticate")[0]
    assert http.functions.asked["Echo"] == []


def test_a_route_with_scopes_asks_for_one_of_them(http, issuer):
    refused = send(http, token(issuer, scope="delete"), "/scoped")

    assert (refused.status, refused.body) == (403, b'{"message":"Forbidden"}')
    assert of(refused, "www-authenticate")[0].startswith('Bearer scope="read write" error="insufficient_scope"')
    for claims in ({"scope": "x write"}, {"scp": ["write"]}, {"scp": "write"}, {"scope": ["write", "y"]}):
        assert send(http, token(issuer, **claims), "/scoped").status == 200
        assert http.functions.asked["Echo"][-1]["requestContext"]["authorizer"]["jwt"]["scopes"] == ["write"]


def test_format_1_shows_claims_and_scopes(http, issuer):
    assert send(http, token(issuer, sub="ada"), "/old").status == 200

    authorizer = http.functions.asked["Echo"][-1]["requestContext"]["authorizer"]
    assert (authorizer["claims"]["sub"], authorizer["scopes"]) == ("ada", None)


def test_a_token_may_come_in_the_query(tmp_path, issuer, clock):
    jwt_of = (
        f"JwtConfiguration: {{ issuer: '{issuer.address}/', audience: [shop] }}, IdentitySource: $request.querystring.t"
    )
    http = gateway(
        tmp_path,
        api=f"Auth: {{ Authorizers: {{ Jwt: {{ {jwt_of} }} }} }}",
        events="A: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /a, Method: GET, Auth: { Authorizer: Jwt } } }",
        clock=clock,
    )

    assert http.send("GET", f"/a?t={token(issuer, iss=issuer.address + '/')}").status == 200
    assert http.send("GET", f"/a?t={token(issuer)}").status == 401
    assert http.send("GET", "/a").status == 401


def test_keys_are_kept_for_two_hours_and_fetched_again_for_a_new_key_id(http, issuer, clock):
    assert [send(http, token(issuer)).status for _ in range(3)] == [200] * 3
    assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]

    issuer.keys = [public(OTHER, "two")]
    rotated = token(issuer, OTHER, "two", exp=NOW + 10_000)
    assert send(http, rotated).status == 401
    assert len(issuer.asked) == 2
    clock.advance(10)
    assert (send(http, rotated).status, len(issuer.asked)) == (200, 4)
    clock.advance(7200)
    assert (send(http, rotated).status, len(issuer.asked)) == (200, 6)


@pytest.mark.parametrize(
    ("broken", "description"),
    [
        ({"/.well-known/openid-configuration": None}, "OIDC discovery endpoint communication error"),
        ({"/.well-known/openid-configuration": ["no"]}, "OIDC discovery endpoint communication error"),
        ({"/.well-known/openid-configuration": {}}, "OIDC discovery endpoint communication error"),
        ({"/.well-known/openid-configuration": {"jwks_uri": "http://198.51.100.1/keys"}}, "JWKS communication error"),
        ({"/.well-known/openid-configuration": {"jwks_uri": "file:///etc/passwd"}}, "JWKS communication error"),
    ],
)
def test_without_keys_nobody_gets_through(http, issuer, broken, description):
    issuer.documents = broken

    response = send(http, token(issuer))

    assert response.status == 401
    assert f'error_description="{description}"' in of(response, "www-authenticate")[0]


def test_an_issuer_that_redirects_is_not_followed(http, issuer):
    with listening() as elsewhere:
        issuer.redirect = f"{elsewhere.address}/.well-known/openid-configuration"

        assert send(http, token(issuer)).status == 401
        assert elsewhere.asked == []


def test_keys_that_are_not_rsa_or_are_broken_do_not_count(http, issuer):
    issuer.keys = [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "one"},
        {"kty": "RSA", "kid": "one", "n": "?"},
        "x",
        {"kty": "RSA"},
    ]

    assert send(http, token(issuer)).status == 401
