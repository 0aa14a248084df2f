"""Letters that have something where marks go are moved to the right, where their job says so and all of it stays.

A letter is moved as a whole, so that its pages go on looking alike, and is then read again like any other: address,
window, mark zone. One that still can't go stays as it was.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium

from pipeline.adapters.letters.normalise import save_slice
from pipeline.adapters.letters.preflight import SHIFTED, LetterPages, Preflight
from pipeline.domain.geometry import POINTS_PER_MM, Rect
from pipeline.domain.letter_checks import SheetLooks
from pipeline.domain.pages import LetterReading
from pipeline.domain.profiles import AddressForm, OutgoingRules


@dataclass(frozen=True)
class Shift:
    """By what rules letters are read again once they are moved; `rules.mark_zone.shift_mm` to the right."""

    rules: OutgoingRules
    zones_by_form: Mapping[AddressForm, Sequence[Rect]]
    looks: SheetLooks


def shift_letters(
    slice_pdf: str, readings: Sequence[LetterReading], movable: Mapping[int, LetterPages], shift: Shift
) -> list[LetterReading]:
    """Move letters of a slice's PDF, in the file, as far as that helps. `movable`: by their place in `readings`.

    Returns all readings, those of moved letters with the remark `content-shifted`.
    """
    trial = slice_pdf + ".moved"
    out = list(readings)
    try:
        _write(slice_pdf, trial, movable.values(), shift.rules.mark_zone.shift_mm)
        moved = _read_again(trial, movable, shift)
        moved = {place: reading for place, reading in moved.items() if _helps(readings[place], reading)}
        if not moved:
            return out
        if len(moved) < len(movable):
            _write(slice_pdf, trial, [movable[place] for place in moved], shift.rules.mark_zone.shift_mm)
        Path(trial).replace(slice_pdf)
    finally:
        Path(trial).unlink(missing_ok=True)
    for place, reading in moved.items():
        out[place] = reading
    return out


def _helps(before: LetterReading, moved: LetterReading) -> bool:
    """Whether a letter is better off moved: it goes at all, or it may go flat now and could not."""
    return before.code is not None or moved.flat is None or moved.flat.code is None


def _read_again(trial: str, movable: Mapping[int, LetterPages], shift: Shift) -> dict[int, LetterReading]:
    document = pdfium.PdfDocument(trial)
    try:
        preflight = Preflight(document, shift.rules, shift.zones_by_form, shift.looks)
        readings = {
            place: preflight.read(replace(letter, remarks=(*letter.remarks, SHIFTED)))
            for place, letter in movable.items()
        }
    finally:
        document.close()
    return {place: reading for place, reading in readings.items() if reading.code is None}


def _write(source: str, target: str, letters: Collection[LetterPages], shift_mm: float) -> None:
    with pikepdf.Pdf.open(source) as pdf:
        before = f"q 1 0 0 1 {shift_mm * POINTS_PER_MM:.4f} 0 cm\n".encode()
        for letter in letters:
            for index in range(letter.first_page - 1, letter.first_page - 1 + letter.range.pages):
                page = pdf.pages[index].obj
                page.Contents = pdf.make_stream(before + page.Contents.read_bytes() + b"Q\n")
        save_slice(pdf, target)
