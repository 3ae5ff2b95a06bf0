"""Results at pull requests: one summary, comments on changed lines, a check; each once, at the newest head only."""

from __future__ import annotations

import threading
import time

import pytest
import sqlalchemy as sa

from tests.codehost import TOKEN, CodeHost
from tests.integration.project.hosts import client, connected, deps, host, reaching, woken
from tests.integration.project.outside import Killed, Outside, dying, finding
from tests.integration.project.repositories import connect

__all__ = ["client", "connected", "deps", "host", "reaching", "woken"]


@pytest.fixture
def code(host) -> CodeHost:
    made = CodeHost()
    host.before = made.serve
    return made


@pytest.fixture
def outside(client, deps, host, code, admin) -> Outside:
    return Outside.of(connect(client, deps, host, token=TOKEN), code, admin)


@pytest.fixture
def gitlab(client, deps, host, code, admin) -> Outside:
    return Outside.of(connect(client, deps, host, kind="gitlab", token=TOKEN), code, admin)


def test_results_come_as_one_summary_comments_on_changed_lines_and_a_check(outside, code, woken):
    version = outside.propose()

    outside.take(outside.analysed(version, finding("f1", 5), finding("f2", 9), gate="failed"))
    assert code.asked == []
    assert woken[-1] == "project-post"
    assert outside.post() == ["done"]

    (summary,), (inline,), (check,) = code.comments.values(), code.inline.values(), code.checks.values()
    assert ("2 new findings" in summary, "a.py:9" in summary, "a.py:5" in summary) == (True, True, False)
    assert "1 new high finding, 0 allowed" in summary
    assert (inline["path"], inline["line"], inline["side"]) == ("a.py", 5, "RIGHT")
    assert "problem f1" in inline["body"]
    assert (check["name"], check["head_sha"], check["conclusion"]) == ("coderev", code.head, "failure")
    assert [one["start_line"] for one in check["output"]["annotations"]] == [5, 9]
    (pull,) = outside.connected.all("pull-requests")
    assert pull["analysis_id"] is not None


def test_the_next_head_changes_the_summary_in_place_and_says_nothing_twice(outside, code):
    first = outside.propose()
    outside.take(outside.analysed(first, finding("f1", 5), finding("f2", 9)))
    outside.post()

    second = outside.propose(files={"b.py": "other\n"}, at="11:00:00")
    outside.take(outside.analysed(second, finding("f2", 9), finding("f3", 15)))
    assert outside.post() == ["done"]

    ((_, summary),) = code.comments.items()
    assert [one["line"] for one in code.inline.values()] == [5]
    assert "### Resolved" in summary
    assert "a.py:5" in summary.partition("### Resolved")[2]
    assert len(code.checks) == 2


def test_an_event_that_comes_twice_posts_nothing_twice(outside, code):
    event = outside.analysed(outside.propose(), finding())
    outside.take(event)
    outside.post()
    before = list(code.writes)

    outside.take(event)

    assert outside.post() == []
    assert code.writes == before


def test_another_event_of_the_same_analysis_changes_what_is_there(outside, code):
    event = outside.analysed(outside.propose(), *[finding(f"f{n}", 5 + n % 2) for n in range(60)])
    outside.take(event)
    outside.post()
    outside.take(outside.event("gate.changed", **{**event["data"], "gate": "passed", "artifacts": {}}))

    assert outside.post() == ["done"]

    (summary,), (check,) = code.comments.values(), code.checks.values()
    assert "Quality gate passed" in summary
    assert (check["conclusion"], len(check["output"]["annotations"])) == ("success", 60)
    assert len(code.inline) == 10


def test_an_older_head_posts_nothing(outside, code):
    first = outside.propose()
    outside.propose(files={"b.py": "other\n"}, at="11:00:00")

    outside.take(outside.analysed(first, finding()))

    assert (outside.post(), code.asked) == ([], [])


def test_a_head_that_the_host_knows_to_be_older_posts_nothing(outside, code):
    outside.take(outside.analysed(outside.propose(), finding()))
    code.head = "f" * 40

    assert (outside.post(), code.writes) == (["outdated"], [])


def test_nothing_is_said_of_nothing_but_the_check(outside, code):
    outside.take(outside.analysed(outside.propose(), gate="passed"))

    outside.post()

    assert (code.comments, code.inline, len(code.checks)) == ({}, {}, 1)


def test_a_version_that_was_analysed_before_its_pull_request_is_told_of_it(outside, code):
    version = outside.propose(number=2)
    outside.take(outside.analysed(version, finding()))
    outside.post()

    outside.code.comments.clear()
    connected = outside.connected
    refs = {"head": {"ref": "numbers2", "sha": code.head}, "base": {"ref": "main", "sha": code.base}}
    payload = connected.payload("github.pull_request", **refs, number=3, updated_at="2024-05-02T12:00:00Z")
    assert connected.github("pull_request", payload, delivery="again").status == 202
    connected.run()

    assert outside.post() == ["done"]
    assert len(code.comments) == 1


def test_a_deleted_summary_is_made_anew(outside, code):
    event = outside.analysed(outside.propose(), finding())
    outside.take(event)
    outside.post()
    code.comments.clear()

    outside.take(outside.event("gate.changed", **{**event["data"], "gate": "failed", "artifacts": {}}))
    outside.post()

    (summary,) = code.comments.values()
    assert "gate failed" in summary


def test_a_lost_answer_says_nothing_twice(outside, code):
    left = ["POST /pulls/2/reviews", "POST /issues/2/comments", "POST /check-runs"]
    code.before = lambda line: "lost" if left and line == left[0] and left.pop(0) else None
    outside.take(outside.analysed(outside.propose(), finding("f1", 5), finding("f2", 9)))

    states = []
    for _ in range(4):
        states += outside.post()
        outside.later()

    assert states == ["waiting"] * 3 + ["done"]
    assert (len(code.comments), len(code.inline), len(code.checks)) == (1, 1, 1)


def test_a_kill_between_a_call_and_its_commit_says_nothing_twice(outside, code):
    outside.take(outside.analysed(outside.propose(), finding("f1", 5), finding("f2", 9)))

    for table in ("postings", "pull_requests"):
        with pytest.raises(Killed):
            dying(outside, table).post()
        assert code.writes != []
        assert outside.post() == []
        outside.later()

    assert outside.post() == ["done"]
    assert (len(code.comments), len(code.inline), len(code.checks)) == (1, 1, 1)


def test_a_host_that_asks_to_wait_is_left_alone_for_so_long(outside, code):
    outside.take(outside.analysed(outside.propose(), finding()))
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 200)}

    for status, headers, least_s in [
        (429, {"Retry-After": "90"}, 85),
        (403, {"Retry-After": "120"}, 115),
        (403, spent, 150),
    ]:
        code.before = lambda _, told=(status, headers): told
        assert outside.post() == ["waiting"]
        assert outside.waits_s() > least_s
        assert outside.post() == []
        outside.later()

    code.before = lambda _: None
    assert outside.post() == ["done"]


def test_a_host_that_fails_is_asked_again_and_at_last_given_up(outside, code):
    code.before = lambda _: (502, {})
    outside.take(outside.analysed(outside.propose(), finding()))

    states = []
    for _ in range(8):
        states += outside.post()
        outside.later()

    assert states == ["waiting"] * 7 + ["failed"]
    assert outside.column("code") == ["host_unavailable"]
    assert outside.post() == []


def test_a_wrong_token_is_said_and_not_tried_again(outside, code):
    path = f"/v1/projects/{outside.project_id}/repository"
    repository = outside.connected.client.get(path)
    changed = outside.connected.client.with_headers(if_match=repository.headers["ETag"])
    body = {"kind": "github", "url": repository.json["url"], "token": "wrong"}
    version = outside.propose()
    assert changed.put(path, body).status == 200

    outside.take(outside.analysed(version, finding()))

    assert (outside.post(), outside.column("code"), code.writes) == (["failed"], ["token_refused"], [])


def test_a_line_that_the_host_does_not_know_is_told_in_the_summary(outside, code):
    version = outside.propose()
    code.lines = {("a.py", 5)}

    outside.take(outside.analysed(version, finding("f1", 5), finding("f2", 6)))
    outside.post()

    assert [one["line"] for one in code.inline.values()] == [5]
    (summary,) = code.comments.values()
    assert "a.py:6" in summary


def test_a_token_that_may_make_no_checks_sets_a_status(outside, code):
    code.checks_allowed = False
    outside.take(outside.analysed(outside.propose(), finding(), gate="failed"))

    outside.post()

    assert [(one["sha"], one["state"], one["context"]) for one in code.statuses] == [(code.head, "failure", "coderev")]


def test_a_gate_that_nobody_decided_yet_passes_no_check(outside, code):
    outside.take(outside.analysed(outside.propose(), finding(), gate="unknown"))

    outside.post()

    (check,) = code.checks.values()
    assert (check["status"], check.get("conclusion")) == ("in_progress", None)


def test_words_of_findings_mention_nobody_and_act_on_nothing(outside, code):
    evil = "@everyone <img src=x> [click](https://evil.example) /close #1\n\n/approve"
    outside.take(outside.analysed(outside.propose(), finding("f1", 5, message=evil), finding("f2", 9, message=evil)))

    outside.post()

    for said in [*code.comments.values(), *(one["body"] for one in code.inline.values())]:
        assert not any(bad in said for bad in ("@everyone", "<img", "](https", "https://", "#1", "\n/approve"))


def test_gitlab_gets_one_note_discussions_on_changed_lines_and_a_status(gitlab, code):
    event = gitlab.analysed(gitlab.propose(1), finding("f1", 5), finding("f2", 9), gate="failed")
    gitlab.take(event)
    assert gitlab.post() == ["done"]
    gitlab.take(gitlab.event("gate.changed", **{**event["data"], "gate": "passed", "artifacts": {}}))
    assert gitlab.post() == ["done"]

    (note,), (inline,) = code.comments.values(), code.inline.values()
    assert ("gate passed" in note, "a.py:9" in note) == (True, True)
    place = inline["position"]
    assert (place["new_line"], place["new_path"], place["old_path"]) == (5, "a.py", "a.py")
    assert (place["base_sha"], place["start_sha"], place["head_sha"]) == (code.base, code.base, code.head)
    assert [(one["sha"], one["state"], one["name"]) for one in code.statuses] == [
        (code.head, "failed", "coderev"),
        (code.head, "success", "coderev"),
    ]


def test_a_lost_answer_of_gitlab_says_nothing_twice(gitlab, code):
    left = ["POST /merge_requests/1/discussions", "POST /merge_requests/1/notes"]
    code.before = lambda line: "lost" if left and line == left[0] and left.pop(0) else None
    gitlab.take(gitlab.analysed(gitlab.propose(1), finding("f1", 5), finding("f2", 9)))

    for _ in range(3):
        gitlab.post()
        gitlab.later()

    assert (left, len(code.comments), len(code.inline)) == ([], 1, 1)


def test_a_slow_host_holds_up_no_other_project(outside, deps, client, host, code, admin):
    """Each run that finds work wakes another one; the slow host answers only when the other project was told."""
    told = threading.Event()

    def before(line: str) -> None:
        if line.startswith("GET /pulls/2"):
            assert told.wait(10)

    code.before = before
    threads: list[threading.Thread] = []

    def wake(name: str) -> None:
        if name == "project-post":
            threads.append(threading.Thread(target=running.post))
            threads[-1].start()

    running = outside.with_deps(nudge=wake)
    outside.take(outside.analysed(outside.propose(), finding()))
    webhook = {"url": f"{host.url}/hook", "events": ["gate.changed"]}
    other = client.post("/v1/projects", {"name": "other"}).json["id"]
    assert client.post(f"/v1/projects/{other}/webhooks", webhook).status == 201
    served = host.before

    def hooked(handler):
        if handler.path != "/hook":
            return served(handler)
        handler.rfile.read(int(handler.headers["Content-Length"]))
        handler.send_response(204)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        told.set()
        return True

    host.before = hooked
    event = outside.event("gate.changed", version_id=other, analysis_id=other, gate="passed")
    event["data"]["project_id"] = other
    outside.take(event)

    assert running.post() == ["done"]
    for thread in threads:
        thread.join()

    assert told.is_set()
    assert len(code.comments) == 1


def test_what_is_told_is_erased_with_the_project(outside, code, client, admin):
    outside.take(outside.analysed(outside.propose(), finding()))
    outside.post()
    outside.take(outside.analysed(str(outside.column("version_id")[0]), finding("f2")))

    hook = {"url": "https://example.com/hook", "events": ["gate.changed"]}
    assert client.post(f"/v1/projects/{outside.project_id}/webhooks", hook).status == 201
    outside.take(outside.event("gate.changed", version_id=outside.project_id, analysis_id=outside.project_id, gate="x"))
    assert outside.column("count(*)", "post_queue") == [2]

    assert client.delete(f"/v1/projects/{outside.project_id}").status == 202
    with admin.begin() as connection:
        connection.execute(sa.text("UPDATE project.tasks SET check_at = now()"))
    outside.app.handler_map["sweep"]({}, None)

    told = ("postings", "remarks", "completions", "post_queue", "webhooks", "webhook_deliveries", "webhook_attempts")
    assert {name: outside.column("count(*)", name) for name in told} == {name: [0] for name in told}
    assert outside.post() == []
