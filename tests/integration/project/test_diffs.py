"""What differs between two versions, as git has it, and the contents themselves."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.client import OTHER_ORG
from tests.integration.project.conftest import entry, sha256
from tests.integration.project.keep import diff, send


def text(seed: int, lines: int = 60) -> bytes:
    """Words that look like code: some lines are unique, some occur again and again."""
    chance = random.Random(seed)
    common = ["", "}", "    return", "    pass"]
    return "".join(
        f"{chance.choice(common) if chance.random() < 0.3 else f'    value_{chance.randrange(10**6)} = {n}'}\n"
        for n in range(lines)
    ).encode()


def edited(data: bytes, seed: int, edits: int) -> bytes:
    chance, lines = random.Random(seed), data.split(b"\n")
    for _ in range(edits):
        at = chance.randrange(len(lines))
        lines[at : at + chance.randrange(3)] = [b"new %d" % chance.randrange(10**6)] * chance.randrange(3)
    return b"\n".join(lines)


def fixtures() -> list[tuple[dict[str, bytes], dict[str, bytes]]]:
    many = {f"src/m{n}.py": text(n) for n in range(40)}
    folder = {path.replace("src/", "lib/core/"): edited(data, n, 4) for n, (path, data) in enumerate(many.items())}
    return [
        ({"a.py": text(1), "b.py": text(2)}, {"a.py": edited(text(1), 7, 5), "c.py": text(3)}),
        ({"old.py": text(1)}, {"new.py": text(1)}),
        ({"old.py": text(1)}, {"new.py": edited(text(1), 3, 10)}),
        ({"old.py": text(1)}, {"new.py": edited(text(1), 3, 60)}),
        (many, folder),
        ({"x/a.py": text(5), "y/a.py": text(5)}, {"z/a.py": text(5), "w/b.py": text(5)}),
        ({"x/util.py": text(5), "y/main.py": text(6)}, {"q/util.py": edited(text(5), 1, 9), "r/other.py": text(6)}),
        ({"one.py": text(5), "two.py": edited(text(5), 1, 3)}, {"three.py": edited(text(5), 2, 2)}),
        ({"a.bin": b"\0\1\2" * 50, "b.txt": b"x\n"}, {"a.bin": b"\0\1\3" * 50, "b.txt": b"x"}),
        ({"empty": b"", "kept": b"k\n"}, {"nothing": b"", "kept": b"k\n", "void": b""}),
        ({"crlf.txt": text(8).replace(b"\n", b"\r\n")}, {"lf.txt": text(8)}),
        ({"latin.txt": "caf\xe9\n".encode("latin-1") * 9}, {"latin.txt": "café\n".encode() * 9}),
    ]


def numstat(folder: Path, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, tuple]:
    """`git diff -M --numstat`: by path, what was added, what was removed, and the former path."""

    def git(*words: str) -> bytes:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "core.autocrlf=false")
        return subprocess.run(["git", "-C", str(folder), *identity, *words], check=True, capture_output=True).stdout

    git("init", "-q")
    for files in (before, after):
        for path in list(folder.iterdir()):
            if path.name != ".git":
                subprocess.run(["rm", "-r", str(path)], check=True)
        for name, data in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        git("add", "-A")
        git("commit", "-q", "--allow-empty", "-m", "x")
    parts = git("diff", "-M", "--numstat", "-z", "--minimal", "HEAD~1", "HEAD").decode().split("\0")
    found, at = {}, 0
    while at < len(parts) - 1:
        added, removed, path = parts[at].split("\t")
        former = None
        if not path:
            former, path = parts[at + 1 : at + 3]
            at += 2
        found[path] = (added, removed, former)
        at += 1
    return found


@pytest.mark.parametrize("case", range(len(fixtures())))
def test_a_diff_is_what_git_says(sender, tmp_path, case):
    before, after = fixtures()[case]
    one = send(sender, before)
    two = send(sender, after, parent_id=one["id"])

    said = diff(sender, two["id"])

    shown = {
        item["path"]: (
            "-" if item["note"] == "binary" else str(item["additions"]),
            "-" if item["note"] == "binary" else str(item["deletions"]),
            item["old"]["path"] if item["status"] == "renamed" else None,
        )
        for item in said["items"]
    }
    assert shown == numstat(tmp_path, before, after)
    assert (said["against"], said["renames"]) == (one["id"], "full")
    assert sum(said["totals"].values()) == len(said["items"])


def test_the_lines_of_one_file_are_shown_on_request(sender, ada):
    one = send(sender, {"a.py": b"1\n2\n3\n4\n5\n6\n7\n8\n9\n"})
    two = send(sender, {"b.py": b"1\n2\n3\n4\n5\n6\n7\neight\n9\n"})

    said = diff(sender, two["id"], f"&against={one['id']}&path=b.py")
    former = diff(sender, two["id"], f"&against={one['id']}&path=a.py")

    (item,) = said["items"]
    (hunk,) = item["hunks"]
    assert (item["status"], item["similarity"], item["additions"], item["deletions"]) == ("renamed", 72, 1, 1)
    assert hunk["lines"] == [" 5", " 6", " 7", "-8", "+eight", " 9"]
    assert (hunk["old_start"], hunk["old_lines"], hunk["new_start"], hunk["new_lines"]) == (5, 5, 5, 5)
    assert former["items"] == said["items"]
    assert ada.get(f"/v1/versions/{two['id']}/diff?against={one['id']}&path=c.py").status == 404


def test_without_a_parent_all_is_added_and_equal_trees_differ_in_nothing(sender):
    one = send(sender, {"a.py": b"1\n", "b/c.py": b"2\n"})
    two = sender.publish({"a.py": b"1\n", "b/c.py": b"2\n"}, force=True, label="again").json

    first, same = diff(sender, one["id"]), diff(sender, two["id"], f"&against={one['id']}")

    assert [(item["path"], item["status"]) for item in first["items"]] == [("a.py", "added"), ("b/c.py", "added")]
    assert (first["against"], same["items"]) == (None, [])


def test_only_the_mode_may_differ(sender):
    one = send(sender, {"a.sh": b"1\n"})
    body = {"files": [entry("a.sh", b"1\n", mode="100755")], "parent_id": one["id"]}
    two = sender.client.post(f"/v1/projects/{sender.project_id}/versions", body).json

    (item,) = diff(sender, two["id"])["items"]

    assert (item["status"], item["additions"], item["old"]["mode"], item["new"]["mode"]) == (
        "changed",
        0,
        "100644",
        "100755",
    )


def test_large_files_are_named_and_not_compared(sender):
    one = send(sender, {"big.txt": b"x\n" * 600_000})
    two = send(sender, {"big.txt": b"y\n" * 600_000}, parent_id=one["id"])

    (item,) = diff(sender, two["id"], "&path=big.txt")["items"]

    assert (item["note"], item["additions"], item["hunks"]) == ("too_large", None, None)


def test_pages_of_a_diff_follow_each_other(sender, ada):
    one = send(sender, {f"f{n}": b"%d\n" % n for n in range(7)})
    two = send(sender, {f"f{n}": b"now %d\n" % n for n in range(7)}, parent_id=one["id"])

    pages, cursor = [], ""
    while cursor is not None:
        page = ada.get(f"/v1/versions/{two['id']}/diff?limit=3{cursor and '&cursor=' + cursor}").json
        pages.append([item["path"] for item in page["items"]])
        cursor = page["next_cursor"]

    assert pages == [["f0", "f1", "f2"], ["f3", "f4", "f5"], ["f6"]]


def test_a_hostile_diff_takes_seconds_only(sender):
    chance = random.Random(1)
    noise = [b"".join(chance.choice((b"{\n", b"}\n")) for _ in range(300_000)) for _ in range(2)]
    one = send(sender, {"a.txt": noise[0]})
    two = send(sender, {"a.txt": noise[1]}, parent_id=one["id"])

    started = time.process_time()
    (item,) = diff(sender, two["id"], "&path=a.txt")["items"]

    assert time.process_time() - started < 10
    assert sum(len(hunk["lines"]) for hunk in item["hunks"]) > 0


def test_many_moved_files_are_found_by_equal_contents_only(sender):
    one = send(sender, {f"old/{n}": b"%d\n" % n * 9 for n in range(300)})
    moved = {f"new/{n}": b"%d\n" % n * (9 if n else 8) for n in range(260)} | {
        f"x/{n}": b"y%d\n" % n for n in range(240)
    }
    two = send(sender, moved, parent_id=one["id"])

    said = diff(sender, two["id"])

    assert (said["renames"], said["totals"]["renamed"]) == ("exact", 259)


def test_versions_of_another_project_or_organisation_are_not_compared(sender, ada):
    one = send(sender, {"a.py": b"1\n"})
    other = ada.post("/v1/projects", {"name": "other"}).json["id"]
    foreign = ada.post(f"/v1/projects/{other}/versions", {"files": [entry("b.py", b"1\n")]}).json
    eve = ada.of(OTHER_ORG)

    wrong = ada.get(f"/v1/versions/{one['id']}/diff?against={foreign['id']}")

    assert (wrong.status, wrong.json["code"]) == (422, "other_project")
    for path in ("diff", "content?path=a.py", "archive"):
        assert eve.get(f"/v1/versions/{one['id']}/{path}").status == 404
        assert ada.as_role(None).get(f"/v1/versions/{one['id']}/{path}").status == 403
    assert ada.get(f"/v1/versions/{one['id']}/diff?against={eve.user}").status == 404
    assert ada.get(f"/v1/versions/{one['id']}/diff?cursor=eHh4").json["code"] == "bad_cursor"


def test_a_file_of_a_version_can_be_read(sender, ada):
    hostile = 'naïve "name" \u202e.py'
    files = {"a.py": b"print(1)\n", hostile: "é\n".encode(), "bin": b"\0\1", "bad": b"\xff", "void": b""}
    version = send(sender, files)["id"]

    def read(path: str):
        return ada.get(f"/v1/versions/{version}/content?path={path}")

    first = read("a.py")
    assert (first.status, first.json["text"], first.json["sha256"]) == (200, "print(1)\n", sha256(b"print(1)\n"))
    assert [read(path).json["text"] for path in (hostile, "bin", "bad", "void")] == ["é\n", None, None, ""]
    assert (read("none.py").status, read("a").status, read("").status) == (404, 404, 422)
    again = ada.with_headers(if_none_match=first.headers["ETag"]).get(f"/v1/versions/{version}/content?path=a.py")
    assert (again.status, again.json) == (304, "")


def test_a_file_of_more_than_a_megabyte_is_not_shown(sender, ada):
    version = send(sender, {"big": b"x" * 1_000_001})["id"]

    assert ada.get(f"/v1/versions/{version}/content?path=big").status == 413
