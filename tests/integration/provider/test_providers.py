"""The HTTP contract of providers, what is kept of a key, and the route that other functions get."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
import sqlalchemy as sa

from functions.provider import bootstrap, routes
from functions.provider.adapters.seal import AesSeal
from functions.provider.endpoints import Reach
from kernel.errors import Conflict, NotFound, Unavailable
from kernel.identity import Caller, ticket
from kernel.settings import Settings
from tests.client import ORG, OTHER_ORG, BundleClient

KEY = "sk-canary-4f1c9a7b2e8d"
NEW = {
    "name": "our vLLM",
    "kind": "openai_compatible",
    "base_url": "https://models.example.com/v1/",
    "model": "qwen2.5-coder-32b",
    "api_key": KEY,
}


class Zone:
    """A name service with a few names, each with its addresses of the moment."""

    def __init__(self, **names: Sequence[str]) -> None:
        self.names = {"models.example.com": ["93.184.216.34"], "api.openai.com": ["93.184.216.35"], **names}

    def addresses(self, host: str, port: int) -> Sequence[str]:
        if host not in self.names:
            raise NotFound("no such host", host=host)
        return self.names[host]


@pytest.fixture
def zone() -> Zone:
    return Zone()


@pytest.fixture
def deps(settings, empty, zone):
    return replace(bootstrap.connect(settings), names=zone)


@pytest.fixture
def ada(deps) -> BundleClient:
    return BundleClient(routes.build(deps))


@pytest.fixture
def resolve(deps, settings):
    """Calls `provider-resolve` as another function does."""
    key = bootstrap.ticket_key(settings)
    handler = routes.build(deps, ticket_key=key).handler_map["resolve"]

    def ask(org: str | None = ORG, *, to: str = "provider-resolve") -> dict:
        event = {"ticket": ticket(Caller.function(org), to=to, key=key), "question": {"capability": "review"}}
        return handler(event, None)

    return ask


def test_created_provider_can_be_read_without_its_key(ada):
    made = ada.post("/v1/providers", NEW)
    read = ada.get(f"/v1/providers/{made.json['id']}")

    assert made.status == 201
    assert (made.json["base_url"], made.json["has_api_key"]) == ("https://models.example.com/v1", True)
    assert (read.status, read.json) == (200, made.json)


def test_the_key_is_in_no_answer_row_log_or_event(ada, admin, capfd):
    ada = ada.with_headers(idempotency_key="k1")

    told = [ada.post("/v1/providers", NEW), ada.post("/v1/providers", NEW | {"name": ""}), ada.get("/v1/providers")]
    told.append(ada.with_headers(idempotency_key="k2").post("/v1/providers", NEW))

    assert [reply.status for reply in told] == [201, 422, 200, 409]
    assert KEY not in json.dumps([reply.json for reply in told])
    assert KEY not in "".join(capfd.readouterr())
    assert KEY not in everything(admin)
    assert KEY.encode().hex() not in everything(admin)


def test_a_sealed_key_opens_only_in_its_own_row():
    seal = AesSeal("a-secret-of-at-least-32-bytes-0000000001")
    sealed = seal.close(KEY, org_id="o", provider_id="p")

    assert seal.open(sealed, org_id="o", provider_id="p") == KEY
    for wrong in (
        lambda: seal.open(sealed, org_id="o", provider_id="q"),
        lambda: seal.open(sealed, org_id="p", provider_id="p"),
        lambda: seal.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), org_id="o", provider_id="p"),
        lambda: seal.open(b"\x02" + sealed[1:], org_id="o", provider_id="p"),
        lambda: seal.open(b"", org_id="o", provider_id="p"),
        lambda: AesSeal("another-secret-of-at-least-32-bytes-01").open(sealed, org_id="o", provider_id="p"),
    ):
        with pytest.raises(Conflict) as refused:
            wrong()
        assert refused.value.code == "key_unreadable"
    with pytest.raises(Unavailable):
        AesSeal("").close(KEY, org_id="o", provider_id="p")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"base_url": "http://models.example.com/v1"}, "base_url_refused"),
        ({"base_url": "https://localhost/v1"}, "host_unknown"),
        ({"base_url": "https://127.0.0.1\\@example.com/v1"}, "base_url_refused"),
        ({"base_url": "https://rebind.example.com/v1"}, "base_url_refused"),
        ({"base_url": "https://nowhere.example.com/v1"}, "host_unknown"),
        ({"base_url": None}, "base_url_needed"),
        ({"kind": "openai", "base_url": None, "api_key": None}, "api_key_needed"),
        ({"kind": "telepathy"}, "invalid"),
        ({"api_key": "two\r\nlines: x"}, "invalid"),
        ({"model": "a b"}, "invalid"),
        ({"org_id": OTHER_ORG}, "invalid"),
    ],
)
def test_bad_providers_are_refused_and_leave_nothing(ada, admin, zone, change, code):
    zone.names["rebind.example.com"] = ["93.184.216.34", "127.0.0.1"]

    reply = ada.post("/v1/providers", NEW | change)

    assert (reply.status, reply.json["code"]) == (422, code)
    assert count(admin, "provider.providers") == count(admin, "provider.outbox") == 0


def test_openai_needs_no_url(ada):
    made = ada.post("/v1/providers", {"name": "openai", "kind": "openai", "model": "gpt-4.1-mini", "api_key": KEY})

    assert (made.status, made.json["base_url"]) == (201, "https://api.openai.com/v1")


def test_first_provider_is_the_default_until_another_takes_its_place(ada):
    first = ada.post("/v1/providers", NEW).json
    second = ada.post("/v1/providers", NEW | {"name": "b"}).json
    third = ada.post("/v1/providers", NEW | {"name": "c", "default": True}).json

    assert (first["default"], second["default"], third["default"]) == (True, False, True)
    assert [item["default"] for item in ada.get("/v1/providers").json["items"]] == [False, False, True]


def test_a_provider_may_be_stored_without_becoming_the_default(ada, resolve):
    ada.post("/v1/providers", NEW | {"default": False})

    assert resolve()["error"]["code"] == "no_provider"


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("maintainer", 403), (None, 403), ("admin", 201)])
def test_creating_needs_an_admin(ada, role, status):
    assert ada.as_role(role).post("/v1/providers", NEW).status == status


def test_another_organisation_sees_nothing_and_gets_no_route(ada, resolve):
    made = ada.post("/v1/providers", NEW).json
    eve = ada.of(OTHER_ORG)

    assert eve.get(f"/v1/providers/{made['id']}").status == 404
    assert eve.get("/v1/providers").json["items"] == []
    assert resolve(OTHER_ORG)["error"]["code"] == "no_provider"


def test_a_function_gets_the_route_with_key_and_checked_address(ada, resolve):
    made = ada.post("/v1/providers", NEW).json

    assert resolve()["answer"] == {
        "provider_id": made["id"],
        "name": "our vLLM",
        "kind": "openai_compatible",
        "base_url": "https://models.example.com/v1",
        "address": "93.184.216.34",
        "model": "qwen2.5-coder-32b",
        "api_key": KEY,
        "built_in": False,
    }


def test_a_name_that_moved_inside_gets_no_route(ada, resolve, zone):
    ada.post("/v1/providers", NEW)

    zone.names["models.example.com"] = ["169.254.169.254"]
    moved = resolve()
    del zone.names["models.example.com"]
    gone = resolve()

    assert (moved["error"]["kind"], moved["error"]["code"]) == ("invalid", "base_url_refused")
    assert (gone["error"]["kind"], gone["error"]["code"]) == ("conflict", "provider_unreachable")


def test_a_ticket_for_another_function_or_none_gets_no_route(ada, resolve, deps, settings):
    ada.post("/v1/providers", NEW)
    handler = routes.build(deps, ticket_key=bootstrap.ticket_key(settings)).handler_map["resolve"]

    assert resolve(to="analysis-plan")["error"]["kind"] == "unauthorized"
    assert resolve(None)["error"]["kind"] == "forbidden"
    assert handler({"question": {"capability": "review"}}, None)["error"]["kind"] == "unauthorized"


def test_without_a_provider_the_operators_choice_answers(settings, empty):
    def chosen(**given: str) -> tuple[object, ...] | None:
        route = bootstrap.fallback(Settings(stage="local", jwt_secret_key=settings.jwt_secret_key, **given))
        return route and (route.name, route.kind, route.base_url, route.model, route.api_key, route.built_in)

    inference = {"inference_url": "http://127.0.0.1:8080/v1/"}
    openai = "https://api.openai.com/v1"
    local = {"openai_base_url": "http://gpu:8000/v1", "openai_model": "qwen"}
    built_in = ("built-in", "openai_compatible", "http://127.0.0.1:8080/v1", "smollm2-135m", None, True)
    assert chosen() is None
    assert chosen(**inference) == built_in
    assert chosen(**inference, openai_api_key=KEY) == ("platform", "openai", openai, "gpt-4.1-mini", KEY, False)
    assert chosen(**local) == ("platform", "openai_compatible", "http://gpu:8000/v1", "qwen", None, False)


def test_the_embedded_model_is_the_route_of_last_resort(deps, settings, resolve):
    settings = settings.model_copy(update={"inference_url": "http://127.0.0.1:8080/v1"})
    key = bootstrap.ticket_key(settings)
    app = routes.build(replace(deps, fallback=bootstrap.fallback(settings)), ticket_key=key)
    proof = ticket(Caller.function(ORG), to="provider-resolve", key=key)

    answer = app.handler_map["resolve"]({"ticket": proof, "question": {"capability": "review"}}, None)["answer"]

    assert (answer["built_in"], answer["address"], answer["api_key"]) == (True, None, None)


def test_stage_local_takes_a_model_server_on_this_machine(deps):
    here = replace(deps, reach=Reach(local=True), names=Zone(localhost=["127.0.0.1"]))
    ada = BundleClient(routes.build(here))

    reply = ada.post("/v1/providers", NEW | {"base_url": "http://localhost:11434/v1", "api_key": None})

    assert (reply.status, reply.json["has_api_key"]) == (201, False)


def test_health_needs_no_caller(ada):
    assert ada.as_role(None).get("/v1/provider/health").json == {"status": "ok", "service": "provider"}


def count(admin: sa.Engine, table: str) -> int:
    with admin.begin() as connection:
        return connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()


def everything(admin: sa.Engine) -> str:
    tables = ("providers", "outbox", "audit", "idempotency")
    with admin.begin() as connection:
        rows = [connection.execute(sa.text(f"SELECT t::text FROM provider.{table} t")).scalars() for table in tables]
        return "\n".join(text for found in rows for text in found)
