"""What the annotations and form fields of a page print, as appearances with the matrix that places them.

Links and pop-ups print nothing. Hidden and screen-only annotations print nothing (ISO 32000-1, 12.5.3). What the file
has no picture of, viewers draw in ways of their own, and a printer does not: such a comment is not printed unseen.
"""

from __future__ import annotations

from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream, String

from pipeline.adapters.letters.field_drawing import FieldDrawing, not_shown
from pipeline.adapters.letters.form_fields import Field, dingbat_shown, field_of, shows_value
from pipeline.adapters.letters.missing_fonts import MissingFonts
from pipeline.adapters.letters.placement import Box, Matrix, mapped
from pipeline.adapters.letters.source_pdf import name_text
from pipeline.domain.errors import Rejected

_HIDDEN = 1 << 1
_PRINT = 1 << 2
_NEVER = (Name.Link, Name.Popup)
# What viewers draw by themselves (12.5.6). Files, sound and film are told of as passengers.
_COMMENTS = frozenset(
    {"/Text", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Highlight", "/Underline"}
    | {"/Squiggly", "/StrikeOut", "/Stamp", "/Caret", "/Ink", "/Redact"}
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


@dataclass(frozen=True)
class PagePrint:
    """What the annotations of a page print, bottom first.

    `lost`: the layers (None for none) of comments that a viewer would draw and that have no picture. `unseen`: how many
    others should print but show nothing. `has_drawn`: whether a field's value was drawn anew.
    """

    appearances: list[Appearance]
    lost: list[Object | None]
    unseen: int = 0
    has_drawn: bool = False


class PrintedAnnotations:
    """The annotations of one source file. Fields whose picture doesn't show their value are drawn."""

    def __init__(self, pdf: pikepdf.Pdf, fonts: MissingFonts) -> None:
        form = pdf.Root.get("/AcroForm")
        self._form = form if isinstance(form, Dictionary) else None
        self._wants_drawing = self._form is not None and bool(self._form.get("/NeedAppearances", False))
        self._drawing = FieldDrawing(pdf, fonts)

    def of_page(self, page: Object) -> PagePrint:
        """What the page's annotations print.

        Raises Rejected `field-not-shown` where a filled field cannot be drawn: it would be missing on paper.
        """
        annotations = page.get("/Annots")
        printing = [a for a in annotations if _prints(a)] if isinstance(annotations, Array) else []
        appearances: list[Appearance] = []
        lost: list[Object | None] = []
        unseen, has_drawn = 0, False
        for annotation in printing:
            box = box_of(annotation.get("/Rect"))
            is_field = annotation.get("/Subtype") == Name.Widget
            drawn = self._drawn(annotation, box) if is_field else None
            form = drawn or _normal_appearance(annotation)
            matrix = _IDENTITY if drawn is not None else _placed(form, box) if form is not None else None
            if form is not None and matrix is not None:
                appearances.append(Appearance(form, matrix, annotation.get("/OC")))
                has_drawn = has_drawn or drawn is not None
            elif _is_seen_comment(annotation):
                lost.append(annotation.get("/OC"))
            elif not is_field and not _is_comment(annotation):
                unseen += 1
        return PagePrint(appearances, lost, unseen, has_drawn)

    def _drawn(self, widget: Object, box: Box | None) -> Stream | None:
        """A field drawn anew; None where its own picture is true, or it shows nothing."""
        field = field_of(widget, self._form)
        look = _normal_appearance(widget)
        if look is not None and _placed(look, box) is None:
            look = None
        try:
            if field.is_text:
                if look is not None and self._is_true(look, field):
                    return None
                return self._drawing.value(field, _wanted(box)) if field.text.strip() or look is not None else None
            if field.on:
                sign = _sign(look, field)
                return None if sign is None else self._drawing.mark(field, _wanted(box), sign)
        except (pikepdf.PikepdfError, ValueError, TypeError, AttributeError) as error:  # whatever junk stands there
            raise not_shown() from error
        return None

    def _is_true(self, look: Stream, field: Field) -> bool:
        """Whether a picture may be printed as it is."""
        shows = shows_value(look, field)
        if self._wants_drawing:
            return shows is True
        return shows is not False or not field.text.strip()


def _wanted(box: Box | None) -> Box:
    if box is None:
        raise not_shown()
    return box


def _sign(look: Stream | None, field: Field) -> str | None:
    """The sign to be drawn for a button that is on; None where its picture brings its own.

    The common picture is a character of ZapfDingbats, which no file embeds.
    """
    if look is None:
        if field.is_radio:
            raise not_shown()  # which of them is on says the name of a picture that isn't there
        about = field.widget.get("/MK")
        sign = about.get("/CA") if isinstance(about, Dictionary) else None
        return str(sign) if isinstance(sign, String) and str(sign) else "4"
    return dingbat_shown(look)


def _prints(annotation: Object) -> bool:
    if not isinstance(annotation, Dictionary) or annotation.get("/Subtype") in _NEVER:
        return False
    flags = annotation.get("/F", 0)
    return isinstance(flags, int) and bool(flags & _PRINT) and not flags & _HIDDEN


def _is_comment(annotation: Object) -> bool:
    """Whether it is a comment of which the file has no picture at all, not even an empty one."""
    kind, look = annotation.get("/Subtype"), annotation.get("/AP")
    has_look = isinstance(look, Dictionary) and "/N" in look
    return isinstance(kind, Name) and name_text(kind) in _COMMENTS and not has_look


def _is_seen_comment(annotation: Object) -> bool:
    """Whether it is one that viewers show beside the page's content."""
    if not _is_comment(annotation) or annotation.get("/CA", 1) == 0:
        return False
    if "/IRT" in annotation and annotation.get("/RT") != Name.Group:
        return False  # a reply stands in the window of its comment
    if annotation.get("/Subtype") == Name.FreeText and not any(key in annotation for key in ("/RC", "/C")):
        return bool(str(annotation.get("/Contents", "")).strip())
    rect = annotation.get("/Rect")
    corners = list(rect) if isinstance(rect, Array) else []
    return corners[:2] != corners[2:]


def comment_lost() -> Rejected:
    """The refusal of a comment that would be missing on paper."""
    return Rejected("comment-not-shown", "Eine Anmerkung auf der Seite hat in der Datei kein Druckbild.")


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
