"""Pages of a long print stream are read from an excerpt: the same bytes come out, what is odd is read as it is."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest

from pipeline.adapters.letters import excerpt
from pipeline.adapters.letters.normalise import normalise_pages, save_slice
from pipeline.adapters.letters.source_pdf import open_strict
from samples.stacks import big_stack

pytestmark = pytest.mark.integration

LETTERS = 70  # more than one node of the page tree


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stack") / "stack.pdf"
    big_stack(path, LETTERS, 1)
    return path


def _normalised(pdf: pikepdf.Pdf, first: int, last: int, out_pdf: Path) -> bytes:
    with pikepdf.Pdf.new() as out:
        normalise_pages(pdf, range(first, last + 1), out)
        save_slice(out, str(out_pdf))
    return out_pdf.read_bytes()


@pytest.mark.parametrize(("first", "last"), [(1, 2), (31, 100), (1, 140)])
def test_an_excerpt_gives_the_same_slice_byte_for_byte(
    stack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: int, last: int
) -> None:
    monkeypatch.setattr(excerpt, "_LONG_OBJECTS", 1)
    with open_strict(str(stack)) as pdf:
        wanted = _normalised(pdf, first, last, tmp_path / "whole.pdf")
    scratch = tmp_path / "excerpt.pdf"
    with excerpt.opened_between(str(stack), first, last, str(scratch)) as (pdf, _, before):
        assert before == first - 1
        assert scratch.exists()
        assert len(pdf.pages) == last - first + 1
        assert _normalised(pdf, 1, last - before, tmp_path / "part.pdf") == wanted
    assert not scratch.exists()


def test_a_short_stream_is_read_as_it_is(stack: Path, tmp_path: Path) -> None:
    with excerpt.opened_between(str(stack), 3, 4, str(tmp_path / "excerpt.pdf")) as (pdf, _, before):
        assert before == 0
        assert len(pdf.pages) == 2 * LETTERS


def _with_annotation(pdf: pikepdf.Pdf) -> None:
    pdf.pages[3].Annots = pdf.make_indirect(pikepdf.Array([]))


def _with_form(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([]))


def _with_layers(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OCProperties = pikepdf.Dictionary()


def _with_page_in_its_resources(pdf: pikepdf.Pdf) -> None:
    pdf.pages[3].Resources = pikepdf.Dictionary(Properties=pikepdf.Dictionary(Other=pdf.pages[90].obj))


def _with_the_same_page_twice(pdf: pikepdf.Pdf) -> None:
    node = pdf.pages[3].obj.Parent
    node.Kids[4] = node.Kids[3]


@pytest.mark.parametrize(
    "spoil",
    [_with_annotation, _with_form, _with_layers, _with_page_in_its_resources, _with_the_same_page_twice],
)
def test_pages_that_hang_together_with_more_are_read_as_they_are(
    stack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: object
) -> None:
    monkeypatch.setattr(excerpt, "_LONG_OBJECTS", 1)
    odd = tmp_path / "odd.pdf"
    with pikepdf.open(stack, inherit_page_attributes=False) as pdf:
        spoil(pdf)  # type: ignore[operator]
        pdf.save(odd)
    with excerpt.opened_between(str(odd), 3, 6, str(tmp_path / "excerpt.pdf")) as (pdf, _, before):
        assert before == 0
        assert len(pdf.pages) == 2 * LETTERS


def test_a_damaged_object_is_left_to_those_who_read_page_by_page(
    stack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excerpt, "_LONG_OBJECTS", 1)
    with pikepdf.open(stack, inherit_page_attributes=False) as pdf:
        number = pdf.Root.Pages.Kids[0].Kids[3].Contents.objgen[0]
    spoilt = tmp_path / "spoilt.pdf"
    data = stack.read_bytes()
    start = data.index(b"\n%d 0 obj" % number) + 1
    spoilt.write_bytes(data[:start] + data[start:].replace(b"/Length ", b"/Lengt< ", 1))
    with excerpt.opened_between(str(spoilt), 3, 6, str(tmp_path / "excerpt.pdf")) as (_pdf, _, before):
        assert before == 0
