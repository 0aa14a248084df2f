"""Pictures that stand among a page's operators (ISO 32000-1, 8.9.7): a strip's own coded bytes without a frame.

As an object of its own a strip costs some 230 bytes of frame, among the operators about ten: what names its size and
coding is the same from strip to strip, and the operators are packed as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium_c
from pikepdf import Name

from pipeline.adapters.incoming.pdf_streams import filters_of

_AROUND_BYTES = (
    50  # of a picture that is an object, beyond its dictionary: keywords, name, place in the table of objects
)
_WORD_BYTES = 5  # of recognised text in the file, on skewed pages
_FIXED_BYTES = 2600  # that a document has once: metadata, colour profile, fonts, a palette
_SHARE, _BYTES_A_PAGE = 0.05, 3000  # what the file may have beyond the pictures
_FILTERS = {"/CCITTFaxDecode": b"/CCF", "/FlateDecode": b"/Fl", "/RunLengthDecode": b"/RL"}
_SPACES = {"/DeviceGray": b"/G", "/DeviceRGB": b"/RGB", "/DeviceCMYK": b"/CMYK"}
_FURTHER = (("/DecodeParms", b"/DP"), ("/Decode", b"/D"))
_END = re.compile(rb"EI[\0\t\n\f\r ()<>\[\]{}/%]")
"""What a reader may take for the end of a picture that it does not decode."""


def frames_fit(streams: Sequence[pikepdf.Object], words: int) -> bool:
    """Whether a page of these pictures and so many words can afford a frame for each.

    It reckons with a document of this page alone, and follows the size rule: 1.05 times the pictures and 3 kB.
    """
    if len(streams) < 2:
        return True
    frames = sum(len(stream.stream_dict.unparse()) + _AROUND_BYTES for stream in streams)
    coded = sum(len(stream.read_raw_bytes()) for stream in streams)
    return frames + _WORD_BYTES * words + _FIXED_BYTES <= _SHARE * coded + _BYTES_A_PAGE


def inline_operators(stream: pikepdf.Object) -> bytes | None:
    """What shows this picture, with its data; None where it has to stay an object.

    So it has to by its coding, by a colour space that has no place among operators, or by bytes that look like an end.
    """
    data, filters, space = stream.read_raw_bytes(), filters_of(stream), _space(stream.ColorSpace)
    if len(filters) != 1 or filters[0] not in _FILTERS or space is None or _END.search(data + b"\n"):
        return None
    size = b"BI/W %d/H %d/BPC %d" % (int(stream.Width), int(stream.Height), int(stream.BitsPerComponent))
    more = [short + stream[key].unparse() for key, short in _FURTHER if key in stream]
    return b"".join([size, b"/CS", space, b"/F", _FILTERS[filters[0]], *more, b" ID ", data, b"\nEI"])


def _space(space: pikepdf.Object) -> bytes | None:
    """A colour space as it is told among operators; None for one that can't be."""
    if isinstance(space, pikepdf.Name):
        return _SPACES.get(str(space))
    if space[0] != Name.Indexed or str(space[1]) not in _SPACES:
        return None
    return b"[/I%s %d<%s>]" % (_SPACES[str(space[1])], int(space[2]), bytes(space[3]).hex().encode("ascii"))


def inline_data(page: pikepdf.Object) -> Iterator[bytes]:
    """The coded bytes of every picture among the page's operators, in the order in which they are shown."""
    for step in pikepdf.parse_content_stream(page):
        if isinstance(step, pikepdf.ContentStreamInlineImage):
            yield step.iimage.unparse().partition(b"\nID\n")[2].removesuffix(b"\nEI")


def all_shown(pdf: str, counts: Sequence[int]) -> bool:
    """Whether a reader that decodes them finds at least so many pictures on each page.

    Bytes that follow the coding in a strip can lead readers astray, as they look for operators there.
    """
    if not any(counts):
        return True
    document = pypdfium2.PdfDocument(pdf)
    try:
        kinds = [pdfium_c.FPDF_PAGEOBJ_IMAGE]
        return all(
            count == 0 or sum(1 for _each in page.get_objects(filter=kinds)) >= count
            for page, count in zip(document, counts, strict=True)
        )
    finally:
        document.close()
