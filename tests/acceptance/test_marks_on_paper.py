"""The batches of a real run, rendered by a program that the line does not use, read by readers for tests only."""

from __future__ import annotations

import csv
import json
import subprocess
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from samples.sets import write_set
from tests.acceptance.driver import REPOSITORY, Place
from tests.needs import need
from tests.omr_reader import code, strokes

pytestmark = pytest.mark.acceptance

SYMBOL_MM = 18 * 0.5
QUIET_MM = 2.0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    need("pdftoppm")
    place = Place(tmp_path_factory.mktemp("marks") / "root")
    write_set("small", 7, place.root)
    for folder in (place.root / "inbox").glob("*/*"):
        if folder.name in ("post", "invoices"):
            for path in folder.iterdir():
                path.unlink()
    done = place.call("run", "--once", "--assemble")
    assert done.returncode == 0, done.stderr
    return place


def pictures(pdf: Path, folder: Path) -> list[np.ndarray]:
    """The pages at 300 dpi, grey, by poppler."""
    subprocess.run(["pdftoppm", "-r", "300", "-gray", str(pdf), str(folder / pdf.stem)], check=True)
    found = sorted(folder.glob(f"{pdf.stem}-*.pgm"), key=lambda path: int(path.stem.rpartition("-")[2]))
    return [np.asarray(Image.open(path)) for path in found]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def read_sheet(page: np.ndarray, machine: dict[str, Any]) -> tuple[str, str]:
    marks = machine["marks"]
    omr, symbol = "", ""
    if marks["kind"] in ("omr", "both"):
        place = (marks["x_mm"], marks["first_mm"], marks["pitch_mm"], len(marks["tokens"]), marks["length_mm"])
        omr = strokes(page, *place)
    if marks["kind"] in ("datamatrix", "both"):
        at = marks["datamatrix"]
        side = SYMBOL_MM + 2 * QUIET_MM
        symbol = code(page, at["x_mm"] - QUIET_MM, at["y_mm"] - QUIET_MM, side)
    return omr, symbol


def test_every_sheet_says_what_the_list_of_sheets_says(place: Place, tmp_path: Path) -> None:
    machines = set()
    for folder in sorted(place.root.glob("printcenter/batches/*")):
        batch = json.loads((folder / "batch.json").read_text())
        machine = tomllib.loads((REPOSITORY / "profiles" / "machines" / f"{batch['machine']}.toml").read_text())
        machines.add(batch["machine"])
        rows = rows_of(folder / "sheets.csv")
        for volume in batch["volumes"]:
            pages = pictures(folder / volume["file"], tmp_path)
            assert len(pages) == volume["pages"]
            wanted = {int(row["page"]): row for row in rows if f"-v{int(row['volume']):02d}" in volume["file"]}
            for number, page in enumerate(pages, 1):
                omr, symbol = read_sheet(page, machine)
                row = wanted.get(number, {"omr": omr.replace("1", "0"), "code": ""})
                assert (omr, symbol) == (row["omr"], row["code"]), f"{volume['file']} page {number}"
    assert machines == {"neopost-1track", "pitney-small", "datamatrix"}


def test_the_letter_on_the_sheet_is_the_piece_of_the_list(place: Place) -> None:
    """The marks could be right on the wrong letter: the postcode in the window is the one of pieces.csv."""
    need("pdftotext")
    seen = 0
    for folder in sorted(place.root.glob("printcenter/batches/*")):
        pieces = {row["piece"]: row for row in rows_of(folder / "pieces.csv")}
        sheets = rows_of(folder / "sheets.csv")
        for sheet in sheets:
            if sheet["sheet"] != "1":
                continue
            piece = pieces[sheet["piece"]]
            pdf = folder / f"{sheet['batch']}-v{int(sheet['volume']):02d}.pdf"
            window = ["-x", "55", "-y", "70", "-W", "250", "-H", "190"]
            call = ["pdftotext", "-f", sheet["page"], "-l", sheet["page"], *window, str(pdf), "-"]
            text = subprocess.run(call, capture_output=True, text=True, check=True).stdout
            assert piece["postcode"] in text, f"{pdf.name} page {sheet['page']}: {text!r}"
            seen += 1
    assert seen == sum(len(rows_of(path)) for path in place.root.glob("printcenter/batches/*/pieces.csv")) > 0


def test_each_batch_is_in_the_order_of_the_contract(place: Place) -> None:
    for path in sorted(place.root.glob("printcenter/batches/*/pieces.csv")):
        rows = rows_of(path)
        home = [row["country"] == "DE" for row in rows]
        assert home == sorted(home, reverse=True), "foreign addresses last"
        products = [row["product"] for row, at_home in zip(rows, home, strict=True) if at_home]
        assert len(Counter(products)) == sum(a != b for a, b in zip(products, [*products[1:], None], strict=True))
        codes = [(row["product"], row["postcode"]) for row, at_home in zip(rows, home, strict=True) if at_home]
        for product in set(products):
            part = [postcode for each, postcode in codes if each == product]
            assert part == sorted(part)
