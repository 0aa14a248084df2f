"""Layers are decided as they print, and nothing is left to decide."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from pipeline.domain.errors import Rejected
from tests.letter_checks import (
    ALIKE,
    HIGH,
    PRINT,
    WIDE,
    colour,
    is_plain,
    layered,
    normalised,
    shown_layers,
    stamp,
)
from tests.letter_sheets import difference, rendered, saved

pytestmark = pytest.mark.integration


def test_layers_that_are_on_print(tmp_path: Path) -> None:
    assert shown_layers(normalised(tmp_path, saved(layered()))) == (True, True, True)


@pytest.mark.parametrize(
    ("config", "shown"),
    [
        ({"OFF": lambda one, two: Array([two])}, (True, False, False)),
        ({"OFF": lambda one, two: Array([one])}, (False, True, True)),
        ({"BaseState": lambda one, two: Name.OFF}, (False, False, False)),
        ({"BaseState": lambda one, two: Name.OFF, "ON": lambda one, two: Array([two])}, (False, True, True)),
    ],
)
def test_layers_that_are_off_do_not_print(
    tmp_path: Path,
    config: dict[str, Callable[[pikepdf.Object, pikepdf.Object], object]],
    shown: tuple[bool, bool, bool],
) -> None:
    data = saved(layered(**config))
    made = normalised(tmp_path, data)
    is_plain(made)
    assert shown_layers(made) == shown
    assert difference(rendered(data), rendered(made)) < ALIKE


def test_layers_for_the_screen_only(tmp_path: Path) -> None:
    pdf = layered()
    one, two = pdf.Root.OCProperties.OCGs
    two.Usage = Dictionary(Print=Dictionary(PrintState=Name.OFF))
    usage = Dictionary(Event=Name.Print, Category=Array([Name.Print]), OCGs=Array([one, two]))
    pdf.Root.OCProperties.D.AS = Array([usage])
    assert shown_layers(normalised(tmp_path, saved(pdf))) == (True, False, False)


@pytest.mark.parametrize(
    ("policy", "shown"), [("/AnyOn", True), ("/AllOn", False), ("/AnyOff", True), ("/AllOff", False)]
)
def test_memberships_in_several_layers(tmp_path: Path, policy: str, shown: bool) -> None:
    pdf = layered(OFF=lambda one, two: Array([two]))
    one, two = pdf.Root.OCProperties.OCGs
    membership = pdf.make_indirect(Dictionary(Type=Name.OCMD, OCGs=Array([one, two]), P=Name(policy)))
    pdf.pages[0].obj.Resources.Properties.One = membership
    assert shown_layers(normalised(tmp_path, saved(pdf)))[0] is shown


def test_visibility_expressions(tmp_path: Path) -> None:
    pdf = layered(OFF=lambda one, two: Array([two]))
    one, two = pdf.Root.OCProperties.OCGs
    for expression, shown in (
        ([Name.Not, two], True),
        ([Name.And, one, two], False),
        ([Name.Or, one, two], True),
        ([Name.And, one, Array([Name.Not, two])], True),
    ):
        membership = pdf.make_indirect(Dictionary(Type=Name.OCMD, VE=Array(expression)))
        pdf.pages[0].obj.Resources.Properties.One = membership
        assert shown_layers(normalised(tmp_path, saved(pdf)))[0] is shown


def test_layers_inside_forms(tmp_path: Path) -> None:
    pdf = layered(OFF=lambda one, two: Array([one]))
    page = pdf.pages[0].obj
    inner = pdf.make_stream(
        page.Contents.read_bytes(), Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, WIDE, HIGH])
    )
    inner.Resources = page.Resources
    page.Contents = pdf.make_stream(b"/Outer Do")
    page.Resources = Dictionary(XObject=Dictionary(Outer=inner))
    assert shown_layers(normalised(tmp_path, saved(pdf))) == (False, True, True)


def test_junk_between_layers_goes_back(tmp_path: Path) -> None:
    for junk in (b" (x) Tr", b" x\x9c\xd3 ", b" /OC BDC EMC EMC EMC Q Q ", b" Do "):
        pdf = layered(OFF=lambda one, two: Array([two]))
        page = pdf.pages[0].obj
        page.Contents = pdf.make_stream(page.Contents.read_bytes() + junk)
        try:
            assert shown_layers(normalised(tmp_path, saved(pdf))) == (True, False, False)
        except Rejected as error:
            assert (error.code, error.page) == ("pdf-damaged", 1)


def test_annotations_of_a_layer_that_is_off(tmp_path: Path) -> None:
    pdf = layered(OFF=lambda one, two: Array([two]))
    stamp(pdf, PRINT, b"0 1 1 rg", OC=pdf.Root.OCProperties.OCGs[1])
    assert colour(normalised(tmp_path, saved(pdf)), 250, 650) == (255, 255, 255)


def test_names_in_latin_1(tmp_path: Path) -> None:
    """Old programs name fonts, pictures and layers with umlauts of one byte."""
    pdf = layered(OFF=lambda one, two: Array([one]))
    stamp(pdf, PRINT, b"0 1 1 rg")
    page = pdf.pages[0].obj
    page.Contents = pdf.make_stream(page.Contents.read_bytes())
    data = saved(pdf, compress_streams=False)
    for name in (b"/Fm", b"/F1", b"/One", b"/Two"):
        data = data.replace(name + b" ", name[:-1] + b"\xfc ")
    assert data.count(b"/F\xfc ") >= 3 and data.count(b"/On\xfc ") >= 2
    made = normalised(tmp_path, data)
    assert colour(made, 150, 690) != (255, 0, 0)
    assert difference(rendered(data), rendered(made)) < 0.05
