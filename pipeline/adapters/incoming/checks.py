"""Proof of a finished archive PDF from its own bytes: pages, searchable text, untouched pictures, same look."""

from __future__ import annotations

import ctypes
import dataclasses
import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium_c

from pipeline.adapters.incoming.inline_pictures import inline_data
from pipeline.adapters.incoming.page_geometry import Affine, mapped_box, quarter_turn
from pipeline.adapters.incoming.page_look import COARSE, differing_pages
from pipeline.adapters.incoming.pdf_images import images_of
from pipeline.adapters.incoming.raster_words import RasterWord
from pipeline.adapters.incoming.reading_direction import level_share
from pipeline.adapters.incoming.same_pages import proven_same
from pipeline.adapters.incoming.tesseract_call import clean
from pipeline.domain.recognised import ArchivePdfFacts, Line, RecognisedPage, Word

_LEAST_SIMILARITY = 0.98
_LEAST_SIMILARITY_SHORT = 0.8  # on a page of few words, where one that a reader joins or cuts weighs much
_SHORT_PAGE = 100  # words
_LEAST_WORDS = 0.8
_LEAST_IN_ORDER = 0.8  # turned pages give nearly none
_LEAST_IN_ORDER_SKEWED = 0.3  # readers interleave the rows of a skewed table: 0.65 at 1.8 degrees
_SKEWED_DEGREES = 0.5
_LEAST_PAIRS = 10  # with fewer, one pair would decide
_LEAST_LEVEL = 0.7  # of the characters of lines that were read level
_LEAST_STRAIGHT = 0.5  # of a recognised page's characters, in lines that were read level; the rest may be heads
_LEAST_SIGNS = 4  # of a line that is looked for as a run of characters; less stands everywhere


@dataclass(frozen=True)
class Finding:
    """What is wrong with an archive PDF, in a German sentence. `page`: of the source (from 1), None for the file.

    `text` may be the source's doing, as with writing that readers put into another order: a person can tell.
    All other kinds are ours.
    """

    kind: Literal["pages", "text", "turn", "pictures", "look"]
    page: int | None
    sentence: str


def check_archive_pdf(
    pdf: str, pages: Sequence[RecognisedPage], facts: ArchivePdfFacts | None = None, source: str | None = None
) -> list[Finding]:
    """What is wrong with a written archive PDF; empty when it is proven.

    Page count; per page the text that a reader extracts against the recognised words (at least 0.98 of them, and
    0.8 of neighbours in order, 0.3 on a skewed page); whether they run level on the page as shown; the turn; with
    `facts`, every picture stream that was promised unchanged by its SHA-256; with `source` (a PDF; `pages` name its
    pages), that each page still looks as it did: by its objects (`same_pages`), else drawn.
    """
    findings: list[Finding] = []
    document = pypdfium2.PdfDocument(pdf)
    try:
        if len(document) != len(pages):
            sentence = f"Die PDF-Datei hat {len(document)} Seiten, erwartet wurden {len(pages)}."
            return [Finding("pages", None, sentence)]
        for index, page in enumerate(pages):
            findings += _check_text(document, index, page) or _check_level(document, index, page)
            if document[index].get_rotation() != page.rotation:
                sentence = f"Seite {page.page}: Die Drehung der Seite stimmt nicht."
                findings.append(Finding("turn", page.page, sentence))
    finally:
        document.close()
    if facts is not None:
        findings += _check_pictures(pdf, pages, facts)
    if source is not None:
        findings += _check_look(pdf, source, pages)
    return findings


def likeness(lines: Sequence[Sequence[str]], found: Sequence[str]) -> float:
    """The share of the lines' words that were found, 0 to 1, whatever the order of lines and whatever else was found.

    Readers cut and join words that touch: where most words agree, a line whose characters stand there in one run is
    found as a whole.
    """
    total = sum(len(line) for line in lines)
    plainly = sum((Counter(word for line in lines for word in line) & Counter(found)).values())
    if plainly < _LEAST_WORDS * total:
        return plainly / total
    whole = _whole_lines(lines, found)
    wanted = Counter(word for line, stands in zip(lines, whole, strict=True) if not stands for word in line)
    surely = Counter(word for line, stands in zip(lines, whole, strict=True) if stands for word in line)
    left = Counter(found) - surely
    missing = sum((wanted - left).values())
    return (total - missing) / total if total else 1.0


def in_order(lines: Sequence[Sequence[str]], found: Sequence[str]) -> float:
    """The share of neighbouring words of the lines that follow each other in what was found, 0 to 1.

    1 where there are too few pairs to tell. Lines that stand there as one run of characters are in order.
    """
    total = sum(max(len(line) - 1, 0) for line in lines)
    if total < _LEAST_PAIRS:
        return 1.0
    whole = _whole_lines(lines, found)
    rest = [line for line, stands in zip(lines, whole, strict=True) if not stands]
    wanted = Counter(pair for line in rest for pair in pairwise(line))
    surely = Counter(pair for line, stands in zip(lines, whole, strict=True) if stands for pair in pairwise(line))
    missing = wanted - (Counter(pairwise(found)) - surely)
    return 1 - sum(missing.values()) / total


def _whole_lines(lines: Sequence[Sequence[str]], found: Sequence[str]) -> list[bool]:
    """For each line, whether its characters stand in one run, as often as there are lines like it."""
    text = "".join(found)
    runs = ["".join(line) for line in lines]
    stands = {
        run: len(run) >= _LEAST_SIGNS and text.count(run) >= times for run, times in sorted(Counter(runs).items())
    }
    return [stands[run] for run in runs]


def _check_text(document: pypdfium2.PdfDocument, index: int, page: RecognisedPage) -> list[Finding]:
    text = document[index].get_textpage()
    try:
        found = clean(text.get_text_range().replace("\r", " ").replace("\n", " ").replace("\ufffe", "-")).split()
    finally:
        text.close()
    lines = [[word.text for word in line.words] for line in page.lines()]
    wording = "dem der Vorlage" if page.own_text else "dem erkannten"
    alike, ordered = likeness(lines, found), in_order(lines, found)
    short = sum(len(line) for line in lines) < _SHORT_PAGE
    if alike < (_LEAST_SIMILARITY_SHORT if short else _LEAST_SIMILARITY):
        sentence = f"Der Text der PDF-Datei gleicht {wording} nur zu {math.floor(alike * 100)} von 100."
    elif ordered < (_LEAST_IN_ORDER_SKEWED if abs(page.skew_degrees) >= _SKEWED_DEGREES else _LEAST_IN_ORDER):
        share = f"{math.floor(ordered * 100)} von 100"
        sentence = f"Die Reihenfolge der Wörter in der PDF-Datei gleicht {wording} nur zu {share}."
    else:
        return []
    return [Finding("text", page.page, f"Seite {page.page}: {sentence}")]


def _check_level(document: pypdfium2.PdfDocument, index: int, page: RecognisedPage) -> list[Finding]:
    """Whether the words run from left to right on the page as it is shown: by their boxes, and by their characters.

    Lines that were read as type that runs up or down must not be most of the page, and do not count otherwise.
    """
    if page.own_text or not page.words:
        return []
    rotation = int(document[index].get_rotation())
    turn = quarter_turn(rotation, page.width_px, page.height_px)
    sides = (page.width_px, page.height_px) if rotation % 180 == 0 else (page.height_px, page.width_px)
    level = [line for line in page.lines() if line.rotation == page.rotation]
    straight = _signs(level) / _signs(page.lines())
    shown = [[_shown(word, turn, sides) for word in line.words] for line in level]
    share = straight
    if straight >= _LEAST_STRAIGHT:
        share = min(level_share(shown), _level_runs(document[index], rotation) / straight)
        if share >= _LEAST_LEVEL:
            return []
    sentence = (
        f"Seite {page.page}: Nur {math.floor(share * 100)} von 100 Zeichen laufen waagerecht von links nach rechts."
    )
    return [Finding("text", page.page, f"{sentence} Die Seite steht vielleicht nicht aufrecht.")]


def _signs(lines: Iterable[Line]) -> int:
    return sum(len(word.text) for line in lines for word in line.words)


def _shown(word: Word, turn: Affine, sides: tuple[int, int]) -> RasterWord:
    box = word.box
    to = mapped_box(turn, box.left, box.top, box.right, box.bottom, *sides)
    return RasterWord(word.text, word.confidence, to.left, to.top, to.right, to.bottom)


def _level_runs(page: Any, rotation: int) -> float:
    """The share of characters in runs that a reader sees go from left to right after the page's turn, 0 to 1."""
    text = page.get_textpage()
    try:
        level = across = first = 0
        count = text.count_chars()
        for index in range(count + 1):
            code = pdfium_c.FPDFText_GetUnicode(text.raw, index) if index < count else 0
            if code and not chr(code).isspace():
                continue
            signs, start, first = index - first, first, index + 1
            if signs > 1:
                (from_x, from_y), (to_x, to_y) = _origin(text.raw, start), _origin(text.raw, index - 1)
                right, up = _turned(to_x - from_x, to_y - from_y, rotation)
                level, across = (level + signs, across) if right > abs(up) else (level, across + signs)
        return level / (level + across) if level + across else 1.0
    finally:
        text.close()


def _origin(text: Any, index: int) -> tuple[float, float]:
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium_c.FPDFText_GetCharOrigin(text, index, x, y)
    return x.value, y.value


def _turned(right: float, up: float, rotation: int) -> tuple[float, float]:
    """A step on the page as it looks after a clockwise turn."""
    return {0: (right, up), 90: (up, -right), 180: (-right, -up), 270: (-up, right)}[rotation]


def _check_pictures(pdf: str, pages: Sequence[RecognisedPage], facts: ArchivePdfFacts) -> list[Finding]:
    findings = []
    with pikepdf.open(pdf) as document:
        for page, promised, recognised in zip(document.pages, facts.images, pages, strict=True):
            missing = Counter(promised) - Counter(_sha256(image.read_raw_bytes()) for image in images_of(page.obj))
            if missing:
                missing -= Counter(_sha256(data) for data in inline_data(page.obj))
            if missing:
                count = sum(missing.values())
                sentence = f"Seite {recognised.page}: {count} Bilddatenströme sind nicht mehr die der Vorlage."
                findings.append(Finding("pictures", recognised.page, sentence))
    return findings


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _check_look(pdf: str, source: str, pages: Sequence[RecognisedPage]) -> list[Finding]:
    numbers = [page.page for page in pages]
    doubtful = set(numbers) - set(proven_same(pdf, source, numbers))
    differing = differing_pages(pdf, source, numbers, COARSE, doubtful) if doubtful else []
    if differing:  # the renderer shrinks one coding in another way than the other; at full size both must be alike
        full = dataclasses.replace(COARSE, dpi=max(page.dpi for page in pages if page.page in differing), most_px=6000)
        differing = differing_pages(pdf, source, numbers, full, differing)
    return [
        Finding("look", number, f"Seite {number}: Das Seitenbild sieht anders aus als in der Vorlage.")
        for number in differing
    ]
