"""A job as the other programs get it: which files, and the rectangles for each page.

The rectangles lie in a file of numbers as the processor has them: those of 5,000 pages of `datamatrix` are there in
0.05 s, where JSON took 1.2 s of everybody's time but ours.
"""

from __future__ import annotations

import json
import pickle
import sys
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

MM = 72 / 25.4
SHEET_MM = (210.0, 297.0)

Rectangle = tuple[float, float, float, float]
"""Left, top, width, height in mm from the sheet's top left corner."""


@dataclass(frozen=True)
class Job:
    """`marks`: for each page of all sources, in order, the white rectangles and then the black ones, packed."""

    sources: tuple[Path, ...]
    marks: tuple[tuple[array[float], array[float]], ...]
    out: Path


def packed_file(marks: Path) -> Path:
    """Where the rectangles lie that belong to a file of marks."""
    return marks.with_name("rectangles.pickle")


def pack(pages: Iterable[tuple[Iterable[Rectangle], Iterable[Rectangle]]]) -> bytes:
    """The white and black rectangles of each page as a file."""
    flat = [
        tuple(array("d", (side for rectangle in rectangles for side in rectangle)) for rectangles in page)
        for page in pages
    ]
    return pickle.dumps(flat, protocol=5)


def unpacked(rectangles: array[float]) -> Iterator[Rectangle]:
    """The rectangles of one page and colour."""
    sides = iter(rectangles)
    return zip(sides, sides, sides, sides, strict=True)


def job_of_command_line() -> Job:
    """The job whose file the command names."""
    return job_in(Path(sys.argv[1]))


def job_in(file: Path) -> Job:
    """The job that a file tells of. Marks do not have to be there as JSON."""
    told = json.loads(file.read_text(encoding="utf-8"))
    pages = tuple(pickle.loads(packed_file(Path(told["marks"])).read_bytes()))
    return Job(tuple(Path(source) for source in told["sources"]), pages, Path(told["out"]))


def write_overlay(job: Job, path: Path) -> None:
    """A PDF by reportlab that holds nothing but the marks, a page for each page of the job."""
    from reportlab.pdfgen.canvas import Canvas

    wide, high = (side * MM for side in SHEET_MM)
    canvas = Canvas(str(path), pagesize=(wide, high), pageCompression=1)
    for white, black in job.marks:
        for grey, rectangles in ((1.0, white), (0.0, black)):
            canvas.setFillGray(grey)
            for x, y, width, height in unpacked(rectangles):
                canvas.rect(x * MM, high - (y + height) * MM, width * MM, height * MM, stroke=0, fill=1)
        canvas.showPage()
    canvas.save()
