"""The authorizer under attack: threats A1 to A14, and what happens while Redis or PostgreSQL are away."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from functions.auth import authorizer
from functions.auth.adapters import jws
from functions.auth.adapters.gate import Postgres, StoredGate
from functions.auth.adapters.keyring import Keyring
from functions.auth.adapters.resp import connected
from functions.auth.adapters.sealing import Sealer
from functions.auth.bootstrap import database
from functions.auth.model.claims import LEEWAY_S
from kernel.errors import Unavailable
from kernel.ids import new_id
from tests.conftest import SECRET
from tests.integration.auth.conftest import NOWHERE
from tests.integration.auth.rows import change, rows
from tests.integration.auth.world import asked


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def payload_of(token: str) -> dict[str, object]:
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


@pytest.fixture
def good(world):
    """An access token that holds, and a way to sign others with the same, real key."""
    return world.set_up().json["access_token"]


@pytest.fixture
def signed(good, admin):
    with admin.begin() as connection:
        row = connection.execute(sa.text("SELECT kid, sealed FROM auth.signing_keys")).one()
    private = Sealer(SECRET).open(row.kid, row.sealed)
    assert private is not None

    def sign(header: dict[str, object] | None = None, raw: bytes | None = None, **claims: object) -> str:
        payload = {name: value for name, value in (payload_of(good) | claims).items() if value != "gone"}
        real = json.loads(base64.urlsafe_b64decode(jws.header(row.kid) + "=="))
        text = f"{part(real | header) if header else jws.header(row.kid)}.{part(raw or payload)}"
        return f"{text}.{part(private.sign(text.encode()))}"

    return sign


def refused(world, token: str) -> bool:
    started = time.process_time()
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        world.authorize(asked(token), None)
    return time.process_time() - started < 0.1


def test_a_good_token_opens_the_whole_stage_with_its_context(world, good):
    grant = world.authorize(asked(good, method="POST", path="/v1/projects/1"), None)

    statement = grant["policyDocument"]["Statement"][0]
    assert statement["Resource"] == "arn:aws:execute-api:us-east-1:000000000000:abc/live/*/*"
    assert (statement["Effect"], statement["Action"]) == ("Allow", "execute-api:Invoke")
    assert grant["principalId"] == payload_of(good)["sub"]
    assert grant["context"] == {
        "org_id": payload_of(good)["org"],
        "roles": "owner",
        "session_id": payload_of(good)["sid"],
    }


def test_the_signer_of_the_tests_is_the_real_one(world, signed):
    assert world.authorize(asked(signed()), None)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": []},
        {"Authorization": [""]},
        {"Authorization": ["Bearer"]},
        {"Authorization": ["Bearer "]},
        {"Authorization": ["Bearer x"]},
        {"Authorization": ["Basic {good}"]},
        {"Authorization": ["{good}"]},
        {"Authorization": ["Bearer  {good}"]},
        {"Authorization": ["Bearer {good} "]},
        {"Authorization": ["Bearer {good}", "Bearer {good}"]},
        {"Authorization": ["Bearer {good}"], "authorization": ["Bearer {good}"]},
        {"X-Authorization": ["Bearer {good}"]},
    ],
)
def test_exactly_one_bearer_token_is_needed(world, good, headers):
    sent = {name: [value.format(good=good) for value in values] for name, values in headers.items()}

    with pytest.raises(Exception, match=r"^Unauthorized$"):
        world.authorize(asked("") | {"headers": None, "multiValueHeaders": sent}, None)


@pytest.mark.parametrize("name", ["authorization", "AUTHORIZATION"])
def test_header_names_and_schemes_have_no_case(world, good, name):
    event = asked("") | {"headers": {name: f"bEARER {good}"}, "multiValueHeaders": None}

    assert world.authorize(event, None)


@pytest.mark.parametrize(
    "alg", ["none", "None", "nOnE", "NONE", "HS256", "RS256", "ES256", "ed25519", "eddsa", None, 1]
)
def test_only_eddsa_is_known(world, good, signed, alg):
    _, payload, _ = good.split(".")

    assert refused(world, signed(header={"alg": alg}))
    assert refused(world, f"{part({'alg': alg, 'typ': 'at+jwt'})}.{payload}.")


def test_the_public_key_is_no_hmac_secret(world, good):
    key = world.get("/.well-known/jwks.json").json["keys"][0]
    raw = base64.urlsafe_b64decode(key["x"] + "=")
    payload = good.split(".")[1]
    for secret in (raw, key["x"].encode(), json.dumps(key).encode()):
        text = f"{part({'alg': 'HS256', 'typ': 'at+jwt', 'kid': key['kid']})}.{payload}"

        assert refused(world, f"{text}.{part(hmac.digest(secret, text.encode(), hashlib.sha256))}")


@pytest.mark.parametrize("where", ["jku", "x5u", "jwk", "x5c", "crit", "b64", "zip", "cty"])
def test_keys_and_extensions_in_the_header_are_never_followed(world, good, signed, where):
    mine = Ed25519PrivateKey.generate()
    jwk = jws.public_jwk("mine", mine.public_key())
    value = {"jwk": jwk, "crit": ["b64"], "b64": False, "zip": "DEF"}.get(where, "http://127.0.0.1:1/keys")
    text = f"{part({'alg': 'EdDSA', 'typ': 'at+jwt', 'kid': 'mine', where: value})}.{good.split('.')[1]}"

    assert refused(world, f"{text}.{part(mine.sign(text.encode()))}")
    assert refused(world, signed(header={where: value}))


@pytest.mark.parametrize("kid", ["../../dev/null", "' OR 1=1 --", "", "\0", None, ["a"], "k" * 1_000_000, "unknown"])
def test_no_key_is_looked_up_by_a_strangers_name(world, signed, kid):
    assert refused(world, signed(header={"kid": kid}))


@pytest.mark.parametrize("typ", ["JWT", "jwt", "refresh+jwt", "ticket+jwt", "AT+JWT", "application/at+jwt", None])
def test_only_access_tokens_are_access_tokens(world, signed, typ):
    assert refused(world, signed(header={"typ": typ}))


NOW = int(time.time())


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW - LEEWAY_S - 1},
        {"nbf": NOW + 3600},
        {"iat": NOW + 86_400},
        {"exp": "gone"},
        {"exp": "9999999999"},
        {"exp": -1},
        {"exp": 0},
        {"exp": 1e308},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": 10**400},
        {"exp": NOW + 0.5},
        {"exp": True},
        {"exp": [NOW + 60]},
        {"exp": None},
        {"iat": "gone"},
        {"nbf": "x"},
        {"aud": "coderev/tickets"},
        {"aud": ["coderev/api"]},
        {"aud": "coderev/api/x"},
        {"aud": "gone"},
        {"iss": "https://evil.example"},
        {"iss": "gone"},
        {"sub": "gone"},
        {"sub": ""},
        {"org": None},
        {"sid": 7},
        {"sid": "s" * 101},
        {"roles": "owner"},
        {"roles": [1]},
        {"epoch": "1"},
        {"epoch": 0},
        {"epoch": 2},
    ],
    ids=lambda claims: re.sub(r"\d{10}(\.\d)?", "about now", str(claims)),  # every process of a run names it alike
)
def test_claims_must_be_of_our_shape_and_time(world, signed, claims):
    assert refused(world, signed(**claims))


def test_a_clock_may_be_a_little_late(world, signed):
    assert LEEWAY_S <= 30
    assert world.authorize(asked(signed(exp=int(time.time()) - LEEWAY_S + 2)), None)


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 2000, b'"x"'])
def test_payloads_that_are_no_claims_are_refused(world, signed, raw):
    assert refused(world, signed(raw=raw or b" "))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t[:-4],
        lambda t: t.rpartition(".")[0] + ".",
        lambda t: t.rpartition(".")[0],
        lambda t: t + ".x",
        lambda t: t + "=",
        lambda t: t[:-1] + "!",
        lambda t: t.rpartition(".")[0] + "." + part(bytes(64)),
        lambda t: t.rpartition(".")[0] + ". " + t.rpartition(".")[2],
        lambda t: "." + t,
        lambda t: t.swapcase(),
        lambda t: t.replace(".", "\n."),
        lambda t: "ä" + t,
        lambda t: t + "\udc80",
        lambda t: "e30." * 5,
        lambda t: "x" * 2_000_000,
    ],
)
def test_spoilt_tokens_are_refused(world, good, spoil):
    assert refused(world, spoil(good))


def test_encrypted_tokens_are_not_unpacked(world):
    bomb = {"alg": "PBES2-HS256+A128KW", "enc": "A128CBC-HS256", "p2c": 2**31, "p2s": "AAAA", "zip": "DEF"}

    assert refused(world, ".".join([part(bomb), "AAAA", "AAAA", "AAAA", "AAAA"]))


def test_keys_of_another_secret_are_not_ours(make, world, good, auth_settings):
    other = make(jwt_secret_key="another-secret-of-48-random-bytes-0c9b7a5d3e1f")
    theirs = other.log_in().json["access_token"]

    assert refused(other, good)
    assert refused(world, theirs)
    assert len(other.get("/.well-known/jwks.json").json["keys"]) == 1


def test_a_key_that_somebody_put_into_the_table_is_not_ours(make, world, good, admin):
    mine = Ed25519PrivateKey.generate()
    sealed = Sealer("guessed").seal("mine", mine)
    with admin.begin() as connection:
        insert = sa.text("INSERT INTO auth.signing_keys VALUES ('mine', :sealed, now(), now())")
        connection.execute(insert, {"sealed": sealed})
    text = f"{jws.header('mine')}.{good.split('.')[1]}"

    assert refused(make(), f"{text}.{part(mine.sign(text.encode()))}")


def test_private_keys_are_stored_sealed_only(good, admin):
    with admin.begin() as connection:
        row = connection.execute(sa.text("SELECT kid, sealed FROM auth.signing_keys")).one()
    private = Sealer(SECRET).open(row.kid, row.sealed)

    assert private is not None
    assert private.private_bytes_raw() not in row.sealed
    assert Sealer(SECRET).open("another", row.sealed) is None


def test_jwks_publishes_what_tokens_are_signed_with_and_nothing_private(world, good):
    reply = world.get("/.well-known/jwks.json")

    header = json.loads(base64.urlsafe_b64decode(good.split(".")[0] + "=="))
    assert header == {"alg": "EdDSA", "kid": reply.json["keys"][0]["kid"], "typ": "at+jwt"}
    assert set(reply.json["keys"][0]) == {"kty", "crv", "alg", "use", "kid", "x"}
    assert reply.headers["Cache-Control"] == "public, max-age=300"


def test_the_published_key_verifies_with_another_library(world, good):
    import jwt

    keys = jwt.PyJWKSet.from_dict(world.get("/.well-known/jwks.json").json)
    claims = jwt.decode(good, keys.keys[0].key, algorithms=["EdDSA"], audience="coderev/api", issuer="coderev/auth")

    assert claims["exp"] - claims["iat"] == 900


def test_a_month_old_key_gets_a_successor_that_is_published_before_it_signs(world, good, auth_settings, admin):
    turned = [datetime.now(UTC) + timedelta(days=31)]
    ring = Keyring(database(auth_settings), Sealer(SECRET), new_id, clock=lambda: turned[0])

    before, signing = {key["kid"] for key in ring.published()}, header_kid(ring, good)
    turned[0] += timedelta(minutes=11)
    after = header_kid(ring, good)

    assert (len(before), rows(admin, "signing_keys")) == (2, 2)
    assert signing != after
    assert {signing, after} == before
    turned[0] += timedelta(hours=3)
    assert [key["kid"] for key in ring.published()] == [after]


def header_kid(ring: Keyring, good: str) -> str:
    from functions.auth.model.claims import read

    token = ring.issue(read(payload_of(good), now=time.time()))
    return json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))["kid"]


def test_a_revocation_is_seen_when_redis_has_forgotten_it(world, good, redis):
    ada = world.bearing(good)
    ada.post("/v1/auth/logout")
    redis.run("FLUSHALL")

    assert refused(world, good)


def test_a_slow_reader_does_not_undo_a_revocation(world, good, redis):
    from functions.auth.adapters import epochs

    session_id = str(payload_of(good)["sid"])
    world.bearing(good).post("/v1/auth/logout")
    epochs.fill(redis, session_id, 1)
    epochs.tell(redis, session_id, 1)

    assert refused(world, good)


def test_the_epoch_never_goes_back(redis):
    from functions.auth.adapters import epochs

    for epoch in (1, 3, 2):
        epochs.tell(redis, "s", epoch)

    assert epochs.read(redis, "s") == 3


def test_a_session_that_no_longer_exists_is_over(world, good, redis, admin):
    change(admin, "DELETE FROM auth.sessions")
    redis.run("FLUSHALL")

    assert refused(world, good)


def test_without_redis_and_postgres_nobody_passes_and_nobody_is_told_unauthorized(good, auth_settings):
    postgres = Postgres(auth_settings.database_url.get_secret_value())
    gone = Postgres("postgresql://nobody@127.0.0.1:1/none")
    reachable = [postgres.fetch]
    gate = StoredGate(lambda *question: reachable[0](*question), connected(NOWHERE), Sealer(SECRET))
    authorize = authorizer.build(gate)

    assert authorize(asked(good), None)
    reachable[0] = gone.fetch
    with pytest.raises(Unavailable):
        authorize(asked(good), None)
    postgres.close()


def test_unknown_headers_make_it_read_the_keys_once_a_second_at_most(good, auth_settings, redis_url):
    postgres, reads, clock = Postgres(auth_settings.database_url.get_secret_value()), [], [0.0]

    def fetch(*question):
        reads.append(question)
        return postgres.fetch(*question)

    gate = StoredGate(fetch, connected(redis_url), Sealer(SECRET), clock=lambda: clock[0])
    for n in range(100):
        clock[0] += 0.03
        with pytest.raises(Exception, match="does not hold"):
            gate.claims(f"{part({'kid': n})}.e30.e30", time.time())
    postgres.close()

    assert len(reads) <= 4


def test_it_answers_within_its_budget(world, good):
    for _ in range(20):
        world.authorize(asked(good), None)
    took = []
    for _ in range(200):
        started = time.perf_counter()
        world.authorize(asked(good), None)
        took.append(time.perf_counter() - started)

    assert sorted(took)[20] < 0.0015  # the fast tenth: what it costs when nobody else uses the machine


def test_its_start_imports_neither_the_routes_nor_the_heavy_clients():
    code = (
        "import functions.auth.app, sys;"
        "print([name for name in ('chalice','sqlalchemy','redis','argon2','jwt','boto3','regorus') if name in sys.modules])"
    )
    environment = {
        "_HANDLER": "functions.auth.app.authorize",
        "JWT_SECRET_KEY": SECRET,
        "PYTHONPATH": ".:layers/kernel/python",
    }
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize("secret", ["", "secret", "changeme", "x" * 64, "a-short-secret-of-31-characters"])
def test_a_weak_secret_stops_every_stage_but_local(secret):
    environment = {
        "_HANDLER": "functions.auth.app.authorize",
        "CODEREV_STAGE": "prod",
        "JWT_SECRET_KEY": secret,
        "PYTHONPATH": ".:layers/kernel/python",
    }
    code = "import functions.auth.app"
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)

    assert ran.returncode != 0
    assert "JWT_SECRET_KEY must be random" in ran.stderr
    assert secret == "" or secret not in ran.stderr.replace("changeme", "")
