"""XML without entities, by tag names without their namespaces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from functions.analysis.engines.manifests.reading import LONGEST, Malformed

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def document(source: str) -> Element:
    """Raises Malformed."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(source.encode(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError) as bad:
        raise Malformed("not XML that is read here") from bad
    return root


def tag(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children(element: Element | None, name: str) -> Iterator[Element]:
    return (child for child in (element if element is not None else ()) if tag(child) == name)


def child(element: Element | None, name: str) -> Element | None:
    return next(children(element, name), None)


def said(element: Element | None, name: str) -> str:
    """The text of a child, cut; empty if there is none."""
    found = child(element, name)
    return (found.text or "").strip()[:LONGEST] if found is not None else ""
