"""What the Lambda API tells of a function beside its name, handler and limits.

AWS: https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.template.model import ACCOUNT

_EPHEMERAL_MB = 512


def read(name: str, logical_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields in the API's shape, with Lambda's defaults."""
    found: dict[str, Any] = {
        "Description": str(given.get("Description") or ""),
        "Role": str(given.get("Role") or f"arn:aws:iam::{ACCOUNT}:role/{logical_id}Role"),
        "Architectures": list(given.get("Architectures") or ["x86_64"]),
        "EphemeralStorage": {"Size": int((given.get("EphemeralStorage") or {}).get("Size", _EPHEMERAL_MB))},
        "TracingConfig": {"Mode": _tracing(given)},
        "SnapStart": {"ApplyOn": (given.get("SnapStart") or {}).get("ApplyOn", "None"), "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}", **(given.get("LoggingConfig") or {})},
    }
    if arn := (given.get("DeadLetterQueue") or {}).get("TargetArn"):
        found["DeadLetterConfig"] = {"TargetArn": str(arn)}
    if layers := given.get("Layers"):
        found["Layers"] = [{"Arn": str(layer), "CodeSize": 0} for layer in layers]
    if network := given.get("VpcConfig"):
        found["VpcConfig"] = {
            "SubnetIds": network.get("SubnetIds", []), "SecurityGroupIds": network.get("SecurityGroupIds", [])
        }  # fmt: skip
    if key := given.get("KmsKeyArn"):
        found["KMSKeyArn"] = str(key)
    return found


def _tracing(given: Mapping[str, Any]) -> str:
    asked = given.get("Tracing")
    return "PassThrough" if asked in (None, "Disabled") else str(asked)
