"""The benchmark of outgoing mail on a few letters: our side marks, the checking passes it and finds what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from bench.mail.checking import faults_of
from bench.mail.notices import make_files, make_stack
from bench.mail.volume_sizes import files_of
from bench.outgoing import faults_of as missing_after
from bench.outgoing import mean_letter_bytes

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
MACHINE = "neopost-1track"


def _told(_sentence: str) -> None:
    """Nobody listens."""


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A stack of three letters with marks by our side, and its job."""
    folder = tmp_path_factory.mktemp("bench")
    job = {"sources": [str(make_stack(3, 1, folder, _told))], "letters": [2, 2, 2], "machine": MACHINE}
    job |= {"marks": str(folder / "marks.json"), "out": str(folder / "out.pdf")}
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    for command in ("bench.mail.drawn_marks", "bench.mail.by_us"):
        words = [sys.executable, "-m", command, str(folder / "job.json"), str(folder / "times.json")]
        subprocess.run(words, cwd=ROOT, check=True)
    assert set(json.loads((folder / "times.json").read_text(encoding="utf-8"))) == {"normalised_s", "marked_s"}
    (volume,) = files_of(folder / "out.pdf")
    return volume, job


def _faults(file: Path, job: dict[str, Any]) -> list[str]:
    marks = json.loads(Path(job["marks"]).read_text(encoding="utf-8"))
    return faults_of([file], job["sources"], marks, MACHINE)


def test_our_side_does_what_is_asked(marked: tuple[Path, dict[str, Any]]) -> None:
    assert _faults(*marked) == []


def test_a_page_without_its_marks_a_lost_page_and_another_letter_are_found(
    marked: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    out, job = marked
    with pikepdf.open(out) as pdf:
        pdf.pages[3].Contents = pdf.pages[4].Contents
        pdf.save(tmp_path / "swapped.pdf")
        del pdf.pages[5]
        pdf.save(tmp_path / "short.pdf")
    (wrong,) = _faults(tmp_path / "swapped.pdf", job)
    assert wrong.startswith("page 4: read ")
    assert _faults(tmp_path / "short.pdf", job) == ["5 pages, not 6"]
    other = make_stack(3, 2, tmp_path, _told)
    assert "page 1: the text is not the source's" in _faults(out, job | {"sources": [str(other)]})


def test_a_stack_has_an_own_text_on_every_page_and_one_set_of_fonts(tmp_path: Path) -> None:
    stack = make_stack(70, 3, tmp_path, _told)
    with pikepdf.open(stack) as pdf:
        assert len(pdf.pages) == 140
        assert len({page.Contents.read_bytes() for page in pdf.pages}) == 140
        fonts = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and "/BaseFont" in each]
        assert len(fonts) == 2
    assert mean_letter_bytes(stack, 70) * 70 > 5 * stack.stat().st_size


def test_the_same_seed_makes_the_same_files(tmp_path: Path) -> None:
    first = make_files(2, 4, 5, tmp_path / "one", _told)
    again = make_files(2, 4, 5, tmp_path / "other", _told)
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in again]
    with pikepdf.open(first[0]) as pdf:
        assert len(pdf.pages) == 4


def test_a_run_that_left_something_out_is_told(tmp_path: Path) -> None:
    assert missing_after(tmp_path, 2) == ["no batch"]
    folder = tmp_path / "printcenter" / "batches" / "b0000001"
    (folder / "manifests").mkdir(parents=True)
    batch = {
        "id": "b0000001",
        "totals": {"pieces": 2, "sheets": 2, "pages": 4},
        "volumes": [{"pages": 4}],
        "readback": {"codes_wrong": 0, "codes_read": 2, "sheets": 2},
    }
    (folder / "batch.json").write_text(json.dumps(batch), encoding="utf-8")
    for name in ("pieces.csv", "sheets.csv", "job-ticket.pdf", "SHA256SUMS", "manifests/schwerin.json"):
        (folder / name).touch()
    assert missing_after(tmp_path, 2) == []
    assert missing_after(tmp_path, 3) == ["2 letters in batches, not 3"]
    (folder / "SHA256SUMS").unlink()
    assert missing_after(tmp_path, 2) == ["b0000001: SHA256SUMS is missing"]
    batch["readback"] = {"codes_wrong": 0, "codes_read": 1, "sheets": 2}
    (folder / "batch.json").write_text(json.dumps(batch), encoding="utf-8")
    assert "not every sheet was read back" in missing_after(tmp_path, 2)[0]
