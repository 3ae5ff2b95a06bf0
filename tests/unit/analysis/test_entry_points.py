"""What a function loads when it starts: parsers, drivers and brokers only where they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("tree_sitter", "neo4j", "kafka", "bandit", "boto3", "redis", "argon2")


@pytest.mark.parametrize("name", ["app", "on_version_published", "on_work", "relay", "retain"])
def test_starting_loads_nothing_heavy(name):
    program = (
        f"import sys\nfrom functions.analysis.app import {name}\n"
        f"print([module for module in {HEAVY} if module in sys.modules])"
    )
    environment = {
        "PYTHONPATH": ":".join(path for path in sys.path if path),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
        "JWT_SECRET_KEY": "a-test-secret-of-48-random-bytes-3f9c1d7be2a84650",
        "NEO4J_URI": "bolt://127.0.0.1:9",
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9",
    }

    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
