"""Lambda's words, the parser of the Runtime API, and the small parts of the runtime that need no process."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

import pytest

from emulator.runtime import endings, environment, report, syntax
from emulator.runtime.exchange import ACCEPTED, TOO_LARGE, Exchange
from emulator.runtime.faults import Fault, FaultTable, Kind
from emulator.runtime.folders import Folders
from emulator.runtime.invocation import Invocation
from emulator.runtime.proctree import descendants
from emulator.runtime.queue import Waiting
from emulator.runtime.report import Used
from emulator.runtime.results import MAX_RESPONSE_BYTES, Result
from emulator.runtime.spawn import command, data_limit_bytes
from emulator.template import Function, load
from emulator.template.errors import TemplateError
from emulator.template.reserved import RESERVED, check_variables


def function(**given) -> Function:
    defaults = {"name": "f", "logical_id": "F", "handler": "m.f", "runtime": "python3.11", "task_root": Path("/app")}
    return Function(**{**defaults, **given})


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (None, "Runtime exited without providing a reason"),
        (0, "Runtime exited without providing a reason"),
        (255, "Runtime exited with error: exit status 255"),
        (-signal.SIGKILL, "Runtime exited with error: signal: killed"),
        (-signal.SIGBUS, "Runtime exited with error: signal: bus error"),
        (-signal.SIGFPE, "Runtime exited with error: signal: floating point exception"),
        (-63, "Runtime exited with error: signal: signal 63"),
    ],
)
def test_an_exit_is_described_as_lambdas_supervisor_does(status, said):
    document = json.loads(endings.exited("an-id", status).payload)

    assert document == {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: an-id Error: {said}"}


@pytest.mark.parametrize(
    ("body", "status"), [(b'{"errorType":"X"}', "X"), (b"garbage", "Runtime.Unknown"), (b"[]", "Runtime.Unknown")]
)
def test_a_handler_that_is_not_loaded_is_reported_by_its_error_type(body, status):
    assert endings.not_loaded(body).status == status


@pytest.mark.parametrize(
    ("used", "status", "line"),
    [
        (
            Used(2.1, 0, 34),
            "",
            "Duration: 2.10 ms\tBilled Duration: 3 ms\tMemory Size: 128 MB\tMax Memory Used: 34 MB\t",
        ),
        (
            Used(600000.0, 476.75, 128),
            "timeout",
            (
                "Duration: 600000.00 ms\tBilled Duration: 600477 ms\tMemory Size: 128 MB\tMax Memory Used: 128 MB\t"
                "Init Duration: 476.75 ms\tStatus: timeout"
            ),
        ),
        (
            Used(3.0, 0, 1),
            "Runtime.OutOfMemory",
            (
                "Duration: 3.00 ms\tBilled Duration: 3 ms\tMemory Size: 128 MB\tMax Memory Used: 1 MB\t"
                "Status: error\tError Type: Runtime.OutOfMemory"
            ),
        ),
    ],
)
def test_a_report_line_reads_as_in_cloudwatch(used, status, line):
    assert report.report("an-id", function(), used, status=status) == f"REPORT RequestId: an-id\t{line}"


class Peer:
    """A transport and the process behind it: keeps what is written and what is told."""

    def __init__(self) -> None:
        self.written, self.told, self.closed = b"", [], False
        self.exchange = Exchange(self)
        self.exchange.connection_made(self)

    def write(self, data):
        self.written += data

    def close(self):
        self.closed = True

    def is_closing(self):
        return self.closed

    def on_next(self, exchange):
        self.told.append("next")

    def on_lost(self, exchange):
        self.told.append("lost")

    def on_response(self, request_id, body):
        self.told.append((request_id, body))
        return TOO_LARGE if body is None else ACCEPTED

    def on_error(self, request_id, body):
        self.told.append((request_id, body))
        return ACCEPTED

    def on_init_error(self, body):
        self.told.append(body)
        return ACCEPTED

    def send(self, *pieces: bytes) -> Peer:
        for piece in pieces:
            self.exchange.data_received(piece)
        return self


def request(path: str, body: bytes = b"", method: str = "POST", head: str = "") -> bytes:
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    start = f"{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: 127.0.0.1:9001\r\n{head}{length}\r\n"
    return start.encode() + body


def test_a_request_is_read_whole_and_in_any_pieces():
    whole = request("invocation/an-id/response", b'{"a":1}')

    for size in (1, 7, 60, len(whole)):
        peer = Peer().send(*(whole[at : at + size] for at in range(0, len(whole), size)))
        assert peer.told == [("an-id", b'{"a":1}')]
        assert peer.written == ACCEPTED


def test_a_body_over_the_limit_is_not_kept():
    whole = request("invocation/an-id/response", b"x" * (MAX_RESPONSE_BYTES + 1))
    peer = Peer().send(whole[:1000], whole[1000:5_000_000], whole[5_000_000:])

    assert peer.told == [("an-id", None)]
    assert peer.written == TOO_LARGE
    assert peer.send(request("invocation/next", method="GET")).told[-1] == "next"


def test_a_body_of_unknown_length_and_an_endless_head_are_refused():
    assert Peer().send(request("init/error", head="Transfer-Encoding: chunked\r\n")).written.startswith(b"HTTP/1.1 411")
    assert Peer().send(b"GET / HTTP/1.1\r\nX: ", b"x" * 3_000_000).closed


def test_an_event_carries_only_the_headers_that_it_has():
    async def written(**given) -> list[str]:
        answer = asyncio.get_running_loop().create_future()
        invocation = Invocation(function(), b"{}", "an-id", "Root=1", answer, "arn:f", **given)
        return invocation.next_response(3.0).decode().split("\r\n")

    plain, full = asyncio.run(written()), asyncio.run(written(cognito_identity='{"a":1}', tenant_id="blue"))

    assert "Lambda-Runtime-Invoked-Function-Arn: arn:f" in plain
    assert any(line.startswith("Lambda-Runtime-Invocation-Id: ") for line in plain)
    assert not any("Cognito" in line or "Tenant" in line or "Client-Context" in line for line in plain)
    assert {'Lambda-Runtime-Cognito-Identity: {"a":1}', "Lambda-Runtime-Aws-Tenant-Id: blue"} <= set(full)


def test_who_gives_up_waiting_leaves_the_queue():
    async def main() -> list[str]:
        loop, waiting = asyncio.get_running_loop(), Waiting()
        events = [Invocation(function(), b"", name, "", loop.create_future(), "") for name in ("a", "b", "c")]
        for event in events:
            waiting.put(event)
        events[1].answer.cancel()
        await asyncio.sleep(0)
        found = [str(len(waiting))]
        while (event := waiting.take()) is not None:
            found.append(event.request_id)
        events[0].resolve(Result(b"1"))
        events[0].resolve(Result(b"2"))
        return [*found, (await events[0].answer).payload.decode()]

    assert asyncio.run(main()) == ["2", "a", "c", "1"]


def test_faults_are_used_up():
    table = FaultTable({"f": Fault(Kind.FAIL, times=2)})
    table.set("g", Fault(Kind.DELAY, times=0))

    assert [table.take("f") is not None for _ in range(3)] == [True, True, False]
    assert table.take("g") is None


def test_a_process_tree_is_followed_to_its_leaves():
    assert sorted(descendants(1, {1: [2, 3], 3: [4], 4: [5], 9: [10]})) == [2, 3, 4, 5]


def test_reserved_variables_are_refused_with_lambdas_sentence():
    with pytest.raises(TemplateError) as refused:
        check_variables("F", {"AWS_REGION": "x", "_HANDLER": "y", "OWN": "z"})

    assert str(refused.value).endswith(
        "contains reserved keys that are currently not supported for modification. "
        "Reserved keys used in this request: AWS_REGION, _HANDLER"
    )


def test_a_template_with_a_reserved_variable_is_refused(tmp_path):
    properties = {"Handler": "m.f", "Runtime": "python3.11", "Environment": {"Variables": {"AWS_REGION": "eu-west-1"}}}
    template = tmp_path / "template.yaml"
    template.write_text(
        json.dumps({"Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": properties}}})
    )

    with pytest.raises(TemplateError, match="Reserved keys used in this request: AWS_REGION"):
        load(template)


@pytest.mark.parametrize("variables", [{"1A": "x"}, {"A": "x"}, {"A-B": "x"}, {"BIG": "x" * 4096}])
def test_variables_that_lambda_does_not_take_are_refused(variables):
    with pytest.raises(TemplateError):
        check_variables("F", variables)


def test_what_is_not_reserved_may_be_set():
    own = {
        "TZ": "UTC",
        "LANG": "C",
        "PATH": "/bin",
        "PYTHONPATH": "/x",
        "LD_LIBRARY_PATH": "/y",
        "AWS_LAMBDA_EXEC_WRAPPER": "/z",
    }
    check_variables("F", own)

    assert not RESERVED & own.keys()
    built = environment.build(
        function(environment=own), environment.Surroundings(), api="127.0.0.1:1", stream="s", tmp=Path("/t")
    )
    assert {name: built[name] for name in own} == own


def test_the_log_format_and_group_of_the_template_are_told_to_the_runtime():
    config = {"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG", "LogGroup": "/mine"}
    plain, asked = (
        environment.build(each, environment.Surroundings(), api="127.0.0.1:1", stream="s", tmp=Path("/t"))
        for each in (function(), function(configured={"LoggingConfig": config}))
    )

    assert "AWS_LAMBDA_LOG_FORMAT" not in plain
    assert plain["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/f"
    names = ("AWS_LAMBDA_LOG_FORMAT", "AWS_LAMBDA_LOG_LEVEL", "AWS_LAMBDA_LOG_GROUP_NAME")
    assert tuple(asked[name] for name in names) == ("JSON", "DEBUG", "/mine")


def test_a_wrapper_of_the_task_or_a_layer_comes_first_in_the_command(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "wrap").touch()
    given = {"layers": (tmp_path,), "environment": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/bin/wrap"}}

    assert command(function(**given), 0)[0] == str(tmp_path / "bin" / "wrap")
    task = function(environment={"AWS_LAMBDA_EXEC_WRAPPER": "/var/task/wrap"})
    assert command(task, 0)[0] == "/app/wrap"


def test_what_the_kernel_allows_is_far_above_what_the_samples_allow():
    assert data_limit_bytes(function()) > 4 * 1024**3
    assert data_limit_bytes(function(memory_mb=10_240)) == 40 * 1024**3


def test_only_python_files_that_cannot_be_read_have_an_error(tmp_path):
    (tmp_path / "good.py").write_text("x = 1")
    (tmp_path / "bad.py").write_text("x = 1\ny = (")
    (tmp_path / "null.py").write_bytes(b"x = '\0'")
    (tmp_path / "data.json").write_text("(")

    found = syntax.errors([*tmp_path.iterdir(), tmp_path / "gone.py"])

    assert set(found) == {tmp_path / "bad.py", tmp_path / "null.py"}
    assert found[tmp_path / "bad.py"] == f"{tmp_path / 'bad.py'}:2: '(' was never closed: y = ("


def test_folders_are_watched_where_code_is(tmp_path):
    for name in ("src/inner", ".git", "venv/lib", "data", "src/__pycache__", "layer/python"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    one = function(name="one", task_root=tmp_path, layers=(tmp_path / "layer",))
    two = function(name="two", task_root=tmp_path / "src")
    folders = Folders([one, two], [tmp_path / "data"])

    seen = {str(folder.relative_to(tmp_path)) for folder in folders.all()}
    assert seen == {".", "src", "src/inner", "layer", "layer/python"}
    assert folders.functions_with([tmp_path / "src" / "a.py"]) == {"one", "two"}
    assert folders.functions_with([tmp_path / "layer" / "a.py"]) == {"one"}
    assert [folders.is_code(Path(name)) for name in ("a.py", "a.json", "a.pyc", ".a.swp", "a.py~")] == [
        True,
        True,
    ] + 3 * [False]
