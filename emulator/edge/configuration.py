"""How the Lambda API describes functions, versions and aliases.

AWS: https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from emulator.aws.secrets import HIDDEN, redact
from emulator.edge.references import LATEST, Named
from emulator.template import AsyncRules, Function
from emulator.template.model import ACCOUNT, REGION

Redact = Callable[[str], str]
_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Descriptions:
    """Describes functions as they are since `since`, in seconds since 1970."""

    since: float

    def function(self, named: Named) -> dict[str, Any]:
        """Return the configuration of a function, version or alias. Values that may not be printed are `***`."""
        function = named.function
        return {
            "FunctionName": function.name,
            "FunctionArn": named.arn,
            "Runtime": function.runtime,
            "Handler": function.handler,
            "CodeSize": 0,
            "CodeSha256": _code_hash(function),
            "Timeout": function.timeout_s,
            "MemorySize": function.memory_mb,
            "LastModified": self._moment("%Y-%m-%dT%H:%M:%S.000+0000"),
            "Version": named.version,
            "PackageType": "Zip",
            "State": "Active",
            "LastUpdateStatus": "Successful",
            "RevisionId": self._revision(named.arn),
            "RuntimeVersionConfig": {"RuntimeVersionArn": _runtime_arn(function)},
            **function.configured,
            **_environment(function),
        }

    def whole(self, named: Named) -> dict[str, Any]:
        """Return what GetFunction tells."""
        function = named.function
        found: dict[str, Any] = {
            "Configuration": self.function(named),
            "Code": {"RepositoryType": "S3", "Location": function.task_root.as_uri()},
            "Tags": dict(function.tags),
        }
        if function.reserved is not None:
            found["Concurrency"] = {"ReservedConcurrentExecutions": function.reserved}
        return found

    def alias(self, function: Function, name: str) -> dict[str, Any]:
        arn = f"{function.arn}:{name}"
        return {
            "AliasArn": arn,
            "Name": name,
            "FunctionVersion": function.qualifiers[name],
            "Description": "",
            "RevisionId": self._revision(arn),
        }

    def invoke_config(self, named: Named) -> dict[str, Any] | None:
        """Return the rules of asynchronous invokes, or None if the template gives none."""
        rules = named.function.rules
        if rules == AsyncRules(dead_letter=rules.dead_letter):
            return None
        destinations = {"OnSuccess": rules.on_success, "OnFailure": rules.on_failure}
        return {
            "LastModified": self.since,
            "FunctionArn": f"{named.function.arn}:{named.qualifier or LATEST}",
            "MaximumRetryAttempts": rules.max_retries,
            "MaximumEventAgeInSeconds": rules.max_age_s,
            "DestinationConfig": {
                name: {"Destination": destination} if destination else {} for name, destination in destinations.items()
            },
        }

    def _moment(self, form: str) -> str:
        return datetime.fromtimestamp(self.since, UTC).strftime(form)

    def _revision(self, arn: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{arn} {self.since}"))


def aliases(function: Function) -> list[str]:
    """Return the names of a function's aliases; the names of versions are numbers."""
    return [name for name in function.qualifiers if not name.isdigit()]


def versions(function: Function) -> list[str]:
    """Return the published versions of a function."""
    return sorted({version for version in function.qualifiers.values()})


def account(functions: list[Function]) -> dict[str, Any]:
    """Return the limits of an account, which are Lambda's defaults."""
    reserved = sum(function.reserved or 0 for function in functions)
    return {
        "AccountLimit": {
            "TotalCodeSize": 75 * 1024 * _MB,
            "CodeSizeUnzipped": 250 * _MB,
            "CodeSizeZipped": 50 * _MB,
            "ConcurrentExecutions": 1000,
            "UnreservedConcurrentExecutions": max(0, 1000 - reserved),
        },
        "AccountUsage": {"TotalCodeSize": 0, "FunctionCount": len(functions)},
    }


def _environment(function: Function) -> dict[str, Any]:
    if not function.environment:
        return {}
    shown = {name: HIDDEN if redact(value) != value else value for name, value in function.environment.items()}
    return {"Environment": {"Variables": shown}}


def _code_hash(function: Function) -> str:
    """Return a hash of the handler's file: packages are not built here."""
    module = function.handler.rpartition(".")[0].replace(".", "/") + ".py"
    try:
        content = (function.task_root / module).read_bytes()
    except OSError:
        content = module.encode()
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def _runtime_arn(function: Function) -> str:
    return (
        f"arn:aws:lambda:{REGION}::runtime:{hashlib.sha256(function.runtime.encode() + ACCOUNT.encode()).hexdigest()}"
    )
