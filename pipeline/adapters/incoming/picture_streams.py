"""Picture streams for PDF pages: the source's own coded bytes where PDF takes them, else decoded and packed anew."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, field

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

GRAY, RGB, CMYK = Name.DeviceGray, Name.DeviceRGB, Name.DeviceCMYK
_ICC_SPACES = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}
_SRGB_NAMES = (b"sRGB", "sRGB".encode("utf-16-be"))
_ICC_CLASSES = (b"scnr", b"mntr", b"prtr", b"spac")


@dataclass
class Built:
    """What happened to the pictures of a page. `images`: SHA-256 of each stream that is the source's own bytes.

    `shared`: objects that are in the PDF already, by what they say; pages of one document share them.
    `inline`: how many pictures stand among the operators.
    """

    shared: dict[bytes, pikepdf.Object] = field(default_factory=dict)
    images: list[str] = field(default_factory=list)
    recoded: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    inline: int = 0


@dataclass(frozen=True)
class Strip:
    """A picture of full width and `rows` rows; strips follow each other downwards."""

    stream: pikepdf.Object
    rows: int


def image_stream(
    pdf: pikepdf.Pdf, data: bytes, width: int, height: int, bits: int, space: pikepdf.Object, **more: object
) -> pikepdf.Object:
    """An image of these coded bytes."""
    return pdf.make_stream(
        data,
        Subtype=Name.Image,
        Width=width,
        Height=height,
        BitsPerComponent=bits,
        ColorSpace=space,
        **more,
    )


def own(built: Built, data: bytes) -> bytes:
    """The data, noted down as the source's own."""
    built.images.append(hashlib.sha256(data).hexdigest())
    return data


def device_space(components: int) -> pikepdf.Object | None:
    """The device colour space of so many components, None where there is none."""
    return {1: GRAY, 3: RGB, 4: CMYK}.get(components)


def colour_space(pdf: pikepdf.Pdf, components: int, icc: bytes | None, built: Built) -> pikepdf.Object | None:
    """The colour space of a picture: by its own profile where that says more than sRGB, else the device's.

    Profiles that PDF/A-2 does not take (ISO 19005-2, 6.2.4.2) are left out.
    """
    plain = components == 3 and icc is not None and any(name in icc for name in _SRGB_NAMES)
    if not icc or components == 1 or plain or not _usable(icc, components):
        return device_space(components)
    if icc not in built.shared:
        packed = zlib.compress(icc, 9)
        built.shared[icc] = pdf.make_stream(packed, N=components, Filter=Name.FlateDecode)
    return Array([Name.ICCBased, built.shared[icc]])


def shared(pdf: pikepdf.Pdf, built: Built, item: pikepdf.Object) -> pikepdf.Object:
    """An object that stands in the PDF once, however many streams name it."""
    told = item.unparse()
    if told not in built.shared:
        built.shared[told] = pdf.make_indirect(item)
    return built.shared[told]


def _usable(icc: bytes, components: int) -> bool:
    return (
        len(icc) > 132
        and int.from_bytes(icc[:4], "big") == len(icc)
        and icc[36:40] == b"acsp"
        and icc[8] in (2, 4)
        and icc[12:16] in _ICC_CLASSES
        and _ICC_SPACES.get(icc[16:20]) == components
    )


def decoded_stream(pdf: pikepdf.Pdf, image: Image.Image) -> pikepdf.Object:
    """The decoded picture as Flate: samples as they are, an alpha channel as a soft mask."""
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif image.mode in ("LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
    if image.mode == "RGBA":
        plain = decoded_stream(pdf, image.convert("RGB"))
        plain.SMask = decoded_stream(pdf, image.getchannel("A"))
        return plain
    bits, space = 8, {"1": GRAY, "L": GRAY, "RGB": RGB, "CMYK": CMYK}.get(image.mode)
    if image.mode.startswith("I;16"):
        bits, space, raw = 16, GRAY, np.asarray(image).astype(">u2").tobytes()
    elif space is None:
        return decoded_stream(pdf, image.convert("RGB"))
    else:
        bits, raw = (1 if image.mode == "1" else 8), image.tobytes()
    rows = np.frombuffer(raw, np.uint8).reshape(image.height, -1)
    plain_bytes = zlib.compress(raw, 9)
    steps = np.vstack([rows[:1], rows[1:] - rows[:-1]])
    up = zlib.compress(np.hstack([np.full((image.height, 1), 2, np.uint8), steps]).tobytes(), 9)
    if len(plain_bytes) <= len(up):
        return image_stream(pdf, plain_bytes, *image.size, bits, space, Filter=Name.FlateDecode)
    colours = {GRAY: 1, RGB: 3, CMYK: 4}[space]
    parms = Dictionary(Predictor=15, Colors=colours, BitsPerComponent=bits, Columns=image.width)
    return image_stream(pdf, up, *image.size, bits, space, Filter=Name.FlateDecode, DecodeParms=parms)
