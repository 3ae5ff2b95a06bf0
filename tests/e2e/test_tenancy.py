"""Two organisations on one platform: neither sees, finds or changes anything of the other's."""

from __future__ import annotations

import json
import time

import pytest
from psycopg import sql

from tests.e2e.operations import operations

OPERATIONS = operations()
WITH_IDS = [each for each in OPERATIONS if each.names and not each.public]
LISTS = [
    each
    for each in OPERATIONS
    if each.method == "GET"
    and "limit" in each.query
    and not each.names
    and each.path not in ("/v1/findings", "/v1/rules")
]
QUERY = {"path": "a.py", "symbol": "f"}
CONDITION = {"If-Match": '"1"'}
HOUSEKEEPING = ("project.tasks", "project.objects")  # schedules move these whoever asks what
OUTSIDE = ("fetch_id", "delivery_id")  # made only by talking to a host: tests/integration/project has their tenancy
HASH = "a" * 64
ANOTHER = "0198b2f0-0000-7000-8000-00000000000a"
NOBODYS = "0198b2f0-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def ids(house, tmp_path_factory):
    """Real ids of the first organisation, one for each path parameter of the API."""
    folder = tmp_path_factory.mktemp("tenant")
    (folder / "a.py").write_text("def f(item):\n    return undefined_name[item]\n")
    document = house.review(folder, "--project", "tenant", "--no-ai")
    analysis = document["analysis"]
    with house.owner() as owner:
        project = analysis["project_id"]
        upload = {"kind": "pack", "size_bytes": 10240, "sha256": HASH}
        provider = {"name": "p", "kind": "openai_compatible", "base_url": "https://93.184.216.34/v1", "model": "m"}
        comparison = {"name": "c", "baseline": "a", "candidate": "b", "metric": "accepted_ratio"}
        repository = {"kind": "git", "url": "https://git.invalid/ada/shop", "default_branch": "main"}
        assert owner.put(f"/v1/projects/{project}/repository", json=repository).is_success
        webhook = {"url": "https://hooks.invalid/", "events": ["gate.changed"]}
        made = {
            "webhook_id": owner.post(f"/v1/projects/{project}/webhooks", json=webhook),
            "upload_id": owner.post(f"/v1/projects/{project}/uploads", json=upload),
            "provider_id": owner.post("/v1/providers", json=provider | {"default": False}),
            "comparison_id": owner.post("/v1/comparisons", json=comparison),
            "experiment_id": owner.post("/v1/experiments", json={"name": "e", "hypothesis": "h"}),
        }
        assert all(answer.status_code == 201 for answer in made.values()), [each.text for each in made.values()]
        return {name: answer.json()["id"] for name, answer in made.items()} | {
            "project_id": project,
            "version_id": analysis["version_id"],
            "analysis_id": analysis["id"],
            "finding_id": document["findings"][0]["id"],
            "review_id": review_of(owner, analysis["id"]),
            "user_id": owner.get("/v1/auth/me").json()["id"],
            **dict.fromkeys(OUTSIDE, ANOTHER),
            "session_id": owner.get("/v1/auth/sessions").json()["items"][0]["id"],
        }


def review_of(owner, analysis):
    """The review of an analysis, finished or not; it is an event away."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = owner.get("/v1/reviews", params={"analysis_id": analysis}).json()["items"]
        if found:
            return found[0]["id"]
        time.sleep(0.1)
    raise AssertionError("no review began")


@pytest.fixture(scope="module")
def stranger(house, ids):
    with house.stranger() as client:
        yield client


@pytest.fixture(scope="module")
def contents(house):
    """What every tenant's table holds, as a digest each: `contents()`."""
    with house.database() as database:
        found = database.execute(
            "select table_schema, table_name from information_schema.columns"
            " where column_name = 'org_id' and table_schema not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        found = [each for each in found if ".".join(each) not in HOUSEKEEPING]
        assert len(found) > 20
        digest = "select %s as place, count(*), md5(string_agg(t::text, ',' order by t::text)) from {} t"
        whole = sql.SQL(" union all ").join(
            sql.SQL(digest.replace("%s", "{}")).format(sql.Literal(".".join(each)), sql.Identifier(*each))
            for each in found
        )

        def read():
            return {row[0]: row[1:] for row in database.execute(whole).fetchall()}

        settle(read)
        yield read


def settle(read):
    """Wait for reviews that earlier tests began: what they write would look like a stranger's doing."""
    deadline = time.monotonic() + 120
    before, now = None, read()
    while now != before or now["ai.unfinished"][0]:
        assert time.monotonic() < deadline, "the platform did not come to rest"
        time.sleep(1.0)
        before, now = now, read()


def test_every_path_parameter_has_a_real_id(house, ids):
    with house.owner() as owner:
        for operation in WITH_IDS:
            if operation.method == "GET" and not set(OUTSIDE) & set(operation.names):
                answer = owner.get(operation.at(**ids), params=asked(operation))
                assert answer.status_code in (200, 202), f"{operation}: {answer.text}"


def asked(operation):
    """The parameters that a question needs."""
    return {name: value for name, value in QUERY.items() if name in operation.query and needs(operation)}


def needs(operation):
    return operation.path.rpartition("/")[2] in ("impact", "callers", "owners", "neighbours", "content")


@pytest.mark.parametrize("operation", WITH_IDS, ids=str)
def test_what_belongs_to_another_organisation_does_not_exist(stranger, contents, ids, operation):
    query, before = asked(operation), contents()

    theirs = stranger.request(
        operation.method, operation.at(**ids), json=operation.body, params=query, headers=CONDITION
    )
    nobodys = stranger.request(
        operation.method,
        operation.at(**dict.fromkeys(ids, NOBODYS)),
        json=operation.body,
        params=query,
        headers=CONDITION,
    )

    assert (theirs.status_code, theirs.json()["code"]) == (404, "not_found")
    told = theirs.text
    for id in ids.values():
        told = told.replace(id, NOBODYS)
    assert json.loads(told) == nobodys.json(), "an answer of its own would tell that it exists"
    assert contents() == before


@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_lists_of_another_organisation_are_its_own(stranger, ids, operation):
    answer = stranger.get(operation.path)
    members = operation.path == "/v1/auth/members"

    assert answer.status_code == 200
    assert len(answer.json()["items"]) == (1 if members else 0)
    assert ids["user_id"] not in answer.text


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/analyses", "project_id"),
        ("/v1/analyses", "version_id"),
        ("/v1/reviews", "analysis_id"),
        ("/v1/findings", "project_id"),
    ],
)
def test_filters_with_ids_of_another_organisation_find_nothing(stranger, ids, path, name):
    answer = stranger.get(path, params={name: ids[name]})

    assert answer.status_code in (200, 404)
    assert answer.status_code == 404 or answer.json()["items"] == []


def test_what_is_ones_own_cannot_be_tied_to_what_is_anothers(stranger, contents, ids):
    """B2: a project of one's own and a version of another organisation's as its parent."""
    mine = stranger.post("/v1/projects", json={"name": "mine"}).json()["id"]
    before = contents()

    answer = stranger.post(f"/v1/projects/{mine}/versions", json={"files": [], "parent_id": ids["version_id"]})

    assert answer.status_code in (404, 422), answer.text
    assert contents() == before


def test_contents_that_another_organisation_stored_are_missing_in_ones_own(house, stranger, ids):
    """A hash that is known elsewhere must look unknown: else it tells who has which file."""
    with house.database() as database:
        stored = database.execute("select sha256, size_bytes from project.blobs limit 1").fetchone()
    mine = stranger.post("/v1/projects", json={"name": "mine too"}).json()["id"]
    wanted = {"sha256": stored[0] if isinstance(stored[0], str) else bytes(stored[0]).hex(), "size_bytes": stored[1]}

    missing = stranger.post(f"/v1/projects/{mine}/blobs/missing", json={"blobs": [wanted]})
    version = stranger.post(
        f"/v1/projects/{mine}/versions", json={"files": [{"path": "a.py", "mode": "100644"} | wanted]}
    )

    assert missing.json() == {"missing": [wanted["sha256"]]}
    assert (version.status_code, version.json()["code"]) == (409, "blobs_missing")


@pytest.mark.parametrize(
    "extra", [{"org_id": HASH}, {"owner_id": "1"}, {"created_at": "1970-01-01T00:00:00Z"}, {"id": "1"}]
)
def test_what_the_server_decides_cannot_be_sent(stranger, contents, extra):
    before = contents()

    answer = stranger.post("/v1/projects", json={"name": "x"} | extra)

    assert answer.status_code == 422
    assert contents() == before
