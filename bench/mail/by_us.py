"""Marks by our own adapters: pages normalised slice by slice in two processes, then volumes written from them.

    .venv/bin/python -m bench.mail.by_us JOB.json [TIMES.json]

It does what puts marks on pages in the line: `normalise_pages`, of which the line's `read_letters` is made as well, and
`write_volume`, with as many slices and volumes side by side as the line has workers (two), and as many sheets a volume
as the machine takes. What the line does besides is left out,
since the others do nothing like it: reading addresses, looking at windows and mark zones, embedding missing fonts,
writing down and proving which page is which. `bench.outgoing` measures all of it. `TIMES.json` gets the seconds of both
halves; a volume that is written again from the same slices costs the second half only.
"""

from __future__ import annotations

import json
import pickle
import sys
import time
from multiprocessing import get_context
from pathlib import Path

import pikepdf

from bench.mail.volume_sizes import shared_out, volume_file
from pipeline.adapters.letters.normalise import normalise_pages, save_slice
from pipeline.adapters.letters.source_pdf import open_strict
from pipeline.adapters.volumes.volume_pdf import write_volume
from pipeline.domain.profiles import Machine
from pipeline.domain.volumes import VolumePiece

WORKERS = 2

Slice = tuple[str, int, int, str]
"""A source, its pages from and to (from 1, both included), and where they go."""


def main() -> None:
    """Do the job."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    out = Path(job["out"])
    machine = pickle.loads(Path(job["marks"]).with_name("machine.pickle").read_bytes())
    started = time.perf_counter()
    slices, pieces = planned(job["sources"], job["letters"], out.parent)
    with get_context("fork").Pool(WORKERS) as workers:
        workers.map(_normalise, slices, chunksize=max(1, len(slices) // (8 * WORKERS)))
        half = time.perf_counter()
        workers.starmap(_write, _volumes(machine, job["letters"], pieces, out), chunksize=1)
    if len(sys.argv) > 2:
        times = {"normalised_s": half - started, "marked_s": time.perf_counter() - half}
        Path(sys.argv[2]).write_text(json.dumps(times), encoding="utf-8")


def planned(sources: list[str], letters: list[int], folder: Path) -> tuple[list[Slice], list[VolumePiece]]:
    """A slice a file, or as many as there are workers where there is one file; no letter lies in two."""
    slices: list[Slice] = []
    pieces: list[VolumePiece] = []
    a_source = len(letters) // len(sources)
    a_slice = a_source if len(sources) > 1 else -(-a_source // WORKERS)
    for source in range(len(sources)):
        first = 1
        for start in range(source * a_source, (source + 1) * a_source, a_slice):
            made = str(folder / f"slice-{len(slices) + 1:04d}.pdf")
            page = 1
            for pages in letters[start : min(start + a_slice, (source + 1) * a_source)]:
                pieces.append(VolumePiece(len(pieces) + 1, made, page, pages, "simplex"))
                page += pages
            slices.append((sources[source], first, first + page - 2, made))
            first += page - 1
    return slices, pieces


Volume = tuple[Machine, int, list[VolumePiece], str]
"""What is written in one go: the volume's number, its pieces, where it goes."""


def _volumes(machine: Machine, letters: list[int], pieces: list[VolumePiece], out: Path) -> list[Volume]:
    return [
        (machine, number, pieces[part.start : part.stop], str(volume_file(out, number)))
        for number, part in enumerate(shared_out(letters, machine.feed.max_volume_sheets), 1)
    ]


def _write(machine: Machine, number: int, pieces: list[VolumePiece], out: str) -> None:
    write_volume(machine, 1, pieces, out, volume_number=number)


def _normalise(part: Slice) -> None:
    source, first, last, made = part
    with open_strict(source) as pdf, pikepdf.Pdf.new() as out:
        normalise_pages(pdf, range(first, last + 1), out)
        save_slice(out, made)


if __name__ == "__main__":
    main()
