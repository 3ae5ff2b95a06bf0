"""Code comes from git hosts, whatever they send and whenever the function dies."""

from __future__ import annotations

import io
import json
import random
import threading
import time

import pytest
import sqlalchemy as sa

from functions.project import bootstrap
from functions.project.fetching.host import OutboundGit
from kernel.errors import Unavailable
from kernel.outbound.client import outbound
from tests.client import OTHER_ORG
from tests.githost import answer, git_host, trickle
from tests.integration.project.hosts import client, connected, deps, host, reaching, woken
from tests.integration.project.repositories import connect

__all__ = ["client", "connected", "deps", "host", "reaching", "woken"]


def test_a_branch_is_fetched_and_published(connected, woken, sender):
    connected.repository.commit({"a.py": "print(1)\n"}, message="Begin")
    tip = connected.repository.commit({"a.py": "print(2)\n", "run": ("100755", "#!/bin/sh\n")}, message="Go on\n\nWhy")

    asked = connected.ask(ref="main")
    assert (asked["state"], woken) == ("queued", ["project-fetch"])
    assert connected.run() == {asked["id"]: "done"}

    done = connected.state(asked["id"])
    version = connected.version(done["version_id"])
    assert (done["state"], done["commit"], done["code"], done["attempts"]) == ("done", tip, None, 1)
    assert (version["commit"], version["branch"], version["main"]) == (tip, "main", True)
    assert (version["author"], version["message"]) == ("Ada <ada@example.org>", "Go on\n\nWhy")
    assert connected.files(version["id"]) == {"a.py": "100644", "run": "100755"}


def test_the_history_of_a_version_says_who_changed_what(connected, admin, sender):
    first = connected.repository.commit({"a.py": "1\n2\n", "b.bin": b"\0\1"}, author="Bob <bob@example.org>")
    tip = connected.repository.commit({"a.py": "1\n3\n4\n"})

    connected.fetch(ref="main")

    with admin.connect() as connection:
        key, event = connection.execute(
            sa.text(
                "SELECT history_key, (SELECT message FROM project.outbox ORDER BY id DESC LIMIT 1) FROM project.versions"
            )
        ).one()
    lines = [
        json.loads(line) for line in sender.s3.get_object(Bucket=sender.bucket, Key=key)["Body"].read().splitlines()
    ]
    assert json.loads(event)["data"]["history_key"] == key
    assert lines == [
        {"commit": tip, "at": "2023-11-14T22:13:22Z", "author": "Ada <ada@example.org>", "files": [["a.py", 2, 1]]},
        {
            "commit": first,
            "at": "2023-11-14T22:13:21Z",
            "author": "Bob <bob@example.org>",
            "files": [["a.py", 2, 0], ["b.bin", None, None]],
        },
    ]


def test_what_a_version_cannot_hold_is_noted_and_the_rest_is_published(connected):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 5000000000\n"
    first = connected.repository.commit({"a.py": "1"})
    odd = {
        "link": ("120000", "/etc/passwd"),
        "library": ("160000", first),
        "model.bin": pointer,
        "A.py": "2",
        "aux": "3",
        "back\\slash": "4",
        "new\nline": "5",
        "deep/..hidden": "6",
    }
    connected.repository.commit(odd)

    done = connected.fetch(ref="main")

    assert connected.files(done["version_id"]) == {"A.py": "100644", "deep/..hidden": "100644", "model.bin": "100644"}
    assert sorted((note["path"], note["code"]) for note in done["notes"]) == [
        ("a.py", "case_collision"),
        ("aux", "path_reserved"),
        ("back\\slash", "path_backslash"),
        ("library", "submodule"),
        ("link", "symlink"),
        ("model.bin", "lfs_pointer"),
        ("new\nline", "path_control"),
    ]
    assert done["notes_total"] == 7


def test_tags_and_commits_are_fetched_and_move_no_line(connected):
    first = connected.repository.commit({"a.py": "1"})
    connected.repository.tag("v1", first)
    tip = connected.repository.commit({"a.py": "2"})

    by_tag, by_commit, by_tip = (connected.fetch(ref=ref) for ref in ("v1", first, tip))

    told = [connected.version(done["version_id"]) for done in (by_tag, by_commit, by_tip)]
    assert [(version["commit"], version["main"]) for version in told] == [(first, False), (first, False), (tip, True)]
    assert by_tag["version_id"] == by_commit["version_id"]


def test_a_commit_is_published_once_however_often_it_is_fetched(connected, count):
    connected.repository.commit({"a.py": "1"})

    first, second = connected.fetch(ref="main"), connected.fetch(ref="main")

    assert first["id"] != second["id"]
    assert (first["version_id"], count("versions")) == (second["version_id"], 1)


def test_each_version_of_a_branch_has_the_one_before_as_parent(connected):
    connected.repository.commit({"a.py": "1"})
    first = connected.fetch(ref="main")
    connected.repository.commit({"a.py": "2"})
    second = connected.fetch(ref="main")
    connected.repository.commit({"a.py": "3"}, branch="topic", parent=second["commit"])
    topic = connected.fetch(ref="topic")
    connected.repository.commit({"a.py": "4"}, branch="topic")
    later = connected.fetch(ref="topic")

    assert connected.version(second["version_id"])["parent_id"] == first["version_id"]
    assert connected.version(topic["version_id"])["main"] is False
    assert connected.version(later["version_id"])["parent_id"] == topic["version_id"]


def test_a_ref_that_is_not_there_fails_with_a_code(connected):
    connected.repository.commit({"a.py": "1"})

    for ref in ("no-such-branch", "0" * 40, "1" * 40, "a" * 7):
        failed = connected.fetch(ref=ref)
        assert (failed["state"], failed["code"], failed["version_id"]) == ("failed", "unknown_ref", None)
        assert failed["ended_at"]


def test_an_empty_repository_fails_with_a_code(connected):
    assert connected.fetch(ref="main")["code"] == "unknown_ref"


def test_a_tree_without_a_single_file_fails_with_a_code(connected):
    first = connected.repository.commit({"a.py": "1"})
    connected.repository.commit({"a.py": None, "link": ("120000", "x"), "library": ("160000", first)})

    assert connected.fetch(ref="main")["code"] == "empty_version"


def test_a_private_repository_needs_its_token_and_never_shows_it(client, deps, host, admin):
    host.token = "ghp_" + "x" * 36
    private = connect(client, deps, host, token="ghp_" + "x" * 36)
    private.repository.commit({"a.py": "1"})
    path = f"/v1/projects/{private.project_id}/repository"

    done = private.fetch(ref="main")
    shown = client.get(path)
    reply = client.with_headers(If_Match=shown.headers["ETag"]).put(
        path, {"kind": "git", "url": shown.json["url"], "token": ""}
    )
    refused = private.fetch(ref="main")

    assert done["state"] == "done"
    assert (shown.json["has_token"], reply.json["has_token"]) == (True, False)
    assert refused["code"] == "access_refused"
    with admin.connect() as connection:
        for table in ("repositories", "fetches", "audit", "outbox", "idempotency"):
            rows = connection.execute(sa.text(f"SELECT t::text FROM project.{table} t")).scalars()
            assert not any("ghp_" in row for row in rows)


def test_a_host_with_tls_must_prove_its_name(tmp_path, reaching, deps, client):
    with git_host(tmp_path, tls=True) as secured:
        trusting = outbound(reaching.model_copy(update={"outbound_ca": secured.ca}))
        project = connect(client, deps, secured)
        project.repository.commit({"a.py": "1"})

        doubted = project.fetch(ref="main")
        believed = project.with_deps(git=lambda: OutboundGit(trusting, time.monotonic)).fetch(ref="main")

    assert (doubted["code"], believed["state"]) == ("certificate_refused", "done")


def test_addresses_inside_are_refused_and_never_connected_to(stored, connected, host):
    connected.repository.commit({"a.py": "1"})
    strict = connected.with_deps(git=bootstrap.connect(stored).git)

    failed = strict.fetch(ref="main")

    assert (failed["state"], failed["code"]) == ("failed", "address_refused")
    assert host.seen == []


def test_a_redirect_elsewhere_is_not_followed_and_takes_no_token_along(client, deps, host, tmp_path):
    (tmp_path / "other").mkdir()
    with git_host(tmp_path / "other") as other:
        project = connect(client, deps, host, token="secret-token")

        def away(handler):
            answer(handler, 302, b"", {"Location": f"{other.url}{handler.path}"})
            return True

        host.before = away
        assert project.fetch(ref="main")["code"] == "redirect_refused"
        assert other.seen == []


def test_what_is_no_git_host_is_told_so(connected, host):
    def page(handler):
        answer(handler, 200, b"<html>", {"Content-Type": "text/html"})
        return True

    host.before = page
    assert connected.fetch(ref="main")["code"] == "not_a_git_repository"

    def missing(handler):
        answer(handler, 404, b"")
        return True

    host.before = missing
    assert connected.fetch(ref="main")["code"] == "no_such_repository"


HOSTILE = [
    b"PACK\0\0\0\2\0\0\0\1" + b"\x9f" * 9 + b"\0" * 40,
    b"PACK\0\0\0\2\xff\xff\xff\xff" + b"\0" * 40,
    b"KCAP\0\0\0\2\0\0\0\1" + b"\0" * 40,
    b"0000",
    b"",
]


def test_a_hostile_pack_ends_its_own_fetch_only(connected, host):
    connected.repository.commit({"a.py": "1"})
    hostile = iter(HOSTILE)

    def instead(handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        if b"command=fetch" not in body:
            handler.rfile = io.BytesIO(body)
            return False
        line = b"\1" + next(hostile)
        sent = b"000dpackfile\n" + b"%04x" % (len(line) + 4) + line + b"0000"
        answer(handler, 200, sent, {"Content-Type": "application/x-git-upload-pack-result"})
        return True

    host.before = instead
    codes = [connected.fetch(ref="main")["code"] for _ in HOSTILE]
    host.before = None

    assert codes == ["malformed_pack", "repository_too_large", "malformed_pack", "host_unavailable", "host_unavailable"]
    assert connected.fetch(ref="main")["state"] == "done"


def test_a_history_that_is_too_large_is_left_out(connected, admin):
    connected.repository.commit({"a.py": "1", "data.bin": random.Random(1).randbytes(200_000)})
    tip = connected.repository.commit({"data.bin": None})
    made = connected.deps.git()
    small = OutboundGit(made.outbound, made.clock, most_bytes=100_000)

    done = connected.with_deps(git=lambda: small).fetch(ref="main")

    assert (done["state"], done["commit"]) == ("done", tip)
    assert connected.files(done["version_id"]) == {"a.py": "100644"}


def test_a_repository_that_is_too_large_fails_with_a_code(connected):
    connected.repository.commit({"data.bin": random.Random(1).randbytes(200_000)})
    made = connected.deps.git()
    small = OutboundGit(made.outbound, made.clock, most_bytes=100_000)

    failed = connected.with_deps(git=lambda: small).fetch(ref="main")

    assert (failed["state"], failed["code"]) == ("failed", "repository_too_large")


def test_a_host_that_speaks_only_the_first_protocol_is_fetched_from_as_well(connected, host):
    host.version = ""
    connected.repository.commit({"a.py": "1"})
    tip = connected.repository.commit({"a.py": "2"})

    done, unknown = connected.fetch(ref="main"), connected.fetch(ref="1" * 40)

    assert (done["state"], done["commit"], unknown["code"]) == ("done", tip, "unknown_ref")


def test_a_host_that_is_down_is_asked_again_later_and_a_few_times_only(connected, host, admin):
    connected.repository.commit({"a.py": "1"})

    def down(handler):
        answer(handler, 503, b"")
        return True

    host.before = down
    fetch = connected.ask(ref="main")
    seen = []
    for _ in range(4):
        connected.run()
        seen.append(connected.state(fetch["id"]))
        assert connected.run() == {}
        later(admin)

    assert [one["state"] for one in seen] == ["queued", "queued", "failed", "failed"]
    assert {one["code"] for one in seen} == {"host_unavailable"}
    assert seen[-1]["attempts"] == 3


def test_a_wish_made_while_the_same_is_tried_waits_beside_it(connected, admin):
    connected.repository.commit({"a.py": "1"})
    first, beside = connected.ask(ref="main"), []

    class Down(OutboundGit):
        def fetch(self, remote, asked, folder):
            if not beside:
                beside.append(connected.ask(ref="main")["id"])
            raise Unavailable("down", code="host_unavailable")

    made = connected.deps.git()
    down = Down(made.outbound, made.clock)
    states = connected.with_deps(git=lambda: down).run()
    later(admin)

    assert states[first["id"]] == "queued"
    assert connected.run() == {first["id"]: "done", beside[0]: "done"}


def test_a_store_that_is_down_costs_no_attempt(connected, admin):
    connected.repository.commit({"a.py": "1"})

    class Down:
        def __getattr__(self, name):
            raise Unavailable("objects")

    fetch = connected.ask(ref="main")
    broken = connected.with_deps(store=Down())
    for _ in range(5):
        broken.run()
        assert connected.state(fetch["id"])["state"] == "queued"
        later(admin)
    connected.run()

    assert connected.state(fetch["id"])["state"] == "done"


def test_a_function_that_was_killed_is_taken_up_when_its_lease_is_over(connected, admin, count):
    connected.repository.commit({"a.py": "1"})
    fetch = connected.ask(ref="main")

    class Killed(BaseException):
        pass

    class Dying:
        def __init__(self, store, step):
            self.store, self.left = store, step

        def __getattr__(self, name):
            self.left -= 1
            if self.left < 0:
                raise Killed
            return getattr(self.store, name)

    for step in range(3):
        with pytest.raises(Killed):
            connected.with_deps(store=Dying(connected.deps.store, step)).run()
        assert connected.run() == {}
        over(admin)
        with admin.begin() as connection:
            connection.execute(sa.text("UPDATE project.fetch_queue SET attempts = 0"))
    connected.run()

    assert connected.state(fetch["id"])["state"] == "done"
    assert (count("versions"), count("fetch_queue")) == (1, 0)


def test_a_fetch_that_always_kills_its_function_is_given_up(connected, admin):
    fetch = connected.ask(ref="main")
    for _ in range(3):
        assert connected.deps.queue.claim(connected.deps.new_id())
        over(admin)

    connected.run()

    assert connected.state(fetch["id"])["code"] == "gave_up"


def test_whoever_lost_the_lease_changes_nothing(connected, admin, count):
    connected.repository.commit({"a.py": "1"})
    fetch = connected.ask(ref="main")

    class Slow(OutboundGit):
        def fetch(self, remote, asked, folder):
            over(admin)
            assert connected.run() == {fetch["id"]: "done"}
            return OutboundGit.fetch(self, remote, asked, folder)

    made = connected.deps.git()
    slow = Slow(made.outbound, made.clock)

    assert connected.with_deps(git=lambda: slow).run() == {fetch["id"]: "lost"}
    assert (connected.state(fetch["id"])["state"], count("versions")) == ("done", 1)


def test_a_slow_host_never_holds_up_another_project(client, deps, host, tmp_path):
    (tmp_path / "slow").mkdir()
    enough = threading.Event()
    with git_host(tmp_path / "slow") as slow:
        slow.before = trickle(enough)
        stuck, quick = connect(client, deps, slow, "stuck"), connect(client, deps, host, "quick")
        quick.repository.commit({"a.py": "1"})
        waiting, wanted = stuck.ask(ref="main"), quick.ask(ref="main")
        beside = threading.Thread(target=stuck.run)
        beside.start()
        while stuck.state(waiting["id"])["state"] != "running":
            time.sleep(0.01)

        assert quick.run() == {wanted["id"]: "done"}
        assert (beside.is_alive(), stuck.state(waiting["id"])["state"]) == (True, "running")
        enough.set()
        beside.join()

    assert stuck.state(waiting["id"])["state"] == "queued"


def test_a_host_that_sends_a_byte_now_and_then_is_left_in_time(connected, host):
    made, enough = connected.deps.git(), threading.Event()
    host.before = trickle(enough)
    hurried = connected.with_deps(git=lambda: OutboundGit(made.outbound, made.clock, most_s=0.3))

    told = hurried.fetch(ref="main")
    enough.set()

    assert (told["state"], told["code"]) == ("queued", "host_too_slow")


def test_a_project_fetches_one_at_a_time_and_an_organisation_few(connected, client, deps, host):
    others = [connect(client, deps, host, f"other-{n}") for n in range(3)]
    for ref in ("a", "b"):
        connected.ask(ref=ref)
    for other in others:
        other.ask(ref="main")

    claimed = [deps.queue.claim(deps.new_id()) for _ in range(5)]

    running = [job.project_id for job in claimed if job is not None]
    assert len(running) == len(set(running)) == 2  # of one organisation at one host


def test_the_same_wish_waits_once_and_too_many_are_refused(connected, count):
    first, second = connected.ask(ref="main"), connected.ask(ref="main")
    assert first["id"] == second["id"]
    for n in range(49):
        connected.ask(ref=f"topic-{n}")

    full = connected.client.post(f"/v1/projects/{connected.project_id}/fetches", {"ref": "one-more"})

    assert (full.status, full.json["code"], count("fetch_queue")) == (429, "too_many_fetches", 50)


def test_a_repeated_request_gets_the_same_fetch(connected):
    once = connected.client.with_headers(Idempotency_Key="k1")
    path = f"/v1/projects/{connected.project_id}/fetches"
    connected.repository.commit({"a.py": "1"})

    first = once.post(path, {"ref": "main"})
    connected.run()
    second = once.post(path, {"ref": "main"})

    assert first.json["id"] == second.json["id"]
    assert second.json["state"] == "queued"  # the answer of then


def test_without_a_repository_nothing_is_fetched(client, deps, woken):
    project = client.post("/v1/projects", {"name": "bare"}).json

    reply = client.post(f"/v1/projects/{project['id']}/fetches", {"ref": "main"})

    assert (reply.status, reply.json["code"], woken) == (409, "no_repository", [])


def test_an_odd_wish_is_refused(connected):
    for body in [{}, {"ref": ""}, {"ref": "-x"}, {"ref": "a b"}, {"ref": "a", "pull_request": 1}, {"x": 1}]:
        assert connected.client.post(f"/v1/projects/{connected.project_id}/fetches", body).status == 422


def test_viewers_read_reviewers_fetch_and_others_see_nothing(connected):
    path = f"/v1/projects/{connected.project_id}"
    fetch = connected.ask(ref="main")

    for role, status in (("viewer", 403), ("reviewer", 202)):
        assert connected.client.as_role(role).post(f"{path}/fetches", {"ref": "x"}).status == status
    viewer, foreign = connected.client.as_role("viewer"), connected.client.of(OTHER_ORG)
    assert viewer.get(f"{path}/fetches").json["items"][-1]["id"] == fetch["id"]
    for get in (f"{path}/fetches", f"/v1/fetches/{fetch['id']}", f"{path}/pull-requests", f"{path}/deliveries"):
        assert (viewer.get(get).status, foreign.get(get).status) == (200, 404)
    assert foreign.post(f"{path}/fetches", {"ref": "main"}).status == 404


def test_fetches_are_listed_in_pages_newest_first(connected):
    made = [connected.ask(ref=f"b{n}")["id"] for n in range(3)]
    path = f"/v1/projects/{connected.project_id}/fetches?limit=2"

    page = connected.client.get(path).json
    rest = connected.client.get(f"{path}&cursor={page['next_cursor']}").json

    assert [one["id"] for one in [*page["items"], *rest["items"]]] == made[::-1]
    assert rest["next_cursor"] is None


def test_an_archived_project_fetches_nothing(connected):
    assert connected.client.post(f"/v1/projects/{connected.project_id}/archive").status == 200

    reply = connected.client.post(f"/v1/projects/{connected.project_id}/fetches", {"ref": "main"})

    assert (reply.status, reply.json["code"]) == (409, "archived")


def test_the_api_function_loads_no_git(stored):
    import subprocess
    import sys

    code = (
        "import sys; from functions.project import bootstrap, routes; from kernel.settings import Settings;"
        "routes.build(bootstrap.connect(Settings(stage='local', database_url='postgresql://x@127.0.0.1:1/x')));"
        "print([name for name in ('dulwich', 'httpcore', 'urllib3') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "dulwich" not in done.stdout
    assert "httpcore" not in done.stdout


def later(admin):
    """The clock goes on: what waits is due."""
    with admin.begin() as connection:
        connection.execute(sa.text("UPDATE project.fetch_queue SET run_at = now()"))


def over(admin):
    """The clock goes on: every lease is over."""
    with admin.begin() as connection:
        connection.execute(sa.text("UPDATE project.fetch_queue SET leased_until = now() - interval '1 second'"))
