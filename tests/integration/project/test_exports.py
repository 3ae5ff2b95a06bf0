"""All files of a version as an archive: made once for a tree, the same bytes each time, gone after a day."""

from __future__ import annotations

import io
import tarfile
import zipfile
from dataclasses import replace

import pytest

from kernel.errors import Unavailable
from tests.client import ORG
from tests.integration.project.conftest import entry
from tests.integration.project.keep import downloaded, export, later, send, sweep, unzipped

FILES = {"a.py": b"print('a')\n", "deep/er/ü.py": b"x" * 100_000, "void": b"", "b.py": b"print('a')\n"}


def test_an_archive_holds_all_files(sender):
    version = send(sender, FILES)["id"]

    ready = export(sender, version)

    assert (ready.status, ready.json["state"]) == (200, "ready")
    data = downloaded(ready)
    assert unzipped(data) == FILES
    assert ready.json["size_bytes"] == len(data)


def test_a_tar_holds_all_files_with_their_modes(sender):
    version = send(sender, FILES)["id"]
    body = {"files": [entry("run.sh", FILES["a.py"], mode="100755"), entry("a.py", FILES["a.py"])]}
    version = sender.client.post(f"/v1/projects/{sender.project_id}/versions", body).json["id"]

    data = downloaded(export(sender, version, "tar.gz"))

    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert [(one.name, one.mode, one.mtime, one.uid) for one in archive] == [
            ("a.py", 0o644, 0, 0),
            ("run.sh", 0o755, 0, 0),
        ]


@pytest.mark.parametrize("format", ["zip", "tar.gz"])
def test_the_same_tree_makes_the_same_bytes(sender, admin, format):
    first, second = send(sender, FILES)["id"], sender.publish(FILES, force=True, label="again").json["id"]
    one = export(sender, first, format)

    shared = sender.client.get(f"/v1/versions/{second}/archive?format={format}")
    data = downloaded(one)
    later(admin, "25 hours")
    again = export(sender, second, format)

    assert (shared.status, shared.json["sha256"]) == (200, one.json["sha256"])
    assert downloaded(again) == data


def test_an_archive_goes_after_a_day(sender, admin):
    export(sender, send(sender, FILES)["id"])
    assert len(sender.objects("exports/")) == 1

    for _ in range(2):
        later(admin, "25 hours")
        sweep(sender)

    assert sender.objects("exports/") == []


def test_an_archive_that_cannot_be_made_fails_and_may_be_asked_for_again(sender, admin):
    version = send(sender, FILES)["id"]
    path = f"/v1/versions/{version}/archive"
    sender.client.get(path)
    (pack,) = sender.objects("packs/")
    content = sender.s3.get_object(Bucket=sender.bucket, Key=pack)["Body"].read()
    sender.s3.delete_object(Bucket=sender.bucket, Key=pack)
    make = sender.client.app.handler_map["on_export"]

    for _ in range(5):
        with pytest.raises(Unavailable):
            make({}, None)
        later(admin, "7 minutes")
    make({}, None)
    failed = sender.client.get(path)

    assert (failed.status, failed.json["state"]) == (202, "waiting")  # begun anew
    sender.s3.put_object(Bucket=sender.bucket, Key=pack, Body=content)
    make({}, None)
    assert unzipped(downloaded(sender.client.get(path))) == FILES


def test_a_function_that_dies_is_followed_by_another(sender, deps, admin):
    class Dying:
        def __init__(self, store):
            self._store = store

        def __getattr__(self, name):
            return getattr(self._store, name)

        def put_file(self, key, path):
            raise KeyboardInterrupt

    version = send(sender, FILES)["id"]
    sender.client.get(f"/v1/versions/{version}/archive")

    with pytest.raises(KeyboardInterrupt):
        sender.of(replace(deps, store=Dying(deps.store))).client.app.handler_map["on_export"]({}, None)
    assert sender.client.app.handler_map["on_export"]({}, None) == {"made": 0}  # its lease still holds
    later(admin, "7 minutes")

    assert sender.client.app.handler_map["on_export"]({}, None) == {"made": 1}
    assert sender.client.get(f"/v1/versions/{version}/archive").status == 200


def test_asking_twice_makes_one(sender, count):
    version = send(sender, FILES)["id"]

    for _ in range(2):
        assert sender.client.get(f"/v1/versions/{version}/archive").status == 202

    assert (count("exports"), count("tasks WHERE kind = 'export'")) == (1, 1)


def test_no_member_leads_out_of_the_folder_that_an_archive_is_unpacked_into(sender):
    bad = sender.publish({"../a.py": FILES["a.py"]})

    assert bad.json["code"] == "path_traversal"


def test_an_unknown_format_is_refused(sender, ada):
    version = send(sender, FILES)["id"]

    assert ada.get(f"/v1/versions/{version}/archive?format=rar").status == 422
    assert sender.objects(f"exports/{ORG}") == []


def test_zips_say_that_their_modes_are_those_of_unix(sender):
    with zipfile.ZipFile(io.BytesIO(downloaded(export(sender, send(sender, FILES)["id"])))) as archive:
        assert {one.external_attr >> 16 for one in archive.infolist()} == {0o100644}
