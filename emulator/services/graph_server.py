"""The graph database's process: `python -m emulator.services.graph_server FOLDER PORT`."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

_STOP_S = 4.0
"""How long the database may take to stop; it survives a kill, so it is not waited for any longer."""


def main(folder: str, port: str) -> None:
    """Serve Bolt on `port` until SIGTERM."""
    stopping = threading.Event()
    _listen_for_the_end(stopping)
    import arcadedb  # its threads begin here, and take over which signals are blocked

    _create_database(arcadedb, Path(folder) / "databases" / "neo4j")
    server: Any = arcadedb.create_server(
        root_path=folder,
        root_password=(Path(folder) / "password").read_text(encoding="utf-8"),
        config={
            "mode": "production",
            "host": "127.0.0.1",
            "http_port": 0,
            "server_plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
            "bolt_host": "127.0.0.1",
            "bolt_port": int(port),
        },
    )
    server.start()
    stopping.wait()
    server.stop()


def _listen_for_the_end(stopping: threading.Event) -> None:
    """Take SIGTERM in a thread of its own: the main one may be inside the database, where Python's handlers wait.

    Any other thread that does not block it could be given the signal in its place, and nothing would come of it.
    """
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})

    def wait() -> None:
        signal.sigwait({signal.SIGTERM})
        stopping.set()
        time.sleep(_STOP_S)
        os._exit(0)

    threading.Thread(target=wait, name="end", daemon=True).start()


def _create_database(arcadedb: Any, path: Path) -> None:
    """Before the server listens, so that whoever reaches it finds the database."""
    if not path.exists():
        fresh: Any = arcadedb.create_database(str(path))
        fresh.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
