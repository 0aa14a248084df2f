"""The marks that every side has to put on its pages, as rectangles; written by our own arithmetic, before any clock.

    .venv/bin/python -m bench.mail.drawn_marks JOB.json

The other programs get them ready-made; our writer works them out while it is measured. A job is a JSON file:
`sources` (PDF files in order), `letters` (pages of each letter, in the order of the pages of all sources), `machine`
(its id), `marks` (the file that is written here: a list, one entry a page, with `white` and `black` rectangles as left,
top, width and height in mm from the sheet's top left corner, `omr` and `code` as a reader must see them) and `out`.
Beside the marks lie the rectangles alone in a form that is read in no time (`bench.mail.rectangles`), for the others,
and the machine's profile as `machine.pickle` for us: that is how a child of the line gets it, too.
"""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.mail.rectangles import Rectangle, pack, packed_file
from bench.mail.volume_sizes import shared_out
from pipeline.adapters.profile_files import load_profiles
from pipeline.adapters.volumes.drawing import whitened
from pipeline.domain import code2d
from pipeline.domain.datamatrix import datamatrix_rows
from pipeline.domain.imposition import fed_sheets
from pipeline.domain.marks import SheetContext, sheet_marks, stroke_positions_mm
from pipeline.domain.profiles import Machine

ROOT = Path(__file__).resolve().parents[2]
BATCH = 1


def machine_of(name: str) -> Machine:
    """A machine of the shipped profiles; one that is fed in reading order, so that pages stay where they are."""
    machine = load_profiles(ROOT / "profiles").machines[name]
    if machine.feed.address_sheet != "first" or machine.feed.trailer_sheet:
        raise ValueError(f"{name} wants the pages in another order")
    return machine


def marks_of(machine: Machine, letters: list[int]) -> list[dict[str, Any]]:
    """What is to be on each page of these letters, printed on fronts only, in volumes of the machine's size."""
    white = [
        (zone.left_mm, zone.top_mm, zone.right_mm - zone.left_mm, zone.bottom_mm - zone.top_mm)
        for zone in whitened(machine)
    ]
    made: list[dict[str, Any]] = []
    for volume in shared_out(letters, machine.feed.max_volume_sheets):
        before = len(made)
        for number in volume:
            sheets = fed_sheets(letters[number], "simplex", "first")
            for place, sheet in enumerate(sheets):
                last = place == len(sheets) - 1
                ends = last and number == volume[-1]
                whole = SheetContext(place == 0, last, len(made) - before, (), divert=False, batch=ends)
                omr, code = sheet_marks(machine, whole), ""
                if machine.marks.kind != "omr":
                    sheet_code = code2d.SheetCode(BATCH, number + 1, sheet.sheet, len(sheets), last_fed=last)
                    code = code2d.encode(sheet_code)
                black = [*_strokes(machine, omr), *_symbol(machine, code)]
                made.append({"white": white, "black": black, "omr": omr, "code": code})
    return made


def _strokes(machine: Machine, omr: str) -> Iterator[Rectangle]:
    marks = machine.marks
    for centre_mm, bit in zip(stroke_positions_mm(machine), omr, strict=True):
        if bit == "1":
            yield marks.x_mm, round(centre_mm - marks.thickness_mm / 2, 4), marks.length_mm, marks.thickness_mm


def _symbol(machine: Machine, code: str) -> Iterator[Rectangle]:
    place = machine.marks.datamatrix
    if not code or place is None:
        return
    for y, row in enumerate(datamatrix_rows(code, smallest=code2d.MODULES)):
        x, dark = 0, f"{row:0{code2d.MODULES}b}"
        for run in dark.replace("10", "1 0").replace("01", "0 1").split():
            if run[0] == "1":
                left, top = place.x_mm + x * place.module_mm, place.y_mm + y * place.module_mm
                yield round(left, 4), round(top, 4), len(run) * place.module_mm, place.module_mm
            x += len(run)


def main() -> int:
    """Write the marks of a job."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    machine, marks = machine_of(job["machine"]), Path(job["marks"])
    pages = marks_of(machine, job["letters"])
    marks.write_text(json.dumps(pages), encoding="utf-8")
    packed_file(marks).write_bytes(pack((page["white"], page["black"]) for page in pages))
    marks.with_name("machine.pickle").write_bytes(pickle.dumps(machine))
    return 0


if __name__ == "__main__":
    sys.exit(main())
