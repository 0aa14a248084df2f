"""One document of a stack goes back alone: its pages, its reason, once; the others go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from pipeline.domain.errors import ConfinedFailure, IllegalMove, Rejected
from pipeline.domain.states import Kind, Unit
from pipeline.services import deciding
from pipeline.services.deciding import (
    Decision,
    accept_document,
    parts_of,
    reject_document,
    return_intake,
    why_not_return,
)
from pipeline.services.rearranging import merge_documents, split_document
from tests.stack_examples import DOUBT, PLANS, DirectScans, StackExample

pytestmark = pytest.mark.integration

BY = Decision("M. Schulz", "Seite 4 ist abgeschnitten.")


@pytest.fixture(params=["sqlite", "postgresql"])
def example(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StackExample]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    made = StackExample(tmp_path, url)
    yield made
    made.line.ledger.close()


def shelf(example: StackExample, id: str) -> Path:
    return example.line.spool.outbox / "parchim" / "rejected" / id


def test_only_the_rejected_document_goes_back_with_all_its_pages(example: StackExample) -> None:
    first, second = example.stack()
    example.hand_over(first)
    example.review(second, DOUBT)
    assert reject_document(example.line, second, BY) == second
    folder = shelf(example, second)
    told = json.loads((folder / "reason.json").read_text(encoding="utf-8"))
    assert (told["code"], told["detail"]) == ("document-returned", "Seite 4 ist abgeschnitten.")
    assert (told["document"], told["pages"]) == (second, [3, 4, 5, 6])
    text = (folder / "REASON.txt").read_text(encoding="utf-8")
    assert "EIN DOKUMENT NICHT ANGENOMMEN" in text
    assert "3 bis 6" in text
    with pikepdf.open(folder / f"{second}.pdf") as back, pikepdf.open(example.line.spool.original("t1")) as came:
        assert len(back.pages) == 4
        assert [page.Contents.read_raw_bytes() for page in back.pages] == [
            page.Contents.read_raw_bytes() for page in list(came.pages)[2:6]
        ]
    assert sorted(path.name for path in folder.iterdir()) == ["REASON.txt", f"{second}.pdf", "reason.json"]
    assert (example.state(first), example.state(second)) == ("delivered", "rejected")
    with example.line.ledger.reading() as read:
        assert read.state_of(Unit(Kind.INTAKE, "i0000001")) == "planned"  # the settling closes it
        events = read.events(Unit(Kind.DOCUMENT, second))
    assert {(e.who, e.reason, e.detail) for e in events[-2:]} == {
        ("M. Schulz", "document-returned", "Seite 4 ist abgeschnitten.")
    }


def test_the_only_document_takes_the_whole_file_along(example: StackExample) -> None:
    (only,) = example.stack(PLANS[:1])
    example.review(only, DOUBT)
    assert reject_document(example.line, only, BY) == "i0000001"
    assert (shelf(example, "i0000001") / "Morgenpost.pdf").is_file()
    assert not shelf(example, only).exists()


def test_what_was_interrupted_is_finished_by_the_same_call_and_nothing_else_goes_meanwhile(
    example: StackExample, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = example.stack()
    example.review(first, DOUBT)
    example.review(second, DOUBT)

    def stopped(*_arguments: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(deciding, "send_document_back", stopped)
        with pytest.raises(OSError, match="Input/output"):
            reject_document(example.line, second, BY)
    assert example.state(second) == "review"
    for other in (
        lambda: accept_document(example.line, second, BY),
        lambda: split_document(example.line, second, 5, BY),
        lambda: merge_documents(example.line, [first, second], BY),
        lambda: return_intake(example.line, "i0000001", BY),
    ):
        with pytest.raises(IllegalMove, match=r"Rückgabe schon entschieden|geht einzeln zurück|ist die Rückgabe"):
            other()
    reject_document(example.line, second, BY)
    assert (example.state(first), example.state(second)) == ("review", "rejected")
    assert shelf(example, second).is_dir()


def test_a_stop_between_the_folder_and_the_ledger_doubles_nothing(
    example: StackExample, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, second = example.stack()
    example.review(second, DOUBT)

    def stopped(*_arguments: object) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(example.line.ledger, "outcome", stopped)
        with pytest.raises(KeyboardInterrupt):
            reject_document(example.line, second, BY)
    before = (shelf(example, second) / "reason.json").read_bytes()
    assert example.state(second) == "review"
    reject_document(example.line, second, BY)
    assert (shelf(example, second) / "reason.json").read_bytes() == before
    assert example.state(second) == "rejected"
    assert list(example.line.spool.work.iterdir()) == []


@pytest.mark.parametrize(
    "error", [Rejected("pdf-damaged", "Kaputt."), ConfinedFailure("child-crash", "SIGSEGV")], ids=["refused", "crashed"]
)
def test_where_pages_cant_be_taken_out_the_whole_file_goes_with_the_reason(
    example: StackExample, error: Exception
) -> None:
    class Broken(DirectScans):
        def copy_pages(self, source: Path, facts: object, pages: object, out_pdf: Path) -> None:
            out_pdf.write_bytes(b"half of it")
            raise error

    example.line = replace(example.line, scans=Broken())  # type: ignore[arg-type]
    _, second = example.stack()
    example.review(second, DOUBT)
    reject_document(example.line, second, BY)
    names = sorted(path.name for path in shelf(example, second).iterdir())
    assert names == ["Morgenpost.pdf", "REASON.txt", "reason.json"]
    assert json.loads((shelf(example, second) / "reason.json").read_text())["pages"] == [3, 4, 5, 6]


def test_after_one_went_back_alone_the_file_never_goes_back_as_a_whole(example: StackExample) -> None:
    first, second = example.stack()
    example.review(first, DOUBT)
    example.review(second, DOUBT)
    reject_document(example.line, second, BY)
    with example.line.ledger.reading() as read:
        sentence = why_not_return(example.line, parts_of(read, "i0000001"))
    assert sentence is not None
    assert second in sentence
    assert reject_document(example.line, first, BY) == first
    assert not shelf(example, "i0000001").exists()


def test_what_lies_in_the_archives_folder_is_not_rejected(example: StackExample) -> None:
    _, second = example.stack()
    example.review(second, DOUBT)
    (example.line.spool.archive / "parchim" / second).mkdir()
    with pytest.raises(IllegalMove, match="liegt im Archivordner"):
        reject_document(example.line, second, BY)


def test_of_two_who_reject_at_once_one_is_told_that_it_is_done(example: StackExample) -> None:
    _, second = example.stack()
    example.review(second, DOUBT)
    reject_document(example.line, second, BY)
    with pytest.raises(IllegalMove, match="zurückgewiesen"):
        reject_document(example.line, second, BY)
