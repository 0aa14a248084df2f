"""A morning's post as one stack from a duplex scanner: letters of several lengths, a separator sheet before each.

Most pages have few lines, so that thousands of them can be recognised in a test. Blank backs and worn paper repeat.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import reportlab
from PIL import Image, ImageDraw, ImageFont

from samples.paper import Picture, printed
from samples.people import OFFICES
from samples.scanner_files import LongScan, PdfScan, TiffScan, fax_strip
from samples.texts_incoming import POST

SCHEMA = "poststrasse/morning-stack/1"
MOST_SHEETS = 6
_FONT = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
_WIDTH_MM, _HEIGHT_MM = 210.0, 297.0
_WORN = 12  # blank backs that take turns
_NOTES = ("stamp", "pencil", "tick", "signature")


@dataclass(frozen=True)
class StackOrder:
    """A stack as wanted. `pages` is even and leaves 1 to 6 sheets a letter. `kind`: `tiff` or `pdf`, Group 4 both."""

    letters: int = 300
    pages: int = 2000
    seed: int = 1
    kind: str = "tiff"
    dpi: int = 300

    def __post_init__(self) -> None:
        sheets = self.pages // 2 - self.letters
        if self.pages % 2 or not 1 <= self.letters <= sheets <= MOST_SHEETS * self.letters:
            raise ValueError(f"{self.letters} letters with a separator each do not make {self.pages} pages")
        if self.kind not in ("tiff", "pdf") or not 100 <= self.dpi <= 600:
            raise ValueError(f"no such stack: {self}")


@dataclass(frozen=True)
class PageTruth:
    """A page of the stack. `is_`: `separator`, `blank` or `content`; `says`: words that stand on it."""

    page: int
    letter: int
    is_: str
    says: str = ""


def lengths(order: StackOrder) -> list[int]:
    """How many sheets each letter has: 1 to 6, short ones more often, as many together as the stack has room for."""
    rng = random.Random(f"lengths {order.seed}")
    found = [rng.choice((1, 1, 1, 2, 2, 2, 3, 3, 4, 6)) for _ in range(order.letters)]
    missing = order.pages // 2 - order.letters - sum(found)
    while missing:
        place = rng.randrange(order.letters)
        step = 1 if missing > 0 else -1
        if 1 <= found[place] + step <= MOST_SHEETS:
            found[place] += step
            missing -= step
    return found


def write_morning_stack(
    path: Path, order: StackOrder, separators: Mapping[int, Picture], progress: Callable[[int], None] | None = None
) -> dict[str, object]:
    """Write a stack, and the truth about it beside it as JSON; returns the truth.

    `separators`: by the number of sheets that a letter has, the sheet that announces it, upright, at any resolution;
    under 0 one that fits every letter. `progress` is told each page's number.
    """
    part = path.with_name(path.name + ".part")
    scan: LongScan = TiffScan(part) if order.kind == "tiff" else PdfScan(part, f"morning {order.seed}")
    truths: list[PageTruth] = []
    size = (round(_WIDTH_MM / 25.4 * order.dpi), round(_HEIGHT_MM / 25.4 * order.dpi))
    with scan:
        for strip, truth in _pages(order, _Desk(order, size), separators):
            scan.page(strip, *size, order.dpi)
            truths.append(truth)
            if progress is not None:
                progress(truth.page)
    part.replace(path)
    told = _table(order, path.name, truths)
    path.with_name(path.name + ".truth.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return told


def _pages(order: StackOrder, desk: _Desk, separators: Mapping[int, Picture]) -> Iterator[tuple[bytes, PageTruth]]:
    page = 0
    rng = random.Random(f"pages {order.seed}")
    for letter, sheets in enumerate(lengths(order), 1):
        separator = separators.get(sheets, separators.get(0))
        if separator is None:
            raise ValueError(f"no separator for a letter of {sheets} sheets")
        sides = [("separator", ""), ("blank", "")]
        for sheet in range(1, sheets + 1):
            front, back = _sheet(rng, f"{letter:04d}", sheet)
            sides += [front, back]
        for what, says in sides:
            page += 1
            if what == "separator":
                strip = desk.scanned(separator)
            elif what == "blank":
                strip = desk.blank(rng)
            elif what == "content":
                strip = desk.written(rng, says)
            else:
                strip = desk.note(what)
            is_ = what if what in ("separator", "blank") else "content"
            yield strip, PageTruth(page, letter, is_, says)


def _sheet(rng: random.Random, letter: str, sheet: int) -> tuple[tuple[str, str], tuple[str, str]]:
    """Front and back of a sheet: what it is and what it says."""
    front = ("content", f"Vorgang {letter} Blatt {sheet} vorn")
    back = ("content", f"Vorgang {letter} Blatt {sheet} hinten")
    chance = rng.random()
    if chance < 0.03:
        return ("blank", ""), back
    if chance < 0.40:
        return front, back
    return front, (rng.choice(_NOTES), "") if chance < 0.47 else ("blank", "")


class _Desk:
    """Makes scanned pages; what repeats is coded once."""

    def __init__(self, order: StackOrder, size: tuple[int, int]) -> None:
        self._size, self._mm, self._seed = size, order.dpi / 25.4, order.seed
        self._chance = np.random.default_rng(order.seed)
        self._large = ImageFont.truetype(str(_FONT), round(4.6 * self._mm))
        self._small = ImageFont.truetype(str(_FONT), round(3.6 * self._mm))
        self._worn = [self._coded(self._paper(), 0.4) for _ in range(_WORN)]
        self._notes = {what: self._coded(self._noted(what), 0.3) for what in _NOTES}
        self._scanned: dict[int, bytes] = {}

    def blank(self, rng: random.Random) -> bytes:
        """A back with nothing on it but dust, holes and folds."""
        return rng.choice(self._worn)

    def note(self, what: str) -> bytes:
        """A back with nothing but a stamp, a pencil note, a tick or a signature."""
        return self._notes[what]

    def scanned(self, sheet: Picture) -> bytes:
        """A printed sheet, a little askew."""
        key = id(sheet)
        if key not in self._scanned:
            grey = sheet if sheet.ndim == 2 else cv2.cvtColor(sheet, cv2.COLOR_BGR2GRAY)
            picture = np.asarray(cv2.resize(grey, self._size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
            self._scanned[key] = self._coded(np.minimum(picture, self._paper()), 0.5)
        return self._scanned[key]

    def written(self, rng: random.Random, says: str) -> bytes:
        """A page of few lines that begins with what it says."""
        image = Image.fromarray(self._paper())
        draw = ImageDraw.Draw(image)
        draw.text((25 * self._mm, 30 * self._mm), says, font=self._large, fill=30)
        text = rng.choice(rng.choice(POST).paragraphs).format_map(_WORDS)
        for number, line in enumerate(_wrapped(text)):
            draw.text((25 * self._mm, (45 + 7 * number) * self._mm), line, font=self._small, fill=30)
        return self._coded(np.array(image), rng.uniform(-0.8, 0.8))

    def _paper(self) -> Picture:
        """An empty sheet with dust; some are punched or folded."""
        wide, high = self._size
        sheet = np.full((high, wide), 245, np.uint8)
        for _ in range(int(self._chance.integers(5, 40))):
            centre = (int(self._chance.integers(0, wide)), int(self._chance.integers(0, high)))
            cv2.circle(sheet, centre, int(self._chance.integers(0, 2)), 60, -1)
        if self._chance.random() < 0.4:
            for y in (108.5, 188.5):
                cv2.circle(sheet, (round(12 * self._mm), round(y * self._mm)), round(2.8 * self._mm), 50, -1)
        if self._chance.random() < 0.15:
            row = round(105 * self._mm)
            cv2.line(sheet, (0, row), (wide, row + round(self._mm)), 110, max(1, round(0.25 * self._mm)))
        return sheet

    def _noted(self, what: str) -> Picture:
        mm = self._mm
        image = Image.fromarray(self._paper())
        draw = ImageDraw.Draw(image)
        if what == "stamp":
            draw.ellipse((120 * mm, 60 * mm, 156 * mm, 96 * mm), outline=70, width=round(0.7 * mm))
            draw.text((124 * mm, 75 * mm), "EINGANG", font=self._large, fill=70)
        elif what == "pencil":
            draw.text((40 * mm, 200 * mm), "erledigt 4. März", font=self._small, fill=90)
        else:
            tick = ((150, 90), (153, 95), (161, 82))
            curl = ((60, 150), (64, 140), (67, 152), (72, 143), (76, 151), (84, 144), (100, 148))
            path = [(x * mm, y * mm) for x, y in (tick if what == "tick" else curl)]
            draw.line(path, fill=80, width=max(2, round(0.5 * mm)), joint="curve")
        return np.array(image)

    def _coded(self, sheet: Picture, skew_degrees: float) -> bytes:
        wide, high = self._size
        turn = cv2.getRotationMatrix2D((wide / 2, high / 2), -skew_degrees, 1.0)
        flat = cv2.warpAffine(sheet, turn, self._size, flags=cv2.INTER_LINEAR, borderValue=(250,))
        return fax_strip(np.where(flat > 150, np.uint8(255), np.uint8(0)))


class _Words(dict[str, str]):
    """Something for every gap in a text."""

    def __missing__(self, key: str) -> str:
        return {"amount": "148,37 Euro", "year": "2026", "iban": "DE00 0000 0000 0000 0000 00"}.get(key, "12.03.2026")


_WORDS = _Words(street="Am Markt 1", town=OFFICES["schwerin"].town, ref="32.1180")


def _wrapped(text: str, most: int = 62) -> Iterator[str]:
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > most:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    yield line


def _table(order: StackOrder, file: str, truths: list[PageTruth]) -> dict[str, object]:
    letters = []
    for number, sheets in enumerate(lengths(order), 1):
        own = [truth for truth in truths if truth.letter == number]
        kept = [truth.page for truth in own if truth.is_ == "content"]
        letters.append(
            {"letter": number, "first_page": own[0].page, "last_page": own[-1].page, "sheets": sheets, "pages": kept}
        )
    counts = {what: sum(truth.is_ == what for truth in truths) for what in ("content", "blank", "separator")}
    pages = [{"page": t.page, "letter": t.letter, "is": t.is_, "says": t.says} for t in truths]
    return {"schema": SCHEMA, "file": file, **asdict(order), "counts": counts, "letters": letters, "pages": pages}


def separators_in(folder: Path) -> dict[int, Picture]:
    """Ready sheets: `sheets-3.pdf` or `.png` announces three sheets, a file of any other name fits every letter.

    Raises ValueError where the folder holds none.
    """
    found: dict[int, Picture] = {}
    for file in sorted(folder.iterdir()):
        if file.suffix not in (".pdf", ".png"):
            continue
        count = file.stem.removeprefix("sheets-")
        sheet = printed(file.read_bytes(), 300)[0] if file.suffix == ".pdf" else cv2.imread(str(file))
        found[int(count) if count.isdigit() else 0] = np.asarray(sheet, dtype=np.uint8)
    if not found:
        raise ValueError(f"no separator sheet in {folder}")
    return found


def printed_separators(municipality: str, profile: str) -> dict[int, Picture]:
    """Cover sheets for letters of 1 to 6 sheets, as the command `poststrasse separators print` makes them.

    Raises FileNotFoundError where there is no such command, subprocess.CalledProcessError where it fails.
    """
    command = Path(sys.executable).with_name("poststrasse")
    found = str(command) if command.exists() else shutil.which("poststrasse")
    if found is None:
        raise FileNotFoundError("the command poststrasse is not installed")
    with tempfile.TemporaryDirectory() as folder:
        for sheets in range(1, MOST_SHEETS + 1):
            whose = ["--municipality", municipality, "--profile", profile, "--sheets", str(sheets)]
            out = str(Path(folder) / f"sheets-{sheets}.pdf")
            subprocess.run([found, "separators", "print", *whose, "--out", out], check=True, stdout=subprocess.DEVNULL)
        return separators_in(Path(folder))
