"""Where this process's own log goes: all of it to a file, what the template's author must know also to the terminal."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

_LIMIT_BYTES = 4 << 20


def configure(data: Path) -> None:
    (data / "logs").mkdir(mode=0o700, parents=True, exist_ok=True)
    file = RotatingFileHandler(data / "logs" / "up.log", maxBytes=_LIMIT_BYTES, backupCount=1, delay=True)
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[file], force=True)
    terminal = logging.StreamHandler()
    terminal.setLevel(logging.WARNING)
    terminal.setFormatter(logging.Formatter("%(message)s"))
    terminal.addFilter(lambda record: record.name == "emulator.server" or record.levelno >= logging.ERROR)
    emulator = logging.getLogger("emulator")
    for handler in list(emulator.handlers):
        emulator.removeHandler(handler)
    emulator.addHandler(terminal)
    logging.getLogger("kafka").setLevel(logging.ERROR)  # it reports every reconnect
