"""The operator's job ticket: what to load, what to run in which order, what to check and sign.

It holds counts, stocks and ids, never a name or an address of a recipient.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether

from pipeline.adapters.papers.page_layout import (
    BOLD,
    HEADING,
    INK,
    SMALL,
    TEXT,
    TEXT_WIDTH_MM,
    TITLE,
    Column,
    TickBox,
    WritingLine,
    facts_table,
    gap,
    grid,
    paragraph,
    save_document,
    section,
)
from pipeline.adapters.papers.sum_tables import breakdown, called
from pipeline.domain.german import count, counted, grams, millimetres, moment
from pipeline.domain.papers import BatchPapers
from pipeline.domain.postal_products import SPECIAL_PRODUCTS
from pipeline.domain.preparing import most_sheets
from pipeline.domain.profiles import Plex
from pipeline.domain.totals import (
    Totals,
    by_municipality,
    by_product,
    enclosures_needed,
    printed_pages,
    total,
    totals_by,
)

_BATCH = ParagraphStyle("batch", parent=TITLE, fontName=BOLD, fontSize=34, leading=38, textColor=INK)

_FOLDS = {0: "ungefalzt", 1: "Einbruchfalz", 2: "Wickelfalz"}
_PLEXES: dict[Plex, str] = {"simplex": "einseitig", "duplex": "beidseitig, Bindung an der langen Kante"}
_MARKS = {"omr": "OMR-Striche", "datamatrix": "Data Matrix", "both": "OMR-Striche und Data Matrix"}


def write_job_ticket(folder: Path, papers: BatchPapers) -> Path:
    """Write `job-ticket.pdf`."""
    path = folder / "job-ticket.pdf"
    title = f"Arbeitsschein {papers.batch}"
    sums = _sums(papers)
    save_document(path, title, title, lambda: _story(papers, sums))
    return path


@dataclass(frozen=True)
class _Sums:
    """What is counted over all pieces, once."""

    totals: Totals
    products: Mapping[str, Totals]
    municipalities: Mapping[str, Totals]
    enclosures: Mapping[int, int]


def _sums(papers: BatchPapers) -> _Sums:
    pieces = [placed.piece for placed in papers.pieces]
    products = totals_by(pieces, by_product)
    owners = totals_by(pieces, by_municipality)
    return _Sums(total(products.values()), products, owners, enclosures_needed(pieces))


def _story(papers: BatchPapers, sums: _Sums) -> list[Flowable]:
    products = {product.id: product.title for product in papers.profiles.postage.products}
    municipalities = {id: one.name for id, one in papers.profiles.municipalities.items()}
    return [
        *_head(papers, sums.totals),
        *_set_up(papers),
        *_stations(papers, sums.enclosures),
        *_volumes(papers),
        *breakdown("Porto nach Postprodukt", "Produkt", called(sums.products, products)),
        *breakdown("Nach Kommune", "Kommune", called(sums.municipalities, municipalities)),
        *_checks(),
    ]


def _head(papers: BatchPapers, totals: Totals) -> list[Flowable]:
    code = Code128(papers.batch, barHeight=14 * mm, barWidth=0.42 * mm, quiet=0)  # the paper around it is quiet
    code.hAlign = "RIGHT"
    left = [paragraph("Arbeitsschein Kuvertierung", TITLE), paragraph(papers.batch, _BATCH)]
    width_mm = 78.0
    head = grid(
        [[left, code]],
        (TEXT_WIDTH_MM - width_mm, width_mm),
        ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
        ("ALIGN", (1, 0), (1, 0), "RIGHT"),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    )
    made = moment(datetime.fromisoformat(papers.created_at))
    line = (
        f"{counted(totals.pieces, 'Sendung', 'Sendungen')}, {count(totals.sheets)} Blatt in "
        f"{counted(len(papers.volumes), 'Teilband', 'Teilbänden')}; erstellt {made}"
    )
    return [head, gap(1.5), paragraph(line, TEXT)]


_CLASS_DE = {"confidential": "vertraulich: nicht offen liegen lassen", "sealed": "verschlossen: nur zu zweit"}


def _special(papers: BatchPapers) -> list[tuple[str, str]]:
    """What is not so in every batch: class, product, last day of posting, enclosures that the machine can't select."""
    found = []
    if papers.confidentiality in _CLASS_DE:
        found.append(("Vertraulichkeit", _CLASS_DE[papers.confidentiality]))
    special = next((title for kind, title in SPECIAL_PRODUCTS.items() if kind == papers.special), "")
    if special:
        found.append(("Besonderes Produkt", f"{special}: jede Sendung bekleben, eigene Einlieferung"))
    if papers.due:
        found.append(("Spätestens zur Post", f"{date.fromisoformat(papers.due):%d.%m.%Y}"))
    if papers.enclosures:
        found.append(("Beilagen für alle", f"Station {papers.enclosures} einschalten, die übrigen aus"))
    return found


def _set_up(papers: BatchPapers) -> list[Flowable]:
    feed, piece = papers.machine.feed, papers.pieces[0].piece
    left = facts_table(
        (
            ("Maschine", papers.machine.title),
            ("Umschlag", f"{papers.envelope.title}; {count(len(papers.pieces))} Stück"),
            ("Falzung", _folding(papers)),
            ("Höchstens je Sendung", f"{most_sheets(papers.machine, papers.envelope)} Blatt"),
            *_special(papers),
        ),
        35,
        66,
    )
    right = facts_table(
        (
            ("Papier", f"{papers.paper.title}; {count(_printed_sheets(papers))} Blatt"),
            ("Druck", f"{_PLEXES[piece.plex]}, 100 %"),
            ("Zuführung", f"Anschriftblatt {'zuerst' if feed.address_sheet == 'first' else 'zuletzt'}"),
            (
                "Marken",
                _MARKS[papers.machine.marks.kind] + (", Schlussblatt je Teilband" if feed.trailer_sheet else ""),
            ),
        ),
        19,
        54,
    )
    return [paragraph("Einrichten", HEADING), grid([[left, right]], (101, 73), ("VALIGN", (0, 0), (-1, -1), "TOP"))]


def _folding(papers: BatchPapers) -> str:
    folding = papers.envelope.folding(papers.pieces[0].piece.form)
    folds = folding.folds_mm if folding else ()
    name = _FOLDS.get(len(folds), f"{len(folds)} Falze")
    places = " und ".join(millimetres(fold) for fold in folds)
    return f"{name} bei {places}, Form {papers.form}" if folds else f"{name}, Form {papers.form}"


def _stations(papers: BatchPapers, needed: Mapping[int, int]) -> list[Flowable]:
    rows: list[list[str | Flowable]] = []
    for station in range(1, max(papers.machine.feed.stations, 0, *needed) + 1):
        enclosure = papers.profiles.enclosures.get(station)
        if station not in needed:
            rows.append([str(station), "bleibt leer", "", "", TickBox()])
        elif enclosure is None:
            rows.append([str(station), "nicht mehr eingerichtet: bitte klären", "", count(needed[station]), TickBox()])
        else:
            weight = grams(enclosure.weight_mg)
            rows.append([str(station), enclosure.title, weight, count(needed[station]), TickBox()])
    if not rows:
        return []
    columns = (
        Column("Station", 18),
        Column("Beilage", 86),
        Column("Gewicht je Stück", 32, True),
        Column("Bedarf", 20, True),
        Column("geprüft", 18),
    )
    return section("Beilagenstationen", columns, rows)


def _printed_sheets(papers: BatchPapers) -> int:
    """How much paper the batch takes, separator and trailer sheets included."""
    return sum(volume.pages for volume in papers.volumes) // printed_pages(1, papers.pieces[0].piece.plex)


def _fed_sheets(papers: BatchPapers) -> list[int]:
    """How many sheets of each volume the machine's counter counts: the trailer sheet, too; separators are taken out."""
    faces = printed_pages(1, papers.pieces[0].piece.plex)
    return [(volume.pages - volume.separator_pages) // faces for volume in papers.volumes]


def _volumes(papers: BatchPapers) -> list[Flowable]:
    rows: list[list[str | Flowable]] = []
    last = 0
    fed = _fed_sheets(papers)
    for volume, sheets in zip(papers.volumes, fed, strict=True):
        first, last = last + 1, last + volume.pieces
        rows.append([volume.file, count(first), count(last), count(volume.pages), count(sheets), "", "", TickBox()])
    pages = sum(one.pages for one in papers.volumes)
    rows.append(["Summe", "", count(last), count(pages), count(sum(fed)), "", "", ""])
    columns = (
        Column("Teilband", 33),
        Column("Sendung", 19, True),
        Column("bis", 19, True),
        Column("Seiten", 19, True),
        Column("Blatt", 19, True),
        Column("Zähler Anfang", 27, to_fill=True),
        Column("Zähler Ende", 24, to_fill=True),
        Column("fertig", 14),
    )
    story = section("Teilbände in der Reihenfolge der Zuführung", columns, rows, last_is_sum=True)
    apart = sum(fed) - sum(volume.sheets for volume in papers.volumes)
    note = "Zähler Ende weniger Zähler Anfang muss die Zahl der Blätter ergeben."
    if apart:
        note += f" Schlussblätter sind mitgezählt: {counted(apart, 'Blatt', 'Blatt')}."
    if any(volume.separator_pages for volume in papers.volumes):
        note += " Trennblätter vor dem Einlegen entnehmen."
    return [*story, gap(1), paragraph(note, SMALL)]


_CHECKS = (
    "Umschläge und Papier wie oben geladen, Falzung mit einem Blatt geprüft",
    "Beilagen geladen, leere Stationen abgeschaltet",
    "Testblatt gelesen, Lesekopf ausgerichtet",
    "Teilbände ohne Skalierung und in der Reihenfolge gedruckt",
    "Erste fünf Sendungen geöffnet: Blattzahl, Anschrift im Fenster, Beilagen",
    "Blattzähler je Teilband und in der Summe stimmt",
    "Ausgeschleuste und beschädigte Sendungen erfasst, Maschinenprotokoll abgelegt",
    "Mit der Einlieferungsliste der Post übergeben",
)


def _checks() -> list[Flowable]:
    rows = [
        [TickBox(), paragraph(check), WritingLine("Name", 40, 5.2), WritingLine("Datum, Uhrzeit", 36, 5.2)]
        for check in _CHECKS
    ]
    checks = grid(
        rows,
        (8, 86, 43, 37),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("VALIGN", (2, 0), (-1, -1), "BOTTOM"),
        ("TOPPADDING", (0, 0), (-1, -1), 0.6),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0.6),
    )
    return [KeepTogether([paragraph("Abhaken", HEADING), checks])]
