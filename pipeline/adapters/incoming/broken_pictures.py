"""Pictures whose coded bytes break off or contradict themselves.

Decoders fill what they can't read with white or with the line before, and go on; what is missing would be archived as
if it had never been on the paper. So fax coding is decoded by a library that complains, and rows and samples are
counted.
"""

from __future__ import annotations

from contextlib import suppress

import pikepdf
from pikepdf import Array, Dictionary, Name

from pipeline.adapters.incoming.fax_pictures import is_whole_picture
from pipeline.adapters.incoming.fax_rows import FaxCoding
from pipeline.adapters.incoming.pdf_streams import filters_of

_FAX = ("/CCITTFaxDecode", "/CCF")
_COMPONENTS = {"/DeviceGray": 1, "/G": 1, "/CalGray": 1, "/Indexed": 1, "/I": 1, "/Separation": 1}
_COMPONENTS |= {"/DeviceRGB": 3, "/RGB": 3, "/CalRGB": 3, "/Lab": 3, "/DeviceCMYK": 4, "/CMYK": 4}


def is_whole(image: pikepdf.Object) -> bool:
    """Whether a picture of a PDF can be decoded to its last row, as far as that is checked: fax codings and Flate."""
    filters = filters_of(image)
    with suppress(AttributeError, KeyError, TypeError, ValueError):
        if filters and filters[-1] in _FAX:
            return _is_whole_fax(image, filters)
        if filters in (["/FlateDecode"], ["/Fl"]):
            return _is_whole_flate(image)
    return True


def _is_whole_fax(image: pikepdf.Object, filters: list[str]) -> bool:
    """ISO 32000-1, table 11."""
    told = image.get("/DecodeParms", None)
    listed = list(told) if isinstance(told, pikepdf.Array) else [told]
    data = image.read_raw_bytes()
    if len(filters) > 1:
        if any(isinstance(parms, pikepdf.Dictionary) for parms in listed[: len(filters) - 1]):
            return True  # predictors around a fax coding: nobody writes that
        data = _unpacked(data, filters[:-1])
    parms = listed[len(filters) - 1] if len(listed) >= len(filters) else None
    parms = parms if isinstance(parms, pikepdf.Dictionary) else Dictionary()
    kind = int(parms.get("/K", 0))
    coding = FaxCoding(
        columns=int(parms.get("/Columns", 1728)),
        dimensions="two" if kind < 0 else "mixed" if kind else "one",
        aligned=bool(parms.get("/EncodedByteAlign", False)),
        marked=bool(parms.get("/EndOfLine", False)),
    )
    return is_whole_picture(data, coding, int(image.Height))


def _unpacked(data: bytes, filters: list[str]) -> bytes:
    with pikepdf.new() as pdf:
        return pdf.make_stream(data, Filter=Array([Name(each) for each in filters])).read_bytes()


def _is_whole_flate(image: pikepdf.Object) -> bool:
    components = 1 if bool(image.get("/ImageMask", False)) else _components(image.ColorSpace)
    bits = 1 if bool(image.get("/ImageMask", False)) else int(image.BitsPerComponent)
    wanted = (int(image.Width) * components * bits + 7) // 8 * int(image.Height)
    try:
        return len(image.read_bytes()) >= wanted
    except pikepdf.PdfError:
        return False


def _components(space: pikepdf.Object) -> int:
    if isinstance(space, pikepdf.Array):
        return int(space[1].N) if space[0] == "/ICCBased" else _COMPONENTS[str(space[0])]
    return _COMPONENTS[str(space)]
