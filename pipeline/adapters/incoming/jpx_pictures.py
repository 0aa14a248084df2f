"""JPEG 2000 pictures of a PDF: kept as they are where PDF/A-2 takes them (ISO 19005-2, 6.2.8.3), else packed anew.

The checker of PDF/A that the house uses does not know JPEG 2000; what it leaves open is judged here by the boxes.
"""

from __future__ import annotations

import io

import pikepdf
from pikepdf import Name
from PIL import Image

from pipeline.adapters.incoming.jpx_file import read_jpx
from pipeline.adapters.incoming.pdf_streams import filters_of
from pipeline.adapters.incoming.picture_pages import decoded_stream

REMARK = "JPEG 2000 judged by its boxes, ISO 19005-2, 6.2.8.3"
_NOT_KNOWN = "JPEG 2000 images are not supported"
_SPACES = {"gray": Name.DeviceGray, "rgb": Name.DeviceRGB}


def is_jpx(image: pikepdf.Object) -> bool:
    """Whether a stream is nothing but JPEG 2000."""
    return filters_of(image) == ["/JPXDecode"]


def repack_unfit(pdf: pikepdf.Pdf, image: pikepdf.Object) -> str | None:
    """Pack a JPEG 2000 picture that PDF/A-2 does not take anew, without loss; returns why, None where it was kept.

    A picture that can't be decoded, or whose colours Flate can't tell, is kept too; then `passes` says no.
    """
    facts = read_jpx(image.read_raw_bytes())
    if facts.fit_for_archive:
        if "/ColorSpace" not in image:
            image.ColorSpace = _SPACES[facts.colour]
        return None
    try:
        with Image.open(io.BytesIO(image.read_raw_bytes()), formats=("JPEG2000",)) as opened:
            picture = opened if image.get("/SMaskInData", 0) == 1 else _opaque(opened)
            picture.load()
    except (OSError, SyntaxError, ValueError):
        return None
    if picture.mode not in ("L", "LA", "RGB", "RGBA", "I;16", "I;16B", "I;16L"):
        return None
    packed = decoded_stream(pdf, picture)
    for key in ("/SMaskInData", "/Decode"):
        if key in image:
            del image[key]
    if "/SMask" in packed:
        image.SMask = packed.SMask
    image.write(packed.read_raw_bytes(), filter=Name.FlateDecode)
    if "/DecodeParms" in packed:
        image.DecodeParms = packed.DecodeParms
    image.BitsPerComponent, image.ColorSpace = packed.BitsPerComponent, packed.ColorSpace
    return "JPEG 2000, " + ("channels or colours that PDF/A does not take" if facts.boxed else "a bare code stream")


def _opaque(picture: Image.Image) -> Image.Image:
    """The picture without a channel that nobody asked for."""
    return picture.convert({"LA": "L", "RGBA": "RGB"}[picture.mode]) if picture.mode in ("LA", "RGBA") else picture


def passes(report: pikepdf.pdfa.Report, pdf: str) -> bool:
    """Whether a written file is PDF/A: as the report says, or where it leaves open JPEG 2000 alone, that is fit."""
    if report.passed:
        return True
    if any(finding.message != _NOT_KNOWN for finding in report.findings):
        return False
    with pikepdf.open(pdf) as written:
        pictures = [item for item in written.objects if isinstance(item, pikepdf.Stream) and is_jpx(item)]
        return all(read_jpx(item.read_raw_bytes()).fit_for_archive for item in pictures)
