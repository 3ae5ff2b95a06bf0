"""Prints what the emulator does under load, beside its rivals in the same run: `make bench-emulator`.

wrk sends the requests (Debian's package `wrk`). The rivals, `chalice local` and serverless-offline 13, are installed
into `.tools/rivals` by that target; what is not there is named and left out.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import psutil
import yaml

from emulator.background import running
from emulator.options import Options

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TOOLS = ROOT / ".tools" / "rivals"
BASIC = HERE.parent / "emulator" / "apps" / "basic" / "template.yaml"
SECONDS, CLIENTS, MANY = 10, 8, 50_000
_START_S = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def child(command: list[str], folder: Path, port: int, **variables: str) -> Iterator[int]:
    """Run a server until the block ends; it is ready once its `/hello` answers. Lends its process id."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + _START_S
        while not answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise OSError(f"{command[0]} did not start")
            time.sleep(0.1)
        yield process.pid
    finally:
        everyone = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        for left in everyone:
            with contextlib.suppress(psutil.Error):
                left.kill()
        process.kill()
        process.wait()


def answers(port: int, path: str = "/hello") -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def wrk(port: int, clients: int, seconds: int) -> str:
    """Send requests for some seconds and return a line of figures."""
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--latency", f"http://127.0.0.1:{port}/hello"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60).stdout
    rate, half, tail = (found(f"{name}\\s+(\\S+)", said) for name in ("Requests/sec:", "50%", "99%"))
    errors = " ".join(line.strip() for line in said.splitlines() if "Non-2xx" in line or "Socket errors" in line)
    return f"{float(rate):8,.0f} requests/s  p50 {half}  p99 {tail}  {errors or 'no error'}"


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(f"wrk said something else than expected: {text}")
    return match[1]


def emulated(port: int, data: str) -> list[str]:
    command = [sys.executable, "-m", "emulator", "--template", str(BASIC), "up", "--port", str(port)]
    return [*command, "--edge-port", "0", "--data", data]


def side_by_side() -> None:
    port = free_port()
    with tempfile.TemporaryDirectory() as data, child(emulated(port, data), ROOT, port) as pid:
        wrk(port, CLIENTS, 2)
        print(f"coderev, 1 client:            {wrk(port, 1, SECONDS)}")
        print(f"coderev, {CLIENTS} clients:           {wrk(port, CLIENTS, SECONDS)}")
        before = family_mb(pid)
        wrk(port, CLIENTS, max(SECONDS, MANY // 3000))
        print(f"coderev, memory of all processes before and after {MANY:,} more: {before} MB, {family_mb(pid)} MB")
        time.sleep(2)
        print(f"coderev, idle processor time: {idle_percent(pid):.2f} %")
    rival(
        "chalice local", [str(TOOLS / "bin" / "chalice"), "local", "--no-autoreload"], HERE / "rivals" / "chalice_app"
    )
    shown = TOOLS / "serverless"
    if (TOOLS / "node_modules").is_dir():
        shown.mkdir(exist_ok=True)
        for name in ("serverless.yml", "handler.py"):
            shutil.copy(HERE / "rivals" / name, shown / name)
    command = [str(TOOLS / "node_modules" / ".bin" / "serverless"), "offline", "--noTimeout", "--stage", "dev"]
    rival("serverless-offline", [*command, "--lambdaPort", str(free_port())], shown, "--httpPort")


def rival(name: str, command: list[str], folder: Path, port_option: str = "--port") -> None:
    if not Path(command[0]).exists():
        print(f"{name}: not installed, left out")
        return
    port = free_port()
    quiet = {"SLS_TELEMETRY_DISABLED": "1", "SLS_NOTIFICATIONS_MODE": "off", "AWS_DEFAULT_REGION": "us-east-1"}
    path = f"{TOOLS / 'bin'}:{os.environ['PATH']}"
    try:
        with child([*command, port_option, str(port)], folder, port, PATH=path, **quiet):
            wrk(port, CLIENTS, 2)
            print(f"{name + ', 1 client:':30}{wrk(port, 1, SECONDS)}")
            print(f"{name + f', {CLIENTS} clients:':30}{wrk(port, CLIENTS, SECONDS)}")
    except OSError as failed:
        print(f"{name}: {failed}")


def family_mb(pid: int) -> int:
    """Return the resident memory of a process and all it started, in MB; what they share counts once where known."""
    parent = psutil.Process(pid)
    total = 0
    for each in (parent, *parent.children(recursive=True)):
        with contextlib.suppress(psutil.Error):
            total += getattr(each.memory_full_info(), "pss", 0) or each.memory_info().rss
    return round(total / 1e6)


def idle_percent(pid: int, seconds: float = 10.0) -> float:
    """Return the processor time that a process and its children use while nobody asks, in percent of a core."""

    def used() -> float:
        parent = psutil.Process(pid)
        return sum(sum(each.cpu_times()[:2]) for each in (parent, *parent.children(recursive=True)))

    before = used()
    time.sleep(seconds)
    return (used() - before) / seconds * 100


def slow_in_parallel(count: int = 200) -> None:
    """Handlers that take a second each, with as many processes, all warm."""
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder) / "app"
        app.mkdir()
        (app / "handlers.py").write_text(
            "import time\n\n\ndef slow(event, context):\n    time.sleep(1)\n    return {'statusCode': 200}\n"
        )
        write_template(
            app, {"slow": {"Handler": "handlers.slow", "ReservedConcurrentExecutions": count, "Timeout": 30}}
        )
        options = Options(template=app / "template.yaml", data=Path(folder) / "data", port=0, edge_port=0)
        with running(options) as emulator:
            port = emulator.ports["all"]
            at_once(port, "/slow", count)
            took = at_once(port, "/slow", count)
            print(
                f"{count} parallel handlers of 1 s, warm: {took:.2f} s, {family_mb(os.getpid())} MB with this process"
            )


def at_once(port: int, path: str, count: int) -> float:
    failed: list[str] = []

    def one() -> None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=120):
                return
        except OSError as error:
            failed.append(str(error))

    threads = [threading.Thread(target=one) for _ in range(count)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        print(f"{len(failed)} of {count} failed: {failed[0]}")
    return time.perf_counter() - begun


def write_template(folder: Path, functions: dict[str, dict[str, object]]) -> None:
    """Write a template with a route `/NAME` for each function."""
    resources = {}
    for name, properties in functions.items():
        route = {"Type": "Api", "Properties": {"Path": f"/{name}", "Method": "GET"}}
        given = {"Runtime": "python3.13", "CodeUri": ".", "FunctionName": name, "Events": {"Get": route}}
        resources[name.title()] = {"Type": "AWS::Serverless::Function", "Properties": given | properties}
    document = {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}
    (folder / "template.yaml").write_text(json.dumps(document))


def fifty_idle(count: int = 50) -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder) / "app"
        app.mkdir()
        shutil.copy(HERE / "rivals" / "handler.py", app / "handler.py")
        write_template(app, {f"f{number}": {"Handler": "handler.hello"} for number in range(count)})
        port = free_port()
        command = [sys.executable, "-m", "emulator", "--template", str(app / "template.yaml"), "up"]
        command += ["--port", str(port), "--edge-port", "0", "--data", f"{folder}/data"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            while not answers(port, "/f0"):
                time.sleep(0.1)
            for number in range(count):
                assert answers(port, f"/f{number}")
            print(f"{count} functions, each called a moment ago: {family_mb(process.pid)} MB")
            time.sleep(65)
            print(f"{count} functions, idle for a minute: {family_mb(process.pid)} MB")
        finally:
            process.terminate()
            process.wait(15)
            assert process.stdout is not None
            process.stdout.close()


def cold_start() -> None:
    """The first answer of a project function: health needs no store, so it is start and import that count."""
    given = {"DatabaseUrl": "postgresql://nobody@127.0.0.1:1/none", "JwtSecretKey": secrets.token_urlsafe(48)}
    declared = yaml.load((ROOT / "template.yaml").read_text(), Loader=yaml.BaseLoader)["Parameters"]
    missing = {name: given.get(name, "http://127.0.0.1:1") for name, each in declared.items() if "Default" not in each}
    with tempfile.TemporaryDirectory() as folder:
        options = Options(template=ROOT / "template.yaml", parameters=missing, data=Path(folder), port=0, edge_port=0)
        with running(options) as emulator:
            begun = time.perf_counter()
            status = status_of(emulator.ports["all"], "/v1/project/health")
            took = (time.perf_counter() - begun) * 1000
            print(f"first answer ({status}) of project-api, cold: {took:.0f} ms")


def status_of(port: int, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


def main() -> None:
    if shutil.which("wrk") is None:
        raise SystemExit("this bench needs wrk: install Debian's package wrk")
    side_by_side()
    slow_in_parallel()
    cold_start()
    fifty_idle()


if __name__ == "__main__":
    main()
