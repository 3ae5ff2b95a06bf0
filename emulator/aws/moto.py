"""moto as a child of the emulator: started by the first request that needs it, ended with the emulator.

What it holds is lost at the end; the next start makes again what the template declares.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import secrets
import signal
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from emulator.aws.forward import Ended, Forwarder, Unreachable
from emulator.services import launch
from emulator.services.process import ROOT
from emulator.template.model import ACCOUNT, REGION, AwsResource
from emulator.web.messages import Request, Response

log = logging.getLogger(__name__)
_START_S, _STOP_S = 30.0, 3.0
_MODULE = "emulator.aws.moto_process"
ADMISSION = "X-Emulator-Token"


@dataclass(frozen=True, slots=True)
class Seeds:
    """What moto holds from its start: declared resources, and parameters and secrets of the local store."""

    resources: tuple[AwsResource, ...] = ()
    store: Mapping[str, Mapping[str, Any]] = field(
        default_factory=lambda: {"ssm": {}, "secretsmanager": {}}, repr=False
    )


class Moto:
    """The services of AWS that the emulator does not have itself. Its log is `<folder>/moto.log`."""

    def __init__(self, folder: Path, seeds: Seeds, forwarder: Forwarder) -> None:
        self._folder, self._seeds, self._forwarder = folder, seeds, forwarder
        self._token = secrets.token_urlsafe(24)
        self._starting = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None
        self._port = 0
        self._stopped = False

    @property
    def pid(self) -> int | None:
        """The process, if it runs."""
        return self._child.pid if self._child is not None and self._child.returncode is None else None

    async def send(self, request: Request) -> Response:
        """Pass a request on, starting moto if it does not run.

        Raises:
            Unreachable: it did not start, or did not answer. TooLarge: it answered too much.
        """
        await self._running()
        headers = [*request.headers, (ADMISSION, self._token)]
        passed = Request(request.method, request.path, request.query, headers, request.body)
        return await self._forwarder.send(f"http://127.0.0.1:{self._port}", passed)

    async def stop(self) -> None:
        """End the process; it is not started again."""
        self._stopped = True
        await self._end()

    async def _end(self) -> None:
        child = self._child
        if child is None or child.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
            try:
                await asyncio.wait_for(child.wait(), _STOP_S)
            except TimeoutError:
                child.kill()
                await child.wait()

    async def _running(self) -> None:
        async with self._starting:
            if self._stopped:
                raise Ended
            if self.pid is not None:
                return
            if self._child is not None:
                log.warning("moto ended with status %s, what it held is lost", self._child.returncode)
            try:
                self._child = await self._spawn()
                said = await asyncio.wait_for(self._told(self._child), _START_S)
            except (OSError, ValueError, TimeoutError) as failed:
                await self._end()
                if self._stopped:
                    raise Ended from failed
                raise Unreachable(f"moto did not start, {self._folder / 'moto.log'} says why") from failed
            self._port = int(said["port"])
            for sentence in said["failed"]:
                log.warning(sentence)

    async def _spawn(self) -> asyncio.subprocess.Process:
        launcher = (sys.executable, "-I", "-S", launch.__file__, str(os.getpid()), str(int(signal.SIGKILL)), "-")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / "moto.log").open("wb") as output:
            return await asyncio.create_subprocess_exec(
                *launcher,
                sys.executable,
                "-m",
                _MODULE,
                cwd=self._folder,
                env=self._environment(),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=output,
                start_new_session=True,
            )

    async def _told(self, child: asyncio.subprocess.Process) -> dict[str, Any]:
        assert child.stdin is not None, "it is a pipe"
        assert child.stdout is not None, "it is a pipe"
        resources = [asdict(each) for each in self._seeds.resources]
        asked = {"token": self._token, "resources": resources, "store": self._seeds.store}
        child.stdin.write(json.dumps(asked).encode())
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            await child.stdin.drain()
            child.stdin.close()
        said: dict[str, Any] = json.loads(await child.stdout.readline())
        return said

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.defpath,
            "HOME": str(self._folder),
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            "MOTO_ACCOUNT_ID": ACCOUNT,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
