"""Who may do what: asked of Rego, closed by default.

Package `data.coderev.<domain>` answers for the actions `<domain>.<verb>`. The OPA server is the
reference; without `OPA_URL` the same files are evaluated in this process. No answer, an undefined
answer, or one that is not `true` is a no; a server that cannot be reached is `Unavailable`. A package may also
decide more than yes or no: its rule `decision` is a document, and no document is `Unavailable` too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from kernel.errors import Forbidden, Unavailable
from kernel.identity import Caller
from kernel.settings import Settings


@dataclass(frozen=True, slots=True)
class Decision:
    allow: bool
    objections: tuple[str, ...] = ()


class Policy(Protocol):
    def decide(self, domain: str, question: Mapping[str, Any]) -> Decision:
        """Raises Unavailable if nobody can answer."""
        ...

    def evaluate(self, package: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """The document `data.coderev.<package>.decision`. Raises Unavailable if there is none."""
        ...


class EmbeddedPolicy:
    """The Rego engine in this process; loads every policy of a folder once."""

    def __init__(self, folder: Path) -> None:
        from regorus.regorus import Engine

        self._engine = Engine()
        for path in sorted(folder.glob("*.rego")):
            if not path.stem.endswith("_test"):
                self._engine.add_policy(path.name, path.read_text())

    def decide(self, domain: str, question: Mapping[str, Any]) -> Decision:
        return _decision(*self._rules(question, f"{domain}.allow", f"{domain}.objections"))

    def evaluate(self, package: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        return _document(*self._rules(question, f"{package}.decision"))

    def _rules(self, question: Mapping[str, Any], *names: str) -> list[Any]:
        try:
            self._engine.set_input(dict(question))
            return [self._engine.eval_rule(f"data.coderev.{name}") for name in names]
        except (RuntimeError, TypeError, ValueError) as failed:
            raise Unavailable("policy") from failed


class ServerPolicy:
    """An OPA server's data API (https://www.openpolicyagent.org/docs/rest-api#data-api)."""

    def __init__(self, url: str, timeout_s: float) -> None:
        import httpx

        self._client = httpx.Client(base_url=url, timeout=timeout_s)
        self._failures = (httpx.HTTPError, ValueError, AttributeError)

    def decide(self, domain: str, question: Mapping[str, Any]) -> Decision:
        result = self._result(domain, question)
        if not isinstance(result, dict):
            return Decision(allow=False)
        return _decision(result.get("allow"), result.get("objections"))

    def evaluate(self, package: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        return _document(self._result(f"{package}/decision", question))

    def _result(self, path: str, question: Mapping[str, Any]) -> Any:
        try:
            answer = self._client.post(f"/v1/data/coderev/{path}", json={"input": dict(question)})
            answer.raise_for_status()
            return answer.json().get("result")
        except self._failures as failed:
            raise Unavailable("policy") from failed


def _document(said: object) -> Mapping[str, Any]:
    if not isinstance(said, dict):
        raise Unavailable("policy")
    return said


def _decision(allow: object, objections: object) -> Decision:
    reasons = tuple(sorted(map(str, objections))) if isinstance(objections, list | set | tuple) else ()
    return Decision(allow=allow is True, objections=reasons)


@dataclass(frozen=True, slots=True)
class Guard:
    """Asks the policy and turns a no into an error."""

    policy: Policy

    def require(self, caller: Caller, action: str, **resource: object) -> None:
        """Let `caller` do `action` (`project.create`) to `resource`.

        Raises:
            Forbidden: the policy says no; its objections are the message.
            Unavailable: nobody could answer.
        """
        question = {"action": action, "caller": _who(caller), "resource": resource}
        decision = self.policy.decide(action.partition(".")[0], question)
        if not decision.allow:
            raise Forbidden("; ".join(decision.objections) or f"{action} needs another role", action=action)


def _who(caller: Caller) -> dict[str, object]:
    return {
        "user_id": caller.user_id,
        "org_id": caller.org_id,
        "roles": sorted(caller.roles),
        "kind": caller.kind,
    }


def policy_folder() -> Path:
    """The folder of Rego files: `/opt/policies` of the kernel layer, or the repository's `policies/`."""
    package = Path(__file__).resolve().parent
    layer, repository = package.parents[1] / "policies", package.parents[3] / "policies"
    return layer if layer.is_dir() else repository


@cache
def _connect(opa_url: str, timeout_s: float) -> Policy:
    return ServerPolicy(opa_url, timeout_s) if opa_url else EmbeddedPolicy(policy_folder())


def policy(settings: Settings) -> Policy:
    return _connect(settings.opa_url, settings.policy_timeout_s)


def guard(settings: Settings) -> Guard:
    return Guard(policy(settings))
