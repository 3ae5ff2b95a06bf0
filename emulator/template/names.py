"""What Ref and Fn::GetAtt give: parameters, pseudo parameters, and the names of resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulator.template.errors import TemplateError
from emulator.template.generated import Generated
from emulator.template.model import ACCOUNT, REGION
from emulator.template.resources import Kind, kind_of

PSEUDO: Mapping[str, Any] = {
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "local",
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/local/0",
    "AWS::NotificationARNs": [],
}
NOTHING = object()
"""What `AWS::NoValue` resolves to: the key that holds it disappears."""
_UNKNOWN = Kind()


class Names:
    """The names of one template. `resolve` resolves intrinsics inside names."""

    def __init__(
        self, resources: Mapping[str, Any], parameters: Mapping[str, Any], resolve: Callable[[Any], Any]
    ) -> None:
        self._resources, self._parameters, self._resolve = resources, parameters, resolve
        self._naming: list[str] = []
        self._generated = Generated(resources, resolve, self.physical)

    def ref(self, name: Any) -> Any:
        """Return what `!Ref name` gives.

        Raises:
            TemplateError: it names nothing.
        """
        if name == "AWS::NoValue":
            return NOTHING
        if name in self._parameters:
            return self._parameters[name]
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self._resources:
            return self._kind(name).ref(self.physical(name))
        if (found := self._generated.ref(str(name))) is not None:
            return found
        raise TemplateError(f"!Ref {name} names neither a parameter nor a resource")

    def get_att(self, given: str | list[Any]) -> Any:
        """Return what `!GetAtt given` gives.

        Raises:
            TemplateError: there is no such resource, or it has no such attribute here.
        """
        whole = given if isinstance(given, str) else ".".join(str(self._resolve(each)) for each in given)
        logical_id, _, attribute = whole.partition(".")
        if logical_id not in self._resources:
            if (found := self._generated.attribute(logical_id, attribute)) is not None:
                return found
            raise TemplateError(f"!GetAtt {whole} names no resource")
        own = self._own(logical_id, attribute)
        if own is not None:
            return own
        known = self._kind(logical_id).attributes
        if attribute in known:
            return known[attribute](self.physical(logical_id))
        if not known:
            name = self.physical(logical_id)
            return f"arn:aws:local:{REGION}:{ACCOUNT}:{name}" if attribute == "Arn" else f"{name}.{attribute}"
        raise TemplateError(f"!GetAtt {whole}: only {', '.join(known)} is known to the emulator")

    def physical(self, logical_id: str) -> str:
        """Return the name that a resource has outside the template.

        Raises:
            TemplateError: names depend on each other in a circle.
        """
        if logical_id in self._naming:
            circle = " → ".join([*self._naming[self._naming.index(logical_id) :], logical_id])
            raise TemplateError(f"the names of resources depend on each other: {circle}")
        kind, properties = self._kind(logical_id), self._resources[logical_id].get("Properties") or {}
        if kind.naming and kind.naming in properties:
            self._naming.append(logical_id)
            try:
                given = self._resolve(properties[kind.naming])
            finally:
                self._naming.pop()
            if given is not NOTHING:
                return str(given)
        return self._default(logical_id, kind)

    def _default(self, logical_id: str, kind: Kind) -> str:
        fifo = (self._resources[logical_id].get("Properties") or {}).get("FifoQueue") is True
        return logical_id.lower() if kind.lower else f"{logical_id}.fifo" if fifo else logical_id

    def _kind(self, logical_id: str) -> Kind:
        return kind_of(str(self._resources[logical_id].get("Type"))) or _UNKNOWN

    def _own(self, logical_id: str, attribute: str) -> Any:
        """Return the attributes that depend on more than the name."""
        resource = self._resources[logical_id]
        properties = resource.get("Properties") or {}
        if resource.get("Type") == "AWS::SSM::Parameter" and attribute in ("Type", "Value"):
            return self._resolve(properties.get(attribute, "String"))
        if resource.get("Type") == "AWS::Lambda::Version" and attribute == "Version":
            return "1"
        return self._generated.stage(logical_id) if attribute == "Stage" else None
