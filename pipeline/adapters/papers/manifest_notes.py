"""Sections of the manifest on paper about what was done to letters, and why they are produced as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reportlab.platypus import Flowable

from pipeline.adapters.papers.page_layout import SMALL, Column, paragraph, section
from pipeline.domain.german import count, numbers_told
from pipeline.domain.pieces import Piece, PlacedPiece, letters_of
from pipeline.domain.remarks import REMARKS

MAX_NOTES = 200
"""So many notes are printed one by one; how many there are beyond is said, and CSV and JSON have them all."""

_MAX_RUNS = 12


@dataclass(frozen=True)
class Told:
    """What there is to tell of a batch's letters. `remarks`: numbers of the pieces by code.

    `notes`: number, place in the files, sentence, of the first ones; `beyond`: how many more notes there are.
    """

    remarks: Mapping[str, list[int]]
    notes: tuple[tuple[int, str, str], ...]
    beyond: int


def told_of(placed: Iterable[PlacedPiece]) -> Told:
    """Collect the remarks and notes of pieces."""
    remarks: dict[str, list[int]] = {}
    notes: list[tuple[int, str, str]] = []
    beyond = 0
    for one in placed:
        for code in one.piece.remarks:
            remarks.setdefault(code, []).append(one.number)
        for note in one.piece.notes:
            if len(notes) < MAX_NOTES:
                notes.append((one.number, _place(one.piece), note.detail))
            else:
                beyond += 1
    return Told(remarks, tuple(notes), beyond)


def note_sections(told: Told) -> list[Flowable]:
    """What was done before printing, by step with the letters concerned; then notes, letter by letter."""
    return [*_steps(told.remarks), *_notes(told)]


def _steps(remarks: Mapping[str, list[int]]) -> list[Flowable]:
    if not remarks:
        return []
    rows = [
        [REMARKS.get(code, code), code, count(len(numbers)), numbers_told(numbers, _MAX_RUNS)]
        for code, numbers in sorted(remarks.items())
    ]
    columns = (Column("Was getan wurde", 72), Column("Kennung", 36), Column("Anzahl", 18, True), Column("Sendung", 48))
    return section("Vor dem Druck bearbeitet", columns, rows)


def _notes(told: Told) -> list[Flowable]:
    if not told.notes:
        return []
    rows = [[count(number), place, sentence] for number, place, sentence in told.notes]
    columns = (Column("Sendung", 20, True), Column("Datei und Seiten", 62), Column("Hinweis", 92))
    more = []
    if told.beyond:
        more = [paragraph(f"Dazu {count(told.beyond)} weitere, siehe die Spalte „notes“ der CSV-Datei.", SMALL)]
    return [*section("Hinweise zu einzelnen Sendungen", columns, rows), *more]


def _place(piece: Piece) -> str:
    return "; ".join(
        f"{letter.file}, Seite {letter.source_first_page}"
        + (f" bis {letter.source_last_page}" if letter.source_last_page > letter.source_first_page else "")
        for letter in letters_of(piece)
    )
