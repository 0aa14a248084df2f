"""Optional content (layers) is decided once, as it would print, and what is off is taken out of the page.

Batches mix pages of many sources, so a layer's state cannot stay a setting of the file: a draft watermark that is
off in its own file would print in another, and one that is on in print only would be looked at by nobody before.
That holds for all that a page draws with: forms, the tiles of patterns, the glyphs of Type 3 fonts, the groups of soft
masks. Rules: ISO 32000-1, 8.11; which layers print, `layer_states` says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Operator, Stream

from pipeline.adapters.letters.expansion import bomb, is_named, used_by_name
from pipeline.adapters.letters.layer_states import LayerStates
from pipeline.adapters.letters.source_pdf import name_text, refuse_damaged
from pipeline.domain.errors import Rejected

LAYER_MARK = "/OC"
_DRAWING = ("/XObject", "/Pattern", "/Font", "/ExtGState")
_PAINT = frozenset({"S", "s", "f", "F", "f*", "B", "B*", "b", "b*"})
_SHOW_TEXT = frozenset({"Tj", "TJ", "'", '"'})
# Where text begins anew, or ends: what was shown before on its line does not matter.
_PLACES_TEXT = frozenset({"BT", "ET", "Td", "TD", "Tm", "T*", "'", '"'})
_INVISIBLE_TEXT = 3
_MAX_DEPTH = 40
# Stands in the place of what was decided not to print: resources are shared by pages, and each has to be told.
_HIDDEN = "/DoesNotPrint"

Instruction = Any


@dataclass(frozen=True)
class Settled:
    """A content after its layers were decided. `content`: None where its own operators stay as they are.

    `is_changed`: whether it, or something that it draws with, lost what does not print.
    """

    content: bytes | None
    is_changed: bool


_AS_IT_WAS = Settled(None, False)


class Layers:
    """The layers of one source file, in the state in which they print.

    Resources are decided in place: what stands there of layers gives way to an empty dictionary, and a form or picture
    that is off to an empty form. So nothing of either is copied.
    """

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._states = LayerStates(pdf.Root)
        self._are_there = self._states.told
        self._changed: dict[tuple[int, int], bool] = {}

    def expect(self) -> None:
        """Take notice that the file marks content as a layer's, though its catalog does not tell of layers.

        Until then, and where the catalog is silent, pages are taken to have none, which costs nothing.
        """
        self._are_there = True

    def is_off(self, membership: Object | None) -> bool:
        """Whether a group or a membership dictionary (the value of /OC) does not print."""
        return self._states.is_off(membership)

    def settled(self, content: bytes, resources: Object | None, depth: int = 0) -> Settled:
        """The content without what does not print and without any word of layers, so that nothing decides anew.

        What it draws with is treated in place.

        Raises Rejected `pdf-damaged` where a content cannot be parsed, `content-bomb` where they nest too deep.
        """
        if not self._are_there:
            return _AS_IT_WAS
        if depth > _MAX_DEPTH:
            raise bomb("Muster, Masken oder Formen mit Ebenen sind zu tief verschachtelt.")
        if not isinstance(resources, Dictionary):
            resources = Dictionary()
        self._decide(resources)
        is_changed = self._settle_below(content, resources, depth)
        if not is_named(content, LAYER_MARK):
            return Settled(None, is_changed)
        marks: list[bool] = []
        properties = resources.get("/Properties")

        def hides(marked: object) -> bool:
            marks.append(self._hides(marked, properties))
            return marks[-1]

        try:
            parsed = pikepdf.parse_content_stream(self._pdf.make_stream(content))
            printed = pikepdf.unparse_content_stream(list(_without_unseen(_printed(parsed, hides))))
        except (pikepdf.PikepdfError, ValueError, TypeError, IndexError) as error:  # whatever junk stands there
            raise refuse_damaged("Der Inhalt einer Seite mit Ebenen ist nicht lesbar.") from error
        return Settled(printed if marks else None, is_changed or any(marks))

    def settle_form(self, form: Stream, resources: Object | None = None, depth: int = 0) -> bool:
        """Treat a form, tile or glyph in place; returns whether it lost what does not print. Raises as `settled`."""
        known = self._changed.get(form.objgen)
        if known is not None or not self._are_there:
            return bool(known)
        self._changed[form.objgen] = False  # where it draws itself
        try:
            settled = self.settled(form.read_bytes(), form.get("/Resources", resources), depth + 1)
        except Rejected:
            del self._changed[form.objgen]  # every page that draws it goes back
            raise
        if settled.content is not None:
            form.write(settled.content)
        if LAYER_MARK in form:
            del form[LAYER_MARK]
        self._changed[form.objgen] = settled.is_changed
        return settled.is_changed

    def _hides(self, marked: object, properties: Object | None) -> bool:
        """Whether a marked section is off, by what stands beside its mark: a name of the resources, or all of it."""
        if isinstance(marked, Name) and isinstance(properties, Dictionary):
            name = name_text(marked)
            return name in properties and _is_hidden(properties[name])
        return isinstance(marked, Dictionary) and self.is_off(marked)

    def _decide(self, resources: Dictionary) -> None:
        """Put what was decided in the place of what decides: of layers by name, and of forms and pictures in one."""
        for name, value in _entries(properties := resources.get("/Properties", Dictionary())):
            is_off = self.is_off(value)
            if is_off or (isinstance(value, Dictionary) and value.get("/Type") in (Name.OCG, Name.OCMD)):
                properties[name] = Dictionary({_HIDDEN: True}) if is_off else Dictionary()
        for name, value in _entries(drawn := resources.get("/XObject", Dictionary())):
            if isinstance(value, Stream) and self.is_off(value.get(LAYER_MARK)):
                empty = {"/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": Array([0, 0, 0, 0]), _HIDDEN: True}
                drawn[name] = self._pdf.make_stream(b"", empty)
                continue
            for stream in (value, value.get("/SMask"), value.get("/Mask")) if isinstance(value, Stream) else ():
                if isinstance(stream, Stream) and LAYER_MARK in stream:
                    del stream[LAYER_MARK]

    def _settle_below(self, content: bytes, resources: Dictionary, depth: int) -> bool:
        """Treat all that resources draw with; returns whether something that the content names was changed.

        All, since pages share their resources, and what pages share is copied with the first of them.
        """
        is_changed = False
        for kind in _DRAWING:
            entries = resources.get(kind)
            if not isinstance(entries, Dictionary):
                continue
            used = {name for name, _ in used_by_name(resources, kind, content)}
            for name, value in _entries(entries):
                is_changed = is_changed or (name in used and _is_hidden(value))
                for stream, own in _operators_of(kind, value, resources):
                    is_changed = (self.settle_form(stream, own, depth) and name in used) or is_changed
        return is_changed


def _is_hidden(decided: Object | None) -> bool:
    return isinstance(decided, (Dictionary, Stream)) and _HIDDEN in decided


def _entries(found: Object | None) -> list[tuple[str, Object]]:
    return sorted(found.items(), key=lambda entry: entry[0]) if isinstance(found, Dictionary) else []


def _operators_of(kind: str, entry: Object, resources: Dictionary) -> Iterator[tuple[Stream, Object | None]]:
    """The streams of operators that an entry of resources leads to, each with the resources it falls back on."""
    if isinstance(entry, Stream):
        if (kind == "/XObject" and entry.get("/Subtype") == Name.Form) or (
            kind == "/Pattern" and entry.get("/PatternType") == 1
        ):
            yield entry, resources
    elif kind == "/Pattern" and isinstance(entry, Dictionary):  # of a shading
        yield from _operators_of("/ExtGState", entry.get("/ExtGState", Dictionary()), resources)
    elif kind == "/Font" and isinstance(entry, Dictionary):
        glyphs = entry.get("/CharProcs")
        for _, glyph in sorted(glyphs.items()) if isinstance(glyphs, Dictionary) else ():
            if isinstance(glyph, Stream):
                yield glyph, entry.get("/Resources", resources)
    elif kind == "/ExtGState" and isinstance(entry, Dictionary):
        mask, font = entry.get("/SMask"), entry.get("/Font")
        group = mask.get("/G") if isinstance(mask, Dictionary) else None
        if isinstance(group, Stream):
            yield group, resources
        if isinstance(font, Array) and len(font):
            yield from _operators_of("/Font", font[0], resources)


@dataclass(frozen=True)
class _Unseen:
    """Text of a layer that is off. `render`: the mode in which text is shown behind it."""

    text: Any
    render: int

    def as_gap(self) -> list[Instruction]:
        """The same as an invisible gap that is as wide."""
        return [
            _instruction([_INVISIBLE_TEXT], "Tr"),
            _instruction([self.text], "TJ"),
            _instruction([self.render], "Tr"),
        ]


def _without_unseen(instructions: Iterable[Instruction | _Unseen]) -> Iterator[Instruction]:
    """Leave text of layers that are off out, unless text follows on the same line, and its place depends on it."""
    held: list[Instruction | _Unseen] = []
    for instruction in instructions:
        operator = "" if isinstance(instruction, _Unseen) else str(instruction.operator)
        if held and operator in ("Tj", "TJ"):
            for each in held:
                yield from each.as_gap() if isinstance(each, _Unseen) else [each]
            held = []
        elif held and operator in _PLACES_TEXT:
            yield from (each for each in held if not isinstance(each, _Unseen))
            held = []
        if held or isinstance(instruction, _Unseen):
            held.append(instruction)
        else:
            yield instruction
    yield from (each for each in held if not isinstance(each, _Unseen))


def _unseen(operator: str, operands: Any, render: int) -> Iterator[Instruction | _Unseen]:
    """What is left of an operator that shows text: a step to the next line, and its text unseen."""
    if operator == '"':
        yield _instruction([operands[0]], "Tw")
        yield _instruction([operands[1]], "Tc")
    if operator in ("'", '"'):
        yield _instruction([], "T*")
    yield _Unseen(operands[-1] if operator == "TJ" else Array([operands[-1]]), render)


def _printed(instructions: Iterable[Instruction], hides: Callable[[object], bool]) -> Iterator[Instruction | _Unseen]:
    """The instructions that print, without the marks of layers. `hides`: whether what stands beside a mark is off.

    Inside an off section the state still changes, but nothing is painted: paths are dropped after clipping, text moves
    the place of the text behind it (8.11.3.2).
    """
    nesting: list[bool] = []  # of every marked section: whether it is off
    is_tag: list[bool] = []  # and whether it is a layer's
    render, saved = 0, [0]
    for instruction in instructions:
        operator, operands = str(instruction.operator), instruction.operands
        if operator in ("BDC", "BMC"):
            is_tag.append(bool(operands) and operands[0] == Name.OC)
            is_off = is_tag[-1] and hides(operands[1] if operator == "BDC" and len(operands) > 1 else None)
            nesting.append(is_off or (bool(nesting) and nesting[-1]))
            if is_tag[-1]:
                continue
        elif operator == "EMC" and nesting:
            nesting.pop()
            if is_tag.pop():
                continue
        elif operator == "q":
            saved.append(render)
        elif operator == "Q" and len(saved) > 1:
            render = saved.pop()
        elif operator == "Tr":
            render = int(operands[0])
        if not (nesting and nesting[-1]):
            yield instruction
        elif operator in _PAINT:
            yield _instruction([], "n")
        elif operator in _SHOW_TEXT:
            yield from _unseen(operator, operands, render)
        elif operator not in ("Do", "sh", "INLINE IMAGE"):
            yield instruction


def _instruction(operands: list[Any], operator: str) -> Instruction:
    return pikepdf.ContentStreamInstruction(operands, Operator(operator))
