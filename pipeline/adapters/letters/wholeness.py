"""Proof that what a page draws with is all there: content, forms, pictures and fonts unpack to their end.

A strict reader opens a file with a hole in a picture without a word, and the letter is printed with half a logo.
Pictures in formats that only a renderer can judge (CCITT, JBIG2, JPEG 2000) are taken as they are.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

from pipeline.adapters.letters.expansion import MAX_PIXELS, bomb, filter_names, is_named, used_by_name, used_entries
from pipeline.adapters.letters.layers import LAYER_MARK
from pipeline.adapters.letters.missing_fonts import MissingFonts
from pipeline.adapters.letters.source_pdf import MAX_UNPACKED_BYTES, check_warnings, refuse_damaged
from pipeline.domain.errors import Rejected

_FLATE = ("/FlateDecode",)
_JPEG = ("/DCTDecode",)
_JPEG_END = b"\xff\xd9"
_JPEG_TAIL_BYTES = 64
_ZLIB_HEADER_BYTES = 2
_PIECE_BYTES = 1 << 20
# Four colours of two bytes for every pixel of the largest picture allowed.
_MAX_PICTURE_BYTES = 8 * MAX_PIXELS
_MAX_DEPTH = 40
_FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")


class Wholeness:
    """Looks at the streams of one source; each of them once, however many pages share it.

    `fonts`: what is done with fonts that aren't embedded; None: they are let pass.
    """

    def __init__(self, pdf: pikepdf.Pdf, fonts: MissingFonts | None = None) -> None:
        self._pdf = pdf
        self._fonts = fonts
        self._whole: set[tuple[int, int]] = set()
        self._drawn_with_lent: set[tuple[int, int]] = set()
        self.met_layers = False

    def content(self, stream: Stream) -> bytes:
        """What a content stream holds, proven whole: qpdf alone lets a wrong checksum and an early end pass.

        Raises Rejected `pdf-damaged` or `content-bomb`; pikepdf.PdfError where qpdf cannot unpack it.
        """
        if filter_names(stream) == _FLATE and "/DecodeParms" not in stream:
            return _inflated(stream.read_raw_bytes())
        data = stream.read_bytes()
        check_warnings(self._pdf)
        return data

    def check(self, resources: Object | None, content: bytes, depth: int = 0) -> bool:
        """Refuse content that draws with a form, picture or font that stops early, or with a font that isn't there.

        Returns whether a font was given a program for it; `met_layers` tells from then on that a content marks some of
        itself as a layer's. Raises as `content`, and Rejected `font-not-embedded`.
        """
        if depth > _MAX_DEPTH:
            return False
        self.met_layers = self.met_layers or is_named(content, LAYER_MARK)
        lent = False
        for drawn in used_entries(resources, "/XObject", content):
            if isinstance(drawn, Stream):
                if self._is_new(drawn):
                    self.check_drawn(drawn, depth)
                lent = lent or drawn.objgen in self._drawn_with_lent
        for name, font in used_by_name(resources, "/Font", content):
            if isinstance(font, Dictionary):
                if not font.is_indirect or self._is_new(font):
                    self._check_font(font)
                if self._fonts is not None and self._fonts.any_lent:
                    lent = self._fonts.check_shown(font, frozenset([name]), content) or lent
        return lent

    def _is_new(self, found: Object) -> bool:
        if found.objgen in self._whole:
            return False
        self._whole.add(found.objgen)
        return True

    def check_drawn(self, drawn: Stream, depth: int = 0) -> bool:
        """Refuse one form or picture, with all that it draws with. Returns and raises as `check`."""
        try:
            if drawn.get("/Subtype", Name.Form) == Name.Form:
                if self.check(drawn.get("/Resources"), self.content(drawn), depth + 1):
                    self._drawn_with_lent.add(drawn.objgen)
            else:
                self._check_picture(drawn)
                mask = drawn.get("/SMask")
                if isinstance(mask, Stream) and self._is_new(mask):
                    self._check_picture(mask)
        except Rejected:
            self._whole.discard(drawn.objgen)  # every page that draws it goes back
            raise
        return drawn.objgen in self._drawn_with_lent

    def _check_picture(self, picture: Stream) -> None:
        filters = filter_names(picture)
        if filters == _FLATE:
            _inflate(picture.read_raw_bytes(), _MAX_PICTURE_BYTES, lambda _piece: None, "Ein Bild")
        elif filters == _JPEG and _JPEG_END not in picture.read_raw_bytes()[-_JPEG_TAIL_BYTES:]:
            raise refuse_damaged("Ein Bild bricht ab.")

    def _check_font(self, font: Dictionary) -> None:
        descendants = font.get("/DescendantFonts")
        fonts = [font, *(list(descendants) if isinstance(descendants, Array) else [])]
        for each in fonts:
            descriptor = each.get("/FontDescriptor") if isinstance(each, Dictionary) else None
            if not isinstance(descriptor, Dictionary):
                continue
            for key in _FONT_FILES:
                file = descriptor.get(key)
                if isinstance(file, Stream) and filter_names(file) == _FLATE and self._is_new(file):
                    self._check_font_file(file, font)
        if self._fonts is not None:
            try:
                self._fonts.settle(font)
            except Rejected:
                self._whole.discard(font.objgen)
                raise

    def _check_font_file(self, file: Stream, font: Dictionary) -> None:
        try:
            _inflate(file.read_raw_bytes(), MAX_UNPACKED_BYTES, lambda _piece: None, "Eine eingebettete Schrift")
        except Rejected:
            self._whole -= {file.objgen, font.objgen}
            raise


def _inflated(packed: bytes) -> bytes:
    pieces: list[bytes] = []
    if packed:
        _inflate(packed, MAX_UNPACKED_BYTES, pieces.append, "Der Inhalt einer Seite")
    return b"".join(pieces)


def _inflate(packed: bytes, limit: int, take: Callable[[bytes], None], what: str) -> None:
    """Unpack deflated data to its end. Where nothing but the checksum behind the end is missing, it is whole."""
    inflater = zlib.decompressobj()
    total, pending = 0, packed
    try:
        while not inflater.eof:
            piece = inflater.decompress(pending, _PIECE_BYTES)
            pending = inflater.unconsumed_tail
            total += len(piece)
            if total > limit:
                raise bomb(f"{what} entpackt sich auf mehr als {limit // 1024**2} MB.")
            take(piece)
            if not piece and not pending:
                break
        if not inflater.eof and not _ends(packed):
            raise refuse_damaged(f"{what} bricht ab.")
    except zlib.error as error:
        raise refuse_damaged(f"{what} lässt sich nicht entpacken.") from error


def _ends(packed: bytes) -> bool:
    """Whether the last block of deflated data is complete."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    pending = packed[_ZLIB_HEADER_BYTES:]
    while pending and not inflater.eof:
        inflater.decompress(pending, _PIECE_BYTES)
        pending = inflater.unconsumed_tail
    return inflater.eof
