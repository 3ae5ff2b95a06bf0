"""A review against a small platform: what travels, what is shown, and how it ends."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.credentials import Session, Store
from cli.errors import UserError
from cli.main import app
from tests.unit.cli.conftest import Checkout, LocalServer
from tests.unit.cli.platform import FakePlatform, finding


@pytest.fixture
def platform(server: LocalServer) -> FakePlatform:
    Store().put(server.url, Session("a", "r", time.time() + 900))
    return FakePlatform(server)


def review(platform: FakePlatform, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["review", "--server", platform.url, "--no-ai", *arguments])


def documented(platform: FakePlatform, *arguments: str) -> dict[str, object]:
    result = review(platform, "--format", "json", *arguments)
    assert result.exit_code == 0, result.output
    document: dict[str, object] = json.loads(result.stdout)
    return document


def test_findings_come_with_place_rule_and_message(platform: FakePlatform, checkout: Checkout) -> None:
    checkout.commit(a_py="x = y\n")

    result = review(platform, str(checkout.folder))

    assert result.exit_code == 0
    assert "a.py:3:5: medium: undefined name [ruff/F821]" in result.stdout
    assert "1 finding: 1 medium in 2 files, 7 lines" in result.stdout


def test_only_what_the_server_lacks_is_sent(platform: FakePlatform, checkout: Checkout) -> None:
    checkout.commit(a_py="x = y\n", b_py="b = 1\n")
    review(platform, str(checkout.folder))
    checkout.write("b.py", "b = 2\n")

    review(platform, str(checkout.folder))

    assert [len(pack) for pack in platform.packs] == [2, 1]
    assert [file["path"] for file in platform.versions[1]["files"]] == ["a.py", "b.py"]
    assert len(platform.projects) == 1


def test_only_what_the_server_is_not_known_to_have_is_asked_about(platform: FakePlatform, checkout: Checkout) -> None:
    checkout.commit(a_py="x = y\n", b_py="b = 1\n")
    review(platform, str(checkout.folder))
    review(platform, str(checkout.folder))
    checkout.write("b.py", "b = 2\n")
    review(platform, str(checkout.folder))

    platform.blobs.clear()
    again = review(platform, str(checkout.folder))

    assert platform.asked_about == [2, 1, 2], "the unchanged tree is not asked about, the forgotten one wholly"
    assert again.exit_code == 0


def test_contents_that_vanish_between_question_and_publication_are_sent_again(
    platform: FakePlatform, checkout: Checkout
) -> None:
    checkout.commit(a_py="x = y\n")
    platform.forget_once = True

    assert review(platform, str(checkout.folder)).exit_code == 0
    assert len(platform.packs) == 2


def test_a_refused_upload_is_a_sentence(platform: FakePlatform, checkout: Checkout) -> None:
    checkout.commit(a_py="x = y\n")
    platform.refuse_uploads = True

    with pytest.raises(UserError, match="refused what was sent: not a tar"):
        raise_of(review(platform, str(checkout.folder)))


def raise_of(result: Result) -> None:
    assert result.exception is not None
    raise result.exception


def test_a_tree_that_is_being_edited_is_looked_at_again(platform: FakePlatform, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x = 0\n")
    edits = iter(["x = 1\n", "x = 2\n"])
    platform.before_upload = lambda: path.write_text(next(edits, path.read_text()))

    assert review(platform, str(tmp_path)).exit_code == 0
    assert platform.blobs[platform.versions[0]["files"][0]["sha256"]] == b"x = 2\n"


def test_an_analysis_that_failed_is_a_sentence(platform: FakePlatform, tmp_path: Path) -> None:
    platform.analysis_state = "failed"

    with pytest.raises(UserError, match="failed: engine"):
        raise_of(review(platform, str(tmp_path)))


def test_an_analysis_that_takes_too_long_is_a_sentence(platform: FakePlatform, tmp_path: Path) -> None:
    platform.analysis_state = "running"

    with pytest.raises(UserError, match="did not end within 1 s"):
        raise_of(review(platform, str(tmp_path), "--timeout", "1"))


def test_an_empty_repository_is_reviewed(platform: FakePlatform, checkout: Checkout) -> None:
    platform.findings = []

    result = review(platform, str(checkout.folder))

    assert result.exit_code == 0
    assert "No findings" in result.stdout
    assert platform.versions[0]["files"] == []


@pytest.mark.parametrize(("threshold", "code"), [("critical", 0), ("high", 0), ("medium", 1), ("low", 1), ("info", 1)])
def test_the_gate_fails_at_its_severity_and_above(
    platform: FakePlatform, tmp_path: Path, threshold: str, code: int
) -> None:
    assert review(platform, str(tmp_path), "--fail-on", threshold).exit_code == code


def test_json_is_one_document_with_everything(platform: FakePlatform, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    platform.skipped = [{"path": "b.bin", "reason": "binary"}]

    document = documented(platform, str(tmp_path), "--project", "engines")

    assert document["schema"] == "coderev.review/1"
    assert document["project"] == "engines"
    assert document["findings"] == [finding()]
    assert document["skipped"] == [
        {"path": "link", "reason": "it is a symbolic link"},
        {"path": "b.bin", "reason": "binary"},
    ]
    assert document["gate"] == {"fail_on": None, "passed": True}


def test_sarif_is_the_servers_own_artifact(platform: FakePlatform, tmp_path: Path) -> None:
    assert review(platform, str(tmp_path), "--format", "sarif").stdout_bytes == b'{"version": "2.1.0"}'


def test_a_difference_publishes_base_then_head_as_its_child(platform: FakePlatform, checkout: Checkout) -> None:
    base = checkout.commit(a_py="a = 1\n", b_py="b = 1\n")
    head = checkout.commit(a_py="a = 2\n")
    checkout.write("a.py", "uncommitted\n")

    document = documented(platform, str(checkout.folder), "--diff", f"{base}..{head}")

    first, second = platform.versions
    assert (first["commit"], second["commit"]) == (base, head)
    assert "parent_id" not in first
    assert second["parent_id"] == "v1"
    assert platform.blobs[second["files"][0]["sha256"]] == b"a = 2\n"
    assert document["only_new"] is True


def test_a_version_says_where_it_comes_from(platform: FakePlatform, checkout: Checkout) -> None:
    commit = checkout.commit(a_py="a = 1\n")
    checkout.git("checkout", "-q", "-b", "topic")

    review(platform, str(checkout.folder))

    version = platform.versions[0]
    history = [json.loads(line) for line in platform.histories[0].splitlines()]
    assert (version["commit"], version["branch"]) == (commit, "topic")
    assert version["author"].endswith(">")
    assert version["message"]
    assert [each["commit"] for each in history] == [commit]
    assert history[0]["files"] == [["a.py", 1, 0]]


def test_the_history_is_sent_once_and_again_when_the_server_lost_it(platform: FakePlatform, checkout: Checkout) -> None:
    checkout.commit(a_py="a = 1\n")
    review(platform, str(checkout.folder))
    review(platform, str(checkout.folder))
    sent = len(platform.histories)
    platform.histories.clear()

    again = review(platform, str(checkout.folder))

    assert sent == 1
    assert again.exit_code == 0
    assert len(platform.histories) == 1


def test_the_commits_of_a_difference_do_not_move_the_main_line(platform: FakePlatform, checkout: Checkout) -> None:
    base, head = checkout.commit(a_py="a = 1\n"), checkout.commit(a_py="a = 2\n")

    documented(platform, str(checkout.folder), "--diff", f"{base}..{head}")

    assert [version["main"] for version in platform.versions] == [False, False]


def test_with_a_baseline_only_new_findings_are_shown_and_the_others_counted(
    platform: FakePlatform, checkout: Checkout
) -> None:
    checkout.commit(a_py="a = 1\n")
    platform.baseline = "version"

    result = review(platform, str(checkout.folder))

    assert "1 new finding: 1 medium" in result.stdout
    assert "2 known findings: --all shows them too" in result.stdout
    assert "2 dismissed findings" in result.stdout
    assert documented(platform, str(checkout.folder), "--all")["only_new"] is False


@pytest.mark.parametrize(("status", "code"), [("passed", 0), ("none", 0), ("failed", 1), ("unknown", 1), (None, 1)])
def test_the_gate_decides_the_exit_code_if_asked_to(
    platform: FakePlatform, checkout: Checkout, status: str | None, code: int
) -> None:
    checkout.commit(a_py="a = 1\n")
    platform.gate = {"status": status, "conditions": [{"passed": False, "reason": "3 new findings, at most 0"}]}

    with_gate, without = review(platform, str(checkout.folder), "--gate"), review(platform, str(checkout.folder))

    assert (with_gate.exit_code, without.exit_code) == (code, 0)
    assert "3 new findings, at most 0" in with_gate.stdout


def test_three_dots_compare_with_where_the_branches_parted(platform: FakePlatform, checkout: Checkout) -> None:
    base = checkout.commit(a_py="a = 1\n")
    checkout.git("checkout", "-q", "-b", "topic")
    checkout.commit(b_py="b = 1\n")
    checkout.git("checkout", "-q", "main")
    checkout.commit(c_py="c = 1\n")

    documented(platform, str(checkout.folder), "--diff", "main...topic")

    assert platform.versions[0]["commit"] == base


@pytest.mark.parametrize("text", ["main", "..main", "nothing..main", "--help..main", "main..--exec=x"])
def test_ranges_that_are_none_are_a_sentence(platform: FakePlatform, checkout: Checkout, text: str) -> None:
    checkout.commit(a_py="a = 1\n")

    with pytest.raises(UserError):
        raise_of(review(platform, str(checkout.folder), f"--diff={text}"))
    assert platform.versions == []


def test_a_difference_outside_of_git_is_a_sentence(platform: FakePlatform, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="needs a git checkout"):
        raise_of(review(platform, str(tmp_path), "--diff", "a..b"))


def test_the_project_is_named_after_the_remote(platform: FakePlatform, checkout: Checkout) -> None:
    checkout.git("remote", "add", "origin", "git@example.com:ada/engine.git")

    review(platform, str(checkout.folder))

    assert list(platform.projects) == ["engine"]


def test_a_failed_ai_review_is_shown_and_does_not_fail(platform: FakePlatform, tmp_path: Path) -> None:
    platform.review = {"id": "r", "state": "failed", "reason": "provider_slow"}

    result = CliRunner().invoke(app, ["review", "--server", platform.url, str(tmp_path), "--fail-on", "high"])

    assert result.exit_code == 0
    assert "The AI review failed: provider_slow" in result.stdout


def test_comments_name_their_model_and_the_small_one_its_limits(platform: FakePlatform, tmp_path: Path) -> None:
    comment = {"id": "c", "path": "a.py", "line": 3, "severity": "high", "body": "Look\nhere", "model": "smollm2-135m"}
    platform.review = {
        "id": "r", "state": "completed", "provider": "embedded", "model": "smollm2-135m", "summary": "Fine.",
        "comments": [comment],
    }  # fmt: skip

    result = CliRunner().invoke(app, ["review", "--server", platform.url, str(tmp_path)])

    assert "AI review by smollm2-135m (embedded)" in result.stdout
    assert "a.py:3: high [smollm2-135m]\n    Look\n    here" in result.stdout
    assert "only shows that the path works" in result.stdout


def test_nothing_from_content_reaches_the_terminal_as_control(platform: FakePlatform, tmp_path: Path) -> None:
    evil = "\x1b[2J\x1b]0;x\x07[red]bold[/red]\u202e\r\n\x9b31m"
    platform.findings = [finding(message=evil, path=f"a{evil}.py", rule=evil)]
    platform.skipped = [{"path": evil, "reason": evil}]
    platform.review = {"id": "r", "state": "completed", "model": evil, "summary": evil, "comments": [
        {"path": evil, "line": 1, "severity": evil, "body": evil, "model": evil}]}  # fmt: skip

    shown = CliRunner().invoke(app, ["review", "--server", platform.url, str(tmp_path)]).stdout

    assert "[red]bold[/red]" in shown
    assert not set("\x1b\x07\x9b\r\u202e") & set(shown)
