"""What the annotations and form fields of a page print, as appearances with the matrix that places them.

Links and pop-ups print nothing. Hidden and screen-only annotations print nothing (ISO 32000-1, 12.5.3).
"""

from __future__ import annotations

from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream, String
from pikepdf.form import ExtendedAppearanceStreamGenerator

from pipeline.adapters.letters.placement import Box, Matrix, mapped
from pipeline.adapters.letters.source_pdf import name_text
from pipeline.domain.errors import Rejected

_HIDDEN = 1 << 1
_PRINT = 1 << 2
_NEVER = (Name.Link, Name.Popup)
_CANNOT_DRAW = (
    pikepdf.PikepdfError,
    AttributeError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    ValueError,
)
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True)
class Appearance:
    """One printed annotation: its form, the matrix before drawing it, the layer it belongs to."""

    form: Stream
    matrix: Matrix
    layer: Object | None


def box_of(values: Object | None) -> Box | None:
    """Four numbers as a box, whichever corners they name; None where they are no box."""
    if not isinstance(values, Array) or len(values) != 4:
        return None
    try:
        x1, y1, x2, y2 = (float(value) for value in values)
        return Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
    except (TypeError, ValueError):
        return None


def matrix_of(values: Object | None) -> Matrix:
    """Six numbers as a matrix; the identity where they are none."""
    if not isinstance(values, Array) or len(values) != 6:
        return _IDENTITY
    try:
        a, b, c, d, e, f = (float(value) for value in values)
    except (TypeError, ValueError):
        return _IDENTITY
    return a, b, c, d, e, f


class PrintedAnnotations:
    """The annotations of one source file. Field values without an appearance get one, once for the whole file."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._fields_drawn = False

    def of_page(self, page: Object) -> tuple[list[Appearance], int]:
        """What the page's annotations print, bottom first, and how many others should print but show nothing.

        Raises Rejected `processing-failed` where a filled field cannot be drawn: it would be missing on paper.
        """
        annotations = page.get("/Annots")
        printing = [a for a in annotations if _prints(a)] if isinstance(annotations, Array) else []
        if any(a.get("/Subtype") == Name.Widget and "/AP" not in a for a in printing):
            self._draw_fields()
        appearances: list[Appearance] = []
        without = 0
        for annotation in printing:
            form = _normal_appearance(annotation)
            matrix = _placed(form, box_of(annotation.get("/Rect"))) if form is not None else None
            if form is not None and matrix is not None:
                appearances.append(Appearance(form, matrix, annotation.get("/OC")))
            elif _has_value(annotation):
                raise Rejected("processing-failed", "Ein ausgefülltes Formularfeld lässt sich nicht darstellen.")
            elif annotation.get("/Subtype") != Name.Widget:
                without += 1
        return appearances, without

    def _draw_fields(self) -> None:
        if self._fields_drawn:
            return
        self._fields_drawn = True
        acroform = self._pdf.acroform
        generator = ExtendedAppearanceStreamGenerator(self._pdf, acroform)
        for field in acroform.fields:
            if "/AP" in field.obj or not _has_value(field.obj):
                continue
            try:
                if field.is_text:
                    generator.generate_text(field)
                elif field.is_choice:
                    generator.generate_choice(field)
                for annotation in acroform.get_annotations_for_field(field):
                    look = _normal_appearance(annotation.obj)
                    if look is not None and not _shows(look, field.value_as_string):
                        del annotation.obj["/AP"]
            except _CANNOT_DRAW:
                continue  # of_page refuses the page on which the value is missing


def _shows(look: Stream, value: str) -> bool:
    """Whether a drawn field has its font, and a character for each of its value's instead of question marks."""
    resources = look.get("/Resources")
    fonts = resources.get("/Font") if isinstance(resources, Dictionary) else None
    if not isinstance(fonts, Dictionary) or not len(fonts.keys()):
        return False
    shown = b""
    for instruction in pikepdf.parse_content_stream(look):
        for operand in instruction.operands:
            pieces = list(operand) if isinstance(operand, Array) else [operand]
            shown += b"".join(bytes(piece) for piece in pieces if isinstance(piece, String))
    return shown.count(b"?") == value.count("?") and bool(shown)


def _prints(annotation: Object) -> bool:
    if not isinstance(annotation, Dictionary) or annotation.get("/Subtype") in _NEVER:
        return False
    flags = annotation.get("/F", 0)
    return isinstance(flags, int) and bool(flags & _PRINT) and not flags & _HIDDEN


def _has_value(annotation: Object) -> bool:
    """Whether a text or choice field is filled in."""
    field: Object | None = annotation
    kind, value = None, None
    for _ in range(32):
        if not isinstance(field, Dictionary):
            break
        kind = kind if kind is not None else field.get("/FT")
        value = value if value is not None else field.get("/V")
        field = field.get("/Parent")
    return kind in (Name.Tx, Name.Ch) and bool(bytes(value).strip() if isinstance(value, String) else value)


def _normal_appearance(annotation: Object) -> Stream | None:
    appearances = annotation.get("/AP")
    normal = appearances.get("/N") if isinstance(appearances, Dictionary) else None
    if isinstance(normal, Stream):
        return normal
    state = annotation.get("/AS")
    if not isinstance(normal, Dictionary) or not isinstance(state, Name) or name_text(state) not in normal:
        return None
    chosen = normal[name_text(state)]
    return chosen if isinstance(chosen, Stream) else None


def _placed(form: Stream, rect: Box | None) -> Matrix | None:
    """The matrix that fits an appearance's box into the annotation's rectangle (12.5.5, algorithm 8.1)."""
    box = box_of(form.get("/BBox"))
    if box is None or rect is None:
        return None
    matrix = matrix_of(form.get("/Matrix"))
    corners = [mapped(matrix, x, y) for x in (box.left, box.right) for y in (box.bottom, box.top)]
    left, right = min(x for x, _ in corners), max(x for x, _ in corners)
    bottom, top = min(y for _, y in corners), max(y for _, y in corners)
    if right <= left or top <= bottom:
        return None
    wide, high = rect.width / (right - left), rect.height / (top - bottom)
    return wide, 0.0, 0.0, high, rect.left - wide * left, rect.bottom - high * bottom
