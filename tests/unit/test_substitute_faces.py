"""Names of fonts, and the faces that stand in for them."""

from __future__ import annotations

import pytest

from pipeline.adapters.letters.substitute_faces import FACES, face_named

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("name", "standard", "metrics"),
    [
        ("Helvetica", "Helvetica", "adobe"),
        ("Helvetica-BoldOblique", "Helvetica-BoldOblique", "adobe"),
        ("Times-Roman", "Times-Roman", "adobe"),
        ("Times-Italic", "Times-Italic", "adobe"),
        ("Courier-Bold", "Courier-Bold", "adobe"),
        ("Arial", "Helvetica", "microsoft"),
        ("ArialMT", "Helvetica", "microsoft"),
        ("Arial,Bold", "Helvetica-Bold", "microsoft"),
        ("ABCDEF+Arial-BoldItalicMT", "Helvetica-BoldOblique", "microsoft"),
        ("TimesNewRoman", "Times-Roman", "microsoft"),
        ("Times New Roman", "Times-Roman", "microsoft"),
        ("TimesNewRomanPSMT", "Times-Roman", "microsoft"),
        ("TimesNewRomanPS-BoldItalicMT", "Times-BoldItalic", "microsoft"),
        ("CourierNewPS-ItalicMT", "Courier-Oblique", "microsoft"),
    ],
)
def test_a_name_says_which_face(name: str, standard: str, metrics: str) -> None:
    face = face_named(name)
    assert face is not None
    assert (face.standard_name, face.metrics) == (standard, metrics)


@pytest.mark.parametrize(
    "name", ["", "Symbol", "ZapfDingbats", "ArialNarrow", "Arial-Black", "HelveticaNeue", "Calibri", "TimesTen-Roman"]
)
def test_other_names_have_none(name: str) -> None:
    assert face_named(name) is None


def test_faces_are_told_apart_by_their_keys() -> None:
    assert len({face.key for face in FACES}) == len(FACES) == 24
    assert len({face.standard_name for face in FACES}) == 12
    assert all(face.other.other == face != face.other for face in FACES)
