"""Draws what form fields hold where the file has no true picture of it, as a viewer would before printing.

Some programs fill in values and leave the drawing to the viewer (/NeedAppearances). Drawn whole or not at all: a value
that doesn't fit its field, or has characters without a glyph, would be cut off unseen.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

from pipeline.adapters.letters.form_fields import Field
from pipeline.adapters.letters.missing_fonts import DrawnFont, MissingFonts
from pipeline.adapters.letters.placement import Box
from pipeline.adapters.letters.source_pdf import name_text
from pipeline.adapters.letters.substitute_faces import Face, face_named
from pipeline.domain.errors import Rejected

_PADDING_PT = 2.0
_LEADING = 1.15
_LARGEST_PT, _SMALLEST_PT = 12.0, 4.0
_CAP, _DESCENT = 0.72, 0.22  # of the type size, whichever face
_SANS = Face("sans", False, False, "adobe")
_COLOURS = {1: "g", 3: "rg", 4: "k"}
_COLOUR_OPERATORS = frozenset({"g", "rg", "k"})
# How the marks of ZapfDingbats look that viewers offer for buttons: corners in shares of the field's shorter side.
_MARKS: dict[str, tuple[tuple[float, float], ...]] = {
    "4": ((0.1, 0.5), (0.22, 0.56), (0.38, 0.32), (0.78, 0.9), (0.9, 0.84), (0.42, 0.08), (0.34, 0.08)),
    "8": (
        *((0.12, 0.24), (0.24, 0.12), (0.5, 0.38), (0.76, 0.12), (0.88, 0.24), (0.62, 0.5)),
        *((0.88, 0.76), (0.76, 0.88), (0.5, 0.62), (0.24, 0.88), (0.12, 0.76), (0.38, 0.5)),
    ),
    "n": ((0.15, 0.15), (0.85, 0.15), (0.85, 0.85), (0.15, 0.85)),
    "u": ((0.5, 0.08), (0.92, 0.5), (0.5, 0.92), (0.08, 0.5)),
    "l": tuple((0.5 + 0.36 * cos(turn * pi / 24), 0.5 + 0.36 * sin(turn * pi / 24)) for turn in range(48)),
    "H": tuple(
        (0.5 + (0.45, 0.18)[turn % 2] * sin(turn * pi / 5), 0.5 + (0.45, 0.18)[turn % 2] * cos(turn * pi / 5))
        for turn in range(10)
    ),
}


@dataclass(frozen=True)
class _Line:
    text: str
    width: float


class FieldDrawing:
    """Draws fields of one source file; each as a form in the page's own units, at its place."""

    def __init__(self, pdf: pikepdf.Pdf, fonts: MissingFonts) -> None:
        self._pdf = pdf
        self._fonts = fonts

    def value(self, field: Field, box: Box) -> Stream:
        """A text field's value. Raises Rejected `field-not-shown`."""
        drawn, text = self._frame(field, box), field.text.replace("\r\n", "\n").replace("\r", "\n")
        if not text.strip():
            return self._form(drawn, Dictionary(), box)
        if not field.is_plain or not field.names_a_font or _turn(field):
            raise not_shown()
        if not field.is_multiline:
            text = text.replace("\n", " ")
        font = self._fonts.drawn_font(self._face(field), text)
        if font is None:
            raise not_shown()
        drawn += self._lines(field, box, text, font)
        return self._form(drawn, Dictionary(Font=Dictionary(F=font.font)), box)

    def mark(self, field: Field, box: Box, sign: str) -> Stream:
        """A button that is on, with one of the signs that viewers offer. Raises Rejected `field-not-shown`."""
        corners = _MARKS.get(sign)
        if corners is None or _turn(field):
            raise not_shown()
        side = min(box.width, box.height)
        left, bottom = box.left + (box.width - side) / 2, box.bottom + (box.height - side) / 2
        path = [f"{left + x * side:.3f} {bottom + y * side:.3f}" for x, y in corners]
        drawn = [*self._frame(field, box), _ink(field.look), f"{path[0]} m", *(f"{each} l" for each in path[1:]), "f"]
        return self._form(drawn, Dictionary(), box)

    def frame(self, field: Field, box: Box) -> Stream | None:
        """A field without value: its ground and border; None where it has neither."""
        drawn = self._frame(field, box)
        return self._form(drawn, Dictionary(), box) if drawn else None

    def _form(self, drawn: list[str], resources: Dictionary, box: Box) -> Stream:
        form = self._pdf.make_stream("\n".join(drawn).encode("latin-1"))
        form["/Type"], form["/Subtype"], form["/Resources"] = Name.XObject, Name.Form, resources
        # Small fields may be lower than their type: nothing is cut off.
        form["/BBox"] = Array([box.left, box.bottom - box.height, box.right, box.top + box.height])
        return form

    def _frame(self, field: Field, box: Box) -> list[str]:
        about = field.widget.get("/MK")
        drawn = []
        if isinstance(about, Dictionary):
            ground, border = _colour(about.get("/BG")), _colour(about.get("/BC"))
            place = f"{box.left:.3f} {box.bottom:.3f} {box.width:.3f} {box.height:.3f} re"
            drawn += [ground, place, "f"] if ground else []
            width = _border(field)
            if border and width:
                half = width / 2
                inner = (box.left + half, box.bottom + half, box.width - width, box.height - width)
                path = " ".join(f"{each:.3f}" for each in inner)
                drawn += [border.upper(), f"{width:.3f} w", f"{path} re", "S"]
        return drawn

    def _face(self, field: Field) -> Face:
        """The face nearest to the field's font: the one of its widths, otherwise plain sans."""
        name, _ = field.font
        form = self._pdf.Root.get("/AcroForm")
        resources = form.get("/DR") if isinstance(form, Dictionary) else None
        fonts = resources.get("/Font") if isinstance(resources, Dictionary) else None
        font = fonts.get(f"/{name}") if name and isinstance(fonts, Dictionary) else None
        base = font.get("/BaseFont") if isinstance(font, Dictionary) else None
        return (face_named(name_text(base)[1:]) if isinstance(base, Name) else None) or _SANS

    def _lines(self, field: Field, box: Box, text: str, font: DrawnFont) -> list[str]:
        inset = _PADDING_PT if min(box.width, box.height) > 4 * _PADDING_PT else 0.0
        room = box.width - 2 * inset
        size, lines = _set(field, box, text, font, room, inset)
        if field.comb:
            cell = box.width / field.comb
            steps, base = _text_begin(field, size), _middle(box, size)
            for at, each in enumerate(text):
                x = box.left + (at + 0.5) * cell - font.width(each) * size / 2
                steps.append(_at(x, base, font.codes(each)))
            return [*steps, "ET"]
        is_tall = field.is_multiline and box.height >= 2 * inset + size
        base = box.top - inset - size * 0.9 if is_tall else _middle(box, size)
        steps = _text_begin(field, size)
        for number, line in enumerate(lines):
            free = room - line.width
            x = box.left + inset + (0.0, free / 2, free)[field.centring if field.centring in (0, 1, 2) else 0]
            steps.append(_at(x, base - number * size * _LEADING, font.codes(line.text)))
        return [*steps, "ET"]


def _set(field: Field, box: Box, text: str, font: DrawnFont, room: float, inset: float) -> tuple[float, list[_Line]]:
    """The type size and the lines at which a text fits. Raises Rejected `field-not-shown`."""
    _, wanted = field.font
    high = box.height - 2 * inset
    largest = wanted or (_LARGEST_PT if field.is_multiline else max(_SMALLEST_PT, min(_LARGEST_PT, high / _LEADING)))
    size = largest
    while True:
        lines = _broken(text, font, size, room) if field.is_multiline else [_Line(text, font.width(text) * size)]
        if _fits(field, lines, size, room, high, box):
            return size, lines
        size -= 0.5
        if wanted or size < _SMALLEST_PT:
            raise not_shown()


def _fits(field: Field, lines: list[_Line], size: float, room: float, high: float, box: Box) -> bool:
    if field.comb:
        return len(lines[0].text) <= field.comb and size <= 2 * box.height
    if max(line.width for line in lines) > room + 0.01:
        return False
    if field.is_multiline and len(lines) > 1:
        return (len(lines) - 1) * _LEADING * size + size <= high + 0.01
    return size <= 2 * box.height


def _broken(text: str, font: DrawnFont, size: float, room: float) -> list[_Line]:
    """Lines no wider than the room, broken at blanks; a longer word stays whole, and too wide."""
    lines: list[_Line] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and font.width(longer) * size > room:
                lines.append(_Line(line, font.width(line) * size))
                longer = word
            line = longer
        lines.append(_Line(line, font.width(line) * size))
    return lines


def _middle(box: Box, size: float) -> float:
    """The base line of a single line of text: capitals and what hangs below are in the middle together."""
    return box.bottom + (box.height - (_CAP + _DESCENT) * size) / 2 + _DESCENT * size


def _text_begin(field: Field, size: float) -> list[str]:
    return [_ink(field.look), "BT", f"/F {size:g} Tf"]


def _at(x: float, y: float, codes: bytes) -> str:
    return f"1 0 0 1 {x:.3f} {y:.3f} Tm <{codes.hex()}> Tj"


def _ink(look: bytes) -> str:
    """The colour of a field's text, from its default appearance."""
    words = look.split()
    for place in range(len(words) - 1, -1, -1):
        operator = words[place].decode("latin-1")
        if operator in _COLOUR_OPERATORS:
            count = {"g": 1, "rg": 3, "k": 4}[operator]
            values = words[max(0, place - count) : place]
            if len(values) == count and all(_is_number(value) for value in values):
                return " ".join([*(value.decode("ascii") for value in values), operator])
    return "0 g"


def _is_number(word: bytes) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return word.isascii() and b"_" not in word


def _colour(values: Object | None) -> str:
    if not isinstance(values, Array) or len(values) not in _COLOURS:
        return ""
    try:
        return " ".join([*(f"{float(value):.4f}" for value in values), _COLOURS[len(values)]])
    except (TypeError, ValueError):
        return ""


def _border(field: Field) -> float:
    style = field.widget.get("/BS")
    width = style.get("/W", 1) if isinstance(style, Dictionary) else 1
    try:
        return max(0.0, float(width))
    except (TypeError, ValueError):
        return 1.0


def _turn(field: Field) -> bool:
    about = field.widget.get("/MK")
    turn = about.get("/R", 0) if isinstance(about, Dictionary) else 0
    return not isinstance(turn, int) or turn % 360 != 0


def not_shown() -> Rejected:
    """The refusal of a field whose value would be missing, in whole or in part."""
    return Rejected("field-not-shown", "Ein ausgefülltes Formularfeld lässt sich nicht vollständig darstellen.")
