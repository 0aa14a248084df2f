"""The delivery list for the carrier (Einlieferungsliste) as CSV and PDF; it holds no name and no reference."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from reportlab.platypus import Flowable, KeepTogether

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
)
from pipeline.adapters.papers.plain_files import decimal_grams, write_csv
from pipeline.domain.delivery import ProductShare, RegionShare, by_product, shares_of
from pipeline.domain.german import count, day, euros, grams, moment
from pipeline.domain.ordering import leitregion
from pipeline.domain.papers import BatchPapers
from pipeline.domain.pieces import PlacedPiece
from pipeline.domain.totals import Totals, total

DELIVERY_NAME = "delivery-list"
DELIVERY_COLUMNS = (
    "batch",
    "product",
    "product_number",
    "leitregion",
    "postcode",
    "country",
    "weight_g",
    "postage_cent",
    "piece",
)

_NAME_MM = 45
_NUMBERS = (
    Column("lfd. Nr. von", 23, True),
    Column("bis", 23, True),
    Column("Sendungen", 22, True),
    Column("Gewicht", 32.6, True),
    Column("Porto", 28.4, True),
)


def write_delivery_csv(folder: Path, papers: BatchPapers) -> Path:
    """Write `delivery-list.csv`: a row a piece, product by product, by running number."""
    path = folder / f"{DELIVERY_NAME}.csv"
    rows = (_row(papers.batch, one) for pieces in by_product(papers.pieces).values() for one in pieces)
    write_csv(path, DELIVERY_COLUMNS, rows)
    return path


def _row(batch: str, one: PlacedPiece) -> tuple[str | int, ...]:
    piece = one.piece
    return (
        batch,
        piece.product,
        one.product_number,
        leitregion(piece),
        piece.postcode,
        piece.country,
        decimal_grams(piece.weight_mg),
        piece.postage_cent,
        one.number,
    )


def write_delivery_pdf(folder: Path, papers: BatchPapers) -> Path:
    """Write `delivery-list.pdf`: per product the Leitregionen with running numbers, and lines to sign."""
    path = folder / f"{DELIVERY_NAME}.pdf"
    title = f"Einlieferungsliste {papers.batch} vom {day(datetime.fromisoformat(papers.created_at).date())}"
    shares = shares_of(papers.pieces)
    save_document(path, title, title, lambda: _story(papers, shares))
    return path


def _story(papers: BatchPapers, shares: Sequence[ProductShare]) -> list[Flowable]:
    titles = {product.id: product.title for product in papers.profiles.postage.products}
    story = [*_head(papers, shares), *_products(shares, titles)]
    for share in shares:
        if len(share.regions) == 1 and not share.regions[0].leitregion:
            continue  # abroad: the table above says it all
        story += _regions(share, titles.get(share.product, share.product))
    return [*story, *_signatures()]


def _head(papers: BatchPapers, shares: Sequence[ProductShare]) -> list[Flowable]:
    sums = total(share.totals for share in shares)
    made = moment(datetime.fromisoformat(papers.created_at))
    left = facts_table(
        (("Druckauftrag", papers.batch), ("Erstellt", made), ("Umschlag", papers.envelope.title)), 27, 74
    )
    right = facts_table(
        (("Sendungen", count(sums.pieces)), ("Gewicht", grams(sums.weight_mg)), ("Porto", euros(sums.postage_cent))),
        31,
        42,
    )
    return [
        paragraph("Einlieferungsliste", TITLE),
        paragraph("je Postprodukt, in der Reihenfolge der Postleitzahlen", TEXT),
        gap(4),
        grid([[left, right]], (101, 73), ("VALIGN", (0, 0), (-1, -1), "TOP")),
        gap(2),
        paragraph(
            "Die Sendungen liegen je Produkt in der Reihenfolge der laufenden Nummer. Gezogene Sendungen fehlen beim "
            "Einliefern; ihre Nummern werden nicht neu vergeben. Das Gewicht ist aus Papier, Umschlag und Beilagen "
            "gerechnet. Jede einzelne Sendung steht in delivery-list.csv.",
            SMALL,
        ),
    ]


def _products(shares: Sequence[ProductShare], titles: dict[str, str]) -> list[Flowable]:
    rows = [
        [titles.get(share.product, share.product), "1", count(share.totals.pieces), *_sums(share.totals)]
        for share in shares
    ]
    rows.append(["Summe", "", "", *_sums(total(share.totals for share in shares))])
    return section("Postprodukte", (Column("Produkt", _NAME_MM), *_NUMBERS), rows, last_is_sum=True)


def _regions(share: ProductShare, title: str) -> list[Flowable]:
    rows = [[_region(one), count(one.first), count(one.last), *_sums(one.totals)] for one in share.regions]
    rows.append(["Summe", "1", count(share.totals.pieces), *_sums(share.totals)])
    return section(f"{title} nach Leitregion", (Column("Leitregion", _NAME_MM), *_NUMBERS), rows, last_is_sum=True)


def _region(one: RegionShare) -> str:
    return one.leitregion or "ohne deutsche Postleitzahl"


def _sums(totals: Totals) -> tuple[str, str, str]:
    return count(totals.pieces), grams(totals.weight_mg), euros(totals.postage_cent)


def _signatures() -> list[Flowable]:
    lines = grid(
        [
            [paragraph("Eingeliefert", BOLD_TEXT), paragraph("Übernommen", BOLD_TEXT)],
            [WritingLine("Tag, Uhrzeit", 80, 12), WritingLine("Tag, Uhrzeit", 80, 12)],
            [
                WritingLine("Für das Druckzentrum: Name, Unterschrift", 80, 12),
                WritingLine("Für den Postdienstleister: Name, Unterschrift", 80, 12),
            ],
            [WritingLine("Abweichung: gezogene oder nachgereichte Sendungen, Stück", 80, 12), ""],
        ],
        (90, 84),
        ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
    )
    return [KeepTogether([paragraph("Übergabe", HEADING), lines])]
