"""What a user can do: review a code base and see findings, graph, artifacts and an AI review."""

from __future__ import annotations

import json
import subprocess

import httpx
import pytest


@pytest.fixture(scope="module")
def reviewed(house, tmp_path_factory):
    """One review of a small code base, as the JSON document of the command."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "prices.py").write_text("def of(item):\n    return undefined_name[item]\n")
    (folder / "cart.py").write_text(
        "import prices\n\n\ndef total(items):\n    return sum(prices.of(i) for i in items)\n"
    )
    (folder / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    return house.review(folder, "--project", "reviewed")


def test_findings_name_file_and_line(reviewed):
    found = {(each["rule"], each["path"], each["line"]) for each in reviewed["findings"]}

    assert ("ruff/F821", "prices.py", 2) in found


def test_every_file_is_counted_and_unread_ones_are_named_with_the_reason(reviewed):
    assert reviewed["analysis"]["state"] == "completed"
    assert reviewed["analysis"]["totals"]["files"] == 3
    assert [(each["path"], bool(each["reason"])) for each in reviewed["skipped"]] == [("logo.png", True)]


def test_artifacts_can_be_downloaded_and_sarif_holds_the_findings(reviewed):
    sarif = next(each for each in reviewed["artifacts"] if each["name"].endswith("sarif"))

    document = json.loads(httpx.get(sarif["url"], timeout=10).content)

    assert document["version"] == "2.1.0"
    assert len(document["runs"][0]["results"]) == len(reviewed["findings"])


def test_the_graph_knows_who_imports_whom(house, reviewed):
    with house.owner() as owner:
        graph = owner.get(f"/v1/analyses/{reviewed['analysis']['id']}/graph").json()
        impact = owner.get(f"/v1/analyses/{reviewed['analysis']['id']}/graph/impact?path=prices.py").json()

    assert graph["imports"] == 1
    assert [each["path"] for each in impact["items"]] == ["cart.py"]


def test_the_ai_review_says_which_model_wrote_each_comment(reviewed):
    review = reviewed["review"]

    assert review["state"] in ("completed", "failed")
    assert review["state"] == "completed" or review["reason"]
    assert all(comment["model"] and comment["path"] and comment["line"] for comment in review["comments"])


def test_a_second_review_of_the_same_code_finds_the_same(house, checkout):
    first, second = (house.review(checkout, "--no-ai") for _ in range(2))

    def of(document):
        return sorted((each["rule"], each["path"], each["line"], each["fingerprint"]) for each in document["findings"])

    assert of(first) == of(second) != []


def test_a_diff_shows_only_what_is_new(house, checkout):
    def git(*arguments):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], cwd=checkout, check=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    (checkout / "shop" / "new.py").write_text("def f():\n    return another_undefined\n")
    git("add", ".")
    git("commit", "-qm", "two")

    document = house.review(checkout, "--diff", "HEAD~1..HEAD", "--no-ai")

    assert {each["path"] for each in document["findings"]} == {"shop/new.py"}


def test_the_gate_decides_the_exit_status(house, checkout):
    failing = house.run("review", str(checkout), "--no-ai", "--fail-on", "info")
    (checkout / "shop" / "run.py").unlink()
    (checkout / "shop" / "prices.py").write_text("def of(item):\n    return 1\n")
    clean = house.run("review", str(checkout), "--no-ai", "--fail-on", "critical")

    assert (failing.returncode, clean.returncode) == (1, 0), failing.stderr + clean.stderr
    assert "\x1b[" not in failing.stdout, "plain text in a pipe"


@pytest.mark.parametrize(
    "arguments", [["review", "/does/not/exist"], ["review", ".", "--fail-on", "nonsense"], ["nonsense"]]
)
def test_wrong_use_is_one_sentence_and_exit_2(house, arguments):
    done = house.run(*arguments)

    assert done.returncode == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_an_empty_folder_is_a_sentence(house, tmp_path):
    done = house.run("review", str(tmp_path))

    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_status_knows_all_services_and_domains(house):
    status = json.loads(house.run("status", "--json", "--edge-port", str(house.edge)).stdout)
    shown = house.run("status", "--edge-port", str(house.edge)).stdout

    services = {each["name"]: each["status"] for each in status["emulator"]["services"]}
    assert set(services) == {"postgres", "valkey", "graph", "objects", "kafka", "inference", "celery"}
    assert set(services.values()) == {"ready"}
    assert set(status["domains"].values()) == {"ok"}
    assert all(name in shown for name in (*services, *status["domains"], "coderev-analysis-work"))


@pytest.mark.parametrize("path", ["/v1/projects", "/v1/analyses", "/v1/reviews", "/v1/providers", "/v1/auth/me"])
def test_nobody_reads_nothing(house, path):
    for headers in ({}, {"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic eDp5"}):
        answer = httpx.get(f"{house.url}{path}", headers=headers, timeout=10)

        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"


def test_unknown_routes_answer_a_404_problem(house):
    answer = httpx.get(f"{house.url}/v1/nonsense", timeout=10)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_api_describes_itself(house):
    assert httpx.get(f"{house.url}/openapi.json", timeout=10).json()["openapi"] == "3.1.0"
    assert "<title>coderev API</title>" in httpx.get(f"{house.url}/docs/", timeout=10).text
    assert httpx.get(f"{house.url}/docs/assets/swagger-ui.css", timeout=10).status_code == 200


@pytest.mark.parametrize("domain", ["auth", "project", "analysis", "ai", "version", "comparison", "provider"])
def test_every_domain_is_healthy(house, domain):
    assert httpx.get(f"{house.url}/v1/{domain}/health", timeout=20).json() == {"status": "ok", "service": domain}
