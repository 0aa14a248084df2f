"""A dropped print stream is looked at: what it is, how many pages it has, and why it goes back.

Runs in a confined child. Looks at structure only: no page is rendered and no content stream parsed, so that a stack
of 200,000 pages takes seconds. What a single page's content hides is found when that page is normalised.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

from pipeline.adapters.letters.expansion import check_stream
from pipeline.adapters.letters.page_tree import PageWalk, inherited
from pipeline.adapters.letters.passengers import carries_files
from pipeline.adapters.letters.source_pdf import check_warnings, open_strict, refuse_damaged, translated
from pipeline.domain.cleaning import refuse_passengers
from pipeline.domain.errors import Rejected
from pipeline.domain.pages import SourceFacts
from pipeline.domain.profiles import OutgoingRules

_HEADER_BYTES = 1024
# ISO 32000-1, annex C.2: no side of a page is longer than 14,400 units; 5,080 mm.
_MAX_SIDE_UNITS = 14_400
# Looked at in one go before the file is closed and opened anew: qpdf keeps every object it has read.
_PAGES_AT_ONCE = 40_000
_OBJECTS_AT_ONCE = 100_000
_MAX_XFA_BYTES = 4 * 1024 * 1024
# What actions do besides moving about (ISO 32000-1, 12.6.4; ISO 32000-2, 12.6.4), and annotations that play something.
_ACTIONS = {
    "/Launch": "launch-action",
    "/SubmitForm": "submit-action",
    "/ImportData": "submit-action",
    "/Sound": "multimedia",
    "/Movie": "multimedia",
    "/Rendition": "multimedia",
    "/GoTo3DView": "multimedia",
    "/RichMediaExecute": "multimedia",
}
_MULTIMEDIA = frozenset({"/Sound", "/Movie", "/Screen", "/3D", "/RichMedia"})


def inspect_print_stream(path: str, rules: OutgoingRules) -> SourceFacts:
    """What a dropped file is, judged by its content; only a PDF passes.

    Remarks: `has-form`, `signed`, `javascript`, `attachments`, `launch-action`, `submit-action`, `multimedia`,
    `portfolio`, `static-xfa`, sorted.
    Raises Rejected: `empty-file`, `not-a-document`, `file-too-large`, `pdf-damaged`, `pdf-encrypted`, `xfa-form`,
    `no-pages`, `too-many-pages`, `page-too-large`, `content-bomb`, and what the job's cleaning rules refuse. Damaged
    means: a strict reader (qpdf without recovery) could not read it or had to guess.
    """
    _check_size_and_header(path, rules)
    remarks: set[str] = set()
    try:
        with open_strict(path) as pdf:
            claimed = pdf.trailer.get("/Size")
            remarks |= _document_remarks(pdf)
        pages = _look_at_pages(path, rules.max_pages, remarks)
        _look_at_objects(path, claimed if isinstance(claimed, int) else 0, remarks)
    except pikepdf.PdfError as error:
        raise translated(error) from error
    refuse_passengers(remarks, rules.cleaning)
    return SourceFacts("pdf", pages, tuple(sorted(remarks)))


def _check_size_and_header(path: str, rules: OutgoingRules) -> None:
    size = Path(path).stat().st_size
    if size == 0:
        raise Rejected("empty-file", "Die Datei hat null Bytes.")
    if size > rules.max_file_mb * 1024 * 1024:
        detail = f"Die Datei ist {size // 1024**2} MB groß, erlaubt sind {rules.max_file_mb} MB."
        raise Rejected("file-too-large", detail)
    with Path(path).open("rb") as file:
        if b"%PDF-" not in file.read(_HEADER_BYTES):
            raise Rejected("not-a-document", "Die Datei ist nach ihrem Inhalt keine PDF-Datei.")


def _document_remarks(pdf: pikepdf.Pdf) -> set[str]:
    root = pdf.Root
    remarks = _action_remarks(root)
    form = root.get("/AcroForm")
    if bool(root.get("/NeedsRendering", False)):
        raise _dynamic_form()
    if isinstance(form, Dictionary):
        remarks |= _form_remarks(form)
    if isinstance(root.get("/Perms"), Dictionary):
        remarks.add("signed")
    if "/Collection" in root:
        remarks.add("portfolio")
    names = root.get("/Names")
    if isinstance(names, Dictionary):
        if "/JavaScript" in names:
            remarks.add("javascript")
        if "/EmbeddedFiles" in names:
            remarks.add("attachments")
    if "/AF" in root:
        remarks.add("attachments")
    return remarks


def _dynamic_form() -> Rejected:
    return Rejected("xfa-form", "Die Seiten entstehen erst beim Anzeigen; gedruckt würde ein Hinweistext.")


def _form_remarks(form: Dictionary) -> set[str]:
    remarks: set[str] = set()
    fields = form.get("/Fields")
    if isinstance(fields, Array) and len(fields):
        remarks.add("has-form")
    flags = form.get("/SigFlags")
    if isinstance(flags, int) and flags & 1:
        remarks.add("signed")
    if "/CO" in form:
        remarks.add("javascript")
    if "/XFA" in form:
        if _is_dynamic(form["/XFA"]):
            raise _dynamic_form()
        remarks.add("static-xfa")
    return remarks


def _is_dynamic(xfa: Object) -> bool:
    """Whether an XFA packet says that it renders itself (XFA 3.3, config: dynamicRender required)."""
    parts = list(xfa) if isinstance(xfa, Array) else [xfa]
    for part in parts:
        length = part.get("/Length") if isinstance(part, Stream) else None
        if isinstance(part, Stream) and isinstance(length, int) and length <= _MAX_XFA_BYTES:
            packet = part.read_bytes()
            start = packet.find(b"dynamicRender")
            if start >= 0 and b"required" in packet[start : start + 80]:
                return True
    return False


def _action_remarks(holder: Object) -> set[str]:
    """What the actions of a catalog, page, field or annotation would do."""
    remarks: set[str] = set()
    actions = [holder.get("/OpenAction"), holder.get("/A")]
    more = holder.get("/AA")
    if isinstance(more, Dictionary):
        actions += [more[key] for key in sorted(more.keys())]
    for _ in range(64):
        if not actions:
            break
        action = actions.pop()
        if not isinstance(action, Dictionary):
            continue
        kind = action.get("/S")
        if kind == Name.JavaScript or "/JS" in action:
            remarks.add("javascript")
        elif isinstance(kind, Name) and str(kind) in _ACTIONS:
            remarks.add(_ACTIONS[str(kind)])
        following = action.get("/Next")
        actions += list(following) if isinstance(following, Array) else [following]
    return remarks


def _look_at_pages(path: str, max_pages: int, remarks: set[str]) -> int:
    """Walk the page tree, the file opened anew every 40,000 pages; returns the number of pages."""
    walk = PageWalk()
    boxes: set[bytes] = set()
    pages = 0
    while True:
        before = pages
        with open_strict(path) as pdf:
            for page in walk.pages(pdf, _PAGES_AT_ONCE):
                pages += 1
                if pages > max_pages:
                    raise Rejected("too-many-pages", f"Die Datei hat mehr als {max_pages} Seiten.")
                keys = page.keys()
                _look_at_box(page, keys, pages, boxes)
                if "/AA" in keys:
                    remarks |= _action_remarks(page)
                if "/Annots" in keys:
                    _look_at_annotations(page["/Annots"], remarks)
            check_warnings(pdf)
        if pages - before < _PAGES_AT_ONCE:
            break
    if not pages:
        raise Rejected("no-pages", "Das Seitenverzeichnis der Datei ist leer.")
    return pages


def _look_at_box(page: Object, keys: Collection[str], number: int, good: set[bytes]) -> None:
    """Refuse a page of absurd size. `good`: boxes as they are written that were found right, since most are alike."""
    box = page["/MediaBox"] if "/MediaBox" in keys else inherited(page).get("/MediaBox")
    if box is None:
        return
    unit = page["/UserUnit"] if "/UserUnit" in keys else 1
    written = box.unparse() if isinstance(box, Array) else b""
    if unit == 1 and written in good:
        return
    try:
        left, bottom, right, top = (float(value) for value in box)
        sides = (abs(right - left) * float(unit), abs(top - bottom) * float(unit))
    except (TypeError, ValueError) as error:
        raise refuse_damaged(f"Die Maße von Seite {number} sind nicht lesbar.", number) from error
    if max(sides) > _MAX_SIDE_UNITS:
        width, height = (side / 72 * 25.4 for side in sides)
        detail = f"Seite {number} ist {width:.0f} × {height:.0f} mm groß."
        raise Rejected("page-too-large", detail, page=number)
    if unit == 1 and not box.is_indirect:
        good.add(written)


def _look_at_annotations(annotations: Object, remarks: set[str]) -> None:
    if isinstance(annotations, Array):
        for annotation in annotations:
            if isinstance(annotation, Dictionary):
                _look_at_annotation(annotation, remarks)


def _look_at_annotation(annotation: Object, remarks: set[str]) -> None:
    remarks |= _action_remarks(annotation)
    kind = annotation.get("/Subtype")
    if kind == Name.FileAttachment:
        remarks.add("attachments")
    elif isinstance(kind, Name) and str(kind) in _MULTIMEDIA:
        remarks.add("multimedia")
    field = annotation.get("/Parent", annotation)
    if kind == Name.Widget and isinstance(field, Dictionary):
        remarks.add("has-form")
        remarks |= _action_remarks(field)
        if field.get("/FT") == Name.Sig and "/V" in field:
            remarks.add("signed")


def _look_at_objects(path: str, claimed: int, remarks: set[str]) -> None:
    """Bound what every stream unpacks to, and notice files embedded anywhere.

    `claimed`: how many objects the file says it has; believed within reason.
    """
    last_object = min(claimed, _OBJECTS_AT_ONCE + 2 * Path(path).stat().st_size)
    for first in range(1, last_object + 1, _OBJECTS_AT_ONCE):
        with open_strict(path) as pdf:
            if last_object <= _OBJECTS_AT_ONCE:
                objects: Iterable[Object] = pdf.objects
            else:
                objects = _objects(pdf, first, min(first + _OBJECTS_AT_ONCE, last_object + 1))
            for found in objects:
                if isinstance(found, Stream):
                    check_stream(found)
                if carries_files(found):
                    remarks.add("attachments")


def _objects(pdf: pikepdf.Pdf, first: int, end: int) -> Iterator[Object]:
    return (pdf.get_object(number, 0) for number in range(first, end))
