"""Pairs: what a decision of ours costs or brings, against another way of doing the same.

Both sides of a pair are measured in turn, round by round, on the same input; the median counts. The ratio is above 1
where ours is so many times as fast.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import pypdfium2
import zxingcpp
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from bench.counting import count_pages
from pipeline.adapters.confine import Limits, run_confined
from pipeline.domain.datamatrix import datamatrix_rows

_LIMITS = Limits(wall_s=60, memory_mb=2048)
_SYMBOLS = 500
_TEXT = (
    "Sehr geehrte Damen und Herren, auf Ihren Antrag vom 3. November übersenden wir Ihnen die gewünschte Auskunft.",
    "Gegen diesen Bescheid kann innerhalb eines Monats nach Bekanntgabe Widerspruch erhoben werden.",
    "Bitte überweisen Sie den Betrag von 128,40 Euro bis zum Fälligkeitstag unter Angabe des Kassenzeichens.",
)


@dataclass(frozen=True)
class Pair:
    """Two ways of doing the same. `work`: what one run of either does."""

    name: str
    work: str
    ours: str
    other: str
    run_ours: Callable[[], object]
    run_other: Callable[[], object]


@dataclass(frozen=True)
class Result:
    """Median seconds of both sides; `ratio`: other by ours."""

    name: str
    work: str
    ours: str
    other: str
    ours_s: float
    other_s: float
    ratio: float


def measure(pair: Pair, rounds: int) -> Result:
    """Run both sides `rounds` times in turn, after one run of each that does not count."""
    pair.run_ours()
    pair.run_other()
    ours: list[float] = []
    others: list[float] = []
    for _ in range(rounds):
        ours.append(_seconds(pair.run_ours))
        others.append(_seconds(pair.run_other))
    ours_s, other_s = statistics.median(ours), statistics.median(others)
    return Result(
        pair.name, pair.work, pair.ours, pair.other, round(ours_s, 5), round(other_s, 5), round(other_s / ours_s, 2)
    )


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _pairs(folder: Path) -> list[Pair]:
    letter = _letter(folder / "letter.pdf")
    pages = [_raster(letter, folder / f"page-{number}.png") for number in (1, 2)]
    counted = (
        "import sys, pikepdf, pypdfium2\nwith pypdfium2.PdfDocument(sys.argv[1]) as document: print(len(document))"
    )
    codes = [f"1{42:07d}{piece:06d}001003000A"[:24] for piece in range(1, _SYMBOLS + 1)]
    return [
        Pair(
            "confined-child",
            "open a PDF in a process of its own",
            "a fresh fork from the warm server",
            "a fresh interpreter",
            lambda: run_confined(_LIMITS, count_pages, str(letter)),
            lambda: subprocess.run([sys.executable, "-c", counted, str(letter)], check=True, capture_output=True),
        ),
        Pair(
            "datamatrix",
            f"{_SYMBOLS} symbols of 24 characters",
            "our writer",
            "zxing-cpp's writer",
            lambda: [datamatrix_rows(code, 18) for code in codes],
            lambda: [
                zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.DataMatrix))
                for code in codes
            ],
        ),
        Pair(
            "tesseract-threads",
            "two pages of a letter at once, two processes",
            "one thread each",
            "threads as Tesseract likes",
            lambda: _recognise(pages, {"OMP_THREAD_LIMIT": "1"}),
            lambda: _recognise(pages, {}),
        ),
    ]


def _letter(path: Path) -> Path:
    canvas = Canvas(str(path), pagesize=A4, invariant=1)
    text = canvas.beginText(71, 700)
    text.setFont("Helvetica", 10)
    for line in _TEXT * 8:
        text.textLine(line)
    canvas.drawText(text)
    canvas.save()
    return path


def _raster(letter: Path, path: Path) -> Path:
    with pypdfium2.PdfDocument(letter) as document:
        document[0].render(scale=300 / 72, grayscale=True).to_pil().save(path)
    return path


def _recognise(pages: list[Path], settings: dict[str, str]) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "OMP_THREAD_LIMIT"} | settings

    def read(page: Path) -> None:
        command = ["tesseract", str(page), "stdout", "-l", "deu", "tsv"]
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=600)

    with ThreadPoolExecutor(len(pages)) as pool:
        list(pool.map(read, pages))


def run(rounds: int) -> dict[str, object]:
    """Measure all pairs, print them, and return what goes into the results."""
    with tempfile.TemporaryDirectory(prefix="poststrasse-bench-") as folder:
        results = [measure(pair, rounds) for pair in _pairs(Path(folder))]
    for result in results:
        print(f"{result.name:<20}{result.ratio:>7.2f} x   {result.work}")
        print(f"{'':<31}{result.ours}: {result.ours_s:.4f} s; {result.other}: {result.other_s:.4f} s")
    return {"rounds": rounds, "results": [asdict(result) for result in results]}
