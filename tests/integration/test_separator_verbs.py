"""`poststrasse separators print`: the file it makes, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from console.command import main
from console.exit_codes import ExitCode
from pipeline.adapters.incoming.separators import find_separator
from pipeline.domain.page_looks import CoverSheet, Separator
from pipeline.domain.profiles import SeparationRules
from samples.paper import Paper, printed, scan
from tests.line_examples import PROFILES

pytestmark = pytest.mark.integration

FOR_PARCHIM = ("--municipality", "parchim", "--profile", "post")


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["--profiles", str(PROFILES), "separators", "print", *arguments])


def found(path: Path, *by: str) -> list[Separator | None]:
    rules = SeparationRules(by=by)  # type: ignore[arg-type]
    pages = printed(path.read_bytes(), 150)
    return [find_separator(scan(each, Paper(dpi=150)), 150, rules)[0] for each in pages]


def test_a_cover_sheet_says_what_was_asked_for(tmp_path: Path) -> None:
    out = tmp_path / "trennblatt.pdf"
    more = ("--reference", "32-0815/2026", "--field", "cost_centre=4711", "--sheets", "12", "--copies", "2")
    result = call(*FOR_PARCHIM, *more, "--out", str(out))
    assert (result.exit_code, result.stdout.strip()) == (0, str(out))
    sheets = found(out, "cover-sheet")
    wanted = CoverSheet("parchim", "post", 12, {"reference": "32-0815/2026", "cost_centre": "4711"})
    assert [sheet.cover if sheet else None for sheet in sheets] == [wanted, wanted]


@pytest.mark.parametrize(("kind", "by"), [("qr", "text-code"), ("code39", "text-code"), ("patch-t", "patch-t")])
def test_a_generic_sheet_needs_no_municipality(tmp_path: Path, kind: str, by: str) -> None:
    out = tmp_path / "trennblatt.pdf"
    assert call("--generic", kind, "--out", str(out)).exit_code == 0
    assert [sheet.kind if sheet else None for sheet in found(out, by)] == [by]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--municipality", "nowhere", "--profile", "post"), ExitCode.NOT_FOUND, "no municipality nowhere"),
        (("--municipality", "parchim", "--profile", "letters"), ExitCode.NOT_FOUND, "no profile letters for scans"),
        (("--municipality", "parchim", "--profile", "nothing"), ExitCode.NOT_FOUND, "no profile nothing for scans"),
        (("--municipality", "parchim"), ExitCode.USAGE, "go together"),
        ((), ExitCode.USAGE, "whose letter follows"),
        ((*FOR_PARCHIM, "--text", "X"), ExitCode.USAGE, "--text belongs to --generic"),
        ((*FOR_PARCHIM, "--field", "cost_centre"), ExitCode.USAGE, "NAME=VALUE"),
        ((*FOR_PARCHIM, "--sheets", "0"), ExitCode.USAGE, "--sheets"),
        (("--generic", "qr", "--sheets", "2"), ExitCode.USAGE, "--generic"),
        (("--generic", "code39", "--text", "für"), ExitCode.USAGE, "Code 39"),
        ((*FOR_PARCHIM, "--field", "Az=1"), ExitCode.FAILED, "is no field"),
        ((*FOR_PARCHIM, "--reference", "ä" * 40), ExitCode.FAILED, "shorten the fields"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, arguments: tuple[str, ...], code: ExitCode, words: str) -> None:
    out = tmp_path / "trennblatt.pdf"
    result = call(*arguments, "--out", str(out))
    assert (result.exit_code, words in result.stderr, out.exists()) == (code, True, False), result.stderr


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    result = call(*FOR_PARCHIM, "--out", str(tmp_path / "nowhere" / "a.pdf"))
    assert result.exit_code == ExitCode.FAILED
    assert "No such file" in result.stderr
