"""Print streams as specialist applications make them: notices of the administration, an own text on every page.

A stack is one file: two fonts embedded once, the letterhead a form that all first pages share, a balanced page tree,
and on every page a content stream of its own. Separate files hold one letter each, with fonts of their own. A number
of letters and a seed decide every byte; files are kept under a hash of what made them.
"""

from __future__ import annotations

import hashlib
import random
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import reportlab

from samples.layout import Item, Page
from samples.letters import Letter, lay_out, set_address, set_reference
from samples.people import OFFICES, Addressee, Office, addressee
from samples.stream import PdfStream, encodable, operators
from samples.texts import TAX_NOTICE
from samples.writing import notice

Told = Callable[[str], None]
"""Where progress is told."""

OFFICE = "schwerin"
TEXTS = 64
"""How many letters are laid out from nothing; the others are these with other people, references, days and sums."""

_HEAD_MM = 26.0
_SAMPLES = ("layout", "letters", "people", "stream", "tables", "texts", "writing")
_SHOWN = re.compile(rb"\((?:[^()\\]|\\.)*\) Tj")
_FIGURES = re.compile(rb"[0-9]{1,3}(?:\.[0-9]{3})*,[0-9]{2}|[0-9]{2}\.[0-9]{2}\.[0-9]{4}")
_DIGIT = re.compile(rb"[0-9]")


@dataclass(frozen=True)
class _Text:
    """A letter laid out once: the content of each page without addressee, reference and letterhead."""

    letter: Letter
    pages: tuple[bytes, ...]


def make_stack(letters: int, seed: int, folder: Path, told: Told, pages: int = 2) -> Path:
    """One PDF of `letters` letters of `pages` pages each under `folder`, made now or earlier."""
    kept = folder / f"notices-{seed}-{recipe()}"
    file = kept / f"{letters}x{pages}.pdf"
    if not file.exists():
        told(f"making a stack of {letters} letters of {pages} pages: {file}")
        kept.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        _write(part, letters, pages, f"{seed}")
        part.replace(file)
    return file


def make_files(files: int, pages: int, seed: int, folder: Path, told: Told) -> list[Path]:
    """So many PDFs of one letter of `pages` pages each under `folder`, made now or earlier, in order."""
    kept = folder / f"notices-{seed}-{recipe()}" / f"{files}-files-of-{pages}"
    if not kept.exists():
        told(f"making {files} files of {pages} pages: {kept}")
        part = kept.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        for number in range(1, files + 1):
            _write(part / f"{number:04d}.pdf", 1, pages, f"{seed} {number}")
        part.replace(kept)
    return sorted(kept.glob("*.pdf"))


def recipe() -> str:
    """A short hash of everything that decides how a page looks, so that no old file is used."""
    here = Path(__file__).resolve()
    files = [here, *(here.parents[2] / "samples" / f"{name}.py" for name in _SAMPLES)]
    digest = hashlib.sha256(str(reportlab.__version__).encode())
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _write(path: Path, letters: int, pages: int, seed: str) -> None:
    office, rng = OFFICES[OFFICE], random.Random(f"notices {seed}")
    texts: list[_Text] = []
    with path.open("wb") as out:
        pdf = PdfStream(out, f"notices {seed} {letters} {pages}")
        for number in range(1, letters + 1):
            which = (number - 1) % TEXTS
            if which == len(texts):
                texts.append(_text(rng, office, pages))
                if not which:
                    pdf.form("Head", _head(texts[0].letter))
            to, reference = _somebody(rng, office), f"{rng.randrange(10, 99)}.{rng.randrange(10**4):04d}.{number:06d}"
            for page, content in enumerate(texts[which].pages, 1):
                own = operators(_own_things(texts[which].letter, to, reference, page))
                pdf.page_of_content((b"/Head Do\n" if page == 1 else b"") + _with_other_figures(content, rng) + own)
        pdf.finish({"Producer": "HKR-Druckausgabe 4.11", "Title": "Druckstapel"})


def _text(rng: random.Random, office: Office, pages: int) -> _Text:
    letter = _letter(rng, office, pages)
    # No endorsements: a registered letter is no letter of a stack, and goes back.
    blank = replace(letter, addressee=None, info=((letter.info[0][0], ""), *letter.info[1:]), endorsements=())
    head = _head(blank)
    contents = (operators(_without(page, head if number == 1 else [])) for number, page in enumerate(lay_out(blank), 1))
    return _Text(letter, tuple(contents))


def _letter(rng: random.Random, office: Office, pages: int) -> Letter:
    """A letter of exactly so many pages; some come out longer by chance, then chance is asked again."""
    for _ in range(200):
        try:
            letter = notice(rng, office, TAX_NOTICE, "B", _somebody(rng, office), pages)
        except ValueError:
            continue
        if encodable(letter.greeting):
            return letter
    raise ValueError(f"no notice fits on {pages} pages")


def _somebody(rng: random.Random, office: Office) -> Addressee:
    while True:
        to = addressee(rng, office)
        if all(encodable(line) for line in to.lines):
            return to


def _head(letter: Letter) -> list[Item]:
    """The letterhead of a first page."""
    (first, *_) = lay_out(letter)
    tops = ((item, getattr(item, "y_mm", getattr(item, "top_mm", None))) for item in first.items)
    return [item for item, top in tops if top is not None and top < _HEAD_MM]


def _without(page: Page, left_out: list[Item]) -> Iterator[Item]:
    return (item for item in page.items if item not in left_out)


def _own_things(letter: Letter, to: Addressee, reference: str, number: int) -> list[Item]:
    page = Page()
    if number == 1:
        set_address(page, to, letter.form, letter.face)
    set_reference(page, number, reference, letter.form, letter.face)
    return page.items


def _with_other_figures(content: bytes, rng: random.Random) -> bytes:
    """The content with other digits in its sums and days: as many, so that nothing moves."""

    def other(found: re.Match[bytes]) -> bytes:
        digits = f"{rng.randrange(10**12):012d}".encode()
        place = iter(digits)
        return _DIGIT.sub(lambda _: bytes((next(place),)), found[0])

    return _SHOWN.sub(lambda shown: _FIGURES.sub(other, shown[0]), content)
