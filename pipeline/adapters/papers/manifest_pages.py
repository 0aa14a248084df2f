"""Sections of the manifest on paper about pages: where those of each file went, and which were left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reportlab.platypus import Flowable

from pipeline.adapters.papers.manifest_files import FilePages
from pipeline.adapters.papers.page_layout import SMALL, Column, paragraph, section
from pipeline.domain.german import count, counted, numbers_told
from pipeline.domain.source_pages import LEFT_OUT_NAMES

MAX_ROWS = 200
"""So many files are listed one by one; the rest is one row, and the JSON file has them all."""

_MAX_RUNS = 30
_COLUMNS = (
    Column("Datei", 62),
    Column("Seiten", 20, True),
    Column("in Briefen", 23, True),
    Column("zurück", 20, True),
    Column("weggelassen", 26, True),
    Column("andernorts", 23, True),
)


def page_sections(files: Sequence[FilePages]) -> list[Flowable]:
    """Each file's pages, added up, and below them the pages that were left out, if any were."""
    if not files:
        return []
    told = sorted(files, key=lambda each: not each.left_out)  # files with pages left out are listed first
    listed, rest = told[:MAX_ROWS], told[MAX_ROWS:]
    rows = [[each.file, *_cells([each])] for each in listed]
    if rest:
        rows.append([counted(len(rest), "weitere Datei", "weitere Dateien") + ", siehe JSON", *_cells(rest)])
    rows.append([f"Summe ({counted(len(files), 'Datei', 'Dateien')})", *_cells(files)])
    explained = paragraph(
        "Seiten der abgelegten Dateien, ohne leere Rückseiten und Kopien. Andernorts: Briefe derselben Datei, die in "
        "einem anderen Druckauftrag stehen oder noch auf einen warten; deren Nachweis nennt sie.",
        SMALL,
    )
    return [*section("Verbleib der Seiten", _COLUMNS, rows, last_is_sum=True), explained, *_left_out(listed)]


def _cells(files: Iterable[FilePages]) -> list[str]:
    accounts = [each.account for each in files]
    return [
        _sum(one.pages for one in accounts),
        _sum(one.printed for one in accounts),
        _sum(one.returned for one in accounts),
        _sum(one.left_out for one in accounts),
        _sum(one.elsewhere for one in accounts),
    ]


def _sum(numbers: Iterable[int | None]) -> str:
    """The sum of what is known; `?` where nothing is."""
    known = [number for number in numbers if number is not None]
    return count(sum(known)) if known else "?"


def _left_out(files: Sequence[FilePages]) -> list[Flowable]:
    rows = []
    for each in files:
        for reason, name in LEFT_OUT_NAMES.items():
            pages = [page.page for page in each.left_out if page.reason == reason]
            if pages:
                rows.append([each.file, name, count(len(pages)), numbers_told(pages, _MAX_RUNS)])
    if not rows:
        return []
    columns = (Column("Datei", 56), Column("Grund", 24), Column("Seiten", 18, True), Column("Nummern in der Datei", 76))
    return section("Nicht gedruckte Trennblätter und leere Seiten", columns, rows)
