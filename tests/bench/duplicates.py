"""What the search for duplicates costs: tokens a second, a first merge of many files, and one after a single edit.

Usage: python -m tests.bench.duplicates [--files N]     (default: 10,000 files of 100 lines, 5 % of them with copies)
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from hashlib import sha256

from emulator.services.testing import postgres_for_tests
from functions.analysis import bootstrap
from functions.analysis.configuration import Configuration
from functions.analysis.engines import codec
from functions.analysis.engines.shingles import pack, shingled
from functions.analysis.engines.tokens import tokens
from functions.analysis.lifecycle import Analysis
from functions.analysis.model import FileResult, Form, Metrics, Status
from functions.analysis.pieces import ManifestFile, PlannedFile
from functions.analysis.ports import Deps
from functions.analysis.results import Document
from functions.analysis.service import duplication
from infra.postgres import migrate
from kernel.identity import Caller
from kernel.ids import new_id
from kernel.settings import Settings
from tests.conftest import SECRET

ORG, PROJECT = new_id(), new_id()
NOWHERE = "bolt://127.0.0.1:9"
CALLER = Caller.function(ORG)
say = partial(print, file=sys.stdout, flush=True)


def main() -> None:
    known = argparse.ArgumentParser(description=__doc__)
    known.add_argument("--files", type=int, default=10_000)
    files = written(known.parse_args().files)
    documents = {path: read(text) for path, text in files.items()}
    with deps() as here:
        first = planned(here, documents)
        told(here, first, "first merge")
        path = sorted(files)[len(files) // 2]
        edited = documents | {path: read(files[path] + b"\n\ndef added(one):\n    return one\n")}
        for number in range(3):
            told(here, planned(here, edited if number % 2 == 0 else documents), "merge after one edit")


def written(many: int) -> dict[str, bytes]:
    chance = random.Random(1)
    copies = [function(f"shared{n}", 20) for n in range(max(many // 100, 1))]
    files = {}
    for n in range(many):
        parts = [function(f"f{n}_{part}", 18) for part in range(5)]
        if chance.random() < 0.05:
            parts[chance.randrange(5)] = chance.choice(copies)
        files[f"p{n % 100}/m{n}.py"] = b"".join(parts)
    return files


def function(name: str, lines: int) -> bytes:
    body = "".join(f"    {name}_{n} = pow({name}_{n - 1}, by_{name}) + {n}\n" for n in range(1, lines))
    return f"def {name}({name}_0, by_{name}):\n{body}    return {name}_{lines - 1}\n\n\n".encode()


def read(text: bytes) -> Document:
    packed = pack(shingled(tokens(text, "python")))
    metrics = Metrics(lines=text.count(b"\n"))
    digest = sha256(text).hexdigest()
    result = FileResult(
        digest, "python", Form.MODULE, "bench", Status.PARSED, len(text), metrics=metrics, tokens=packed
    )
    return codec.to_json(result)


@contextmanager
def deps() -> Iterator[Deps]:
    with postgres_for_tests() as running:
        migrate.upgrade(running.migrator_url, domains=["analysis"])
        settings = Settings(stage="test", database_url=running.app_url, jwt_secret_key=SECRET, neo4j_uri=NOWHERE)
        yield bootstrap.connect(settings)


def planned(here: Deps, documents: Mapping[str, Document]) -> Analysis:
    with here.work(CALLER) as work:
        analysis = Analysis(new_id(), ORG, PROJECT, new_id(), None, "m", "bench", work.now)
        work.analyses.add(analysis)
        listed = sorted(documents.items())
        ids = work.results.add([("python:module", document) for _, document in listed])
        files = [
            PlannedFile(seq, ManifestFile(path, "100644", document["sha256"], 1, "o", 0), "python:module")
            for seq, (path, document) in enumerate(listed)
        ]
        work.files.add(analysis, files)
        work.files.tie(analysis.id, dict(enumerate(ids)))
    return replace(analysis)


def told(here: Deps, analysis: Analysis, what: str) -> None:
    before, cpu = time.perf_counter(), time.process_time()
    whole = duplication.find(here, CALLER, analysis, Configuration())
    wall, cpu = time.perf_counter() - before, time.process_time() - cpu
    say(f"{what}: {wall * 1000:.0f} ms wall, {cpu * 1000:.0f} ms CPU here, {asdict(whole)['measures']}")


if __name__ == "__main__":
    main()
