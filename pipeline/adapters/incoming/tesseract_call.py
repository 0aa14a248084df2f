"""One call of Tesseract for one or several rasters, through pytesseract; its tables of words as values in pixels.

A call that fails raises. Nothing that goes wrong comes back as a page without text.
"""

from __future__ import annotations

import csv
import os
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import pytesseract
from pytesseract import pytesseract as engine

from pipeline.adapters.incoming import warm_tesseract
from pipeline.adapters.incoming.iban_digits import with_ibans
from pipeline.adapters.incoming.page_pictures import Gray
from pipeline.adapters.incoming.raster_words import RasterBlock, RasterLine, RasterWord
from pipeline.adapters.incoming.section_sign import with_section_signs
from pipeline.adapters.incoming.tesseract_models import SETTINGS
from pipeline.domain.errors import Permanent, Temporary

_LEAST_TIMEOUT_S = 60.0
_TIMEOUT_PER_MEGAPIXEL_S = 10.0
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_DESCENDING = frozenset("gjpqyQ,;()[]{}_/|ß§µçÇ@$ſ")


class ReadingTimeout(Exception):
    """Tesseract did not finish within the page's time."""


@dataclass(frozen=True)
class Picture:
    """A raster in a file of its own, ready to be read."""

    path: Path
    width: int
    height: int
    dpi: float

    @property
    def pixels(self) -> int:
        """How many there are."""
        return self.width * self.height

    def raster(self) -> Gray:
        """The pixels again; the file's own pages serve as memory."""
        offset = self.path.stat().st_size - self.pixels
        return np.memmap(self.path, np.uint8, "r", offset, (self.height, self.width))


@dataclass(frozen=True)
class Way:
    """How rasters are read.

    `inverted_too`: also try light type on dark ground. `one_block`: take the page as one block of level lines, so that
    nothing is taken for a column of vertical type, but columns of text aren't told apart either. `anew`: by the
    installed program, mostly of another version, in place of the engine that is loaded: a second opinion.
    """

    language: str
    inverted_too: bool = False
    one_block: bool = False
    anew: bool = False


def timeout_s(pixels: int) -> float:
    """Seconds that reading rasters of so many pixels may take."""
    return _LEAST_TIMEOUT_S + _TIMEOUT_PER_MEGAPIXEL_S * pixels / 1_000_000


def write_picture(raster: Gray, dpi: float, base: Path) -> Picture:
    """Write a raster as portable graymap beside `base`, which Tesseract reads without unpacking."""
    path = base.with_name(base.name + ".pgm")
    height, width = raster.shape
    with path.open("wb") as file:
        file.write(b"P5\n%d %d\n255\n" % (width, height))
        file.write(np.ascontiguousarray(raster).data)
    return Picture(path, width, height, dpi)


def read_pictures(pictures: Sequence[Picture], base: Path, way: Way) -> list[tuple[RasterBlock, ...]]:
    """Read pictures of one resolution in one call. `base`: path without ending for the files of this call.

    Those are removed again, the pictures not. Raises ReadingTimeout; Temporary `recognition-failed`; Permanent
    `tesseract-missing` or `tesseract-language`.
    """
    os.environ["OMP_THREAD_LIMIT"] = "1"  # more threads are slower under load
    limit_s = timeout_s(sum(picture.pixels for picture in pictures))
    if not way.anew and warm_tesseract.can_read(way.language):
        return _finished(_read_warm(pictures, way, limit_s), pictures, way)
    table, names = base.with_name(base.name + ".tsv"), base.with_name(base.name + ".txt")
    settings = f"--oem 1 --psm {6 if way.one_block else 3} --dpi {round(pictures[0].dpi)} -c tessedit_create_tsv=1"
    settings += f" -c tessedit_do_invert={int(way.inverted_too)}"
    settings += "".join(f" -c {name}={value}" for name, value in SETTINGS.items())
    try:
        names.write_text("".join(f"{picture.path}\n" for picture in pictures), encoding="utf-8")
        first = str(names if len(pictures) > 1 else pictures[0].path)
        engine.run_tesseract(first, str(base), "tsv", way.language, settings, 0, limit_s)
        pages = parse_tables(table.read_text(encoding="utf-8"), len(pictures))
    except pytesseract.TesseractNotFoundError as error:
        raise Permanent(
            "tesseract-missing", "Tesseract ist nicht installiert.", "apt-get install tesseract-ocr tesseract-ocr-deu"
        ) from error
    except pytesseract.TesseractError as error:
        raise _failure(error, way.language) from error
    except (OSError, ValueError) as error:
        raise Temporary("recognition-failed", f"Die Texterkennung lieferte kein lesbares Ergebnis: {error}") from error
    except RuntimeError as error:
        raise ReadingTimeout(str(error)) from error
    finally:
        table.unlink(missing_ok=True)
        names.unlink(missing_ok=True)
    return _finished(pages, pictures, way)


def _read_warm(pictures: Sequence[Picture], way: Way, limit_s: float) -> list[tuple[RasterBlock, ...]]:
    paths = [picture.path for picture in pictures]
    try:
        table = warm_tesseract.read_tables(
            paths,
            pictures[0].dpi,
            way.language,
            limit_s,
            one_block=way.one_block,
            inverted_too=way.inverted_too,
        )
        return parse_tables(table, len(pictures))
    except warm_tesseract.UnfitModel as unfit:
        raise Permanent(
            "tesseract-language",
            f"Das Sprachmodell {way.language} lässt sich nicht laden, es ist beschädigt.",
            f"apt-get install --reinstall tesseract-ocr-{way.language}",
        ) from unfit
    except warm_tesseract.WarmTimeout as late:
        raise ReadingTimeout(f"not done after {limit_s:.0f} s") from late
    except (warm_tesseract.WarmFailure, ValueError) as error:
        raise Temporary("recognition-failed", f"Die Texterkennung brach ab ({error}).") from error


def _finished(
    pages: list[tuple[RasterBlock, ...]], pictures: Sequence[Picture], way: Way
) -> list[tuple[RasterBlock, ...]]:
    if "deu" not in way.language.split("+"):
        return pages
    return [with_ibans(with_section_signs(page, picture.raster)) for page, picture in zip(pages, pictures, strict=True)]


def _failure(error: pytesseract.TesseractError, language: str) -> Permanent | Temporary:
    message = str(error.message)
    if "Failed loading language" in message or "couldn't load any languages" in message:
        return Permanent(
            "tesseract-language",
            f"Tesseract hat das Sprachmodell {language} nicht.",
            f"apt-get install tesseract-ocr-{language}",
        )
    return Temporary("recognition-failed", f"Die Texterkennung brach ab (Status {error.status}): {message[:200]}")


def parse_tables(table: str, pages: int) -> list[tuple[RasterBlock, ...]]:
    """The words of Tesseract's TSV page by page, in blocks and lines. Raises ValueError where a page is missing."""
    reader = csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    if reader.fieldnames is None or "text" not in reader.fieldnames or "conf" not in reader.fieldnames:
        raise ValueError("no table of words")
    rows: dict[int, list[dict[str, str]]] = {}
    for row in reader:
        rows.setdefault(int(row["page_num"]), []).append(row)
    if list(rows) != list(range(1, pages + 1)):
        raise ValueError(f"a table of the pages {list(rows)} instead of 1 to {pages}")
    return [_blocks(rows[page]) for page in range(1, pages + 1)]


def _blocks(rows: list[dict[str, str]]) -> tuple[RasterBlock, ...]:
    words = [(row, word) for row in rows if row["level"] == "5" for word in _words(row)]
    blocks = []
    for _block, members in groupby(words, key=lambda item: (item[0]["block_num"], item[0]["par_num"])):
        lines = groupby(members, key=lambda item: item[0]["line_num"])
        blocks.append(RasterBlock(tuple(_line(tuple(word for _row, word in line)) for _number, line in lines)))
    return tuple(blocks)


def clean(text: str) -> str:
    """The text in composed form (NFC), typographic ligatures as letters, without what a font can't carry."""
    composed = unicodedata.normalize("NFC", "".join(_LIGATURES.get(sign, sign) for sign in text))
    return "".join(
        sign if ord(sign) <= 0xFFFF else "\ufffd"
        for sign in composed
        if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Cn", "Co")
    )


def _words(row: dict[str, str]) -> Iterator[RasterWord]:
    pieces = clean(row["text"] or "").split()
    left, top, width, height = (int(row[key]) for key in ("left", "top", "width", "height"))
    confidence = min(max(float(row["conf"]), 0.0), 100.0)
    signs = sum(len(piece) for piece in pieces)
    begun = 0
    for piece in pieces:
        start, end = left + width * begun // signs, left + width * (begun + len(piece)) // signs
        begun += len(piece)
        yield RasterWord(piece, confidence, start, top, max(end, start + 1), top + max(height, 1))


def _line(words: tuple[RasterWord, ...]) -> RasterLine:
    """Baseline and type size from the words' boxes: words that reach below it have no say where others have."""
    standing = [word for word in words if not _DESCENDING & set(word.text) and any(s.isalnum() for s in word.text)]
    bottoms = sorted(word.bottom for word in standing or words)
    base = float(bottoms[len(bottoms) // 2])
    rising = sorted(base - word.top for word in words if word.top < base) or [float(words[0].bottom - words[0].top)]
    tall = rising[(len(rising) * 3) // 4] if len(rising) > 1 else rising[0]
    return RasterLine(words, base, max(tall, 2.0) / 0.72)
