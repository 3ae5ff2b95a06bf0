"""A real git host on loopback: `git http-backend` behind a small server, with TLS and a token if wanted."""

from __future__ import annotations

import base64
import os
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Entries = Mapping[str, "bytes | str | tuple[str, bytes | str]"]
_QUIET = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "PATH": os.environ["PATH"],
}


@dataclass
class Repository:
    """A bare repository; commits are made by `git fast-import`, a second apart."""

    path: Path
    made: int = 0

    @classmethod
    def create(cls, path: Path) -> Repository:
        for folder in ("objects", "refs/heads", "refs/tags"):
            (path / folder).mkdir(parents=True)
        (path / "HEAD").write_text("ref: refs/heads/main\n")
        (path / "config").write_text(
            "[core]\n\tbare = true\n[http]\n\tuploadpack = true\n[uploadpack]\n\tallowFilter = true\n"
        )
        return cls(path)

    def commit(
        self,
        files: Entries,
        *,
        branch: str = "main",
        parent: str | None = None,
        merge: str | None = None,
        message: str = "change",
        author: str = "Ada <ada@example.org>",
    ) -> str:
        """Commit on top of the branch (or of `parent`); None as content deletes. Return the commit's id."""
        self.made += 1
        when = f"{1_700_000_000 + self.made} +0000"
        lines: list[bytes] = [f"commit refs/heads/{branch}".encode()]
        lines += [f"author {author} {when}".encode(), f"committer {author} {when}".encode(), _data(message.encode())]
        on = parent or self.tip(branch)
        lines += [f"from {on}".encode()] if on else []
        lines += [f"merge {merge}".encode()] if merge else []
        for path, content in files.items():
            lines += _change(path, content)
        self._import(b"\n".join(lines) + b"\n\n")
        tip = self.tip(branch)
        assert tip
        return tip

    def tip(self, branch: str) -> str | None:
        loose = self.path / "refs" / "heads" / branch
        return loose.read_text().strip() if loose.exists() else None

    def ref(self, name: str, sha: str) -> None:
        loose = self.path / name
        loose.parent.mkdir(parents=True, exist_ok=True)
        loose.write_text(f"{sha}\n")

    def tag(self, name: str, sha: str) -> None:
        git("-C", str(self.path), "-c", "user.name=A", "-c", "user.email=a@b", "tag", "-a", "-m", "t", name, sha)

    def _import(self, stream: bytes) -> None:
        command = ["git", "-C", str(self.path), "fast-import", "--quiet", "--force"]
        subprocess.run(command, input=stream, check=True, env=_QUIET, capture_output=True)


def _data(content: bytes) -> bytes:
    return b"data %d\n" % len(content) + content


def _change(path: str, content: Any) -> list[bytes]:
    quoted = '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if content is None:
        return [f"D {quoted}".encode()]
    mode, body = content if isinstance(content, tuple) else ("100644", content)
    if mode == "160000":
        return [f"M 160000 {body} {quoted}".encode()]
    body = body.encode() if isinstance(body, str) else body
    return [f"M {mode} inline {quoted}".encode("utf-8", "surrogateescape"), _data(body)]


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], check=True, env=_QUIET, capture_output=True)
    return done.stdout.decode()


@dataclass
class Host:
    """`token` guards everything; `before` runs at each request and may answer it itself by returning True."""

    root: Path
    url: str = ""
    ca: str = ""
    token: str | None = None
    seen: list[str] = field(default_factory=list)
    version: str | None = None  # of the protocol that it speaks at most; None: as it is asked
    before: Callable[[BaseHTTPRequestHandler], bool] | None = None

    def repository(self, name: str) -> Repository:
        return Repository.create(self.root / name)

    def url_of(self, name: str) -> str:
        return f"{self.url}/{name}"


@contextmanager
def git_host(root: Path, *, tls: bool = False) -> Iterator[Host]:
    host = Host(root)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            _serve(host, self)

        do_POST = do_PATCH = do_PUT = do_GET

        def log_message(self, format: str, *args: object) -> None:
            host.seen.append(f"{self.command} {self.path}")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    host.url = f"{'https' if tls else 'http'}://localhost:{server.server_port}"
    if tls:
        host.ca = str(root / "ca.pem")
        server.socket = _context(root).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _serve(host: Host, handler: BaseHTTPRequestHandler) -> None:
    if host.before is not None and host.before(handler):
        return
    given = handler.headers.get("Authorization", "")
    if host.token and base64.b64decode(given.removeprefix("Basic ")).decode().partition(":")[2] != host.token:
        answer(handler, 401, b"", {"WWW-Authenticate": 'Basic realm="git"'})
        return
    status, headers, body = _backend(host, handler)
    answer(handler, status, body, headers)


def answer(handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
    handler.send_response(status)
    for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def _backend(host: Host, handler: BaseHTTPRequestHandler) -> tuple[int, dict[str, str], bytes]:
    path, _, query = handler.path.partition("?")
    body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    variables = {
        **_QUIET,
        "GIT_PROJECT_ROOT": str(host.root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_METHOD": handler.command,
        "CONTENT_TYPE": handler.headers.get("Content-Type") or "",
        "CONTENT_LENGTH": str(len(body)),
        "GIT_PROTOCOL": handler.headers.get("Git-Protocol") or "" if host.version is None else host.version,
    }
    done = subprocess.run(["git", "http-backend"], input=body, env=variables, capture_output=True, check=False)
    head, _, rest = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
    return int(headers.pop("Status", "200").split()[0]), headers, rest


def trickle(until: threading.Event) -> Callable[[BaseHTTPRequestHandler], bool]:
    """Answers with a byte now and then."""

    def before(handler: BaseHTTPRequestHandler) -> bool:
        handler.close_connection = True
        head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\nContent-Type: application/x-git-upload-pack-advertisement"
        with suppress(OSError):
            handler.wfile.write(f"{head}\r\n\r\nfff0".encode())
            while not until.wait(0.02):
                handler.wfile.write(b"x")
        return True

    return before


def _context(root: Path) -> ssl.SSLContext:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.fromtimestamp(time.time(), UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
    made = made.not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (root / "ca.pem").write_bytes(certificate)
    (root / "key.pem").write_bytes(certificate + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(root / "key.pem")
    return context
