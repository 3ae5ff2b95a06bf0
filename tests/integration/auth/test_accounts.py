"""How people get in: set-up, invitations, open registration, passwords."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.auth.rows import change, rows
from tests.integration.auth.world import ADA, BOB, SETUP_TOKEN


def test_the_set_up_token_makes_the_first_owner(world, admin):
    made = world.set_up()

    assert made.status == 201
    assert {key: made.json[key] for key in ("token_type", "expires_in_s", "roles")} == {
        "token_type": "Bearer",
        "expires_in_s": 900,
        "roles": ["owner"],
    }
    assert made.json["user"] | {"id": ""} == {"id": "", "email": ADA["email"], "name": ADA["name"]}
    assert made.json["organisation"]["name"] == "Analytical Engines"
    assert rows(admin, "outbox", "message::jsonb ->> 'type' = 'user.registered'") == 1
    assert rows(admin, "audit") == 3


def test_the_owner_is_known_afterwards(world):
    ada = world.owner()

    me = ada.get("/v1/auth/me")

    assert (me.status, me.json["email"], me.json["roles"]) == (200, ADA["email"], ["owner"])
    assert me.json["organisation"]["name"] == "Analytical Engines"


def test_a_second_set_up_is_refused_and_changes_nothing(world, admin):
    world.set_up()

    again = world.set_up(email="eve@example.com")

    assert (again.status, again.json["code"]) == (409, "already_set_up")
    assert (rows(admin, "users"), rows(admin, "organisations")) == (1, 1)


@pytest.mark.parametrize("token", ["wrong", SETUP_TOKEN + "x", SETUP_TOKEN[:-1], "ä"])
def test_a_wrong_set_up_token_is_refused(world, admin, token):
    reply = world.set_up(token=token)

    assert (reply.status, reply.json["code"]) == (403, "bad_setup_token")
    assert rows(admin, "users") == 0


def test_without_a_set_up_token_nobody_sets_up(make):
    assert make(setup_token="").set_up(token="").status == 422
    assert make(setup_token="").set_up(token="x").status == 403


def test_of_twenty_set_ups_at_once_one_succeeds(make, auth_settings, admin):
    url = auth_settings.database_url.get_secret_value()
    worlds = [make(database_url=f"{url}?application_name=race{n % 5}") for n in range(20)]

    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda n: worlds[n].set_up(email=f"ada{n}@example.com"), range(20)))

    assert sorted(reply.status for reply in replies) == [201] + [409] * 19
    assert (rows(admin, "users"), rows(admin, "organisations"), rows(admin, "sessions")) == (1, 1, 1)
    assert rows(admin, "signing_keys") == 1


def test_an_invitation_lets_its_address_in_once(world, admin):
    ada = world.owner()
    token = ada.invite("reviewer").json["token"]

    joined = world.post("/v1/auth/register", {"invitation": token, **BOB})
    again = world.post("/v1/auth/register", {"invitation": token, **BOB, "email": "eve@example.com"})

    assert (joined.status, joined.json["roles"]) == (201, ["reviewer"])
    assert joined.json["organisation"] == ada.get("/v1/auth/me").json["organisation"]
    assert (again.status, again.json["code"]) == (404, "invitation_not_found")
    assert rows(admin, "users") == 2


def test_an_invitation_is_for_one_address(world, admin):
    token = world.owner().invite("reviewer").json["token"]

    reply = world.post("/v1/auth/register", {"invitation": token, **BOB, "email": "eve@example.com"})

    assert (reply.status, reply.json["code"]) == (404, "invitation_not_found")
    assert rows(admin, "users") == 1


def test_a_withdrawn_invitation_lets_nobody_in(world, admin):
    token = world.owner().invite("reviewer").json["token"]
    change(admin, "DELETE FROM auth.invitations")

    assert world.post("/v1/auth/register", {"invitation": token, **BOB}).status == 404


def test_an_expired_invitation_lets_nobody_in(world, admin):
    token = world.owner().invite("reviewer").json["token"]
    change(admin, "UPDATE auth.invitations SET expires_at = now()")

    assert world.post("/v1/auth/register", {"invitation": token, **BOB}).status == 404


@pytest.mark.parametrize("forge", [lambda t: t[:-2] + "AA", lambda t: "cri_" + "A" * 86, lambda t: "ä€", lambda t: "x"])
def test_a_forged_invitation_lets_nobody_in(world, forge):
    token = world.owner().invite("reviewer").json["token"]

    assert world.post("/v1/auth/register", {"invitation": forge(token), **BOB}).status == 404


def test_of_parallel_uses_of_an_invitation_one_succeeds(make, auth_settings, admin):
    url = auth_settings.database_url.get_secret_value()
    token = make().owner().invite("viewer").json["token"]
    worlds = [make(database_url=f"{url}?application_name=race{n}") for n in range(5)]

    with ThreadPoolExecutor(5) as pool:
        body = {"invitation": token, **BOB}
        replies = list(pool.map(lambda world: world.post("/v1/auth/register", body), worlds))

    assert sorted(reply.status for reply in replies) == [201] + [404] * 4
    assert rows(admin, "memberships") == 2


def test_inviting_again_with_the_same_key_gives_the_same_invitation_and_stores_no_token(world, admin):
    ada = world.owner().with_headers(idempotency_key="k1")

    first, second = ada.invite("viewer"), ada.invite("viewer")

    assert first.json == second.json
    assert rows(admin, "invitations") == 1
    assert rows(admin, "idempotency", "answer LIKE '%cri_%'") == 0


@pytest.mark.parametrize(
    ("inviter", "role", "status"),
    [("owner", "owner", 201), ("admin", "admin", 201), ("admin", "owner", 403), ("maintainer", "viewer", 403)],
)
def test_nobody_invites_above_their_own_role(world, inviter, role, status):
    ada = world.owner()
    who = ada if inviter == "owner" else world.bearing(ada.join(inviter).json["access_token"])

    assert who.invite(role, "new@example.com").status == status


@pytest.mark.parametrize("role", ["emperor", "", "OWNER", None])
def test_unknown_roles_are_refused(world, role):
    assert world.owner().invite(role).status == 422


def test_registration_is_closed_unless_the_operator_opens_it(world, make, admin):
    body = {**BOB, "organisation": "Bob's"}

    closed = world.post("/v1/auth/register", body)
    opened = make(open_registration=True).post("/v1/auth/register", body)

    assert (closed.status, closed.json["code"]) == (403, "registration_closed")
    assert (opened.status, opened.json["roles"], opened.json["organisation"]["name"]) == (201, ["owner"], "Bob's")
    assert world.set_up().status == 409


def test_an_organisation_and_an_invitation_at_once_are_refused(world):
    assert world.post("/v1/auth/register", {**BOB, "organisation": "x", "invitation": "y"}).status == 422
    assert world.post("/v1/auth/register", BOB).status == 422


@pytest.mark.parametrize(
    "spelling",
    ["ADA@example.com", "Ada@EXAMPLE.com", "ａｄａ@example.com", " ada@example.com", "ada@example.com\u2006"],
)
def test_one_mailbox_has_one_account_however_it_is_spelt(world, make, spelling):
    world.owner()

    reply = make(open_registration=True).post("/v1/auth/register", {**BOB, "email": spelling, "organisation": "x"})

    assert (reply.status, reply.json["code"]) == (409, "email_taken")
    assert world.log_in(spelling).status == 200


def test_dots_of_a_mailbox_that_ignores_them_make_no_second_account(make):
    world = make(open_registration=True)
    first = world.post("/v1/auth/register", {**BOB, "email": "bo.b+x@gmail.com", "organisation": "x"})
    second = world.post("/v1/auth/register", {**BOB, "email": "bob@googlemail.com", "organisation": "x"})

    assert (first.status, second.status) == (201, 409)


@pytest.mark.parametrize("email", ["аda@example.com", "ada", "ada@example.com\0", "a" * 250 + "@b.c"])
def test_addresses_that_are_none_or_look_like_another_are_refused(world, email):
    assert world.set_up(email=email).status == 422


@pytest.mark.parametrize("password", ["", "short77", "PassWord123", "x\0" * 6, "p" * 257, "q" * 10**6])
def test_passwords_that_others_would_guess_or_that_cost_too_much_are_refused(world, admin, password):
    reply = world.set_up(password=password)

    assert reply.status == 422
    assert not password or password not in str(reply.json)
    assert rows(admin, "users") == 0


@pytest.mark.parametrize("length", [8, 72, 73, 256])
def test_passwords_are_used_whole(world, length):
    password = ("0123456789abcdef" * 16)[:length]

    assert world.set_up(password=password).status == 201
    assert world.log_in(password=password).status == 200
    assert world.log_in(password=password[:-1] + "!").status == 401
    assert world.log_in(password=password[:-1]).status == 401


def test_unicode_twins_are_one_password(world):
    assert world.set_up(password="motor Å ﬁne words").status == 201
    assert world.log_in(password="motor A\u030a fine words").status == 200


@pytest.mark.parametrize("field", ["org_id", "role", "is_admin", "owner_id", "created_at", "id", "roles"])
def test_what_clients_may_not_decide_is_refused(world, admin, field):
    reply = world.set_up(**{field: "owner"})

    assert (reply.status, reply.json["errors"][0]["loc"]) == (422, [field])
    assert rows(admin, "users") == 0


@pytest.mark.parametrize("name", ["", " ", "a\0b", "a\nb", "x" * 121])
def test_names_that_cannot_be_shown_are_refused(world, name):
    assert world.set_up(name=name).status == 422


@pytest.mark.parametrize("body", ["{", "[]", '{"email": "\\ud800"}', "null", '{"a":' * 10_000])
def test_garbage_is_refused(world, body):
    assert world.call("POST", "/v1/auth/setup", body).status in (400, 422)
