"""Queues, topics, buckets, tables, parameters and secrets that a template declares."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Callable, Mapping
from typing import Any

from emulator.template.intrinsics import Resolver
from emulator.template.marks import at
from emulator.template.model import AwsResource
from emulator.template.resources import kind_of

_PARAMETER, _SECRET = "AWS::SSM::Parameter", "AWS::SecretsManager::Secret"
_PASSWORD_LENGTH = 32


class Declared:
    """Resources that the emulator makes, and the values of those that references may name."""

    def __init__(self, resources: Mapping[str, Any], resolver: Resolver, exists: Callable[[Any], bool]) -> None:
        """Args: exists: tells whether the condition of a resource holds."""
        self._resources, self._resolver, self._exists = resources, resolver, exists
        self._generated: dict[str, str] = {}

    def all(self) -> list[AwsResource]:
        """Return the resources to make, with their properties resolved.

        Raises:
            TemplateError: a property cannot be resolved.
        """
        return [self._read(logical_id) for logical_id in self._resources if self._made(logical_id)]

    def parameter(self, name: str, _version: str | None) -> str | None:
        for logical_id in self._of(_PARAMETER, name):
            return str(self._read(logical_id).properties.get("Value", ""))
        return None

    def secret(self, name: str, _stage: str, _version: str | None) -> str | None:
        plain = name.rpartition(":secret:")[2]
        for logical_id in self._of(_SECRET, plain):
            return str(self._read(logical_id).properties["SecretString"])
        return None

    def _of(self, kind: str, name: str) -> list[str]:
        return [
            logical_id
            for logical_id, resource in self._resources.items()
            if resource["Type"] == kind and self._made(logical_id) and self._resolver.names.physical(logical_id) == name
        ]

    def _made(self, logical_id: str) -> bool:
        resource = self._resources[logical_id]
        kind = kind_of(resource["Type"])
        return kind is not None and kind.made and self._exists(resource)

    def _read(self, logical_id: str) -> AwsResource:
        resource = self._resources[logical_id]
        with at(self._resources, logical_id):
            properties = dict(self._resolver.resolve(resource.get("Properties") or {}))
            name = self._resolver.names.physical(logical_id)
        if resource["Type"] == _SECRET and "SecretString" not in properties:
            properties["SecretString"] = self._generate(logical_id, properties.get("GenerateSecretString") or {})
        return AwsResource(resource["Type"], logical_id, name, properties)

    def _generate(self, logical_id: str, asked: Mapping[str, Any]) -> str:
        """Make the password of a secret once for this run.

        AWS: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html
        """
        if logical_id not in self._generated:
            password = _password(asked)
            key = asked.get("GenerateStringKey")
            whole = json.loads(asked.get("SecretStringTemplate") or "{}")
            self._generated[logical_id] = json.dumps({**whole, key: password}) if key else password
        return self._generated[logical_id]


def _password(asked: Mapping[str, Any]) -> str:
    kinds = {
        "ExcludeLowercase": string.ascii_lowercase,
        "ExcludeUppercase": string.ascii_uppercase,
        "ExcludeNumbers": string.digits,
        "ExcludePunctuation": string.punctuation,
    }
    letters = "".join(letters for name, letters in kinds.items() if not asked.get(name))
    letters += " " if asked.get("IncludeSpace") else ""
    usable = [letter for letter in letters if letter not in str(asked.get("ExcludeCharacters", ""))]
    return "".join(secrets.choice(usable) for _ in range(int(asked.get("PasswordLength", _PASSWORD_LENGTH))))
