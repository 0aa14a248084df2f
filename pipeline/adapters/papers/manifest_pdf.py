"""The manifest of one municipality as a paper to check, sign and file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether

from pipeline.adapters.papers.manifest_files import ManifestFacts
from pipeline.adapters.papers.manifest_notes import note_sections, told_of
from pipeline.adapters.papers.manifest_pages import page_sections
from pipeline.adapters.papers.page_layout import (
    BOLD_TEXT,
    HEADING,
    SMALL,
    TEXT,
    TITLE,
    Column,
    WritingLine,
    facts_table,
    gap,
    grid,
    paragraph,
    save_document,
    section,
    table,
)
from pipeline.adapters.papers.plain_files import named
from pipeline.adapters.papers.sum_tables import breakdown, called
from pipeline.domain.german import count, counted, day, euros, grams, moment
from pipeline.domain.pieces import LetterException
from pipeline.domain.refusals import REFUSALS
from pipeline.domain.totals import Totals, by_cost_centre, by_envelope, by_product, total, totals_by

MAX_FILE_ROWS = 200
"""So many files are listed one by one; the rest is one row, and the CSV has them all."""


@dataclass(frozen=True)
class ManifestNames:
    """What ids are called on paper: the municipality, products and envelopes by id; an id without a name stays."""

    municipality: str
    products: Mapping[str, str]
    envelopes: Mapping[str, str]


def write_manifest_pdf(folder: Path, facts: ManifestFacts, names: ManifestNames) -> Path:
    """Write `<municipality>.pdf`: totals, breakdowns, pages, what was done, returned letters, lines to sign."""
    path = named(folder, facts.municipality, ".pdf")
    title = f"Leistungsnachweis {facts.batch} vom {_day(facts)}, {names.municipality}"
    sums = _sums(facts)
    save_document(path, title, title, lambda: _story(facts, names, sums))
    return path


@dataclass(frozen=True)
class _Sums:
    """What is counted over the pieces, once. `files`: name and sums by intake."""

    totals: Totals
    products: Mapping[str, Totals]
    envelopes: Mapping[str, Totals]
    cost_centres: Mapping[str, Totals]
    files: Mapping[str, tuple[str, Totals]]


def _sums(facts: ManifestFacts) -> _Sums:
    pieces = list(facts.pieces())
    names = {piece.intake: piece.file for piece in pieces}
    intakes = totals_by(pieces, lambda piece: piece.intake)
    return _Sums(
        totals=total(intakes.values()),
        products=totals_by(pieces, by_product),
        envelopes=totals_by(pieces, by_envelope),
        cost_centres=totals_by(pieces, by_cost_centre),
        files={intake: (names[intake], part) for intake, part in intakes.items()},
    )


def _story(facts: ManifestFacts, names: ManifestNames, sums: _Sums) -> list[Flowable]:
    return [
        *_head(facts, names, sums.totals),
        *breakdown("Nach Postprodukt", "Produkt", called(sums.products, names.products)),
        *breakdown("Nach Umschlag", "Umschlag", called(sums.envelopes, names.envelopes)),
        *breakdown("Nach Kostenstelle", "Kostenstelle", sums.cost_centres),
        *_files(sums.files),
        *page_sections(facts.files),
        *note_sections(told_of(facts.placed)),
        *_exceptions(facts.exceptions),
        *_signatures(facts, sums.totals),
    ]


def _head(facts: ManifestFacts, names: ManifestNames, totals: Totals) -> list[Flowable]:
    left = facts_table(
        (
            ("Kommune", names.municipality),
            ("Druckauftrag", facts.batch),
            ("Erstellt", moment(datetime.fromisoformat(facts.created_at))),
            ("Zurückgegebene Briefe", count(len(facts.exceptions))),
        ),
        35,
        66,
    )
    right = facts_table(
        (
            ("Sendungen", count(totals.pieces)),
            ("Blatt / Seiten", f"{count(totals.sheets)} / {count(totals.pages)}"),
            ("Gewicht", grams(totals.weight_mg)),
            ("Porto", euros(totals.postage_cent)),
        ),
        31,
        42,
    )
    return [
        paragraph("Leistungsnachweis", TITLE),
        paragraph("über Druck, Kuvertierung und Porto", TEXT),
        gap(4),
        grid([[left, right]], (101, 73), ("VALIGN", (0, 0), (-1, -1), "TOP")),
        gap(2),
        paragraph(
            "Der Tag, an dem jede Sendung der Post übergeben wurde, steht im Einlieferungsnachweis; er folgt, wenn der "
            "Druckauftrag abgeschlossen ist. Gezählt werden die Seiten der Blätter; beim beidseitigen Druck zählt "
            "die leere Rückseite mit. Jede einzelne Sendung steht in der CSV- und in der JSON-Datei gleichen "
            "Namens.",
            SMALL,
        ),
    ]


def _files(files: Mapping[str, tuple[str, Totals]]) -> list[Flowable]:
    parts = [part for _, part in files.values()]
    listed = list(files.items())[:MAX_FILE_ROWS]
    rows = [[name, intake, *_short_sums(part)] for intake, (name, part) in listed]
    if len(parts) > len(listed):
        rest = total(parts[MAX_FILE_ROWS:])
        rows.append(
            [counted(len(parts) - len(listed), "weitere Datei", "weitere Dateien"), "siehe CSV", *_short_sums(rest)]
        )
    rows.append([f"Summe ({counted(len(parts), 'Datei', 'Dateien')})", "", *_short_sums(total(parts))])
    columns = (
        Column("Datei", 75),
        Column("Vorgang", 28),
        Column("Sendungen", 23, True),
        Column("Blatt", 20, True),
        Column("Porto", 28, True),
    )
    return section("Nach Datei", columns, rows, last_is_sum=True)


def _short_sums(totals: Totals) -> list[str]:
    return [count(totals.pieces), count(totals.sheets), euros(totals.postage_cent)]


def _exceptions(exceptions: Sequence[LetterException]) -> list[Flowable]:
    story: list[Flowable] = [CondPageBreak(45 * mm), paragraph("Nicht angenommene Briefe", HEADING)]
    if not exceptions:
        return [*story, paragraph("Keine. Alle Briefe der genannten Dateien wurden angenommen.")]
    story.append(
        paragraph(
            f"{counted(len(exceptions), 'Brief wurde', 'Briefe wurden')} nicht hergestellt; dafür fällt kein Porto an. "
            "Einzelne Briefe liegen zur Abholung im Ordner „returned“, ganze Dateien im Ordner „rejected“. Nach der "
            "Abhilfe legen Sie bitte nur diese noch einmal ab."
        )
    )
    columns = (Column("Datei", 58), Column("ab Seite", 18), Column("Befund", 98))
    for code in dict.fromkeys(one.code for one in exceptions):
        rows = [[one.file, count(one.source_page), one.detail] for one in exceptions if one.code == code]
        story += [
            CondPageBreak(35 * mm),
            gap(3),
            paragraph(REFUSALS[code].title, BOLD_TEXT),
            paragraph(f"Abhilfe: {REFUSALS[code].remedy}"),
            gap(1.2),
            table(columns, rows),
        ]
    return story


def _day(facts: ManifestFacts) -> str:
    return day(datetime.fromisoformat(facts.created_at).date())


def _signatures(facts: ManifestFacts, totals: Totals) -> list[Flowable]:
    """Lines to sign, and above them what is signed: they may stand on a page of their own."""
    what = (
        f"Druckauftrag {facts.batch} vom {_day(facts)}: {counted(totals.pieces, 'Sendung', 'Sendungen')}, "
        f"{count(totals.sheets)} Blatt, Porto {euros(totals.postage_cent)}; "
        f"{counted(len(facts.exceptions), 'Brief', 'Briefe')} nicht angenommen."
    )
    lines = grid(
        [
            [paragraph("Für das Druckzentrum", BOLD_TEXT), paragraph("Für die Kommune", BOLD_TEXT)],
            [
                WritingLine("Hergestellt und gezählt: Datum, Unterschrift", 80, 12),
                WritingLine("Sachlich richtig: Datum, Unterschrift", 80, 12),
            ],
            [
                WritingLine("Name in Druckschrift", 80, 12),
                WritingLine("Rechnerisch richtig: Datum, Unterschrift", 80, 12),
            ],
        ],
        (90, 84),
        ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
    )
    return [KeepTogether([paragraph("Bestätigung", HEADING), paragraph(what), gap(3), lines])]
