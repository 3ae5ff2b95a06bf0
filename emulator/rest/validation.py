"""What a REST API checks of a request before a function sees it: needed parameters, and the body against a model.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emulator.rest.complaints import sentence
from emulator.rest.refusals import BAD_BODY, BAD_PARAMETERS, Refused
from emulator.template.rest_model import RequestRules

if TYPE_CHECKING:
    from jsonschema.protocols import Validator as Schema

_JSON = "application/json"
_MODEL_URL = "https://apigateway.amazonaws.com/restapis/"


class Validator:
    """Checks requests of one route. The schema is compiled when the first body comes."""

    def __init__(self, rules: RequestRules, models: Mapping[str, Any]) -> None:
        self._rules, self._models = rules, models
        self._needed = [(*name.split(".", 3)[2:], name) for name in rules.parameters]
        self._schema: Schema | None = None

    def check(
        self, *, headers: Mapping[str, Any], query: Mapping[str, list[str]], path: Mapping[str, str], body: bytes
    ) -> None:
        """Hold a request against the rules.

        Args:
            headers: By their name in lower case.

        Raises:
            Refused: 400; a parameter is missing or blank, or the body does not fit the model.
        """
        values = {"header": headers, "querystring": query, "path": path}
        missing = [name for place, name, _ in self._needed if _blank(values[place], place, name)]
        if missing:
            raise Refused(BAD_PARAMETERS.saying(f"Missing required request parameters: [{', '.join(missing)}]"))
        if self._rules.body and self._modelled(headers.get("content-type")):
            self._check_body(body)

    @staticmethod
    def _modelled(content_type: str | None) -> bool:
        """Tell whether the model is for this type of body; SAM declares it for JSON, other types pass unchecked."""
        return (content_type or _JSON).split(";")[0].strip().lower() == _JSON

    def _check_body(self, body: bytes) -> None:
        try:
            document = json.loads(body or b"{}")
        except ValueError as broken:
            raise Refused(BAD_BODY) from broken
        self._schema = self._schema or compiled(self._rules.model, self._models)
        errors = dict.fromkeys(sentence(error) for error in self._schema.iter_errors(document))
        if errors:
            raise Refused(BAD_BODY.because(f"[{', '.join(errors)}]"))


def compiled(name: str | None, models: Mapping[str, Any]) -> Schema:
    """Return the schema of a model (JSON schema, draft 4), which may refer to others of its API."""
    from jsonschema import Draft4Validator
    from referencing import Registry
    from referencing.jsonschema import DRAFT4

    definitions = {each.lower(): schema for each, schema in models.items()} | dict(models)
    whole = {"definitions": definitions, "components": {"schemas": definitions}}
    registry: Registry[Any] = Registry(retrieve=lambda url: DRAFT4.create_resource(_by_url(url, definitions)))  # type: ignore[call-arg]
    schema = {**whole, "$ref": f"#/definitions/{name}"} if name else {}
    return Draft4Validator(schema, registry=registry)


def _by_url(url: str, definitions: Mapping[str, Any]) -> Any:
    """Find what AWS's own form of a reference means: `https://apigateway.amazonaws.com/restapis/ID/models/NAME`."""
    name = url.rpartition("/")[2]
    if not url.startswith(_MODEL_URL) or name not in definitions:
        raise KeyError(url)
    return definitions[name]


def _blank(values: Mapping[str, Any], place: str, name: str) -> bool:
    value = values.get(name.lower() if place == "header" else name)
    return not (value[-1] if isinstance(value, list) else value)
