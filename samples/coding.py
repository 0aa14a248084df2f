"""Pictures of scanned pages into the files that scanners write. The same pictures give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import pikepdf
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from samples.paper import Picture

CODINGS = ("pdf-jpeg-grey", "pdf-jpeg-colour", "pdf-g4", "tiff-g4", "tiff-lzw", "tiff-jpeg", "jpeg", "png")
"""What `encode` knows. `jpeg` and `png` hold one page."""


@dataclass(frozen=True)
class Shot:
    """One scanned page: its picture and resolution."""

    picture: Picture
    dpi: int


def extension(coding: str) -> str:
    """The usual end of a file's name for a coding, with its dot."""
    return {"pdf": ".pdf", "tif": ".tif", "jpe": ".jpg", "png": ".png"}[coding[:3]]


def is_bilevel(coding: str) -> bool:
    """Whether the coding holds black and white only."""
    return coding.endswith("g4") or coding in ("pdf-jbig2", "tiff-fax")


def _image(shot: Shot, black_and_white: bool = False) -> Image.Image:
    picture = shot.picture if shot.picture.ndim == 2 else shot.picture[:, :, ::-1]
    image = Image.fromarray(picture)
    return image.convert("1", dither=Image.Dither.NONE) if black_and_white else image


def _jpeg(shot: Shot, quality: int) -> bytes:
    out = io.BytesIO()
    _image(shot).save(out, "JPEG", quality=quality, dpi=(shot.dpi, shot.dpi))
    return out.getvalue()


def _tiff(shots: Sequence[Shot], compression: str, quality: int) -> bytes:
    images = [_image(shot, compression == "group4") for shot in shots]
    for image, shot in zip(images, shots, strict=True):
        image.encoderinfo = {"dpi": (shot.dpi, shot.dpi)}
    out = io.BytesIO()
    first = shots[0].dpi
    extra = {"quality": quality} if compression == "jpeg" else {}
    images[0].save(
        out, "TIFF", save_all=True, append_images=images[1:], compression=compression, dpi=(first, first), **extra
    )
    return out.getvalue()


def _fax_strip(shot: Shot) -> tuple[bytes, bool]:
    """The Group 4 data of a page, and whether a 1 means black."""
    out = io.BytesIO()
    image = _image(shot, True)
    image.save(out, "TIFF", compression="group4", tiffinfo={278: image.height})
    with TiffImageFile(io.BytesIO(out.getvalue())) as file:
        (start,), (size,), photometric = file.tag_v2[273], file.tag_v2[279], file.tag_v2[262]
    return out.getvalue()[start : start + size], photometric == 1


def _pdf(shots: Sequence[Shot], fax: bool, quality: int) -> bytes:
    document = pikepdf.new()
    for shot in shots:
        high, wide = shot.picture.shape[:2]
        size = (wide * 72 / shot.dpi, high * 72 / shot.dpi)
        page = document.add_blank_page(page_size=size)
        entries: dict[str, object] = {
            "/Type": pikepdf.Name.XObject,
            "/Subtype": pikepdf.Name.Image,
            "/Width": wide,
            "/Height": high,
        }
        if fax:
            data, black_is_one = _fax_strip(shot)
            parameters = pikepdf.Dictionary(K=-1, Columns=wide, Rows=high, BlackIs1=black_is_one)
            entries |= {"/Filter": pikepdf.Name.CCITTFaxDecode, "/DecodeParms": parameters}
            entries |= {"/ColorSpace": pikepdf.Name.DeviceGray, "/BitsPerComponent": 1}
        else:
            data = _jpeg(shot, quality)
            space = pikepdf.Name.DeviceGray if shot.picture.ndim == 2 else pikepdf.Name.DeviceRGB
            entries |= {"/Filter": pikepdf.Name.DCTDecode, "/ColorSpace": space, "/BitsPerComponent": 8}
        image = pikepdf.Stream(document, data, entries)
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=document.make_indirect(image)))
        draw = f"q {size[0]:.4f} 0 0 {size[1]:.4f} 0 0 cm /Im0 Do Q".encode()
        page.obj.Contents = pikepdf.Stream(document, draw)
    document.docinfo["/Producer"] = "ScanStation 4000 N"
    out = io.BytesIO()
    document.save(out, deterministic_id=True)
    document.close()
    return out.getvalue()


def encode(shots: Sequence[Shot], coding: str, quality: int = 70) -> bytes:
    """A file of the pages. `coding`: one of `CODINGS`; `quality`: of JPEG, 1 to 95. Raises ValueError otherwise."""
    if coding not in CODINGS or not shots or (coding in ("jpeg", "png") and len(shots) > 1):
        raise ValueError(f"{len(shots)} pages do not go into {coding}")
    if coding.startswith("pdf"):
        return _pdf(shots, coding == "pdf-g4", quality)
    if coding.startswith("tiff"):
        return _tiff(shots, {"g4": "group4", "lzw": "tiff_lzw", "jpeg": "jpeg"}[coding[5:]], quality)
    if coding == "jpeg":
        return _jpeg(shots[0], quality)
    out = io.BytesIO()
    _image(shots[0]).save(out, "PNG", dpi=(shots[0].dpi, shots[0].dpi))
    return out.getvalue()
