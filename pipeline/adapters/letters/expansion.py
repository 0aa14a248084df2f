"""Bounds on what the compressed streams and nested forms of a PDF can unpack to, found without unpacking it all.

Deflate cannot expand by more than 1032 (zlib, "technical details"), LZW with 12-bit codes by less than 4096 / 1.5,
run lengths by 64. So a short stream is harmless by its length alone, and only long or chained ones are unpacked, in
pieces and with a limit.
"""

from __future__ import annotations

import re
import zlib
from functools import lru_cache

from pikepdf import Array, Dictionary, Name, Object, Stream

from pipeline.adapters.letters.source_pdf import MAX_UNPACKED_BYTES, name_text
from pipeline.domain.errors import Rejected

MAX_SIDE_PX = 20_000
MAX_PIXELS = 150_000_000
# How often the content of all forms together may be drawn for one page.
MAX_DRAWN_FORMS = 100_000
_RATIOS = {
    "/FlateDecode": 1032,
    "/Fl": 1032,
    "/LZWDecode": 2731,
    "/LZW": 2731,
    "/RunLengthDecode": 64,
    "/RL": 64,
    "/ASCII85Decode": 4,
    "/A85": 4,
}
_FLATE = ("/FlateDecode", "/Fl")
_ASCII = ("/ASCII85Decode", "/A85", "/ASCIIHexDecode", "/AHx")
_MAX_FILTERS = 4
_PIECE = 1 << 20
_MAX_FORM_DEPTH = 40
_NAME = re.compile(rb"/[^\x00\t\n\f\r /\[\]()<>{}%]+")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_ESCAPED = re.compile(rb"#[0-9A-Fa-f]{2}")
_DRAW = re.compile(rb"Do(?![A-Za-z0-9_.#])")  # nothing before it: so it is searched for as plain bytes
_OF_A_WORD = re.compile(rb"[A-Za-z0-9_.#]")


def check_stream(stream: Object) -> None:
    """Refuse a stream that unpacks beyond the limit, or an image larger than any sheet needs.

    Raises Rejected `content-bomb` or `page-too-large`.
    """
    length = stream.get("/Length")
    most = length if isinstance(length, int) else 0
    is_image = stream.get("/Subtype") == Name.Image
    if not is_image and most * 1032 <= MAX_UNPACKED_BYTES and stream.get("/Filter") == Name.FlateDecode:
        return  # most streams
    if is_image:
        _check_picture(stream)
    filters = filter_names(stream)
    if len(filters) > _MAX_FILTERS:
        raise bomb("Ein Datenstrom ist mehr als vierfach gepackt.")
    expanding = [name for name in filters if name in _RATIOS]
    if is_image and len(filters) == 1:
        return  # decoded line by line, bounded by its pixels
    for name in expanding:
        most *= _RATIOS[name]
    if most > MAX_UNPACKED_BYTES:
        _unpack_bounded(stream, filters)


def bomb(detail: str) -> Rejected:
    """The refusal of content that unpacks to an inadmissible multiple."""
    return Rejected("content-bomb", detail)


def filter_names(stream: Object) -> tuple[str, ...]:
    """The filters of a stream in the order in which they are undone, as `/FlateDecode`."""
    filters = stream.get("/Filter", stream.get("/F"))
    if isinstance(filters, Name):
        return (name_text(filters),)
    if isinstance(filters, Array):
        return tuple(name_text(name) for name in filters if isinstance(name, Name))
    return ()


def _check_picture(stream: Object) -> None:
    sides = [stream.get(long, stream.get(short)) for long, short in (("/Width", "/W"), ("/Height", "/H"))]
    width, height = (side if isinstance(side, int) else 0 for side in sides)
    if max(width, height) > MAX_SIDE_PX or width * height > MAX_PIXELS:
        raise Rejected("page-too-large", f"Ein Bild ist {width} × {height} Bildpunkte groß.")


def _unpack_bounded(stream: Object, filters: tuple[str, ...]) -> None:
    """Undo the filters one after the other, none of them beyond the limit."""
    data = stream.read_raw_bytes()
    for position, name in enumerate(filters):
        if name in _FLATE:
            last = position == len(filters) - 1
            data = _inflate_bounded(data, keep=not last)
        elif name in _ASCII:
            continue  # shrinks; its digits stay in, which only makes the next step fail closed
        elif name in _RATIOS:
            if len(data) * _RATIOS[name] > MAX_UNPACKED_BYTES:
                raise bomb("Ein Datenstrom kann sich über die zulässige Größe hinaus entpacken.")
            return
        else:
            return  # a picture filter: bounded by its pixels


def _inflate_bounded(data: bytes, *, keep: bool) -> bytes:
    inflater = zlib.decompressobj()
    total = 0
    kept: list[bytes] = []
    pending = data
    while pending and not inflater.eof:
        try:
            piece = inflater.decompress(pending, _PIECE)
        except zlib.error:
            break  # damage is found where the page is read
        pending = inflater.unconsumed_tail
        total += len(piece)
        if total > MAX_UNPACKED_BYTES:
            raise bomb(f"Ein Datenstrom entpackt sich auf mehr als {MAX_UNPACKED_BYTES // 1024**2} MB.")
        if keep:
            kept.append(piece)
        if not piece:
            break
    return b"".join(kept)


class DrawnForms:
    """Counts how often forms are drawn that draw forms: ten levels of ten are ten thousand million.

    One instance serves all pages of a file; every form is looked at once. The count is an upper bound: each drawing
    in a content is taken as one of the heaviest form that the content can draw.
    """

    def __init__(self) -> None:
        self._weight: dict[tuple[int, int], int] = {}

    def check(self, resources: Object | None, content: bytes) -> None:
        """Refuse a page whose forms would be drawn more than 100,000 times. Raises Rejected `content-bomb`."""
        forms = _forms_in(resources, content)
        if forms:
            self._weighed(forms, content, ())

    def _weighed(self, forms: list[Stream], content: bytes, above: tuple[tuple[int, int], ...]) -> int:
        heaviest = max(self._of_form(form, above) for form in forms)
        total = 1 + heaviest * _drawings(content)
        if total > MAX_DRAWN_FORMS:
            raise bomb("Ineinander verschachtelte Formen würden unzulässig oft gezeichnet.")
        return total

    def _of_form(self, form: Stream, above: tuple[tuple[int, int], ...]) -> int:
        key = form.objgen
        if key in above or len(above) > _MAX_FORM_DEPTH:
            raise bomb("Formen zeichnen sich gegenseitig oder sind zu tief verschachtelt.")
        known = self._weight.get(key)
        if known is None:
            resources = form.get("/Resources")
            content = form.read_bytes() if isinstance(resources, Dictionary) and "/XObject" in resources else b""
            inner = _forms_in(resources, content)
            known = self._weighed(inner, content, (*above, key)) if inner else 1
            self._weight[key] = known
        return known


def _drawings(content: bytes) -> int:
    """How often `Do` stands in a content as a word of its own, in strings too."""
    places = (match.start() for match in _DRAW.finditer(content))
    return sum(not place or _OF_A_WORD.match(content, place - 1) is None for place in places)


def _forms_in(resources: Object | None, content: bytes) -> list[Stream]:
    found = used_entries(resources, "/XObject", content)
    return [form for form in found if isinstance(form, Stream) and form.get("/Subtype") == Name.Form]


def used_entries(resources: Object | None, kind: str, content: bytes) -> list[Object]:
    """The entries of one kind of resource (`/XObject`, `/Font`) that a content names, in the order of their names.

    Programs share one dictionary of resources among all pages; what a page does not name is not its business.
    """
    return [entry for _, entry in used_by_name(resources, kind, content)]


def used_by_name(resources: Object | None, kind: str, content: bytes) -> list[tuple[str, Object]]:
    """The same with what the content calls each of them, as `/F1`."""
    entries = resources.get(kind) if isinstance(resources, Dictionary) else None
    if not isinstance(entries, Dictionary):
        return []
    return [(name, entries[name]) for name in _names_in(content) if name in entries]


def is_named(content: bytes, name: str) -> bool:
    """Whether a name such as `/OC` stands in a content, spelt in any way; it may be text or comment.

    Nothing but the names themselves is looked for where neither it nor an escape in a name stands there.
    """
    return (name.encode() in content or _ESCAPED.search(content) is not None) and name in _names_in(content)


@lru_cache(maxsize=2)  # a content is asked for its forms, pictures and fonts one after the other
def _names_in(content: bytes) -> tuple[str, ...]:
    """Every name that stands in a content, as the keys of a dictionary give it; some may be text or comment."""
    names = set(_NAME.findall(content))
    if b"#" in content:
        names = {_ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), name) for name in names}
    return tuple(sorted(name.decode("utf-8", "surrogateescape") for name in names if b"\0" not in name))
