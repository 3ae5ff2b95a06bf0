"""A project from its first review on: what is known is not told again, what was dismissed stays dismissed, the gate decides."""

from __future__ import annotations

import json
import subprocess
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.platform import Platform

pytestmark = pytest.mark.slow
RUN = "import subprocess\n\n\ndef run(command):\n    return subprocess.call(command, shell=True)\n"
SARIF = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {"driver": {"name": "other", "rules": [{"id": "R1"}]}},
            "results": [
                {
                    "ruleId": "R1",
                    "level": "error",
                    "message": {"text": "told by another tool"},
                    "locations": [
                        {"physicalLocation": {"artifactLocation": {"uri": "shop/go.py"}, "region": {"startLine": 4}}}
                    ],
                }
            ],
        }
    ],
}


class Shop:
    """A small code base under review; its name is the project's."""

    def __init__(self, house: Platform, folder: Path) -> None:
        self.house, self.folder = house, folder
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> None:
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        subprocess.run(["git", *who, *arguments], cwd=self.folder, check=True, capture_output=True, timeout=30)

    def commit(self, **files: str) -> None:
        for name, text in files.items():
            path = self.folder / name.replace("__", "/").replace("_py", ".py")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-qm", "a step")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.house.run(*arguments, cwd=self.folder)

    def review(self, *options: str) -> dict[str, Any]:
        return self.house.review(self.folder, "--no-ai", *options)

    def json(self, *arguments: str) -> Any:
        done = self.run(*arguments, "--json")
        assert done.returncode in (0, 1), done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def shop(house: Platform, tmp_path: Path, request: pytest.FixtureRequest) -> Shop:
    folder = tmp_path / request.node.name.removeprefix("test_")[:40]
    folder.mkdir()
    return Shop(house, folder)


def rules(document: dict[str, Any]) -> list[str]:
    return sorted(finding["rule"] for finding in document["findings"])


def test_what_was_dismissed_or_known_is_not_told_again_when_the_code_moves(shop: Shop) -> None:
    shop.commit(shop__run_py=RUN, shop__go_py="from shop.run import run\n\n\ndef go():\n    return run(nothing)\n")
    first = shop.review()
    assert rules(first) == ["bandit/B602", "ruff/F821"]
    assert first["quality_gate"]["status"] == "failed"

    dismissed = next(each["id"] for each in first["findings"] if each["rule"] == "bandit/B602")
    shop.run("findings", "dismiss", dismissed, "--reason", "accepted", "--comment", "only our own commands")
    shop.run("baseline", "--version", first["version_id"])
    shop.git("mv", "shop/run.py", "shop/moved.py")
    shop.commit(
        shop__moved_py='"""Moved."""\n\n' + RUN + "\n\ndef look(text):\n    return eval(text)\n",
        shop__go_py="from shop.moved import run\n\n\ndef go():\n    return run(nothing)\n",
    )
    second = shop.review("--gate")

    assert rules(second) == ["bandit/B307"]
    assert second["quality_gate"]["status"] == "passed"
    assert (second["analysis"]["new_findings"], second["analysis"]["dismissed_findings"]) == (1, 1)
    (moved,) = shop.json("findings", "--state", "dismissed")
    assert (moved["id"], moved["path"]) == (dismissed, "shop/moved.py")
    assert [each["change"] for each in shop.json("findings", "show", dismissed)["history"]] == ["found", "dismissed"]


def test_what_was_fixed_and_comes_back_is_reopened(shop: Shop) -> None:
    shop.commit(go_py="def go():\n    return nothing\n")
    shop.review()
    shop.commit(go_py="def go():\n    return 1\n")
    shop.review()
    (fixed,) = shop.json("findings", "--state", "fixed")
    shop.commit(go_py="def go():\n    return nothing\n")
    shop.review()

    (back,) = shop.json("findings")

    assert back["id"] == fixed["id"]
    assert [each["change"] for each in shop.json("findings", "show", back["id"])["history"]] == [
        "found",
        "fixed",
        "came_back",
    ]


def test_a_branch_tells_only_what_it_adds_and_leaves_the_main_line_alone(shop: Shop) -> None:
    shop.commit(go_py="def go():\n    return nothing\n")
    shop.review()
    shop.git("checkout", "-q", "-b", "topic")
    shop.commit(more_py="def more():\n    return eval('1')\n")

    topic = shop.review()

    assert rules(topic) == ["bandit/B307"]
    assert [each["rule"] for each in shop.json("findings", "--state", "open")] == ["ruff/F821"]


def test_versions_differences_and_archives_can_be_had(shop: Shop, tmp_path: Path) -> None:
    shop.commit(a_py="def a():\n    return 1\n")
    old = shop.review()["version_id"]
    shop.commit(a_py="def a():\n    return 2\n")
    new = shop.review()["version_id"]

    listed = shop.json("versions")
    changes = shop.run("diff", old, new, "--path", "a.py").stdout
    done = shop.run("download", new, str(tmp_path / "new.zip"))

    assert [each["id"] for each in listed] == [new, old]
    assert {each["branch"] for each in listed} == {"main"}
    assert "-    return 1\n+    return 2" in changes
    assert done.returncode == 0, done.stderr
    assert zipfile.ZipFile(tmp_path / "new.zip").read("a.py") == b"def a():\n    return 2\n"


def test_the_graph_says_what_a_change_can_break_and_what_changes_often(shop: Shop) -> None:
    shop.commit(
        shop__prices_py="def of(item):\n    return 1 if item else 2\n",
        shop__cart_py="from shop.prices import of\n\n\ndef total(items):\n    return sum(map(of, items))\n",
        tests__test_cart_py="from shop.cart import total\n\n\ndef test_total():\n    assert total([1]) == 1\n",
    )
    shop.review()

    impact = shop.json("graph", "impact", "shop/prices.py")
    hotspots = shop.json("graph", "hotspots")

    assert [each["path"] for each in impact["items"]][:1] == ["shop/cart.py"]
    assert impact["tests"] == ["tests/test_cart.py"]
    assert hotspots["measured"] is True
    assert shop.json("graph", "cycles")["items"] == []


def test_contracts_and_own_rules_of_the_settings_become_findings(shop: Shop, tmp_path: Path) -> None:
    settings = tmp_path / "settings.yaml"
    settings.write_text(
        "custom_rules: |\n"
        "  id: no-print\n  language: python\n  message: use the log\n  severity: warning\n"
        "  rule: {pattern: print($$$A)}\n"
        "exclude: ['vendor/**']\n"
    )
    shop.commit(go_py="def go():\n    print(1)\n", vendor__old_py="def old():\n    print(eval('1'))\n")
    shop.review()
    changed = shop.run("settings", "set", str(settings))
    shop.commit(more_py="def more():\n    return 1\n")

    document = shop.review()

    assert changed.returncode == 0, changed.stderr
    assert rules(document) == ["custom/no-print"]
    assert [each["changes"][0]["field"] for each in shop.json("settings", "history")]


def test_findings_of_another_tool_take_part(shop: Shop, tmp_path: Path) -> None:
    shop.commit(shop__go_py="def go():\n    return 1\n\n\ndef on():\n    return 2\n")
    shop.review()
    (tmp_path / "other.sarif").write_text(json.dumps(SARIF))

    done = shop.run("import", str(tmp_path / "other.sarif"))

    assert done.returncode == 0, done.stderr
    found = within(lambda: shop.json("findings"))
    assert [(each["rule"], each["path"]) for each in found] == [("foreign/other/R1", "shop/go.py")]
    assert shop.run("gate").returncode == 1


def test_artifacts_are_written_where_one_says(shop: Shop, tmp_path: Path) -> None:
    shop.commit(go_py="def go():\n    return nothing\n")
    shop.review()

    done = shop.run("artifacts", "--into", str(tmp_path / "out"))

    assert done.returncode == 0, done.stderr
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"findings.sarif", "report.md", "report.html", "report.json", "sbom.cdx.json"} <= names


def within(ask: Any, seconds: float = 30) -> Any:
    """What `ask` answers, once it answers something."""
    deadline = time.monotonic() + seconds
    while not (found := ask()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return found
