"""Scans as only some machines write them: JBIG2, a copier's layers, a fax server's oblong pixels."""

from __future__ import annotations

import io
from collections.abc import Sequence

import cv2
import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from samples.paper import Picture

RARE_CODINGS = ("pdf-jbig2", "pdf-layers", "tiff-fax")
FAX_DPI = (204, 98)
"""Standard resolution of Group 3 fax (ITU-T T.4), across and down."""
_BLACK, _DARK = 90, 130  # levels of the lightest and the darkest colour below which a point is type
_Entries = dict[str, object]


def fax_rows(picture: Picture) -> Picture:
    """A picture of 204 dpi with as many rows as a fax of standard resolution has."""
    wide, high = picture.shape[1], round(picture.shape[0] * FAX_DPI[1] / FAX_DPI[0])
    return np.asarray(cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def encode_rare(pictures: Sequence[Picture], dpi: int, coding: str) -> bytes:
    """A file of the pages. `coding`: one of `RARE_CODINGS`; `dpi` does not count for `tiff-fax`.

    `pdf-layers` takes colour (blue, green, red), the others black and white. Raises ValueError for another coding.
    """
    if coding == "tiff-fax":
        images = [_ink(picture < 128) for picture in pictures]
        out = io.BytesIO()
        images[0].save(out, "TIFF", save_all=True, append_images=images[1:], compression="group3", dpi=FAX_DPI)
        return out.getvalue()
    if coding not in RARE_CODINGS:
        raise ValueError(f"not a rare coding: {coding}")
    document = pikepdf.new()
    for picture in pictures:
        high, wide = picture.shape[:2]
        size = (wide * 72 / dpi, high * 72 / dpi)
        page = document.add_blank_page(page_size=size)
        layers = _layers(document, picture) if coding == "pdf-layers" else [_jbig2(document, picture)]
        names = [f"/Im{number}" for number in range(len(layers))]
        page.obj.Resources = Dictionary(XObject=Dictionary(dict(zip(names, layers, strict=True))))
        draw = "0 g " + " ".join(f"q {size[0]:.4f} 0 0 {size[1]:.4f} 0 0 cm {name} Do Q" for name in names)
        page.obj.Contents = pikepdf.Stream(document, draw.encode())
    document.docinfo["/Producer"] = "Kopierzentrale 7 C"
    out = io.BytesIO()
    document.save(out, deterministic_id=True)
    document.close()
    return out.getvalue()


def _ink(dots: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Image.Image:
    """Black where there is a dot."""
    return Image.fromarray(np.where(dots, np.uint8(0), np.uint8(255))).convert("1", dither=Image.Dither.NONE)


def _group4(dots: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> bytes:
    """Group 4 data in which a dot is black."""
    image = _ink(~dots)
    out = io.BytesIO()
    image.save(out, "TIFF", compression="group4", tiffinfo={278: image.height})
    with TiffImageFile(io.BytesIO(out.getvalue())) as file:
        (start,), (length,) = file.tag_v2[273], file.tag_v2[279]
    return out.getvalue()[start : start + length]


def _picture(document: pikepdf.Pdf, data: bytes, width: int, height: int, entries: _Entries) -> pikepdf.Object:
    known: _Entries = {"/Type": Name.XObject, "/Subtype": Name.Image, "/Width": width, "/Height": height}
    return document.make_indirect(pikepdf.Stream(document, data, known | entries))


def _jbig2(document: pikepdf.Pdf, picture: Picture) -> pikepdf.Object:
    """One generic region whose data are Group 4 (ITU-T T.88, 6.2.6, 7.4.6, 7.4.8); no symbols."""
    high, wide = picture.shape[:2]
    size = wide.to_bytes(4, "big") + high.to_bytes(4, "big")
    body = size + bytes(9) + b"\x01" + _group4(picture < 128)
    data = b""
    for number, kind, part in ((0, 48, size + bytes(11)), (1, 38, body)):
        data += number.to_bytes(4, "big") + bytes((kind, 0, 1)) + len(part).to_bytes(4, "big") + part
    entries: _Entries = {"/Filter": Name.JBIG2Decode, "/ColorSpace": Name.DeviceGray, "/BitsPerComponent": 1}
    return _picture(document, data, wide, high, entries)


def _layers(document: pikepdf.Pdf, picture: Picture) -> list[pikepdf.Object]:
    """Soft ground, the colours of tinted type behind a mask, and black type as a stencil."""
    type_ = picture.min(axis=2) < _DARK
    black = type_ & (picture.max(axis=2) < _BLACK)
    tinted = type_ & ~black
    paper = picture.copy()
    paper[type_] = np.median(picture[~type_], axis=0).astype(np.uint8)
    colours = np.where(tinted[:, :, None], picture, 60).astype(np.uint8)
    ground = _soft(document, paper, 3, 35, {})
    mask = _stencil(document, tinted)
    return [ground, _soft(document, colours, 4, 50, {"/Mask": mask}), _stencil(document, black)]


def _soft(document: pikepdf.Pdf, picture: Picture, parts: int, quality: int, more: _Entries) -> pikepdf.Object:
    wide, high = picture.shape[1] // parts, picture.shape[0] // parts
    small = cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA)
    out = io.BytesIO()
    Image.fromarray(small[:, :, ::-1]).save(out, "JPEG", quality=quality)
    entries: _Entries = {"/Filter": Name.DCTDecode, "/ColorSpace": Name.DeviceRGB, "/BitsPerComponent": 8}
    return _picture(document, out.getvalue(), wide, high, entries | more)


def _stencil(document: pikepdf.Pdf, dots: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> pikepdf.Object:
    """A mask that paints where there is a dot."""
    high, wide = dots.shape
    parameters = Dictionary(K=-1, Columns=wide, Rows=high)
    entries: _Entries = {"/ImageMask": True, "/BitsPerComponent": 1, "/Decode": Array([0, 1])}
    entries |= {"/Filter": Name.CCITTFaxDecode, "/DecodeParms": parameters}
    return _picture(document, _group4(dots), wide, high, entries)
