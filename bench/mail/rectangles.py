"""A job as the other programs get it: which files, and the rectangles for each page."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

MM = 72 / 25.4
SHEET_MM = (210.0, 297.0)

Rectangle = tuple[float, float, float, float]
"""Left, top, width, height in mm from the sheet's top left corner."""


@dataclass(frozen=True)
class Job:
    """`marks`: for each page of all sources, in order, the white rectangles and then the black ones."""

    sources: tuple[Path, ...]
    marks: tuple[tuple[list[Rectangle], list[Rectangle]], ...]
    out: Path


def job_of_command_line() -> Job:
    """The job whose file the command names."""
    told = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    marks = json.loads(Path(told["marks"]).read_text(encoding="utf-8"))
    pages = tuple((page["white"], page["black"]) for page in marks)
    return Job(tuple(Path(source) for source in told["sources"]), pages, Path(told["out"]))


def write_overlay(job: Job, path: Path) -> None:
    """A PDF by reportlab that holds nothing but the marks, a page for each page of the job."""
    from reportlab.pdfgen.canvas import Canvas

    wide, high = (side * MM for side in SHEET_MM)
    canvas = Canvas(str(path), pagesize=(wide, high), pageCompression=1)
    for white, black in job.marks:
        for grey, rectangles in ((1.0, white), (0.0, black)):
            canvas.setFillGray(grey)
            for x, y, width, height in rectangles:
                canvas.rect(x * MM, high - (y + height) * MM, width * MM, height * MM, stroke=0, fill=1)
        canvas.showPage()
    canvas.save()
