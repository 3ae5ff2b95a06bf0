"""Settings and baselines over HTTP, and what a published version gets of them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from functions.project.baselines import Baseline, BaselineKind, Origin, resolve
from kernel.identity import Caller
from kernel.ids import new_id
from tests.client import ORG, OTHER_ORG, USER, BundleClient
from tests.integration.project.conftest import Sender, pack_of

CALLER = Caller(USER, ORG, frozenset({"owner"}))


class Board:
    """The settings of one project, as a maintainer uses them."""

    def __init__(self, client: BundleClient, project_id: str) -> None:
        self.client, self.at = client, f"/v1/projects/{project_id}"

    def get(self):
        return self.client.get(f"{self.at}/settings")

    def patch(self, body, *, etag='"0"', client=None):
        client = client or self.client
        return client.with_headers(**{"if_match": etag} if etag else {}).call(
            "PATCH", f"{self.at}/settings", json.dumps(body)
        )

    def baseline(self, body, *, etag='"0"'):
        return self.client.with_headers(if_match=etag).put(f"{self.at}/baseline", body)

    def history(self, query=""):
        return self.client.get(f"{self.at}/settings/history{query}")


@pytest.fixture
def board(ada) -> Board:
    return Board(ada, ada.post("/v1/projects", {"name": "linter"}).json["id"])


@pytest.fixture
def events(admin: sa.Engine):
    def of(kind: str):
        with admin.begin() as connection:
            rows = connection.execute(sa.text("SELECT message FROM project.outbox ORDER BY id")).scalars()
            told = [json.loads(row) for row in rows]
        return [one["data"] for one in told if one["type"] == kind]

    return of


def test_settings_nobody_changed_are_the_defaults(board):
    reply = board.get()

    assert (reply.status, reply.headers["ETag"], reply.json["revision"]) == (200, '"0"', 0)
    assert (reply.json["gate"], reply.json["retention_days"], reply.json["concurrency"]) == (None, 90, 4)
    assert board.history().json["items"] == []


def test_a_change_is_kept_with_who_when_and_what_it_was_before(board, events):
    first = board.patch({"exclude": ["vendor/**"]})
    second = board.patch({"exclude": ["build/"], "concurrency": 2}, etag=first.headers["ETag"])

    assert (second.status, second.json["exclude"], board.get().json) == (200, ["build/"], second.json)
    newest, oldest = board.history().json["items"]
    assert oldest["changes"] == [{"field": "exclude", "old": [], "new": ["vendor/**"]}]
    assert newest["changes"] == [
        {"field": "concurrency", "old": 4, "new": 2},
        {"field": "exclude", "old": ["vendor/**"], "new": ["build/"]},
    ]
    assert (newest["revision"], newest["changed_by"]) == (2, USER)
    assert datetime.fromisoformat(newest["changed_at"])
    assert [one["fields"] for one in events("project.settings_changed")] == [["exclude"], ["concurrency", "exclude"]]


def test_the_history_is_read_page_by_page(board):
    for number in range(3):
        board.patch({"concurrency": 10 + number}, etag=f'"{number}"')

    first = board.history("?limit=2").json
    rest = board.history(f"?limit=2&cursor={first['next_cursor']}").json
    assert [one["revision"] for one in first["items"] + rest["items"]] == [3, 2, 1]


def test_a_long_text_is_shown_whole_only_when_asked_for_alone(board):
    rule = "id: r\nlanguage: python\nrule: {pattern: x}\n" + "# why\n" * 1000
    board.patch({"custom_rules": rule})

    listed = board.history().json["items"][0]["changes"][0]["new"]
    (alone,) = board.history("?revision=1").json["items"]
    assert listed["size_bytes"] > len(rule)
    assert alone["changes"][0]["new"] == rule
    assert board.history("?revision=7").status == 404


def test_a_change_that_changes_nothing_makes_no_revision(board, events):
    reply = board.patch({"concurrency": 4})

    assert (reply.status, reply.json["revision"], events("project.settings_changed")) == (200, 0, [])


def test_settings_are_changed_only_by_who_saw_the_present_ones(board):
    board.patch({"concurrency": 2})

    assert board.patch({"concurrency": 3}, etag=None).status == 428
    assert board.patch({"concurrency": 3}, etag='"0"').status == 412
    assert board.patch({"concurrency": 3}, etag='"x"').status == 412
    assert board.get().json["concurrency"] == 2


def test_settings_that_break_a_rule_are_refused_and_nothing_is_kept(board):
    for body in ({"exclude": ["!"]}, {"custom_rules": "a: ["}, {"gate": [{"metric": "luck"}]}, {"colour": 1}):
        assert board.patch(body).status == 422
    assert (board.get().json["revision"], board.history().json["items"]) == (0, [])


def test_only_maintainers_change_settings_and_viewers_see_them(board):
    reviewer, viewer = board.client.as_role("reviewer"), board.client.as_role("viewer")

    assert board.patch({"concurrency": 2}, client=reviewer).status == 403
    assert viewer.get(f"{board.at}/settings").status == 200
    assert board.client.as_role("").get(f"{board.at}/settings").status == 403
    assert reviewer.with_headers(if_match='"0"').put(f"{board.at}/baseline", {"kind": "previous"}).status == 403


def test_another_organisation_finds_no_settings(board):
    other = board.client.of(OTHER_ORG)
    board.patch({"concurrency": 2})

    for path in ("settings", "settings/history", "baseline"):
        assert other.get(f"{board.at}/{path}").status == 404
    assert board.patch({"concurrency": 3}, etag='"1"', client=other).status == 404
    assert other.with_headers(if_match='"1"').put(f"{board.at}/baseline", {"kind": "previous"}).status == 404


def test_a_version_names_the_settings_it_is_analysed_under(sender: Sender, events):
    board = Board(sender.client, sender.project_id)
    sender.upload(pack())
    board.patch({"exclude": ["vendor/**"], "gate": []})

    first = publish(sender, "one")
    board.patch({"exclude": []}, etag='"1"')
    publish(sender, "two", parent=first)

    keys = [one["config_key"] for one in events("version.published")]
    said = [json.loads(sender.s3.get_object(Bucket=sender.bucket, Key=key)["Body"].read()) for key in keys]
    assert [(one["schema"], one["exclude"], one["gate"]) for one in said] == [(1, ["vendor/**"], []), (1, [], [])]
    assert all(key.startswith(f"configurations/{ORG}/") for key in keys)
    data = sender.s3.get_object(Bucket=sender.bucket, Key=keys[0])["Body"].read()
    assert hashlib.sha256(data).hexdigest() in keys[0]


def test_a_baseline_is_set_and_told(sender, events):
    board = Board(sender.client, sender.project_id)
    sender.upload(pack())
    version = publish(sender, "one")

    before = sender.client.get(f"{board.at}/baseline")
    chosen = board.baseline({"kind": "version", "version_id": version})

    assert (before.json["kind"], before.json["resolved_version_id"]) == (None, version)
    assert (chosen.status, chosen.headers["ETag"], chosen.json["version_id"]) == (200, '"1"', version)
    assert events("baseline.set")[0].items() >= {"kind": "version", "version_id": version}.items()
    assert board.history().json["items"][0]["changes"][0]["field"] == "baseline"
    assert board.baseline({"kind": "version", "version_id": new_id()}, etag='"1"').status == 422
    assert board.baseline({"kind": "previous"}, etag='"0"').status == 412
    assert sender.client.put(f"{board.at}/baseline", {"kind": "previous"}).status == 428


def test_a_version_of_another_project_is_no_baseline(sender):
    sender.upload(pack())
    version = publish(sender, "one")
    other = Board(sender.client, sender.client.post("/v1/projects", {"name": "other"}).json["id"])

    assert other.baseline({"kind": "version", "version_id": version}).status == 422


def test_a_published_version_names_what_it_is_compared_with(sender, events):
    sender.upload(pack())
    board = Board(sender.client, sender.project_id)

    first = publish(sender, "one")
    second = publish(sender, "two", parent=first)
    board.baseline({"kind": "version", "version_id": first})
    publish(sender, "one", parent=second)

    assert [one["baseline_version_id"] for one in events("version.published")] == [None, first, first]


def test_an_archived_project_keeps_its_settings(board):
    board.client.post(f"{board.at}/archive")

    assert board.patch({"concurrency": 2}).status == 409
    assert board.get().json["concurrency"] == 4


def test_a_role_in_the_project_suffices_to_configure_it(board):
    bob = "01890000-0000-7000-8000-000000000002"
    reviewer = replace(board.client.as_role("reviewer"), user=bob)
    assert board.patch({"concurrency": 2}, client=reviewer).status == 403

    board.client.put(f"{board.at}/members/{bob}", {"role": "maintainer"})

    assert board.patch({"concurrency": 2}, client=reviewer).status == 200
    assert board.history().json["items"][0]["changed_by"] == bob


# -- what a baseline means at the moment of publishing


@pytest.fixture
def lines(sender, deps, admin):
    """Publish versions on lines of their own, one day apart, and ask what a baseline means then."""
    sender.upload(pack())
    return History(sender, deps, admin)


class History:
    start = datetime(2026, 1, 1, tzinfo=UTC)

    def __init__(self, sender, deps, admin) -> None:
        self.sender, self.deps, self.admin, self.days = sender, deps, admin, 0

    def add(self, branch=None, *, main=True, parent=None) -> str:
        version = publish(self.sender, f"{self.days}", parent=parent)
        self.days += 1
        with self.admin.begin() as connection:
            change = "UPDATE project.versions SET branch = :branch, main = :main, created_at = :at WHERE id = :id"
            at = self.start + timedelta(days=self.days)
            connection.execute(sa.text(change), {"branch": branch, "main": main, "at": at, "id": version})
        return version

    def ask(self, baseline=None, *, branch="topic", main=False, parent=None):
        origin = Origin(self.sender.project_id, parent, branch, main)
        with self.deps.work(CALLER) as work:
            found = resolve(work.lines, baseline, origin, default_branch="main")
        return found.id if found else None


def on(branch=None):
    return Baseline(BaselineKind.BRANCH, branch=branch)


def at(day: int):
    return Baseline(BaselineKind.DATE, date=History.start + timedelta(days=day, hours=1))


def test_nothing_is_known_before_the_first_version(lines):
    for baseline in (None, on(), on("x"), Baseline(BaselineKind.PREVIOUS), at(1)):
        assert lines.ask(baseline) is None


def test_a_branch_means_its_newest_version(lines):
    lines.add("release", main=False)
    release, main = lines.add("release", main=False), lines.add("main")

    assert (lines.ask(on("release")), lines.ask(on("main")), lines.ask(on())) == (release, main, main)


def test_a_missing_branch_means_the_main_line(lines):
    main = lines.add("main")

    assert lines.ask(on("gone")) == main


def test_after_a_force_push_the_branch_still_means_what_was_published_on_it(lines):
    main = lines.add("main")
    pushed = lines.add("topic", main=False, parent=main)

    rewritten = lines.ask(Baseline(BaselineKind.PREVIOUS), parent=None)
    assert rewritten == pushed
    assert lines.ask(on("topic"), parent=main) == pushed


def test_previous_means_the_parent_first(lines):
    main = lines.add("main")
    lines.add("topic", main=False)

    assert lines.ask(Baseline(BaselineKind.PREVIOUS), parent=main) == main
    assert lines.ask(Baseline(BaselineKind.PREVIOUS), branch="new") == main
    assert lines.ask(Baseline(BaselineKind.PREVIOUS), branch="main", main=True) == main


def test_a_date_means_the_main_line_as_it_was_then(lines):
    first, second = lines.add("main"), lines.add("main")
    lines.add("topic", main=False)

    assert (lines.ask(at(1)), lines.ask(at(2)), lines.ask(at(9))) == (first, second, second)


def test_a_date_before_everything_means_the_first_version(lines):
    first = lines.add("main")
    lines.add("main")

    assert lines.ask(at(-30)) == first


def test_a_baseline_version_that_is_gone_leaves_the_usual_comparison(lines):
    main = lines.add("main")

    assert lines.ask(Baseline(BaselineKind.VERSION, version_id=new_id())) == main


def test_a_pull_request_is_compared_with_what_it_left_at_every_push(lines):
    base, newer = lines.add("main"), lines.add("main")
    push = lines.add("topic", main=False, parent=base)

    assert (lines.ask(parent=base), lines.ask(parent=push), lines.ask()) == (base, newer, newer)


def test_the_main_line_is_compared_with_the_version_before(lines):
    first, second = lines.add("main"), lines.add("main")

    assert (lines.ask(main=True, parent=first), lines.ask(main=True)) == (first, second)


CONTENTS = {str(number): f"{number}\n".encode() for number in range(12)} | {"one": b"one\n", "two": b"two\n"}


def pack() -> bytes:
    return pack_of(*CONTENTS.values())


def publish(sender: Sender, name: str, *, parent: str | None = None) -> str:
    """A version whose one file has a content of its own."""
    reply = sender.publish({"a.txt": CONTENTS[name]}, **({"parent_id": parent} if parent else {}))
    assert reply.status == 201, reply.json
    return reply.json["id"]
