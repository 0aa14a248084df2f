"""The drawing operators of one sheet's marks for each machine, byte for byte.

`POSTSTRASSE_REGENERATE_GOLDEN=1 pytest tests/golden` writes the files anew; read the difference before it is kept.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.adapters.volumes.drawing import marks_content
from pipeline.domain.code2d import SheetCode, encode
from pipeline.domain.marks import SheetContext, sheet_marks
from tests.volume_examples import DATAMATRIX, MACHINES, NEOPOST

pytestmark = pytest.mark.golden

SWITCH = "POSTSTRASSE_REGENERATE_GOLDEN"
GOLDEN = Path(__file__).parent / "marks"
CODE = encode(SheetCode(batch=42, piece=1234, sheet=2, of=3, enclosures=(1, 3), divert=True))
SHEET = SheetContext(first_fed=False, last_fed=True, index=13, stations=(1,))


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.id)
def test_drawing_operators(machine):
    code = "" if machine.marks.kind == "omr" else CODE
    made = marks_content(machine, sheet_marks(machine, SHEET), code)
    golden = GOLDEN / f"{machine.id}.txt"
    if os.environ.get(SWITCH) == "1":
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_bytes(made)
    assert made == golden.read_bytes()


@pytest.mark.parametrize(
    ("machine", "bits", "code"), [(NEOPOST, "1" * 10, ""), (NEOPOST, "1" * 11, CODE), (DATAMATRIX, "", "")]
)
def test_what_does_not_suit_the_machine_is_refused(machine, bits, code):
    with pytest.raises(ValueError, match=machine.id):
        marks_content(machine, bits, code)
