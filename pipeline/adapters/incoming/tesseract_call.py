"""One call of Tesseract for one raster, through pytesseract; its table of words as values in the raster's pixels.

A call that fails raises. Nothing that goes wrong comes back as a page without text.
"""

from __future__ import annotations

import csv
import os
import unicodedata
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytesseract
from PIL import Image
from pytesseract import pytesseract as engine

from pipeline.adapters.incoming.page_pictures import Gray
from pipeline.adapters.incoming.raster_words import RasterBlock, RasterLine, RasterWord
from pipeline.adapters.incoming.section_sign import with_section_signs
from pipeline.domain.errors import Permanent, Temporary

_LEAST_TIMEOUT_S = 60.0
_TIMEOUT_PER_MEGAPIXEL_S = 10.0
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_DESCENDING = frozenset("gjpqyQ,;()[]{}_/|ß§µçÇ@$ſ")


class ReadingTimeout(Exception):
    """Tesseract did not finish within the page's time."""


def timeout_s(raster: Gray) -> float:
    """Seconds that reading a raster may take; grows with its size."""
    return _LEAST_TIMEOUT_S + _TIMEOUT_PER_MEGAPIXEL_S * raster.size / 1_000_000


def read_raster(
    raster: Gray, dpi: float, language: str, base: Path, *, inverted_too: bool, limit_s: float, one_block: bool = False
) -> tuple[RasterBlock, ...]:
    """Read a raster. `base`: path without ending for the files of this call, which are removed again.

    `inverted_too`: also try light type on dark ground. `one_block`: take the page as one block of level lines, so that
    nothing is taken for a column of vertical type, but columns of text aren't told apart either.
    Raises ReadingTimeout; Temporary `recognition-failed`; Permanent `tesseract-missing` or `tesseract-language`.
    """
    os.environ["OMP_THREAD_LIMIT"] = "1"  # more threads are slower under load
    picture = base.with_name(base.name + ".png")
    table = base.with_name(base.name + ".tsv")
    Image.fromarray(raster).save(picture, compress_level=1, dpi=(round(dpi), round(dpi)))
    layout = 6 if one_block else 3
    settings = f"--oem 1 --psm {layout} --dpi {round(dpi)} -c tessedit_create_tsv=1"
    settings += f" -c tessedit_do_invert={int(inverted_too)}"
    try:
        engine.run_tesseract(str(picture), str(base), "tsv", language, settings, 0, limit_s)
        blocks = parse_table(table.read_text(encoding="utf-8"))
        return with_section_signs(blocks) if "deu" in language.split("+") else blocks
    except pytesseract.TesseractNotFoundError as error:
        raise Permanent(
            "tesseract-missing", "Tesseract ist nicht installiert.", "apt-get install tesseract-ocr tesseract-ocr-deu"
        ) from error
    except pytesseract.TesseractError as error:
        raise _failure(error, language) from error
    except (OSError, ValueError) as error:
        raise Temporary("recognition-failed", f"Die Texterkennung lieferte kein lesbares Ergebnis: {error}") from error
    except RuntimeError as error:
        raise ReadingTimeout(str(error)) from error
    finally:
        picture.unlink(missing_ok=True)
        table.unlink(missing_ok=True)


def _failure(error: pytesseract.TesseractError, language: str) -> Permanent | Temporary:
    message = str(error.message)
    if "Failed loading language" in message or "couldn't load any languages" in message:
        return Permanent(
            "tesseract-language",
            f"Tesseract hat das Sprachmodell {language} nicht.",
            f"apt-get install tesseract-ocr-{language}",
        )
    return Temporary("recognition-failed", f"Die Texterkennung brach ab (Status {error.status}): {message[:200]}")


def parse_table(table: str) -> tuple[RasterBlock, ...]:
    """The words of Tesseract's TSV in blocks and lines. Raises ValueError where it isn't such a table."""
    reader = csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    if reader.fieldnames is None or "text" not in reader.fieldnames or "conf" not in reader.fieldnames:
        raise ValueError("no table of words")
    rows = list(reader)
    if not rows:
        raise ValueError("a table without its page")
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
