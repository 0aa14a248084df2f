"""Whatever letters come: manifests, lists, batch.json and the volumes' pages say the same."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.adapters.papers.batch_files import write_batch_json, write_pieces_csv, write_sheets_csv
from pipeline.adapters.papers.batch_folder import manifests_of
from pipeline.adapters.papers.delivery_list import write_delivery_csv
from pipeline.adapters.papers.manifest_files import write_manifest_csv, write_manifest_json
from pipeline.adapters.papers.proving import prove_totals
from pipeline.domain.errors import Permanent
from pipeline.domain.papers import BatchPapers
from pipeline.domain.pieces import LetterException, Piece
from pipeline.domain.profiles import SeparatorSheets
from pipeline.domain.source_pages import SourceFile
from tests.paper_examples import FOLDER, PIECE, batch_papers, pieces

pytestmark = pytest.mark.contract

KEYS = ("pieces", "sheets", "pages", "weight_g", "postage_cent")
Sums = dict[str, Decimal]


def _exact(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _counted(rows: list[dict[str, str]]) -> Sums:
    sums = {key: sum((Decimal(row[key]) for row in rows), Decimal(0)) for key in KEYS if key != "pieces"}
    return {"pieces": Decimal(len(rows))} | sums


def _told(totals: dict[str, Any]) -> Sums:
    return {key: Decimal(totals[key]) for key in KEYS}


def _added(parts: list[Sums]) -> Sums:
    return {key: sum((part[key] for part in parts), Decimal(0)) for key in KEYS}


def _write(papers: BatchPapers, folder: Path) -> None:
    prove_totals(papers)
    write_pieces_csv(folder, papers.batch, papers.pieces)
    write_sheets_csv(folder, papers.batch, papers.sheets)
    write_batch_json(folder, papers)
    write_delivery_csv(folder, papers)
    for facts in manifests_of(papers):
        write_manifest_json(folder, facts)
        write_manifest_csv(folder, facts)


@settings(max_examples=40, deadline=None)
@given(
    pieces(),
    st.booleans(),
    st.sampled_from(["none", "volume", "product"]),
    st.integers(1, 12),
    st.lists(st.sampled_from(["schwerin", "parchim", "luebz"]), max_size=3),
    st.integers(0, 3),
)
def test_every_paper_says_the_same(
    arrived: list[Piece], trailer: bool, separator: SeparatorSheets, room: int, returned: list[str], gap: int
) -> None:
    feed = replace(FOLDER.feed, trailer_sheet=trailer, separator_sheet=separator, max_volume_sheets=room)
    machine = replace(FOLDER, feed=feed)
    exceptions = [LetterException("i0000009", "x.pdf", one, 1, "page-size", "", 1, 1) for one in returned]
    papers = replace(batch_papers(arrived, exceptions, machine=machine), sources=_sources(arrived, gap))
    with TemporaryDirectory() as name:
        folder = Path(name)
        _write(papers, folder)
        batch = _exact(folder / "batch.json")
        piece_rows, sheet_rows = _rows(folder / "pieces.csv"), _rows(folder / "sheets.csv")
        wanted = _counted(piece_rows)
        assert _told(batch["totals"]) == wanted
        assert _added([_told(one) for one in batch["municipalities"].values()]) == wanted
        _check_volumes(batch, piece_rows, sheet_rows)
        _check_manifests(folder, batch, piece_rows, wanted)
        _check_delivery(_rows(folder / "delivery-list.csv"), piece_rows)
        assert sum(len(_exact(folder / f"{id}.json")["exceptions"]) for id in batch["municipalities"]) == len(returned)


def _check_volumes(batch: dict[str, Any], piece_rows: list[dict[str, str]], sheet_rows: list[dict[str, str]]) -> None:
    for number, volume in enumerate(batch["volumes"], start=1):
        inside = _counted([row for row in piece_rows if row["volume"] == str(number)])
        assert (volume["pieces"], volume["sheets"]) == (inside["pieces"], inside["sheets"])
        assert volume["pages"] == inside["pages"]
        assert volume["file_pages"] == volume["pages"] + volume["separator_pages"] + volume["trailer_pages"]
        assert volume["sheets"] == sum(row["volume"] == str(number) for row in sheet_rows)
        faces = 2 if batch["plex"] == "duplex" else 1
        fronts = [int(row["page"]) for row in sheet_rows if row["volume"] == str(number)]
        every = range(1, volume["file_pages"] - volume["trailer_pages"] + 1, faces)
        assert (
            fronts == sorted(set(fronts) & set(every)) and len(every) - len(fronts) == volume["separator_pages"] / faces
        )
    assert sum(volume["pages"] for volume in batch["volumes"]) == batch["totals"]["pages"]
    numbers: Counter[str] = Counter()
    for row in piece_rows:
        numbers[row["product"]] += 1
        assert int(row["product_number"]) == numbers[row["product"]]
    assert Counter(row["piece"] for row in sheet_rows) == {row["piece"]: int(row["sheets"]) for row in piece_rows}
    first_fronts: dict[str, str] = {}
    for row in sheet_rows:
        first_fronts.setdefault(row["piece"], row["page"])
    assert first_fronts == {row["piece"]: row["first_page"] for row in piece_rows}


def _sources(arrived: list[Piece], gap: int) -> dict[str, SourceFile]:
    """Files in which `gap` separators stand before every letter, and letters of other batches fill the rest."""
    left_out: dict[str, dict[int, Any]] = {}
    for piece in arrived:
        own = left_out.setdefault(piece.intake, {})
        own |= {piece.source_first_page - n: "separator" for n in range(1, gap + 1)}
    return {"i0000009": SourceFile(1)} | {intake: SourceFile(9999, pages) for intake, pages in left_out.items()}


def _check_pages(manifest: dict[str, Any], rows: list[dict[str, str]]) -> None:
    """Each file's pages add up, as JSON and CSV tell them of its letters."""
    letters = [*manifest["pieces"], *manifest["exceptions"]]
    files = {each["intake"]: each for each in manifest["files"]}
    assert len(files) == len(manifest["files"]) and set(files) == {each["intake"] for each in letters}
    for intake, told in files.items():
        spans = {
            (kind, each["source_first_page"], each["source_last_page"])
            for kind in ("pieces", "exceptions")
            for each in manifest[kind]
            if each["intake"] == intake
        }
        assert told["printed"] == sum(last - first + 1 for kind, first, last in spans if kind == "pieces")
        assert told["returned"] == sum(last - first + 1 for kind, first, last in spans if kind == "exceptions")
        beside = [page["source_page"] for each in letters if each["intake"] == intake for page in each["left_out"]]
        assert told["left_out"] == len(beside) == len(set(beside))
        parts = (told["printed"], told["returned"], told["left_out"], told["elsewhere"])
        assert told["source_pages"] == sum(parts)
    for row, piece in zip(rows, manifest["pieces"], strict=True):
        found = [one.split(":") for one in row["left_out"].split("+") if one]
        assert [(a, int(b), c) for a, b, c in found] == [tuple(one.values()) for one in piece["left_out"]]


def _check_delivery(rows: list[dict[str, str]], piece_rows: list[dict[str, str]]) -> None:
    """The carrier's list holds each piece once, by product and running number, with the values of pieces.csv."""
    same = ("batch", "piece", "product", "product_number", "postcode", "country", "weight_g", "postage_cent")
    assert sorted(tuple(row[key] for key in same) for row in rows) == sorted(
        tuple(row[key] for key in same) for row in piece_rows
    )
    for before, after in pairwise(rows):
        if before["product"] == after["product"]:
            assert int(after["product_number"]) == int(before["product_number"]) + 1
        else:
            assert after["product_number"] == "1"
    assert len({row["product"] for row in rows}) == 1 + sum(a["product"] != b["product"] for a, b in pairwise(rows))


def _check_manifests(folder: Path, batch: dict[str, Any], piece_rows: list[dict[str, str]], wanted: Sums) -> None:
    sums = []
    numbers: list[int] = []
    for id, totals in batch["municipalities"].items():
        manifest = _exact(folder / f"{id}.json")
        own = _told(manifest["totals"])
        assert own == _told(totals)
        assert own == _counted([row for row in piece_rows if row["municipality"] == id])
        assert own == _counted(_rows(folder / f"{id}.csv"))
        assert own == _counted([{key: str(value) for key, value in one.items()} for one in manifest["pieces"]])
        for breakdown in ("by_product", "by_envelope", "by_cost_centre"):
            assert _added([_told(one) for one in manifest["totals"][breakdown].values()]) == own
        sums.append(own)
        numbers += [one["piece"] for one in manifest["pieces"]]
        _check_pages(manifest, _rows(folder / f"{id}.csv"))
    assert _added(sums) == wanted
    assert sorted(numbers) == list(range(1, len(piece_rows) + 1))


def _wrong(papers: BatchPapers) -> dict[str, BatchPapers]:
    volume = papers.volumes[0]
    return {
        "no piece": replace(papers, pieces=()),
        "pieces in volumes": replace(papers, volumes=(replace(volume, pieces=volume.pieces + 1),)),
        "sheets in volumes": replace(papers, volumes=(replace(volume, sheets=volume.sheets + 1),)),
        "pages in volumes": replace(papers, volumes=(replace(volume, pages=volume.pages + 1),)),
        "sheets read back": replace(papers, readback=dict(papers.readback) | {"sheets": 1}),
        "pages read back": replace(papers, readback=dict(papers.readback) | {"pages": 1}),
        "rows of sheets": replace(papers, sheets=papers.sheets[:-1]),
        "rows of sheets of piece": replace(papers, sheets=(*papers.sheets[:-1], papers.sheets[0])),
    }


@pytest.mark.parametrize("what", list(_wrong(batch_papers([PIECE, replace(PIECE, id="i0000001-p000002")]))))
def test_papers_that_disagree_are_not_written(what: str) -> None:
    papers = batch_papers([PIECE, replace(PIECE, id="i0000001-p000002", arrival=(1, 2))])
    prove_totals(papers)
    with pytest.raises(Permanent, match=what) as refused:
        prove_totals(_wrong(papers)[what])
    assert refused.value.code == "totals-disagree"
