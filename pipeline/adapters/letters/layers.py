"""Optional content (layers) is decided once, as it would print, and what is off is taken out of the page.

Batches mix pages of many sources, so a layer's state cannot stay a setting of the file: a draft watermark that is
off in its own file would print in another. That holds for all that a page draws with: forms, the tiles of patterns,
the glyphs of Type 3 fonts, the groups of soft masks. Rules: ISO 32000-1, 8.11.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Operator, Stream

from pipeline.adapters.letters.expansion import bomb, used_by_name
from pipeline.adapters.letters.source_pdf import name_text, refuse_damaged
from pipeline.domain.errors import Rejected

_DRAWING = ("/XObject", "/Pattern", "/Font", "/ExtGState")
_PAINT = frozenset({"S", "s", "f", "F", "f*", "B", "B*", "b", "b*"})
_SHOW_TEXT = frozenset({"Tj", "TJ", "'", '"'})
_INVISIBLE_TEXT = 3
_MAX_DEPTH = 40

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
    """The layers of one source file, in the state in which they print."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._off: set[tuple[int, int]] = set()
        self._changed: dict[tuple[int, int], bool] = {}
        properties = pdf.Root.get("/OCProperties")
        if isinstance(properties, Dictionary):
            self._off = _groups_off(properties)

    @property
    def any_off(self) -> bool:
        """Whether the file has a layer that does not print."""
        return bool(self._off)

    def is_off(self, membership: Object | None) -> bool:
        """Whether a group or a membership dictionary (the value of /OC) does not print."""
        if not self._off or not isinstance(membership, Dictionary):
            return False
        if membership.get("/Type") != Name.OCMD:
            return membership.objgen in self._off
        expression = membership.get("/VE")
        if isinstance(expression, Array):
            return not self._holds(expression, 0)
        return not self._policy_holds(membership)

    def _policy_holds(self, membership: Dictionary) -> bool:
        groups = membership.get("/OCGs")
        listed = list(groups) if isinstance(groups, Array) else [groups]
        on = [group.objgen not in self._off for group in listed if isinstance(group, Dictionary)]
        if not on:
            return True
        policy = membership.get("/P")
        if policy == Name.AllOn:
            return all(on)
        if policy in (Name.AnyOff, Name.AllOff):
            return not (all(on) if policy == Name.AnyOff else any(on))
        return any(on)

    def _holds(self, expression: Object | None, depth: int) -> bool:
        if isinstance(expression, Dictionary):
            return expression.objgen not in self._off
        if not isinstance(expression, Array) or not len(expression) or depth > _MAX_DEPTH:
            return True
        operator, *operands = list(expression)
        held = [self._holds(operand, depth + 1) for operand in operands]
        if operator == Name.Not:
            return not all(held)
        return any(held) if operator == Name.Or else all(held)

    def settled(self, content: bytes, resources: Object | None, depth: int = 0) -> Settled:
        """The content without what does not print and without any word of layers, so that nothing decides anew.

        What it draws with is treated in place.

        Raises Rejected `pdf-damaged` where a content cannot be parsed, `content-bomb` where they nest too deep.
        """
        if not self._off or not isinstance(resources, Dictionary):
            return _AS_IT_WAS
        if depth > _MAX_DEPTH:
            raise bomb("Muster, Masken oder Formen mit Ebenen sind zu tief verschachtelt.")
        properties = resources.get("/Properties")
        tags_off, tags = _named(properties, self.is_off), _named(properties, _is_layer)
        drawn_off = _named(
            resources.get("/XObject"), lambda value: isinstance(value, Stream) and self.is_off(value.get("/OC"))
        )
        is_changed = self._settle_below(content, resources, depth)
        if not tags and not drawn_off:
            return Settled(None, is_changed)
        try:
            parsed = pikepdf.parse_content_stream(self._pdf.make_stream(content))
            printed = list(_printed(parsed, tags, tags_off, drawn_off))
            return Settled(pikepdf.unparse_content_stream(printed), is_changed or bool(tags_off or drawn_off))
        except (pikepdf.PikepdfError, ValueError, TypeError, IndexError) as error:  # whatever junk stands there
            raise refuse_damaged("Der Inhalt einer Seite mit Ebenen ist nicht lesbar.") from error

    def settle_form(self, form: Stream, resources: Object | None = None, depth: int = 0) -> bool:
        """Treat a form, tile or glyph in place; returns whether it lost what does not print. Raises as `settled`."""
        known = self._changed.get(form.objgen)
        if known is not None or not self._off:
            return bool(known)
        self._changed[form.objgen] = False  # where it draws itself
        try:
            settled = self.settled(form.read_bytes(), form.get("/Resources", resources), depth + 1)
        except Rejected:
            del self._changed[form.objgen]  # every page that draws it goes back
            raise
        if settled.content is not None:
            form.write(settled.content)
        self._changed[form.objgen] = settled.is_changed
        return settled.is_changed

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
            for name in sorted(entries.keys()):
                if kind == "/XObject" and not self._stays(entries[name]):
                    continue
                for stream, own in _operators_of(kind, entries[name], resources):
                    is_changed = (self.settle_form(stream, own, depth) and name in used) or is_changed
        return is_changed

    def _stays(self, drawn: Object) -> bool:
        """Whether a form or picture prints; if so, it says nothing of layers from now on."""
        if not isinstance(drawn, Stream) or self.is_off(drawn.get("/OC")):
            return False
        if "/OC" in drawn:
            del drawn["/OC"]
        return True


def _operators_of(kind: str, entry: Object, resources: Dictionary) -> Iterator[tuple[Stream, Object | None]]:
    """The streams of operators that an entry of resources leads to, each with the resources it falls back on."""
    if isinstance(entry, Stream):
        if (kind == "/XObject" and entry.get("/Subtype") == Name.Form) or (
            kind == "/Pattern" and entry.get("/PatternType") == 1
        ):
            yield entry, resources
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


def _is_layer(value: Object) -> bool:
    return isinstance(value, Dictionary) and value.get("/Type") in (Name.OCG, Name.OCMD)


def _named(entries: Object | None, wanted: Any) -> frozenset[str]:
    if not isinstance(entries, Dictionary):
        return frozenset()
    return frozenset(name for name in entries.keys() if wanted(entries[name]))  # noqa: SIM118 - no mapping


def _groups_off(properties: Dictionary) -> set[tuple[int, int]]:
    config = properties.get("/D")
    if not isinstance(config, Dictionary):
        return set()
    every = _ids(properties.get("/OCGs"))
    off = set(every) if config.get("/BaseState") == Name.OFF else set()
    off |= _ids(config.get("/OFF"))
    off -= _ids(config.get("/ON")) if config.get("/BaseState") == Name.OFF else set()
    usages = config.get("/AS")
    for usage in list(usages) if isinstance(usages, Array) else []:
        if isinstance(usage, Dictionary) and usage.get("/Event") == Name.Print:
            _apply_print_usage(usage, off)
    return off


def _apply_print_usage(usage: Dictionary, off: set[tuple[int, int]]) -> None:
    groups = usage.get("/OCGs")
    for group in list(groups) if isinstance(groups, Array) else []:
        wanted = group.get("/Usage") if isinstance(group, Dictionary) else None
        printing = wanted.get("/Print") if isinstance(wanted, Dictionary) else None
        state = printing.get("/PrintState") if isinstance(printing, Dictionary) else None
        if state == Name.OFF:
            off.add(group.objgen)
        elif state == Name.ON:
            off.discard(group.objgen)


def _ids(groups: Object | None) -> set[tuple[int, int]]:
    if not isinstance(groups, Array):
        return set()
    return {group.objgen for group in groups if isinstance(group, Dictionary)}


def _printed(
    instructions: Iterable[Instruction], tags: frozenset[str], tags_off: frozenset[str], drawn_off: frozenset[str]
) -> Iterable[Instruction]:
    """The instructions that print, without the marks of layers.

    Inside an off section the state still changes, but nothing is painted: paths are dropped after clipping, text moves
    its position unseen (8.11.3.2).
    """
    nesting: list[bool] = []  # of every marked section: whether it is off
    is_tag: list[bool] = []  # and whether it is a layer's
    render, saved = 0, [0]
    for instruction in instructions:
        operator, operands = str(instruction.operator), instruction.operands
        if operator in ("BDC", "BMC"):
            tag = _tag(operands) if operator == "BDC" else ""
            nesting.append(tag in tags_off or (bool(nesting) and nesting[-1]))
            is_tag.append(tag in tags)
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
        elif operator == "Do" and operands and name_text(operands[0]) in drawn_off:
            continue
        if not (nesting and nesting[-1]):
            yield instruction
        elif operator in _PAINT:
            yield _instruction([], "n")
        elif operator in _SHOW_TEXT:
            yield _instruction([_INVISIBLE_TEXT], "Tr")
            yield instruction
            yield _instruction([render], "Tr")
        elif operator not in ("Do", "sh", "INLINE IMAGE"):
            yield instruction


def _tag(operands: Any) -> str:
    """The name of the layer that a marked section belongs to, empty for other sections."""
    named = len(operands) == 2 and operands[0] == Name.OC and isinstance(operands[1], Name)
    return name_text(operands[1]) if named else ""


def _instruction(operands: list[Any], operator: str) -> Instruction:
    return pikepdf.ContentStreamInstruction(operands, Operator(operator))
