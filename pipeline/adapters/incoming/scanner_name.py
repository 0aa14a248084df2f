"""Which device made a scan, as far as the file itself tells."""

from __future__ import annotations

import struct
from pathlib import Path

import pikepdf
from PIL import Image

from pipeline.adapters.incoming.tiff_file import BadTiff, raw_entries, read_tiff
from pipeline.domain.pages import SourceFacts

_MAKE, _MODEL, _SOFTWARE = 271, 272, 305  # TIFF 6.0, section 8; Exif uses the same tags
_LONGEST = 120


def scanner_name(source: str, facts: SourceFacts) -> str:
    """Make, model and software of the device that the file names; empty where it names none.

    A file's own words, cut to what one line can hold: nobody vouches for them.
    """
    try:
        if facts.type == "pdf":
            return _told(_of_pdf(source))
        if facts.type == "tiff":
            return _told(_of_tiff(source))
        with Image.open(source) as image:
            exif = image.getexif()
            return _told([str(exif.get(tag, "")) for tag in (_MAKE, _MODEL, _SOFTWARE)])
    except (OSError, ValueError, SyntaxError, BadTiff, struct.error, pikepdf.PdfError):
        return ""  # whoever reads the pictures says what is wrong with the file


def _of_pdf(source: str) -> list[str]:
    with pikepdf.open(source, suppress_warnings=True) as pdf:
        info = pdf.trailer.get("/Info")
        if not isinstance(info, pikepdf.Dictionary):
            return []
        found = [info.get(key) for key in ("/Creator", "/Producer")]
        return [str(value) for value in found if isinstance(value, pikepdf.String)]


def _of_tiff(source: str) -> list[str]:
    if Path(source).stat().st_size == 0:
        return []
    _order, entries = raw_entries(source, read_tiff(source, max_pages=1)[0])
    found = [entries[tag] for tag in (_MAKE, _MODEL, _SOFTWARE) if tag in entries]
    return [value.decode("utf-8", "replace") for kind, _count, value in found if kind == 2]


def _told(parts: list[str]) -> str:
    """The parts that say something new, in one printable line."""
    said: list[str] = []
    for part in parts:
        clean = " ".join("".join(sign if sign.isprintable() else " " for sign in part).split())
        if clean and not any(clean in other for other in said):
            said.append(clean)
    return ", ".join(said)[:_LONGEST]
