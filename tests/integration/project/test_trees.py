"""Which lists of files become a version, and with which code the others are refused."""

from __future__ import annotations

import pytest

from functions.project.limits import MOST_FILES
from tests.integration.project.conftest import entry, pack_of

A = b"print('a')\n"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("../x", "path_traversal"),
        ("a/../x", "path_traversal"),
        ("/etc/passwd", "path_absolute"),
        ("C:/x", "path_drive"),
        ("a\\x", "path_backslash"),
        ("a\0b", "path_nul"),
        ("a\nb", "path_control"),
        ("a//b", "path_not_normal"),
        ("./a", "path_not_normal"),
        ("", "path_not_normal"),
        ("x" * 4_000, "path_too_long"),
        ("a/" * 2_000 + "x", "path_too_long"),
        ("CON", "path_reserved"),
        ("a.", "path_reserved"),
    ],
)
def test_paths_that_are_no_paths_are_refused(sender, path, code):
    sender.upload(pack_of(A))

    reply = sender.publish({path: A})

    assert (reply.status, reply.json["code"]) == (422, code)
    assert len(reply.json["detail"]) < 300


@pytest.mark.parametrize("path", ["-rf", "--output=x", "$(reboot)", "; ls", "ü/日本.py", "aux.c", ".git", "a b"])
def test_odd_paths_are_only_data(sender, ada, path):
    sender.upload(pack_of(A))

    made = sender.publish({path: A})

    assert made.status == 201
    assert ada.get(f"/v1/versions/{made.json['id']}/files").json["items"] == [entry(path, A)]


@pytest.mark.parametrize(
    ("paths", "code"),
    [
        (["a.py", "a.py"], "duplicate_path"),
        (["A.py", "a.py"], "case_collision"),
        (["\u00e9.py", "e\u0301.py"], "case_collision"),
        (["a.py", "a.py/b"], "file_directory_clash"),
        (["a/b/c", "A"], "file_directory_clash"),
        ([], "empty_version"),
    ],
)
def test_trees_that_cannot_be_checked_out_are_refused(sender, ada, paths, code):
    sender.upload(pack_of(A))

    body = {"files": [entry(path, A) for path in paths]}
    reply = ada.post(f"/v1/projects/{sender.project_id}/versions", body)

    assert (reply.status, reply.json["code"]) == (422, code)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"mode": "120000"}, 422, "bad_mode"),
        ({"size_bytes": 1}, 422, "wrong_size"),
        ({"size_bytes": 60_000_000}, 413, "file_too_large"),
        ({"sha256": "A" * 64}, 422, "invalid"),
    ],
)
def test_false_statements_about_a_file_are_refused(sender, ada, change, status, code):
    sender.upload(pack_of(A))

    reply = ada.post(f"/v1/projects/{sender.project_id}/versions", {"files": [entry("a.py", A) | change]})

    assert (reply.status, reply.json["code"]) == (status, code)


def test_too_many_files_are_refused(sender, ada):
    body = {"files": [entry(str(n), A) for n in range(MOST_FILES + 1)]}

    assert ada.post(f"/v1/projects/{sender.project_id}/versions", body).status == 422
