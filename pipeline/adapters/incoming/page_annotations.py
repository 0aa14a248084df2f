"""What is written or drawn onto a PDF page besides its content: filled form fields, comments, stamps.

A renderer draws annotations by their appearance. A field may have a value without one (ISO 32000-1, 12.7.2,
/NeedAppearances: the viewer makes it), a comment may be words only; both leave the drawn page white.
"""

from __future__ import annotations

from collections.abc import Iterator

from pikepdf import Array, Dictionary, Name, Object, Stream, String

_HIDDEN = 2  # bit of /F, ISO 32000-1, table 165
_SHOW_NOTHING = frozenset({"/Link", "/Popup", "/PrinterMark", "/TrapNet"})
_MOST_PARENTS = 50  # a field's parents may lead in a circle


def is_annotated(page: Object) -> bool:
    """Whether anything on the page is filled in, commented or drawn by an annotation that is not hidden."""
    return any(_says_something(annotation) for annotation in _annotations(page))


def _annotations(page: Object) -> Iterator[Dictionary]:
    listed = page.get("/Annots")
    if isinstance(listed, Array):
        yield from (found for found in listed if isinstance(found, Dictionary))


def _says_something(annotation: Dictionary) -> bool:
    flags = annotation.get("/F", 0)
    if isinstance(flags, int) and flags & _HIDDEN:
        return False
    kind = str(annotation.get("/Subtype", ""))
    if kind == "/Widget":
        return _has_value(annotation)
    if kind not in _SHOW_NOTHING:
        return True
    return kind == "/Link" and _is_filled(annotation.get("/Contents"))


def _has_value(widget: Dictionary) -> bool:
    """Whether the field has a value, its own or its parents' (ISO 32000-1, 12.7.3.1)."""
    field: Object | None = widget
    for _step in range(_MOST_PARENTS):
        if not isinstance(field, Dictionary):
            return False
        if "/V" in field:
            return _is_filled(field.get("/V"))
        field = field.get("/Parent")
    return False


def _is_filled(value: object) -> bool:
    if isinstance(value, String):
        return bool(str(value).strip())
    if isinstance(value, Name):
        return value != Name.Off
    if isinstance(value, Array):
        return any(_is_filled(each) for each in value)
    return isinstance(value, (Dictionary, Stream)) or (isinstance(value, str) and bool(value.strip()))
