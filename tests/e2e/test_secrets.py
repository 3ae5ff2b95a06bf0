"""Canaries: secrets that a user hands to the platform, or has in the code, and the places where none may come up."""

from __future__ import annotations

import json
import secrets
import time

import httpx
import pytest
from psycopg import sql

AWS = "AKIA" + "Q7ZK2M4XWPL9T3VB"
AWS_SECRET = "wJalrXUtnFEMI7K7MDENGbPxRfiCY" + secrets.token_hex(6)[:11]
CODE = {
    "AWS key": AWS,
    "AWS secret": AWS_SECRET,
    "private key": "MIIEvQ" + secrets.token_hex(29),
    "password in code": "hunter-" + secrets.token_hex(10),
    "password in a URL": "tr0ub4-" + secrets.token_hex(10),
    "GitHub token": "ghp_" + secrets.token_hex(18),
}
REVIEW_S = 8  # seconds that a small model may take; what it has not written by then is not looked at
SENT = {
    name: f"canary-{name.replace(' ', '-')}-{secrets.token_hex(8)}"
    for name in (
        "provider key", "login password", "bearer", "cookie", "query", "body", "header", "path", "setup token",
        "refresh token", "invitation",
    )
}  # fmt: skip


@pytest.fixture(scope="module")
def answers(house, tmp_path_factory):
    """Hand every canary to the platform; return what it told, except where the owner of a secret is given it."""
    folder = tmp_path_factory.mktemp("canaries")
    (folder / "keys.py").write_text(
        f'AWS_ACCESS_KEY_ID = "{AWS}"\naws_secret_access_key = "{AWS_SECRET}"\n'
        f'password = "{CODE["password in code"]}"\nURL = "postgresql://app:{CODE["password in a URL"]}@db/app"\n'
        f'TOKEN = "{CODE["GitHub token"]}"\n'
    )
    pem = f"-----BEGIN PRIVATE KEY-----\n{CODE['private key']}\n-----END PRIVATE KEY-----\n"
    (folder / "server.pem").write_text(pem)
    (folder / "deploy.py").write_text(f'KEY = """{pem}"""\n')
    (folder / ".env").write_text(f"PASSWORD={CODE['password in code']}\n")
    document = house.review(folder, "--project", "canaries", "--no-ai")
    told = [str({name: part for name, part in document.items() if name != "artifacts"})]
    told += [httpx.get(each["url"], timeout=10).text for each in document["artifacts"]]
    with house.owner() as owner:
        told += _sent(house, owner) + _read(owner, document["analysis"]["id"])
    return told


def _sent(house, owner):
    provider = {
        "name": "canary", "kind": "openai_compatible", "base_url": "https://93.184.216.34/v1", "model": "m",
        "api_key": SENT["provider key"], "default": False,
    }  # fmt: skip
    login = {"email": "owner@coderev.example", "password": SENT["login password"]}
    setup = {"token": SENT["setup token"], "email": "c@d.e", "password": SENT["login password"], "name": "C"}
    register = {"invitation": SENT["invitation"], "email": "c@d.e", "password": SENT["login password"], "name": "C"}
    once = {"Idempotency-Key": "canary-provider"}
    bearer = {"Authorization": f"Bearer {SENT['bearer']}"}
    cookie = {"Cookie": f"session={SENT['cookie']}", "X-Api-Key": SENT["header"]}
    made = owner.post("/v1/providers", json=provider, headers=once)
    answers = [
        made,
        owner.post("/v1/providers", json=provider, headers=once),
        owner.get(f"/v1/providers/{made.json()['id']}"),
        owner.post("/v1/providers", json=provider | {"api_key": SENT["provider key"] + " é"}),
        owner.post("/v1/providers", json=provider | {"base_url": f"https://x:{SENT['provider key']}@127.0.0.1/v1"}),
        httpx.post(f"{house.url}/v1/auth/login", json=login, timeout=10),
        httpx.post(f"{house.url}/v1/auth/login", json=login | {"email": [SENT["body"]]}, timeout=10),
        httpx.post(f"{house.url}/v1/auth/login", content=f'{{"password": "{SENT["body"]}"', timeout=10),
        httpx.post(f"{house.url}/v1/auth/setup", json=setup | {"organisation": "C"}, timeout=10),
        httpx.post(f"{house.url}/v1/auth/register", json=register, timeout=10),
        httpx.post(f"{house.url}/v1/auth/refresh", json={"refresh_token": SENT["refresh token"]}, timeout=10),
        httpx.get(f"{house.url}/v1/projects", headers=bearer | cookie, timeout=10),
        owner.get("/v1/projects", headers=cookie, params={"cursor": SENT["query"]}),
        owner.get("/v1/projects", params={"api_key": SENT["query"]}),
        owner.post("/v1/projects", json={"name": ["x"], "password": SENT["body"]}, headers=cookie),
        owner.get(f"/v1/providers/{SENT['path']}"),
        owner.get(f"/v1/{SENT['path']}"),
    ]
    assert [each.status_code for each in answers[:3]] == [201, 201, 200], answers[0].text
    assert all(400 <= each.status_code < 500 for each in answers[3:]), [each.text for each in answers]
    return [each.text + str(each.headers) for each in answers]


def _read(owner, analysis):
    paths = (f"/v1/analyses/{analysis}/findings", f"/v1/analyses/{analysis}/files", "/v1/providers")
    return [_reviewed(owner, analysis), *(owner.get(path).text for path in paths)]


def _reviewed(owner, analysis):
    deadline = time.monotonic() + REVIEW_S
    while True:
        found = owner.get("/v1/reviews", params={"analysis_id": analysis}).json()["items"]
        answer = owner.get(f"/v1/reviews/{found[0]['id']}") if found else None
        if time.monotonic() > deadline or (answer is not None and answer.json()["state"] != "running"):
            assert answer is not None, "no review began"
            return answer.text
        time.sleep(0.2)


def hits(text: str, *canaries: dict[str, str]) -> list[str]:
    """Names of the canaries in `text`."""
    return [name for each in canaries for name, canary in each.items() if canary in text]


def test_no_answer_repeats_a_secret(answers):
    assert [hits(each, CODE, SENT) for each in answers if hits(each, CODE, SENT)] == []


def test_the_review_found_the_secrets(answers):
    assert any("secret" in each.lower() and "keys.py" in each for each in answers)


def test_no_log_and_no_queue_holds_a_secret(house, answers):
    time.sleep(1.5)  # the last lines of a function's output are on their way to its log
    files = [house.folder / "up.log", *(house.data / "logs").rglob("*"), *(house.data / "emulator").rglob("*")]
    read = {each: each.read_bytes().decode("latin-1") for each in files if each.is_file()}
    own = house_secrets(house)

    assert len(read) > 10
    assert {path.name: found for path, text in read.items() if (found := hits(text, CODE, SENT, own))} == {}


def house_secrets(house):
    """The platform's own: what its services and its first owner log in with."""
    kept = {}
    for name in ("credentials.json", "owner.json", "secrets.json"):
        kept |= json.loads((house.data / name).read_text())
    return {name: value for name, value in kept.items() if name not in ("email", "setup_token")}


def test_no_message_of_the_broker_holds_a_secret(house, answers):
    """Dead letters and events alike."""
    read = {each: each.read_bytes().decode("latin-1") for each in (house.data / "kafka").rglob("*") if each.is_file()}

    assert read
    assert {path.name: found for path, text in read.items() if (found := hits(text, CODE, SENT))} == {}


def test_no_row_holds_a_secret(house, answers):
    """Outbox, audit, kept answers, findings, comments: every table but the one-way and sealed columns' own form."""
    with house.database() as database:
        tables = database.execute(
            "select schemaname, tablename from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        found = {}
        for table in tables:
            rows = database.execute(sql.SQL("select t::text from {} t").format(sql.Identifier(*table))).fetchall()
            leaked = hits("\n".join(row[0] for row in rows), CODE, SENT)
            found |= {".".join(table): leaked} if leaked else {}

    assert len(tables) > 30
    assert found == {}


def test_kept_answers_hold_no_token(house, answers):
    """What an Idempotency-Key keeps can be read by whoever reads the database: no session, no invitation."""
    with house.owner() as owner:
        body = {"email": "canary@example.com", "role": "viewer"}
        sent = [owner.post("/v1/auth/invitations", json=body, headers={"Idempotency-Key": "canary"}) for _ in range(2)]
        token = sent[0].json()["token"]
        bearer = owner.headers["Authorization"].removeprefix("Bearer ")
    with house.database() as database:
        kept = database.execute("select answer from auth.idempotency").fetchall()
    text = str(kept)

    assert [each.status_code for each in sent] == [201, 201]
    assert kept
    assert token not in text
    assert token.rpartition("-")[2] not in text
    assert bearer not in text
    assert not any(word in text for word in ("access_token", "refresh_token", "crr_", "cri_"))
