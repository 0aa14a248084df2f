"""Marks by our own adapters, in one process: pages normalised source by source, then one volume written from them.

    .venv/bin/python -m bench.mail.by_us JOB.json [TIMES.json]

It does what the line does between taking in and reading back, and nothing of it differently: the same functions.
`TIMES.json` gets the seconds of both halves; a volume written again from the same slices costs the second half only.
"""

from __future__ import annotations

import json
import pickle
import sys
import time
from pathlib import Path

import pikepdf

from pipeline.adapters.letters.normalise import normalise_pages, save_slice
from pipeline.adapters.letters.source_pdf import open_strict
from pipeline.adapters.volumes.volume_pdf import write_volume
from pipeline.domain.volumes import VolumePiece


def main() -> None:
    """Do the job."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    out = Path(job["out"])
    machine = pickle.loads(Path(job["marks"]).with_name("machine.pickle").read_bytes())
    pieces: list[VolumePiece] = []
    left = iter(job["letters"])
    started = time.perf_counter()
    for number, source in enumerate(job["sources"], 1):
        made = out.with_name(f"slice-{number:04d}.pdf")
        pages = _normalise(source, str(made))
        first = 1
        while first <= pages:
            length = next(left)
            pieces.append(VolumePiece(len(pieces) + 1, str(made), first, length, "simplex"))
            first += length
    half = time.perf_counter()
    write_volume(machine, 1, pieces, str(out))
    if len(sys.argv) > 2:
        times = {"normalised_s": half - started, "marked_s": time.perf_counter() - half}
        Path(sys.argv[2]).write_text(json.dumps(times), encoding="utf-8")


def _normalise(source: str, made: str) -> int:
    with open_strict(source) as pdf, pikepdf.Pdf.new() as out:
        pages = int(pdf.Root.Pages.Count)
        normalise_pages(pdf, range(1, pages + 1), out)
        save_slice(out, made)
    return pages


if __name__ == "__main__":
    main()
