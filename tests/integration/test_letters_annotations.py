"""Annotations and fields print as they should, or not at all."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf

from tests.letter_checks import (
    FIGURE,
    HIDDEN,
    HIGH,
    NO_VIEW,
    PRINT,
    WIDE,
    colour,
    is_plain,
    normalised,
    refusal,
    remarks_of,
    stamp,
)
from tests.letter_sheets import one_page, rendered, saved

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore:This document has")]


@pytest.mark.parametrize(
    ("flags", "subtype", "wanted"),
    [
        (PRINT, "/Stamp", (255, 0, 0)),
        (PRINT | NO_VIEW, "/Stamp", (255, 0, 0)),
        (PRINT | HIDDEN, "/Stamp", (255, 255, 255)),
        (0, "/Stamp", (255, 255, 255)),
        (PRINT, "/Link", (255, 255, 255)),
        (PRINT, "/Popup", (255, 255, 255)),
        (PRINT, "/Widget", (255, 0, 0)),
    ],
)
def test_annotations_print_or_do_not(tmp_path: Path, flags: int, subtype: str, wanted: tuple[int, ...]) -> None:
    pdf = one_page(b"")
    stamp(pdf, flags, subtype=subtype)
    made = normalised(tmp_path, saved(pdf))
    is_plain(made)
    assert colour(made) == wanted


def test_annotations_lie_over_the_page_in_their_order(tmp_path: Path) -> None:
    pdf = one_page(b"0 g 0 0 595 842 re f q q 5 0 0 5 0 0 cm")  # unbalanced on purpose
    stamp(pdf, PRINT, b"1 0 0 rg")
    stamp(pdf, PRINT, b"0 0 1 rg")
    made = normalised(tmp_path, saved(pdf))
    assert colour(made) == (0, 0, 255)
    assert colour(made, 50, 50) == (0, 0, 0)
    assert colour(made, 310, 650) == (0, 0, 0)


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_annotations_turn_with_the_page(tmp_path: Path, rotate: int) -> None:
    pdf = one_page(FIGURE, Rotate=rotate)
    plain = saved(pdf)
    stamp(pdf, PRINT)
    before, after = rendered(normalised(tmp_path, plain)), rendered(normalised(tmp_path, saved(pdf)))
    changed = np.argwhere((before != after).any(axis=2)).mean(axis=0) / 100 * 72
    upright = (HIGH - 650, 200.0)
    wanted = {90: upright, 270: (HIGH - upright[0], WIDE - upright[1]), 180: (HIGH - upright[0], WIDE - upright[1])}
    assert tuple(changed) == pytest.approx(wanted[rotate], abs=12)


def test_the_chosen_state_of_a_check_box(tmp_path: Path) -> None:
    pdf = one_page(b"")
    stamp(pdf, PRINT, subtype="/Widget")
    annotation = pdf.pages[0].obj.Annots[0]
    other = pdf.make_stream(b"0 1 0 rg 0 0 100 50 re f", Subtype=Name.Form, BBox=Array([0, 0, 100, 50]))
    annotation.AP.N = pdf.make_indirect(Dictionary(Off=annotation.AP.N, Yes=other))
    annotation.AS = Name.Yes
    assert colour(normalised(tmp_path, saved(pdf))) == (0, 255, 0)
    del annotation.AS
    assert colour(normalised(tmp_path, saved(pdf))) == (255, 255, 255)


def _field(pdf: Pdf, value: str, default_appearance: str) -> None:
    widget = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=pikepdf.String("a"), V=pikepdf.String(value),
            F=PRINT, Rect=Array([100, 600, 300, 630]), DA=pikepdf.String(default_appearance),
        )
    )  # fmt: skip
    fonts = Dictionary(Font=pdf.pages[0].obj.Resources.Font)
    pdf.Root.AcroForm = Dictionary(Fields=Array([widget]), NeedAppearances=True, DR=fonts)
    pdf.pages[0].obj.Annots = Array([widget])


@pytest.mark.parametrize("look", ["/F1 18 Tf 0 g", "/Missing 18 Tf 0 g", "/F1 0 Tf 0 g"])
def test_a_field_without_appearance_is_drawn(tmp_path: Path, look: str) -> None:
    pdf = one_page(b"")
    _field(pdf, "Ausgefüllt?", look)
    picture = rendered(normalised(tmp_path, saved(pdf)), dpi=72)
    assert np.count_nonzero(picture[842 - 630 : 842 - 600, 100:300] < 128) > 100


@pytest.mark.parametrize(
    ("value", "look"),
    [("Ausgefüllt", ""), ("Иван", "/F1 9 Tf 0 g"), ("Ausgefüllt", "("), ("Ausgefüllt" * 9, "/F1 9 Tf 0 g")],
    ids=["no-look", "letters-missing", "look-broken", "too-long"],
)
def test_a_filled_field_that_cannot_be_drawn_goes_back(tmp_path: Path, value: str, look: str) -> None:
    pdf = one_page(b"")
    _field(pdf, value, look)
    error = refusal(tmp_path, saved(pdf))
    assert (error.code, error.page) == ("field-not-shown", 1)


BOX = Array([100, 600, 300, 630])
CORNERS = Array([100, 630, 300, 630, 100, 600, 300, 600])
WITHOUT_LOOK: dict[str, dict[str, object]] = {
    "FreeText": {"Contents": pikepdf.String("Frist: 3 Tage"), "DA": pikepdf.String("/Helv 12 Tf 0 g")},
    "Highlight": {"QuadPoints": CORNERS, "C": Array([1, 1, 0])},
    "StrikeOut": {"QuadPoints": CORNERS, "C": Array([1, 0, 0])},
    "Redact": {"QuadPoints": CORNERS, "IC": Array([0, 0, 0])},
    "Line": {"L": Array([100, 600, 300, 630]), "C": Array([1, 0, 0])},
    "Ink": {"InkList": Array([Array([100, 600, 300, 630])]), "C": Array([1, 0, 0])},
    "Stamp": {"Name": Name.Draft},
    "Text": {"Contents": pikepdf.String("Bitte prüfen")},
}


def _without_look(subtype: str, **keys: object) -> Pdf:
    pdf = one_page(b"")
    note = Dictionary({"/Type": Name.Annot, "/Subtype": Name(f"/{subtype}"), "/F": PRINT, "/Rect": BOX})
    for key, value in keys.items():
        note[f"/{key}"] = value
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(note)])
    return pdf


@pytest.mark.parametrize("subtype", WITHOUT_LOOK)
def test_what_only_a_viewer_draws_sends_the_letter_back(tmp_path: Path, subtype: str) -> None:
    """It is seen on the screen, and would be missing on paper."""
    error = refusal(tmp_path, saved(_without_look(subtype, **WITHOUT_LOOK[subtype])))
    assert (error.code, error.page) == ("comment-not-shown", 1)


@pytest.mark.parametrize(
    ("subtype", "keys"),
    [
        ("Link", {}),
        ("Popup", {}),
        ("Highlight", {"F": PRINT | HIDDEN}),
        ("Highlight", {"F": 0}),
        ("Highlight", {"CA": 0}),
        ("Square", {"Rect": Array([100, 600, 100, 600])}),
        ("Text", {"IRT": Dictionary(), "Contents": pikepdf.String("Ist geprüft")}),  # a reply stands in its comment
        ("FreeText", {"Contents": pikepdf.String(" ")}),
    ],
)
def test_what_shows_nothing_is_no_loss(tmp_path: Path, subtype: str, keys: dict[str, object]) -> None:
    assert remarks_of(tmp_path, saved(_without_look(subtype, **keys))) == ()


def test_a_comment_in_a_layer_that_is_off_is_no_loss(tmp_path: Path) -> None:
    pdf = _without_look("Highlight")
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=pikepdf.String("Entwurf")))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
    pdf.pages[0].obj.Annots[0].OC = layer
    assert remarks_of(tmp_path, saved(pdf)) == ("layers-settled",)


def test_signs_of_what_stays_behind_are_told(tmp_path: Path) -> None:
    """The pin of an attached file, or a look that the file has made empty."""
    pdf = _without_look("FileAttachment", Name=Name.PushPin)
    assert remarks_of(tmp_path, saved(pdf)) == ("annotation-not-shown",)
    pdf = _without_look("Highlight")
    look = pdf.make_stream(b"1 0 0 rg 0 0 9 9 re f", Subtype=Name.Form, BBox=Array([0, 0, 0, 0]))
    pdf.pages[0].obj.Annots[0].AP = Dictionary(N=look)
    data = saved(pdf)
    assert remarks_of(tmp_path, data) == ("annotation-not-shown",)
    assert colour(normalised(tmp_path, data), 200, 615) == (255, 255, 255)


def test_nothing_active_is_carried_over(tmp_path: Path) -> None:
    pdf = one_page(FIGURE, AA=Dictionary(O=Dictionary(S=Name.JavaScript, JS=pikepdf.String("app.alert(1)"))))
    pdf.Root.OpenAction = Dictionary(S=Name.Launch, F=pikepdf.String("calc.exe"))
    pdf.attachments["a.txt"] = b"text"
    stamp(pdf, PRINT, A=Dictionary(S=Name.JavaScript, JS=pikepdf.String("app.alert(2)")))
    made = normalised(tmp_path, saved(pdf))
    with Pdf.open(io.BytesIO(made)) as out:
        assert set(out.Root.keys()) == {"/Type", "/Pages"}
        out.save(tmp_path / "flat.pdf", qdf=True)
    flat = (tmp_path / "flat.pdf").read_bytes()
    assert not re.search(rb"JavaScript|app\.alert|Launch|EmbeddedFile|/Annot\b|/AA\b", flat)
