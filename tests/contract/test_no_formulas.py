"""No cell of any list is a formula, whatever a sender writes into tickets and file names."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.adapters.papers.batch_folder import manifests_of, write_batch_papers
from pipeline.adapters.papers.manifest_files import write_posting
from pipeline.domain.pieces import LetterException
from tests.paper_examples import PIECE, batch_papers

pytestmark = pytest.mark.contract

BAD = ("=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "AZ 1;=1", "AZ\t@x", "＝1", '=HYPERLINK("x")', "\n=1", "=")
STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")


def test_no_list_of_a_batch_holds_a_formula(tmp_path: Path) -> None:
    pieces = [
        replace(
            PIECE,
            id=f"i{n:07d}-p000001",
            intake=f"i{n:07d}",
            arrival=(n, 1),
            reference=bad,
            file=bad,
            cost_centre=bad,
            postcode=bad,
            country="AT",
        )
        for n, bad in enumerate(BAD, 1)
    ]
    papers = batch_papers(pieces, [LetterException("i0000099", bad, "schwerin", 1, "page-size", bad) for bad in BAD])
    write_batch_papers(papers, tmp_path)
    (tmp_path / "posting").mkdir()
    for facts in manifests_of(papers):
        write_posting(tmp_path / "posting", facts)
    lists = sorted(tmp_path.rglob("*.csv"))
    assert {path.name for path in lists} == {
        "b0000042-posting.csv",
        "delivery-list.csv",
        "pieces.csv",
        "schwerin.csv",
        "sheets.csv",
    }
    guarded = 0
    for path in lists:
        with path.open(encoding="utf-8", newline="") as opened:
            for row in csv.reader(opened):
                for cell in row:
                    guarded += "'" in cell
                    parts = [cell, *re.split("[;\t]", cell)]
                    assert [part for part in parts if part.strip(" ").startswith(STARTS)] == [], (path.name, row)
        assert len(path.read_text(encoding="utf-8").splitlines()) == len(BAD) * _rows(path) + 1
    assert guarded >= 3 * 3 * len(BAD)


def _rows(path: Path) -> int:
    return 2 if path.name == "sheets.csv" else 1
