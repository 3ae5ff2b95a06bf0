"""A project's repository: who may connect one, and what is never shown."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from kernel.errors import Conflict
from tests.client import OTHER_ORG, BundleClient
from tests.integration.project.hosts import client, connected, deps, host, reaching, woken

__all__ = ["client", "connected", "deps", "host", "reaching", "woken"]
BODY = {
    "kind": "gitlab",
    "url": "https://gitlab.com/example/parser.git",
    "token": "glpat-x",
    "webhook_secret": "s" * 20,
}


@pytest.fixture
def path(client: BundleClient) -> str:
    return f"/v1/projects/{client.post('/v1/projects', {'name': 'connected'}).json['id']}/repository"


def test_a_repository_is_connected_and_shown_without_its_secrets(client, path):
    put, got = client.put(path, BODY), client.get(path)

    assert (put.status, put.headers["ETag"]) == (200, '"1"')
    assert put.json == got.json
    assert {name: put.json[name] for name in ("kind", "url", "default_branch", "has_token", "has_webhook_secret")} == {
        "kind": "gitlab",
        "url": "https://gitlab.com/example/parser.git",
        "default_branch": "main",
        "has_token": True,
        "has_webhook_secret": True,
    }
    assert put.json["filters"] == {
        "drafts": False,
        "bots": False,
        "include_labels": [],
        "exclude_labels": [],
        "branches": [],
    }
    assert put.json["hook_path"].startswith("/v1/hooks/")
    assert not {"token", "webhook_secret"} & put.json.keys()


def test_secrets_stay_when_they_are_left_out_and_go_when_they_are_empty(client, path):
    client.put(path, BODY)
    bare = {"kind": "gitlab", "url": BODY["url"]}

    kept = client.with_headers(If_Match='"1"').put(path, bare).json
    gone = client.with_headers(If_Match='"2"').put(path, bare | {"token": "", "webhook_secret": ""}).json

    assert [(one["has_token"], one["has_webhook_secret"]) for one in (kept, gone)] == [(True, True), (False, False)]
    assert kept["hook_path"] == gone["hook_path"]


@pytest.mark.parametrize("url", ["https://evil.example/parser.git", "https://gitlab.com:444/example/parser.git"])
def test_a_token_stays_with_its_host(client, path, url):
    client.put(path, BODY)

    moved = client.with_headers(If_Match='"1"').put(path, {"kind": "gitlab", "url": url}).json

    assert (moved["has_token"], moved["has_webhook_secret"]) == (False, True)


def test_a_change_needs_the_etag_of_what_it_changes(client, path):
    client.put(path, BODY)

    assert client.put(path, BODY).status == 428
    assert client.with_headers(If_Match='"7"').put(path, BODY).status == 412
    assert client.with_headers(If_Match="*").put(path, BODY).status == 412
    assert client.with_headers(If_Match='"1"').put(path, BODY).json["revision"] == 2


REFUSED = [
    ("git@github.com:example/parser.git", "ssh_url"),
    ("ssh://git@github.com/example/parser.git", "ssh_url"),
    ("ssh://-oProxyCommand=id/x", "ssh_url"),
    ("git://github.com/example/parser.git", "url_refused"),
    ("file:///etc", "url_refused"),
    ("ext::sh -c id", "url_refused"),
    ("--upload-pack=id", "url_refused"),
    ("https://ada:word@github.com/x.git", "url_refused"),
    ("https://github.com/", "url_refused"),
    ("https://github.com/a/../b", "url_refused"),
    ("https://github.com/a/%2e%2e/b", "url_refused"),
    ("https://github.com/a?b=c", "url_refused"),
    ("https://2130706433/a.git", "url_refused"),
    ("https://127.0.0.1/a.git", "address_refused"),
    ("https://[::ffff:127.0.0.1]/a.git", "address_refused"),
    ("https://169.254.169.254/latest", "address_refused"),
    ("https://10.0.0.8/a.git", "address_refused"),
]


def test_an_address_that_is_not_https_to_the_outside_is_refused_with_a_sentence(client, path):
    replies = [client.put(path, BODY | {"url": url}) for url, _ in REFUSED]

    assert [(reply.status, reply.json["code"]) for reply in replies] == [(422, code) for _, code in REFUSED]
    assert client.get(path).status == 404


ODD = [
    {"kind": "svn"},
    {"webhook_secret": "short"},
    {"token": "with space"},
    {"token": "x" * 501},
    {"default_branch": ""},
    {"filters": {"labels": []}},
    {"filters": {"branches": ["a b"]}},
    {"sealed_token": "x"},
]


def test_an_odd_repository_is_refused(client, path):
    assert [client.put(path, BODY | change).status for change in ODD] == [422] * len(ODD)


def test_only_maintainers_connect_and_others_see_nothing(client, path):
    for role, status in (("viewer", 403), ("reviewer", 403), ("maintainer", 200)):
        assert client.as_role(role).put(path, BODY).status == status
    assert client.as_role("viewer").get(path).status == 200
    assert client.as_role("reviewer").delete(path).status == 403
    foreign = client.of(OTHER_ORG)
    assert [foreign.get(path).status, foreign.put(path, BODY).status, foreign.delete(path).status] == [404, 404, 404]


def test_a_removed_repository_leaves_nothing_and_may_be_connected_anew(client, path, count):
    first = client.put(path, BODY).json
    project = first["project_id"]
    fetch = client.post(f"/v1/projects/{project}/fetches", {"ref": "main"}).json

    assert client.delete(path).status == 204

    assert (client.get(path).status, client.delete(path).status) == (404, 404)
    assert [count(table) for table in ("repositories", "hooks", "fetch_queue")] == [0, 0, 0]
    assert client.get(f"/v1/fetches/{fetch['id']}").json["code"] == "repository_removed"
    assert client.put(path, BODY).json["hook_path"] != first["hook_path"]


def test_what_is_stored_is_sealed_to_its_own_row(client, path, admin, deps):
    made = client.put(path, BODY).json

    with admin.begin() as connection:
        row = connection.execute(sa.text("SELECT * FROM project.repositories")).one()
    about = (str(row.org_id), made["project_id"])
    assert b"glpat" not in bytes(row.sealed_token)
    assert deps.seal.open(bytes(row.sealed_token), *about, "token") == "glpat-x"
    for wrong in ((*about, "webhook_secret"), (OTHER_ORG, made["project_id"], "token")):
        with pytest.raises(Conflict):
            deps.seal.open(bytes(row.sealed_token), *wrong)


def test_who_connects_is_written_down_without_secrets(client, path, admin):
    client.put(path, BODY)
    client.delete(path)

    with admin.connect() as connection:
        rows = connection.execute(sa.text("SELECT action, details::text FROM project.audit ORDER BY id")).all()
    assert [row.action for row in rows[1:]] == ["project.connect", "project.disconnect"]
    assert not any("glpat" in row.details or "ssss" in row.details for row in rows)


def test_an_archived_project_is_connected_to_nothing(client, path):
    client.post(path.replace("/repository", "/archive"))

    assert client.put(path, BODY).json["code"] == "archived"
