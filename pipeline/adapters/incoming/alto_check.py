"""Structure of an ALTO file as this house writes it: a part of ALTO 4.2, checked without the schema's own file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from pipeline.adapters.incoming.alto import NAMESPACE

_PREFIX = f"{{{NAMESPACE}}}"
_PLACE = ("HPOS", "VPOS", "WIDTH", "HEIGHT")
_CHILDREN = {  # in this order; "+" at least one, "?" at most one, "*" any number
    "alto": ("Description?", "Layout+"),
    "Description": ("MeasurementUnit+", "sourceImageInformation?", "Processing*"),
    "sourceImageInformation": ("fileName?",),
    "Processing": ("processingCategory?", "processingStepDescription*", "processingSoftware?"),
    "processingSoftware": ("softwareName?", "softwareVersion?"),
    "Layout": ("Page+",),
    "Page": ("PrintSpace?",),
    "PrintSpace": ("TextBlock*",),
    "TextBlock": ("TextLine*",),
}
_NEEDED = {
    "Processing": ("ID",),
    "Page": ("ID", "PHYSICAL_IMG_NR", "WIDTH", "HEIGHT"),
    "PrintSpace": _PLACE,
    "TextBlock": ("ID", *_PLACE),
    "TextLine": ("ID", *_PLACE),
    "String": ("ID", "CONTENT", "WC", *_PLACE),
    "SP": _PLACE,
}
_ALLOWED = {"Page": ("PC",), "TextBlock": ("ROTATION",), "TextLine": ("BASELINE",)}
_NUMBERS = {*_PLACE, "PHYSICAL_IMG_NR", "PC", "WC", "ROTATION"}
_SHARES = {"PC", "WC"}
_MOST_FINDINGS = 5


def check_alto(path: Path, pages: list[dict[str, Any]], words: list[list[str]]) -> list[str]:
    """What is wrong with an ALTO file, a German sentence each, the first few. `pages`: as document.json has them,
    `words`: of each page, in reading order.
    """
    try:
        root = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        return [f"document.alto.xml ist kein wohlgeformtes XML: {error}"]
    findings = list(_structure(root))
    if findings:
        return [f"document.alto.xml: {finding}" for finding in findings[:_MOST_FINDINGS]]
    unit = root.findtext(f"{_PREFIX}Description/{_PREFIX}MeasurementUnit")
    if unit != "pixel":
        findings.append(f"Maßeinheit {unit} statt pixel.")
    found = root.findall(f"{_PREFIX}Layout/{_PREFIX}Page")
    if len(found) != len(pages):
        findings.append(f"{len(found)} Seiten statt {len(pages)}.")
    for element, page, told in zip(found, pages, words, strict=False):
        findings += _page(element, page, told)
    return [f"document.alto.xml: {finding}" for finding in findings[:_MOST_FINDINGS]]


def _structure(root: ElementTree.Element) -> Iterator[str]:
    if root.tag != f"{_PREFIX}alto":
        yield "Das ist kein ALTO 4."
        return
    seen: set[str] = set()
    for element in root.iter():
        name = element.tag.removeprefix(_PREFIX)
        if element is not root:
            yield from _attributes(element, name)
        identity = element.get("ID")
        if identity is not None and identity in seen:
            yield f"Die Kennung {identity} kommt doppelt vor."
        seen |= {identity} if identity is not None else set()
        yield from _order(name, [child.tag.removeprefix(_PREFIX) for child in element])


def _attributes(element: ElementTree.Element, name: str) -> Iterator[str]:
    needed = _NEEDED.get(name, ())
    for key in needed:
        if key not in element.attrib:
            yield f"{name} ohne {key}."
    for key, value in element.attrib.items():
        if key not in (*needed, *_ALLOWED.get(name, ())):
            yield f"{name} mit unbekannter Angabe {key}."
        elif key in _NUMBERS and not _number(value, most=1.0 if key in _SHARES else None):
            yield f"{name}: {key} ist {value!r}."


def _number(value: str, most: float | None) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    return 0 <= number <= (most if most is not None else float("1e9"))


def _order(name: str, children: list[str]) -> Iterator[str]:
    """Whether the children are those that may stand there, in their order."""
    if name == "TextLine":
        words, gaps = children[::2], children[1::2]
        if not words or set(words) != {"String"} or set(gaps) - {"SP"} or len(gaps) != len(words) - 1:
            yield "Eine TextLine ist keine Folge von String und SP."
        return
    rest = list(children)
    for rule in _CHILDREN.get(name, ()):
        count = 0
        while rest and rest[0] == rule[:-1]:
            rest.pop(0)
            count += 1
        if (rule[-1] == "+" and not count) or (rule[-1] == "?" and count > 1):
            yield f"{name}: {count} mal {rule[:-1]}."
    if rest:
        yield f"{name}: {rest[0]} steht dort nicht richtig."


def _page(element: ElementTree.Element, page: dict[str, Any], words: list[str]) -> list[str]:
    number = page["page"]
    findings = []
    size = (element.get("WIDTH"), element.get("HEIGHT"))
    if size != (str(page["width_px"]), str(page["height_px"])):
        findings.append(f"Seite {number}: andere Maße als in document.json.")
    strings = list(element.iter(f"{_PREFIX}String"))
    if [string.get("CONTENT") for string in strings] != words:
        findings.append(f"Seite {number}: andere Wörter als in document.txt.")
    for string in strings:
        left, top, width, height = (float(string.get(key, "0")) for key in _PLACE)
        if left + width > page["width_px"] or top + height > page["height_px"]:
            findings.append(f"Seite {number}: Ein Wort liegt außerhalb der Seite.")
            break
    return findings
