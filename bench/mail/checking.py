"""Whether a marked file is what was asked for: every page there, every mark readable, every letter as it was.

    .venv/bin/python -m bench.mail.checking JOB.json RESULT.json

All pages are read by the reading heads that verify a batch. Of some pages the text and the look are compared with the
source's, the place of the marks left out.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2

from bench.mail.drawn_marks import machine_of
from bench.mail.volume_sizes import files_of
from pipeline.adapters.volumes.drawing import whitened
from pipeline.adapters.volumes.readback import read_volume
from pipeline.domain.geometry import MM_PER_POINT, Rect

_EVERY = 97
_DPI = 72
_MOST_GREY = 40
_MOST_PIXELS = 20
"""So many pixels of both pictures may differ by more than that: edges round this way or that, a word has hundreds."""


def faults_of(files: list[Path], sources: list[str], marks: list[dict[str, Any]], machine_name: str) -> list[str]:
    """What is wrong with a marked file or with its volumes, a sentence each; none when all is right."""
    machine = machine_of(machine_name)
    read = [sheet for file in files for sheet in read_volume(str(file), machine)]
    if len(read) != len(marks):
        return [f"{len(read)} pages, not {len(marks)}"]
    faults = [
        f"page {page}: read {sheet.omr or sheet.code or 'nothing'} {','.join(sheet.faults)}"
        for page, (sheet, wanted) in enumerate(zip(read, marks, strict=True), 1)
        if (sheet.omr, sheet.code) != (wanted["omr"], wanted["code"]) or sheet.faults
    ]
    return faults + list(_altered(files, sources, whitened(machine)))


def _altered(files: list[Path], sources: list[str], hidden: tuple[Rect, ...]) -> Iterator[str]:
    volumes = [pypdfium2.PdfDocument(file) for file in files]
    made = [(volume, index) for volume in volumes for index in range(len(volume))]
    before = 0
    for source in sources:
        original = pypdfium2.PdfDocument(source)
        for index in range(len(original)):
            if (before + index) % _EVERY == 0:
                volume, place = made[before + index]
                one, other = original[index], volume[place]
                if _text(one) != _text(other):
                    yield f"page {before + index + 1}: the text is not the source's"
                if _differing(one, other, hidden) > _MOST_PIXELS:
                    yield f"page {before + index + 1}: the page does not look as the source's"
        before += len(original)
        original.close()
    for volume in volumes:
        volume.close()


def _text(page: pypdfium2.PdfPage) -> list[str]:
    return page.get_textpage().get_text_range().split()


def _differing(one: pypdfium2.PdfPage, other: pypdfium2.PdfPage, hidden: tuple[Rect, ...]) -> int:
    pictures = [page.render(scale=_DPI / 72, grayscale=True).to_numpy().astype(int) for page in (one, other)]
    high, wide = (min(picture.shape[side] for picture in pictures) for side in (0, 1))
    apart = np.abs(pictures[0][:high, :wide] - pictures[1][:high, :wide])
    for zone in hidden:
        left, top, right, bottom = (
            int(edge / MM_PER_POINT) for edge in (zone.left_mm, zone.top_mm, zone.right_mm, zone.bottom_mm)
        )
        apart[max(0, top - 1) : bottom + 2, max(0, left - 1) : right + 2] = 0
    return int(np.count_nonzero(apart > _MOST_GREY))


def main() -> int:
    """Check, and write what was found."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    marks = json.loads(Path(job["marks"]).read_text(encoding="utf-8"))
    faults = faults_of(files_of(Path(job["out"])), job["sources"], marks, job["machine"])
    Path(sys.argv[2]).write_text(json.dumps({"faults": faults}), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
