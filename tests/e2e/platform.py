"""A platform as a user starts it: the `coderev` command, in processes of its own, on free ports, in its own folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg

from cli.up import owner
from emulator.services import launch
from emulator.services.ports import any_free
from emulator.services.testing import folder_for_tests

ROOT = Path(__file__).parents[2]
COMMAND = str(Path(sys.executable).with_name("coderev"))
ENDS_WITH_US = (sys.executable, "-I", "-S", launch.__file__, str(os.getpid()), str(int(signal.SIGTERM)), "-")
READY_S = 60


@dataclass
class Platform:
    """`coderev up` and the commands that talk to it."""

    folder: Path
    port: int = field(default_factory=any_free)
    edge: int = field(default_factory=any_free)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        ours = {"HOME": str(self.folder), "CODEREV_SERVER": self.url, "CODEREV_DATA": str(self.data)}
        return kept | ours | {"CODEREV_OPEN_REGISTRATION": "true"}

    def start(self) -> None:
        log = (self.folder / "up.log").open("ab")
        ports = ["--port", str(self.port), "--edge-port", str(self.edge), "--data", str(self.data)]
        self.process = subprocess.Popen(
            [*ENDS_WITH_US, COMMAND, "up", *ports],
            cwd=ROOT,
            env=self.environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        self.wait()

    def wait(self) -> None:
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            assert self.process is not None
            assert self.process.poll() is None, self.log()[-4000:]
            try:
                if httpx.get(f"http://127.0.0.1:{self.edge}/_emulator/ready", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"not ready after {READY_S} s\n{self.log()[-4000:]}")

    def log(self) -> str:
        return (self.folder / "up.log").read_text(errors="replace")

    def kill(self) -> None:
        """SIGKILL, as the kernel does when memory is short."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def run(self, *arguments: str, cwd: Path | None = None, timeout_s: float = 600) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, *arguments],
            cwd=cwd or self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def review(self, path: Path, *options: str, timeout_s: float = 600) -> dict[str, Any]:
        """Review `path` and return the JSON document."""
        done = self.run("review", str(path), "--format", "json", *options, timeout_s=timeout_s)
        assert done.returncode in (0, 1), done.stderr + self.log()[-4000:]
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    def begin_review(self, path: Path, *options: str) -> subprocess.Popen[bytes]:
        """Start a review and do not wait for it."""
        quiet = subprocess.DEVNULL
        arguments = [COMMAND, "review", str(path), *options]
        return subprocess.Popen(arguments, cwd=self.folder, env=self.environment, stdout=quiet, stderr=quiet)

    def register_owner(self) -> None:
        """Make the first owner with the set-up token that `up` prints; commands then work as that owner."""
        token = json.loads((self.data / "secrets.json").read_text())["setup_token"]
        assert owner.ensure(self.url, self.data, token)

    def owner(self) -> httpx.Client:
        """An HTTP client that is logged in as the first owner."""
        kept = json.loads((self.data / "owner.json").read_text())
        login = {"email": kept["email"], "password": kept["password"]}
        session = httpx.post(f"{self.url}/v1/auth/login", json=login, timeout=20)
        assert session.status_code == 200, session.text
        token = session.json()["access_token"]
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)

    def stranger(self, **profile: str) -> httpx.Client:
        """An HTTP client that is logged in as the owner of a new organisation of its own."""
        person = {"email": "eve@elsewhere.example", "password": "a long sentence of eve", "name": "Eve"}
        body = person | {"organisation": "Elsewhere"} | profile
        session = httpx.post(f"{self.url}/v1/auth/register", json=body, timeout=20)
        assert session.status_code == 201, session.text
        token = session.json()["access_token"]
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)

    def database(self) -> psycopg.Connection[Any]:
        """The platform's PostgreSQL as its superuser, for whom there is no row-level security."""
        port = json.loads((self.data / "ports.json").read_text())["postgres"]["port"]
        password = json.loads((self.data / "credentials.json").read_text())["postgres"]
        return psycopg.connect(
            host="127.0.0.1",
            port=port,
            user="postgres",
            password=password,
            dbname="code_review_platform",
            autocommit=True,
        )

    def family(self) -> list[psutil.Process]:
        assert self.process is not None
        head = psutil.Process(self.process.pid)
        return [head, *head.children(recursive=True)]

    def cpu_s(self, *, without: tuple[str, ...] = ()) -> float:
        """CPU seconds that the platform has used so far, ended processes included.

        Processes whose command line has one of the words in `without` do not count.
        """
        used = 0.0
        for member in self.family():
            try:
                command = " ".join(member.cmdline())
                used += 0.0 if any(word in command for word in without) else sum(member.cpu_times()[:4])
            except psutil.NoSuchProcess:
                continue
        return used

    def rss_bytes(self) -> int:
        total = 0
        for member in self.family():
            try:
                total += member.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        return total


@contextmanager
def platform() -> Iterator[Platform]:
    """Run a platform and leave nothing behind: no process, no file, no port."""
    with folder_for_tests() as folder:
        house = Platform(folder)
        try:
            house.start()
            yield house
        finally:
            members = house.family() if house.process and house.process.poll() is None else []
            if house.process is not None:
                house.stop()
            _, alive = psutil.wait_procs(members, timeout=5)
            assert not alive, f"left behind: {alive}"
