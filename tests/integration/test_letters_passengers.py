"""Scripts, actions, attachments, film, XFA, signatures, fields: refused by rule, or left behind and told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from pipeline.adapters.letters.print_stream import inspect_print_stream
from pipeline.adapters.letters.reading import read_letters
from pipeline.domain.cleaning import CleaningRules, refuse_passengers, removed
from pipeline.domain.errors import Rejected
from pipeline.domain.pages import LetterRange
from pipeline.domain.refusals import REFUSALS
from pipeline.domain.remarks import REMARKS
from tests.letter_sheets import LAYOUTS, RULES, difference, letter, rendered
from tests.passenger_files import PASSENGERS, with_passenger

pytestmark = pytest.mark.integration

PLAIN = letter(["Frau", "Erika Mustermann", "Am Packhof 2", "19053 Schwerin"], LAYOUTS["B"])
FOREIGN_TO_PAPER = (
    b"/JavaScript", b"/JS", b"/Launch", b"/SubmitForm", b"/EmbeddedFile", b"/Movie", b"/XFA", b"/AcroForm",
    b"/Annots", b"/OpenAction", b"/AA", b"/SigFlags",
)  # fmt: skip


def everything_in(path: Path) -> bytes:
    """All objects of a file, streams unpacked."""
    with pikepdf.open(path) as pdf:
        parts = []
        for each in pdf.objects:
            parts.append(each.unparse(resolved=True))
            if isinstance(each, pikepdf.Stream):
                parts.append(each.read_bytes())
    return b"\n".join(parts)


@pytest.mark.parametrize("name", PASSENGERS)
def test_a_passenger_is_refused_where_the_job_says_so(tmp_path: Path, name: str) -> None:
    _, rule, code, _ = PASSENGERS[name]
    path = tmp_path / "dropped.pdf"
    path.write_bytes(with_passenger(PLAIN, name))
    strict = CleaningRules(**{rule: "refuse"})  # type: ignore[arg-type]
    with pytest.raises(Rejected) as caught:
        inspect_print_stream(str(path), replace(RULES, cleaning=strict))
    assert caught.value.code == code
    assert code in REFUSALS


@pytest.mark.parametrize("name", PASSENGERS)
def test_a_passenger_stays_behind_and_is_told(tmp_path: Path, name: str) -> None:
    path, out = tmp_path / "dropped.pdf", tmp_path / "letters.pdf"
    path.write_bytes(with_passenger(PLAIN, name))
    facts = inspect_print_stream(str(path), RULES)
    assert PASSENGERS[name][3] in removed(facts.remarks)
    (reading,) = read_letters(str(path), [LetterRange(1, 1, 1)], RULES, {}, "simplex", str(out))
    assert reading.code is None
    told = everything_in(out)
    assert [word for word in FOREIGN_TO_PAPER if word in told] == []
    if name != "formular":
        assert difference(rendered(out), rendered(PLAIN)) < 0.5


def test_the_plain_letter_has_none(tmp_path: Path) -> None:
    path = tmp_path / "dropped.pdf"
    path.write_bytes(PLAIN)
    strict = CleaningRules(**{rule: "refuse" for _, rule, _, _ in PASSENGERS.values()})  # type: ignore[arg-type]
    assert inspect_print_stream(str(path), replace(RULES, cleaning=strict)).remarks == ()


def test_a_field_is_printed_as_it_looks(tmp_path: Path) -> None:
    path, out = tmp_path / "dropped.pdf", tmp_path / "letters.pdf"
    path.write_bytes(with_passenger(PLAIN, "formular"))
    read_letters(str(path), [LetterRange(1, 1, 1)], RULES, {}, "simplex", str(out))
    blue = (rendered(out)[:, :, :3] == (255, 0, 0)).all(axis=2) | (rendered(out)[:, :, :3] == (0, 0, 255)).all(axis=2)
    assert blue.sum() > 0.9 * (80 / 72 * 100) * (20 / 72 * 100)


def test_every_remark_has_words() -> None:
    assert {remark for _, _, _, remark in PASSENGERS.values()} <= set(REMARKS)
    refuse_passengers(("javascript", "unknown"), CleaningRules())
