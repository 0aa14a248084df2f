"""Every document of a folder that nobody of this project wrote: no crash, the right code, and what is printed is true.

The folder is named by POSTSTRASSE_TEST_FOREIGN; without it, one beside the repository is taken if it is there.
"""

from __future__ import annotations

import os
from pathlib import Path

import pikepdf
import pytest

from pipeline.domain.errors import Rejected
from pipeline.domain.profiles import OutgoingRules
from pipeline.domain.refusals import REFUSALS
from tests.letter_sheets import RULES
from tests.printed_letters import (
    ADDRESS,
    MARK_ZONES,
    Printed,
    apart,
    filled_fields,
    on_sheet,
    printed,
    shown,
    text_of,
    with_address,
)

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("POSTSTRASSE_TEST_FOREIGN") or ROOT.parent / "shared" / "foreign" / "documents")
DOCUMENTS = sorted(FOLDER.glob("*.pdf")) if FOLDER.is_dir() else []
# What is known of them: the code as they are, and with an address where their window is.
CODES = {
    "002-trivial-libre-office-writer.pdf": ("address-incomplete", None),
    "acroform.pdf": ("page-size", "page-size"),
    "google-doc-document.pdf": ("address-incomplete", None),
    "grayscale-image.pdf": ("page-size", "page-size"),
    "habibi-rotated.pdf": ("address-not-found", None),
    "imagemagick-CCITTFaxDecode.pdf": ("page-size", "page-size"),
    "invalid.pdf": ("pdf-damaged", "pdf-damaged"),
    "libreoffice-form.pdf": ("address-incomplete", None),
    "libreoffice-writer-password.pdf": ("pdf-encrypted", "pdf-encrypted"),
    "livecycle.pdf": ("xfa-form", "xfa-form"),
    "no_contents.pdf": ("page-size", "page-size"),
    "pdfkit.pdf": ("address-not-found", None),
    "pdflatex-4-pages.pdf": ("address-incomplete", None),
    "vector.pdf": ("address-unreadable", None),
    "with-attachment.pdf": ("address-incomplete", None),
}
_MILLIONTHS = 20

if not DOCUMENTS:
    pytest.skip(f"no documents of others: {FOLDER} has none", allow_module_level=True)


def attempt(folder: Path, document: bytes, rules: OutgoingRules) -> tuple[str | None, Printed | None]:
    try:
        made = printed(folder, document, rules)
    except Rejected as error:
        return error.code, None
    return made.reading.code, made


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_as_it_is(tmp_path: Path, path: Path) -> None:
    code, _ = attempt(tmp_path, path.read_bytes(), RULES)
    assert code is None or code in REFUSALS
    assert code == CODES.get(path.name, (code, None))[0]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_what_is_printed_looks_like_the_original(tmp_path: Path, path: Path) -> None:
    document = path.read_bytes()
    cover = 0
    try:
        code, made = attempt(tmp_path, with_address(document, RULES), RULES)
        if code == "mark-zone-occupied":
            code, made = attempt(tmp_path, with_address(document, RULES, free_mark_zone=True), RULES)
        if code is not None and code.startswith("address-"):
            cover = 1
            again = with_address(document, RULES, free_mark_zone=True, cover=True)
            code, made = attempt(tmp_path, again, RULES)
    except (pikepdf.PdfError, pikepdf.PasswordError, Rejected, ValueError):
        code, made = attempt(tmp_path, document, RULES)
        assert code is not None
    assert code == CODES.get(path.name, (None, code))[1]
    assert code is None or code in REFUSALS
    if made is None or made.volume is None:
        return
    for index in range(made.reading.range.pages - cover):
        but_for = [*MARK_ZONES, *([ADDRESS] if index + cover == 0 else [])]
        if "field-drawn" in made.reading.remarks:  # viewers draw such fields each in its own way
            drawn = filled_fields(document, index)
            but_for += [field for field, _ in drawn]
            assert all(value in text_of(made.volume, index + cover) for _, value in drawn)
        found = apart(shown(made.volume, index + cover), on_sheet(shown(document, index)), but_for)
        print(f"{path.name} page {index + 1}: {found:.0f} millionths differ; {cover=}, {made.reading.remarks}")
        assert found < _MILLIONTHS
