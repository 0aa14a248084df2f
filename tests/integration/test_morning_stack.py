"""The generated morning's stack: what it says of itself, and that the first look sees just that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline.adapters.incoming.page_looks import look_at_pages
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.adapters.papers.cover_sheet import write_cover_sheets
from pipeline.domain.page_looks import CoverSheet
from pipeline.domain.profiles import IncomingRules, SeparationRules
from samples.__main__ import main
from samples.morning import MOST_SHEETS, StackOrder, lengths, separators_in, write_morning_stack

pytestmark = pytest.mark.integration

RULES = IncomingRules(separation=SeparationRules(by=("cover-sheet",), blank_pages="drop", plex="duplex"))


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sheets")
    for count in range(1, MOST_SHEETS + 1):
        cover = CoverSheet("schwerin", "post", count)
        write_cover_sheets(folder / f"sheets-{count}.pdf", cover, "Landeshauptstadt Schwerin", "Post", 1)
    return folder


def stack(folder: Path, sheets: Path, kind: str, letters: int = 8) -> tuple[Path, dict[str, Any]]:
    order = ["--letters", str(letters), "--dpi", "200", "--kind", kind, "--separators", str(sheets)]
    assert main(["--morning-stack", *order, "--out", str(folder)]) == 0
    file = folder / ("morning-stack.tif" if kind == "tiff" else "morning-stack.pdf")
    return file, json.loads(file.with_name(file.name + ".truth.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", ["tiff", "pdf"])
def test_the_first_look_sees_what_the_truth_says(tmp_path: Path, sheets: Path, kind: str) -> None:
    file, truth = stack(tmp_path, sheets, kind)
    facts = inspect_scan(str(file), RULES)
    assert (facts.type, facts.pages, facts.remarks) == (kind, truth["pages"][-1]["page"], ())
    looks = look_at_pages(str(file), facts, 1, facts.pages, str(tmp_path / "looks"), RULES)
    seen = ["separator" if look.separator else "blank" if look.blank else "content" for look in looks]
    assert seen == [page["is"] for page in truth["pages"]]
    assert [look.doubt for look in looks] == [None] * facts.pages
    announced = [look.separator.cover.sheets for look in looks if look.separator and look.separator.cover]
    assert announced == [letter["sheets"] for letter in truth["letters"]]


def test_every_page_belongs_to_one_letter_and_every_letter_begins_with_its_separator(
    tmp_path: Path, sheets: Path
) -> None:
    _file, truth = stack(tmp_path, sheets, "tiff")
    pages = truth["pages"]
    assert [page["page"] for page in pages] == list(range(1, len(pages) + 1))
    at = 1
    for letter in truth["letters"]:
        assert letter["first_page"] == at
        assert pages[at - 1]["is"] == "separator"
        assert letter["last_page"] == at + 1 + 2 * letter["sheets"]
        assert letter["pages"]
        assert all(at < page <= letter["last_page"] for page in letter["pages"])
        at = letter["last_page"] + 1
    assert at == len(pages) + 1


def test_same_seed_same_bytes_and_another_seed_other_letters(tmp_path: Path, sheets: Path) -> None:
    made = separators_in(sheets)
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_morning_stack(tmp_path / f"{name}.tif", StackOrder(4, 26, seed, dpi=150), made)
    first, second, third = ((tmp_path / f"{name}.tif").read_bytes() for name in "abc")
    assert first == second != third


def test_any_sheet_will_do_for_every_letter(tmp_path: Path) -> None:
    Image.fromarray(np.full((1754, 1240), 255, np.uint8)).save(tmp_path / "leer.png")
    assert list(separators_in(tmp_path)) == [0]
    truth = write_morning_stack(tmp_path / "a.tif", StackOrder(2, 12, dpi=100), separators_in(tmp_path))
    assert truth["counts"]["separator"] == 2
    (tmp_path / "none").mkdir()
    with pytest.raises(ValueError, match="no separator sheet"):
        separators_in(tmp_path / "none")


@pytest.mark.parametrize(("letters", "pages"), [(300, 2000), (10, 40), (5, 70), (1, 4)])
def test_a_stack_has_as_many_pages_as_are_wanted(letters: int, pages: int) -> None:
    found = lengths(StackOrder(letters, pages))
    assert len(found) == letters
    assert sum(found) == pages // 2 - letters
    assert all(1 <= sheets <= MOST_SHEETS for sheets in found)


@pytest.mark.parametrize(("letters", "pages"), [(10, 41), (10, 38), (0, 4), (5, 72)])
def test_an_impossible_stack_is_refused(letters: int, pages: int) -> None:
    with pytest.raises(ValueError, match="do not make"):
        StackOrder(letters, pages)
