"""The text of cover sheets: what is written is read, and every slip of a pen or a decoder is found."""

from __future__ import annotations

import string
import zlib

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.domain.cover_sheets import (
    LONGEST_TEXT,
    ContradictingCoverSheets,
    CoverReading,
    DamagedCoverSheet,
    combined,
    decode,
    encode,
    encode_short,
)
from pipeline.domain.datamatrix import datamatrix
from pipeline.domain.errors import Permanent
from pipeline.domain.page_looks import CoverSheet

pytestmark = pytest.mark.unit

IDS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,12}[a-z0-9])?", fullmatch=True)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True)
VALUES = st.text(min_size=1, max_size=5).filter(str.isprintable)
COVERS = st.builds(
    CoverSheet,
    IDS,
    IDS,
    st.none() | st.integers(1, 9999),
    st.dictionaries(NAMES, VALUES, max_size=1),
)
PRINTED = string.ascii_letters + string.digits + string.punctuation + " "
SHEET = CoverSheet("parchim", "post", 12, {"reference": "32-0815/2026 Müller & Söhne"})


def made(body: str) -> str:
    return f"{body}{zlib.crc32(body.encode()):08X}"


def refused(text: str) -> bool:
    """Nothing comes out of this text that a stack could be cut by, and it is not taken for something foreign."""
    try:
        decode(text)
    except DamagedCoverSheet:
        return True
    return False


@given(COVERS)
def test_what_is_written_is_read(cover: CoverSheet) -> None:
    assert decode(encode(cover)) == CoverReading(cover)


@given(COVERS)
def test_the_short_form_says_all_but_the_fields(cover: CoverSheet) -> None:
    reading = decode(encode_short(cover))
    assert reading is not None
    assert (reading.cover.municipality, reading.cover.profile, reading.cover.sheets, reading.complete) == (
        cover.municipality,
        cover.profile,
        cover.sheets,
        not cover.fields,
    )
    assert reading.cover.fields == {}


@settings(max_examples=300)
@given(COVERS, st.data())
def test_every_single_wrong_character_is_found(cover: CoverSheet, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([encode(cover), encode_short(cover)]))
    at = data.draw(st.integers(0, len(text) - 1))
    wrong = data.draw(st.sampled_from(PRINTED))
    assume(wrong != text[at])
    assert refused(text[:at] + wrong + text[at + 1 :])


@settings(max_examples=300)
@given(COVERS, st.data())
def test_every_swap_of_neighbours_is_found(cover: CoverSheet, data: st.DataObject) -> None:
    text = encode(cover)
    at = data.draw(st.integers(0, len(text) - 2))
    assume(text[at] != text[at + 1])
    assert refused(text[:at] + text[at + 1] + text[at] + text[at + 2 :])


@given(COVERS, st.data())
def test_a_text_that_ends_too_early_is_found(cover: CoverSheet, data: st.DataObject) -> None:
    text = encode(cover)
    assert refused(text[: data.draw(st.integers(5, len(text) - 1))])


@given(st.text(max_size=60))
def test_any_other_text_is_not_ours(text: str) -> None:
    assume("PST" not in text)
    assert decode(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "PATCHT",
        "",
        "https://www.parchim.de/formular",
        "BCD\n002\n1\nSCT\n\nStadt Parchim\nDE02120300000000202051\nEUR12.30",
        "DEA5010F0D0A0B0C",
        "10000042000001001002000G",
    ],
)
def test_codes_on_letters_are_not_ours(text: str) -> None:
    assert decode(text) is None


def test_the_text_is_what_the_format_says() -> None:
    body = "PST1:parchim:post:12:reference=32-0815/2026 M%C3%BCller %26 S%C3%B6hne:"
    assert encode(SHEET) == made(body)
    assert encode_short(SHEET) == made("PST1:parchim:post:12:*:")
    assert (
        encode(CoverSheet("parchim", "post"))
        == encode_short(CoverSheet("parchim", "post"))
        == made("PST1:parchim:post:::")
    )


@pytest.mark.parametrize(
    "body",
    [
        "PST1:parchim:post:0::",
        "PST1::post:::",
        "PST1:Parchim:post:::",
        "PST1:parchim:post:::more:",
        "PST1:parchim:post::reference:",
        "PST1:parchim:post::reference=:",
        "PST1:parchim:post::reference=%FF:",
        "PST1:parchim:post::reference=%0A:",
        "PST1:parchim:post::a=1&a=2:",
        "PST1:parchim:post::A=1:",
        "PST2:parchim:post:::",
    ],
)
def test_a_right_check_does_not_save_a_wrong_text(body: str) -> None:
    assert refused(made(body))


@pytest.mark.parametrize(
    "cover",
    [
        CoverSheet("Parchim", "post"),
        CoverSheet("parchim", "po:st"),
        CoverSheet("parchim", "post", 10_000),
        CoverSheet("parchim", "post", None, {"Reference": "1"}),
        CoverSheet("parchim", "post", None, {"reference": ""}),
        CoverSheet("parchim", "post", None, {"reference": "a\nb"}),
        CoverSheet("parchim", "post", None, {"reference": "x" * 61}),
        CoverSheet("parchim", "post", None, {"a": "ä" * 30}),
    ],
)
def test_what_cannot_be_written_is_refused(cover: CoverSheet) -> None:
    for write in (encode, encode_short):
        with pytest.raises(Permanent) as refusal:
            write(cover)
        assert refusal.value.code == "cover-sheet-impossible"


def test_the_longest_text_fits_into_a_symbol() -> None:
    assert len(datamatrix("x" * LONGEST_TEXT)) == 44


def test_a_complete_copy_is_better_than_a_short_one() -> None:
    whole, short = decode(encode(SHEET)), decode(encode_short(SHEET))
    assert whole is not None
    assert short is not None
    assert combined([short, whole, short]) == whole
    assert combined([short, short]) == short


@pytest.mark.parametrize(
    "other",
    [
        CoverSheet("parchim", "post", 13, SHEET.fields),
        CoverSheet("parchim", "post", None, SHEET.fields),
        CoverSheet("parchim", "invoices", 12, SHEET.fields),
        CoverSheet("crivitz", "post", 12, SHEET.fields),
        CoverSheet("parchim", "post", 12, {"reference": "32-0816/2026"}),
        CoverSheet("parchim", "post", 12),
    ],
)
def test_copies_that_contradict_each_other_are_found(other: CoverSheet) -> None:
    with pytest.raises(ContradictingCoverSheets):
        combined([CoverReading(SHEET), CoverReading(other)])


def test_a_short_copy_of_another_sheet_is_found() -> None:
    with pytest.raises(ContradictingCoverSheets):
        combined([CoverReading(SHEET), CoverReading(CoverSheet("parchim", "post", 11), complete=False)])


def test_nothing_read_is_no_reading() -> None:
    with pytest.raises(ValueError, match="no reading"):
        combined([])
