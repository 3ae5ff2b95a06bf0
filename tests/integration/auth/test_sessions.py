"""Logging in, staying in, and getting out."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from functions.auth import bootstrap
from functions.auth.adapters.passwords import Argon2
from functions.auth.service import members, sessions
from kernel.errors import Conflict
from kernel.identity import Caller
from tests.integration.auth.conftest import NOWHERE
from tests.integration.auth.rows import change, rows
from tests.integration.auth.world import ADA, BOB


def test_a_login_opens_a_session_of_its_own(world):
    first = world.set_up().json
    second = world.log_in().json

    assert second["refresh_token"] != first["refresh_token"]
    assert world.bearing(second["access_token"]).get("/v1/auth/me").json["id"] == first["user"]["id"]


def test_wrong_password_and_unknown_account_get_the_same_answer(world):
    world.set_up()

    wrong, unknown = world.log_in(password="wrong password"), world.log_in(email="nobody@example.com")

    assert (wrong.status, wrong.json["code"]) == (401, "bad_credentials")
    assert (unknown.status, unknown.json) == (wrong.status, wrong.json)
    assert unknown.headers == wrong.headers


def test_twenty_wrong_passwords_are_too_many(world):
    world.set_up()

    replies = [world.log_in(password="wrong password") for _ in range(20)]

    assert [reply.status for reply in replies] == [401] * 10 + [429] * 10
    assert 0 < int(replies[-1].headers["Retry-After"]) <= 900
    assert world.log_in().status == 429


def test_one_strangers_address_does_not_lock_the_owner_out(world):
    world.set_up()
    for _ in range(30):
        world.at("203.0.113.9").log_in(password="wrong password")

    assert world.log_in().status == 200


def test_unknown_accounts_are_limited_like_known_ones(world):
    world.set_up()

    known = [world.log_in(password="wrong password") for _ in range(12)]
    unknown = [world.at("203.0.113.9").log_in(email="nobody@example.com") for _ in range(12)]

    assert [reply.status for reply in known] == [reply.status for reply in unknown]


def test_one_password_tried_on_twenty_accounts_is_too_many(world):
    replies = [world.log_in(email=f"user{n}@example.com", password="summer sun 2025") for n in range(20)]

    assert [reply.status for reply in replies] == [401] * 18 + [429] * 2


def test_claimed_addresses_of_proxies_do_not_matter(world):
    world.set_up()

    replies = [
        world.with_headers(x_forwarded_for=f"203.0.113.{n}").log_in(password="wrong password") for n in range(11)
    ]

    assert replies[-1].status == 429


def test_good_logins_do_not_count(world):
    world.set_up()

    assert {world.log_in().status for _ in range(25)} == {200}


def test_without_redis_tries_are_counted_in_the_process(make):
    world = make(redis_url=NOWHERE)
    world.set_up()

    assert world.log_in().status == 200
    assert [world.log_in(password="wrong password").status for _ in range(12)] == [401] * 10 + [429] * 2


def test_a_refresh_gives_new_tokens_of_the_same_session(world, admin):
    first = world.set_up().json

    second = world.refresh(first["refresh_token"])
    third = world.refresh(second.json["refresh_token"])

    assert (second.status, third.status) == (200, 200)
    assert len({first["refresh_token"], second.json["refresh_token"], third.json["refresh_token"]}) == 3
    assert world.bearing(third.json["access_token"]).get("/v1/auth/me").status == 200
    assert (rows(admin, "sessions"), rows(admin, "refresh_tokens")) == (1, 3)


def test_twenty_parallel_refreshes_of_one_token_make_one_successor(make, auth_settings, admin):
    url = auth_settings.database_url.get_secret_value()
    worlds = [make(database_url=f"{url}?application_name=race{n % 5}") for n in range(20)]
    token = worlds[0].set_up().json["refresh_token"]

    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda world: world.refresh(token), worlds))

    assert {reply.status for reply in replies} == {200}
    assert len({reply.json["refresh_token"] for reply in replies}) == 1
    assert rows(admin, "refresh_tokens") == 2
    assert rows(admin, "sessions", "revoked_at IS NOT NULL") == 0
    assert {worlds[0].bearing(reply.json["access_token"]).get("/v1/auth/me").status for reply in replies} == {200}


def test_a_refresh_token_used_again_after_the_grace_ends_its_whole_family(world, admin):
    first = world.set_up().json
    second = world.refresh(first["refresh_token"]).json
    change(admin, "UPDATE auth.refresh_tokens SET used_at = used_at - interval '11 seconds' WHERE used_at IS NOT NULL")

    stolen = world.refresh(first["refresh_token"])

    assert (stolen.status, stolen.json["code"]) == (401, "bad_refresh_token")
    assert world.refresh(second["refresh_token"]).status == 401
    assert world.bearing(second["access_token"]).get("/v1/auth/me").status == 401
    assert rows(admin, "audit", "details ->> 'because' = 'refresh_token_reused'") == 1
    assert rows(admin, "outbox", "message::jsonb ->> 'type' = 'session.revoked'") == 1


def test_a_session_ends_for_good_after_its_absolute_life(world, admin):
    opened = world.set_up().json
    change(admin, "UPDATE auth.sessions SET expires_at = now()")

    assert world.refresh(opened["refresh_token"]).status == 401


def test_a_session_lives_as_long_as_the_settings_say(make, admin):
    make(refresh_token_expire_days=3, access_token_expire_minutes=5).set_up()

    assert rows(admin, "sessions", "expires_at - created_at = interval '3 days'") == 1


@pytest.mark.parametrize("token", ["x", "crr_", "crr_" + "A" * 64, "ä", "crr_" + "%00", "A" * 513])
def test_refresh_tokens_that_are_none_are_refused(world, token):
    world.set_up()

    assert world.refresh(token).status in (401, 422)


def test_an_access_token_is_no_refresh_token_and_the_other_way_round(world):
    opened = world.set_up().json

    assert world.refresh(opened["access_token"]).status in (401, 422)
    assert world.bearing(opened["refresh_token"]).get("/v1/auth/me").status == 401


def test_refresh_tokens_are_stored_as_digests_only(world, admin):
    token = world.set_up().json["refresh_token"]

    assert rows(admin, "refresh_tokens", f"encode(digest, 'escape') LIKE '%{token[-20:]}%'") == 0
    assert rows(admin, "refresh_tokens", f"digest = sha256('{token}')") == 1


def test_logout_ends_the_access_token_at_once(world, admin):
    ada = world.owner()

    assert ada.post("/v1/auth/logout").status == 204
    assert ada.get("/v1/auth/me").status == 401
    assert rows(admin, "sessions", "revoked_because = 'logout'") == 1


def test_logout_ends_the_access_token_also_without_redis(make, admin):
    world = make(redis_url=NOWHERE)
    opened = world.set_up().json
    ada = world.bearing(opened["access_token"])

    assert ada.get("/v1/auth/me").status == 200
    assert ada.post("/v1/auth/logout").status == 204
    assert ada.get("/v1/auth/me").status == 401
    assert world.refresh(opened["refresh_token"]).status == 401


def test_a_session_can_be_seen_and_ended_from_another_one(world):
    phone = world.with_headers(user_agent="phone\x07").set_up().json
    laptop = world.bearing(world.log_in().json["access_token"])

    listed = laptop.get("/v1/auth/sessions").json["items"]
    ended = laptop.delete(f"/v1/auth/sessions/{listed[1]['id']}")

    assert [(item["current"], item["user_agent"]) for item in listed] == [(True, ""), (False, "phone?")]
    assert ended.status == 204
    assert world.bearing(phone["access_token"]).get("/v1/auth/me").status == 401
    assert world.refresh(phone["refresh_token"]).status == 401
    assert len(laptop.get("/v1/auth/sessions").json["items"]) == 1
    assert laptop.delete(f"/v1/auth/sessions/{listed[1]['id']}").status == 404


def test_sessions_of_others_cannot_be_ended(world):
    ada = world.owner()
    bob = world.bearing(ada.join("admin").json["access_token"])
    session = ada.get("/v1/auth/sessions").json["items"][0]

    assert bob.delete(f"/v1/auth/sessions/{session['id']}").status == 404
    assert ada.get("/v1/auth/me").status == 200


def test_a_new_password_ends_all_other_sessions(world):
    ada = world.owner()
    other = world.bearing(world.log_in().json["access_token"])

    changed = ada.put("/v1/auth/password", {"current_password": ADA["password"], "new_password": "notes on the engine"})

    assert changed.status == 204
    assert ada.get("/v1/auth/me").status == 200
    assert other.get("/v1/auth/me").status == 401
    assert world.log_in().status == 401
    assert world.log_in(password="notes on the engine").status == 200


def test_a_new_password_needs_the_present_one(world):
    ada = world.owner()
    body = {"current_password": "wrong password", "new_password": "notes on the engine"}

    assert [ada.put("/v1/auth/password", body).status for _ in range(11)] == [403] * 10 + [429]
    assert world.at("203.0.113.9").log_in().status == 200


def test_a_changed_role_holds_from_the_next_request(world):
    ada = world.owner()
    joined = ada.join("admin").json
    bob = world.bearing(joined["access_token"])

    changed = ada.put(f"/v1/auth/members/{joined['user']['id']}", {"role": "viewer"})

    assert (changed.status, changed.json["role"]) == (200, "viewer")
    assert bob.invite("viewer", "new@example.com").status == 401
    again = world.refresh(joined["refresh_token"]).json
    assert again["roles"] == ["viewer"]
    assert world.bearing(again["access_token"]).invite("viewer", "new@example.com").status == 403


def test_who_is_removed_is_out_at_once(world):
    ada = world.owner()
    joined = ada.join("admin").json

    assert ada.delete(f"/v1/auth/members/{joined['user']['id']}").status == 204
    assert world.bearing(joined["access_token"]).get("/v1/auth/me").status == 401
    assert world.refresh(joined["refresh_token"]).status == 401
    assert world.log_in(BOB["email"], BOB["password"]).json["code"] == "no_organisation"


def test_the_last_owner_stays(world):
    ada = world.owner()
    me = ada.get("/v1/auth/me").json["id"]

    assert ada.delete(f"/v1/auth/members/{me}").json["code"] == "last_owner"
    assert ada.put(f"/v1/auth/members/{me}", {"role": "viewer"}).status == 409


def test_of_two_owners_who_leave_at_once_one_stays(world, auth_settings, admin):
    url = auth_settings.database_url.get_secret_value()
    ada = world.owner()
    bob = world.bearing(ada.join("owner").json["access_token"])
    people = [who.get("/v1/auth/me").json for who in (ada, bob)]
    elsewhere = [
        bootstrap.connect(
            auth_settings.model_copy(update={"database_url": SecretStr(f"{url}?application_name=race{n}")})
        )
        for n in range(2)
    ]

    def leave(n: int) -> bool:
        caller = Caller(user_id=people[n]["id"], org_id=people[n]["organisation"]["id"])
        with suppress(Conflict), elsewhere[n].work(caller) as work:
            members.remove(work, user_id=caller.user_id)
            return True
        return False

    with ThreadPoolExecutor(2) as pool:
        left = list(pool.map(leave, range(2)))

    assert sorted(left) == [False, True]
    assert rows(admin, "memberships") == 1


@pytest.mark.parametrize("role", ["viewer", "maintainer"])
def test_members_without_the_right_change_nobody(world, role):
    ada = world.owner()
    joined = ada.join(role).json
    bob, ada_id = world.bearing(joined["access_token"]), ada.get("/v1/auth/me").json["id"]

    assert bob.put(f"/v1/auth/members/{ada_id}", {"role": "viewer"}).status == 403
    assert bob.put(f"/v1/auth/members/{joined['user']['id']}", {"role": "owner"}).status == 403
    assert bob.delete(f"/v1/auth/members/{ada_id}").status == 403


def test_an_admin_does_not_make_owners_or_lower_them(world):
    ada = world.owner()
    joined = ada.join("admin").json
    bob, ada_id = world.bearing(joined["access_token"]), ada.get("/v1/auth/me").json["id"]

    assert bob.put(f"/v1/auth/members/{joined['user']['id']}", {"role": "owner"}).status == 403
    assert bob.put(f"/v1/auth/members/{ada_id}", {"role": "admin"}).status == 403
    assert bob.delete(f"/v1/auth/members/{ada_id}").status == 403


def test_another_organisation_is_out_of_sight(world, make):
    ada = world.owner()
    ada_id = ada.get("/v1/auth/me").json["id"]
    eve = world.bearing(
        make(open_registration=True).post("/v1/auth/register", {**BOB, "organisation": "x"}).json["access_token"]
    )

    assert eve.put(f"/v1/auth/members/{ada_id}", {"role": "viewer"}).status == 404
    assert eve.delete(f"/v1/auth/members/{ada_id}").status == 404
    assert [item["email"] for item in eve.get("/v1/auth/members").json["items"]] == [BOB["email"]]


def test_members_come_in_pages(world):
    ada = world.owner()
    for n in range(3):
        assert ada.join("viewer", email=f"user{n}@example.com").status == 201

    first = ada.get("/v1/auth/members?limit=3").json
    second = ada.get(f"/v1/auth/members?limit=3&cursor={first['next_cursor']}").json

    assert [len(first["items"]), len(second["items"]), second["next_cursor"]] == [3, 1, None]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/auth/me"),
        ("GET", "/v1/auth/sessions"),
        ("GET", "/v1/auth/members"),
        ("POST", "/v1/auth/logout"),
    ],
)
def test_without_a_caller_nothing_is_told(world, method, path):
    assert world.call(method, path).status == 403


def test_health_needs_no_caller(world):
    assert world.get("/v1/auth/health").json == {"status": "ok", "service": "auth"}


def test_a_hash_with_old_parameters_is_renewed_at_login(world, admin):
    world.set_up()
    with admin.begin() as connection:
        old = Argon2(memory_kib=32, passes=1).hash(ADA["password"])
        connection.execute(sa.text("UPDATE auth.users SET password_hash = :old"), {"old": old})

    assert [world.log_in().status for _ in range(2)] == [200, 200]
    assert rows(admin, "users", "password_hash LIKE '%m=64,%'") == 1


def test_a_membership_that_is_gone_ends_its_sessions_at_the_next_refresh(world, admin):
    opened = world.set_up().json
    change(admin, "DELETE FROM auth.memberships")

    assert world.refresh(opened["refresh_token"]).status == 401
    assert rows(admin, "sessions", "revoked_because = 'membership_ended'") == 1


def test_leaving_one_organisation_keeps_the_sessions_of_another(world, make, admin):
    ada = world.owner()
    bob = ada.join("admin").json
    elsewhere = make(open_registration=True).post("/v1/auth/register", {**BOB, "email": "b@x.y", "organisation": "x"})
    change(
        admin,
        f"UPDATE auth.sessions SET user_id = '{bob['user']['id']}' WHERE org_id = '{elsewhere.json['organisation']['id']}'",
    )

    path, bobs = f"/v1/auth/members/{bob['user']['id']}", world.bearing(bob["access_token"])
    assert bobs.put(path, {"role": "maintainer"}).status == 200
    assert rows(admin, "sessions", f"user_id = '{bob['user']['id']}' AND epoch = 2") == 1
    assert ada.delete(path).status == 204
    assert rows(admin, "sessions", f"user_id = '{bob['user']['id']}' AND revoked_at IS NULL") == 1


def test_a_second_owner_can_be_made_and_the_first_may_step_back(world):
    ada = world.owner()
    bob = ada.join("admin").json
    me = ada.get("/v1/auth/me").json["id"]

    assert ada.put(f"/v1/auth/members/{bob['user']['id']}", {"role": "owner"}).json["role"] == "owner"
    assert ada.put(f"/v1/auth/members/{me}", {"role": "viewer"}).json["role"] == "viewer"


def test_who_has_no_session_has_nothing_to_end(auth_settings, world):
    opened = world.set_up().json
    caller = Caller(user_id=opened["user"]["id"], org_id=opened["organisation"]["id"])

    with bootstrap.connect(auth_settings).work(caller) as work:
        sessions.log_out(work)
        sessions.log_out(SimpleNamespace(caller=replace(caller, session_id="s1"), sessions=work.sessions))

    assert world.bearing(opened["access_token"]).get("/v1/auth/me").status == 200


def test_the_entry_points_serve_what_the_template_names(auth_settings, world):
    code = """
import json, functions.auth.app as entry
event = {"httpMethod": "GET", "headers": {}, "pathParameters": None, "multiValueQueryStringParameters": None,
         "requestContext": {"resourcePath": "/v1/auth/health", "httpMethod": "GET", "identity": {}},
         "stageVariables": None, "body": None, "isBase64Encoded": False}
print(entry.app(event, None)["statusCode"], entry.relay({}, None))
"""
    environment = {
        "_HANDLER": "functions.auth.app.app",
        "DATABASE_URL": auth_settings.database_url.get_secret_value(),
        "JWT_SECRET_KEY": auth_settings.jwt_secret_key.get_secret_value(),
        "PYTHONPATH": ".:layers/kernel/python",
    }
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)

    assert ran.stdout.splitlines()[-1] == "200 {'sent': 0}"
