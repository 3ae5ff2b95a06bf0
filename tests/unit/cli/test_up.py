"""Parts of `up` that need no service: parameters, secrets, ports, revisions, signals' aftermath."""

from __future__ import annotations

import asyncio
import re
import socket
import stat
import threading
from pathlib import Path

import pytest

from cli.environment import ROOT
from cli.errors import UserError
from cli.up import listen, parameters, schema, secrets, wiring
from cli.up.aside import aside
from cli.up.options import UpOptions
from cli.up.summary import Summary
from emulator.template.document import read
from infra.postgres import migrate


def options(tmp_path: Path, **changes: object) -> UpOptions:
    return UpOptions(template=ROOT / "template.yaml", data=tmp_path, **changes)  # type: ignore[arg-type]


def test_every_parameter_of_our_template_is_found_by_its_setting(tmp_path: Path) -> None:
    document = read(ROOT / "template.yaml")
    variables: dict[str, object] = dict(document["Globals"]["Function"]["Environment"]["Variables"])
    for resource in document["Resources"].values():
        variables |= (resource.get("Properties", {}).get("Environment") or {}).get("Variables") or {}

    for name, reference in variables.items():
        if isinstance(reference, dict) and "Ref" in reference:
            assert parameters.variable_of(reference["Ref"]) == name


def test_parameters_come_from_services_then_the_environment_then_what_was_generated(tmp_path: Path) -> None:
    generated = secrets.load(tmp_path)
    given = {"REDIS_URL": "redis://given", "CODEREV_OPENAI_MODEL": "m", "CODEREV_STAGE": "test", "LOG_LEVEL": "trace"}

    found = parameters.values(
        ["DatabaseUrl", "RedisUrl", "OpenaiModel", "JwtSecretKey", "Stage", "SetupToken", "LogLevel"],
        {"DATABASE_URL": "postgresql://running"},
        generated,
        given.get,
    )

    assert found == {
        "DatabaseUrl": "postgresql://running",
        "RedisUrl": "redis://given",
        "OpenaiModel": "m",
        "JwtSecretKey": generated.jwt_secret_key,
        "Stage": "test",
        "SetupToken": generated.setup_token,
    }


def test_the_example_of_settings_lists_all_that_up_reads() -> None:
    listed = set(re.findall(r"^#([A-Z][A-Z0-9_]*)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    fixed = {"Runtime", "FunctionPrefix", "KafkaCredentialsArn"}  # the cloud's alone

    declared = {parameters.variable_of(name) for name in set(read(ROOT / "template.yaml")["Parameters"]) - fixed}
    assert listed == declared | {"CODEREV_MIGRATION_DATABASE_URL", "CODEREV_HOST"}


def test_secrets_are_made_once_and_private(tmp_path: Path) -> None:
    first = secrets.load(tmp_path)

    assert secrets.load(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    assert len(first.jwt_secret_key) >= 32
    assert first.jwt_secret_key not in repr(first)


def test_a_busy_usual_port_is_replaced_and_named(tmp_path: Path) -> None:
    said: list[str] = []
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]

        found = listen._pick("The API", None, port, host="127.0.0.1", taken=set(), say=said.append)

    assert found != port
    assert said == [f"Port {port} is in use: The API listens on {found}."]


def test_a_busy_port_that_was_asked_for_is_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        with pytest.raises(UserError, match="is in use"):
            listen.choose(options(tmp_path, edge_port=busy.getsockname()[1]), (), lambda sentence: None)


def test_every_domain_of_the_template_gets_a_port_of_its_own(tmp_path: Path) -> None:
    domains = wiring.domains_of(options(tmp_path))

    found = listen.choose(options(tmp_path), domains, lambda sentence: None)
    beside = listen.choose(options(tmp_path), domains, lambda sentence: None)
    found.release()
    beside.release()

    assert not {found.gateway, found.edge, *found.domains.values()} & {beside.gateway, beside.edge}
    ports = [found.gateway, found.edge, *found.domains.values()]
    assert set(found.domains) == set(migrate.DOMAINS)
    assert len(set(ports)) == len(ports)


def test_an_unknown_domain_is_a_sentence_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has no domain 'nothing', it has auth"):
        wiring.domains_of(options(tmp_path, domains=("nothing",)))


def test_the_quick_look_at_revisions_sees_what_the_migration_tool_sees() -> None:
    assert schema.heads() == {domain: migrate.head(domain) for domain in migrate.DOMAINS}


def test_the_summary_names_the_token_only_while_nobody_is_registered() -> None:
    def lines(token: str | None) -> str:
        about = {"domains": {"auth": 8001}, "services": ["postgres :5432"], "pages": ("/docs",)}
        return "\n".join(
            Summary(
                "http://s", "http://e", **about, seconds={"first answer": 2.0}, memory_bytes=10**9, setup_token=token
            ).lines()  # type: ignore[arg-type]
        )

    assert "First user: coderev login --setup-token tok" in lines("tok")
    assert "answers after 2.0 s" in lines(None)
    assert "First user" not in lines(None)


def test_work_aside_gives_its_result_or_its_error_or_way_to_the_stop() -> None:
    async def check() -> None:
        stop, released = asyncio.Event(), threading.Event()
        assert await aside(lambda: 3, stop) == 3
        with pytest.raises(UserError, match="no"):
            await aside(fail, stop)
        asyncio.get_running_loop().call_later(0.05, stop.set)
        assert await aside(lambda: released.wait(5), stop) is None
        released.set()

    def fail() -> None:
        raise UserError("no")

    asyncio.run(check())
