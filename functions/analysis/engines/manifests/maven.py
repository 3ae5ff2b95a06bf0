"""pom.xml: https://maven.apache.org/pom.html. Parents and profiles are not followed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from functions.analysis.engines.manifests.reading import DEV, OPTIONAL, RUNTIME, Dependency, Reading, bounded, insecure
from functions.analysis.engines.manifests.xmls import child, children, document, said, tag

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_PROPERTY = re.compile(r"\$\{([\w.-]{1,200})\}")
_RANGE = re.compile(r"[\[\](),]|LATEST|RELEASE|SNAPSHOT|\$\{")


def read(source: str) -> Reading:
    """Raises Malformed."""
    root = document(source)
    properties = {tag(one): (one.text or "").strip() for one in (child(root, "properties") or ())}
    managed = child(child(root, "dependencyManagement"), "dependencies")
    versions = {_name(one, properties): said(one, "version") for one in children(managed, "dependency")}
    licences = [said(one, "name") for one in children(child(root, "licenses"), "license")]
    listed = children(child(root, "dependencies"), "dependency")
    return Reading(
        name=":".join(filter(None, (said(root, "groupId"), said(root, "artifactId")))),
        version=said(root, "version"),
        licence=" OR ".join(filter(None, licences)),
        dependencies=bounded(_dependency(one, properties, versions) for one in listed),
        insecure=_insecure(source, root),
    )


def _name(dependency: Element, properties: Mapping[str, str]) -> str:
    return ":".join(_filled(said(dependency, part), properties) for part in ("groupId", "artifactId"))


def _filled(value: str, properties: Mapping[str, str]) -> str:
    """One round only: a property that names another stays as it is written."""
    return _PROPERTY.sub(lambda found: properties.get(found[1], found[0]), value)[:300]


def _dependency(one: Element, properties: Mapping[str, str], versions: Mapping[str, str]) -> Dependency:
    name = _name(one, properties)
    wanted = _filled(said(one, "version") or versions.get(name, ""), properties)
    version = "" if _RANGE.search(wanted) else wanted
    optional = OPTIONAL if said(one, "optional") == "true" else RUNTIME
    scope = DEV if said(one, "scope") == "test" else optional
    return Dependency("maven", name, version, wanted, scope, True, bool(version))


def _insecure(source: str, root: Element) -> tuple[tuple[str, int], ...]:
    sections = [child(root, name) for name in ("repositories", "pluginRepositories")]
    listed = [one for section in sections for one in (section if section is not None else ())]
    wanted = {said(one, "url") for one in listed}
    return tuple((url, line) for url, line in insecure(source) if url in wanted)
