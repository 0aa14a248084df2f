"""Pages of a dropped PDF, taken over as they are; only what PDF/A forbids and no picture needs is left behind."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence

import pikepdf
from pikepdf import Array, Name

from pipeline.adapters.incoming import jpx_pictures
from pipeline.adapters.incoming.pdf_images import images_of
from pipeline.adapters.incoming.pdf_streams import filters_of
from pipeline.adapters.incoming.picture_pages import Built

_PAGE_KEYS = {  # ISO 32000-1, table 30: what shows the page; not what acts, presents or belongs to other programs
    *("/Type", "/Parent", "/Resources", "/Contents", "/Rotate", "/Group", "/Annots", "/UserUnit"),
    *("/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox"),
}
_IMAGE_KEYS = {  # ISO 32000-1, tables 5 and 89, without what PDF/A forbids and what describes other things
    *("/Type", "/Subtype", "/Name", "/Width", "/Height", "/ColorSpace", "/BitsPerComponent", "/Decode", "/Interpolate"),
    *("/ImageMask", "/Mask", "/SMask", "/SMaskInData", "/Intent", "/OC", "/Length", "/Filter", "/DecodeParms"),
}
_SHORT = 1000  # bytes of operators; those that show scanned pictures have 100
_ANNOTATION_ACTIONS = ("/GoTo", "/URI")
_REPACKED = {"/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/ASCII85Decode", "/A85", "/ASCIIHexDecode", "/AHx"}
"""What the writer packs anew where another filter is in front of it or behind it; it leaves RunLength alone."""


def add_pdf_page(pdf: pikepdf.Pdf, source: pikepdf.Pdf, number: int, built: Built) -> None:
    """Append the source's page of this number (from 1) to `pdf`."""
    pdf.pages.append(source.pages[number - 1])
    page = pdf.pages[-1]
    for key in [key for key in page.obj.keys() if key not in _PAGE_KEYS]:  # noqa: SIM118 - a PDF object is no dict
        del page.obj[key]
    _strip_annotations(page.obj)
    for image in images_of(page.obj):
        _keep_picture(pdf, image, number, built)


def _strip_annotations(page: pikepdf.Object) -> None:
    annotations = page.get("/Annots")
    if not isinstance(annotations, pikepdf.Array):
        return
    for annotation in annotations:
        if not isinstance(annotation, pikepdf.Dictionary):
            continue
        if "/AA" in annotation:
            del annotation["/AA"]
        action = annotation.get("/A")
        if isinstance(action, pikepdf.Dictionary) and str(action.get("/S", "")) not in _ANNOTATION_ACTIONS:
            del annotation["/A"]


def _keep_picture(pdf: pikepdf.Pdf, image: pikepdf.Object, number: int, built: Built) -> None:
    """Keep the coded bytes: note their hash, or that the writer packs them anew without loss."""
    for key in [key for key in image.keys() if key not in _IMAGE_KEYS]:  # noqa: SIM118 - a PDF object is no dict
        del image[key]
    value = image.get("/Filter")
    if isinstance(value, pikepdf.Array) and len(value) == 1:
        image.Filter = value[0]
        parms = image.get("/DecodeParms")
        if isinstance(parms, pikepdf.Array) and len(parms) == 1 and isinstance(parms[0], pikepdf.Dictionary):
            image.DecodeParms = parms[0]
        elif parms is not None and isinstance(parms, pikepdf.Array):
            del image["/DecodeParms"]
    why = jpx_pictures.repack_unfit(pdf, image) if jpx_pictures.is_jpx(image) else None
    if why is not None:
        built.recoded.append(f"page {number}: {why}, packed anew as Flate without loss")
        return
    filters = filters_of(image)
    if filters in (["/FlateDecode"], ["/Fl"]) or not set(filters) <= _REPACKED:
        built.images.append(hashlib.sha256(image.read_raw_bytes()).hexdigest())
    else:
        built.recoded.append(
            f"page {number}: {'+'.join(name[1:] for name in filters) or 'unpacked'} packed anew as Flate without loss"
        )


class PageLayers:
    """Puts layers behind what pages draw, in the pages' own untouched coordinates.

    `merged`: the pages' operators are ours, one stream each, so a layer goes into the same stream. So it does where a
    page of others has few operators: another stream would take more bytes than the words of a line.
    """

    def __init__(self, pdf: pikepdf.Pdf, *, merged: bool) -> None:
        self._pdf = pdf
        self._merged = merged
        self._save: pikepdf.Object | None = None

    def add(self, page: pikepdf.Object, layer: bytes) -> None:
        """Put `layer` last. What the page draws is left as it is; where it leaves the graphics state changed, it is
        set between a save and a restore.
        """
        if self._merged:
            operators = b" ".join(part for part in (page.Contents.read_bytes(), layer) if part)
            page.Contents = self._pdf.make_stream(zlib.compress(operators, 9), Filter=Name.FlateDecode)
            return
        if not layer:
            return
        contents = page.get("/Contents")
        own = list(contents) if isinstance(contents, pikepdf.Array) else [contents] if contents is not None else []
        closed = not own or _closed(page)
        if own and closed and (short := _joined(own)) is not None:
            packed = zlib.compress(short + b" " + layer, 9)
            page.Contents = self._pdf.make_stream(packed, Filter=Name.FlateDecode)
            return
        if not closed:
            if self._save is None:
                self._save = self._pdf.make_stream(b"q")
            own, layer = [self._save, *own], b"Q " + layer
        stream = self._pdf.make_stream(zlib.compress(b" " + layer, 9), Filter=Name.FlateDecode)
        page.Contents = Array([*own, stream]) if own else stream


def _joined(streams: Sequence[pikepdf.Object]) -> bytes | None:
    """The operators of these streams one after the other; None where they are more than to show a few pictures."""
    parts = [stream.read_bytes() for stream in streams]
    joined = b"\n".join(parts)
    return joined if len(joined) <= _SHORT else None


def _closed(page: pikepdf.Object) -> bool:
    """Whether everything that the page draws stands between saves and restores that match."""
    depth = 0
    try:
        for step in pikepdf.parse_content_stream(page):
            operator = str(step.operator)
            depth += (operator == "q") - (operator == "Q")
            if depth < 0 or (depth == 0 and operator != "Q"):
                return False
    except pikepdf.PdfError:
        return False
    return depth == 0
