"""The three machines of the contract as values, and normalised letters to print on them."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import pikepdf
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from pipeline.domain.profiles import DatamatrixPlace, Feed, Machine, Marks

_NEOPOST_TOKENS = (
    *("start", "divert", "stop", "end-of-set", "feed:1", "feed:2"),
    *("seq:4", "seq:2", "seq:1", "parity:even", "safety"),
)
NEOPOST = Machine(
    "neopost-1track",
    "Neopost, OMR einspurig",
    "manual",
    Marks("omr", first_mm=153.0, pitch_mm=3.2, tokens=_NEOPOST_TOKENS),
    Feed(),
)
PITNEY = Machine(
    "pitney-small",
    "Pitney Bowes, Grundcode",
    "manual",
    Marks(
        "omr",
        first_mm=20.0,
        pitch_mm=4.0,
        tokens=("start", "safety", "not-end-of-set", "not-begin-of-set", "parity:even", "timing"),
    ),
    Feed(address_sheet="last", stations=0),
)
DATAMATRIX = Machine(
    "datamatrix", "2D-Code", "here", Marks("datamatrix", datamatrix=DatamatrixPlace(7.0, 20.0)), Feed()
)
BOTH = Machine(
    "both",
    "Striche und 2D-Code",
    "here",
    Marks("both", first_mm=153.0, pitch_mm=3.2, tokens=_NEOPOST_TOKENS, datamatrix=DatamatrixPlace(7.0, 20.0)),
    Feed(trailer_sheet=True),
)
MACHINES = (NEOPOST, PITNEY, DATAMATRIX, BOTH)


def slice_pdf(path: Path, texts: list[str], *, hostile: bool = True, logo: bytes | None = None) -> Path:
    """A slice as the normaliser writes it: a page a text, its content one form XObject.

    `hostile`: the page's own content leaves `q` open, turns and scales the coordinate system, sets white ink and a
    line dash, and prints over the whole left margin. `logo`: raw grey pixels, 64 by 64, as a shared image.
    """
    pages = pikepdf.open(io.BytesIO(_pages(texts)))
    out = pikepdf.new()
    image = None
    if logo is not None:
        how = pikepdf.Dictionary(
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=64,
            Height=64,
            BitsPerComponent=8,
            ColorSpace=pikepdf.Name.DeviceGray,
        )
        image = out.make_stream(logo, how)
    for page in pages.pages:
        form = out.copy_foreign(pages.make_indirect(page.as_form_xobject()))
        if image is not None:
            form.Resources["/XObject"] = pikepdf.Dictionary(Logo=image)
            form.write(form.read_bytes() + b"\nq 60 0 0 60 400 700 cm /Logo Do Q")
        if hostile:
            margin = b"\n0.5 g 0 0 70 842 re f q 0.3 0.7 -0.7 0.3 100 200 cm 1 g 1 G [3 5] 0 d 20 w"
            form.write(form.read_bytes() + margin)
        resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Letter=form))
        node = pikepdf.Dictionary(
            Type=pikepdf.Name.Page,
            MediaBox=[0, 0, Decimal("595.276"), Decimal("841.89")],
            Resources=resources,
            Contents=out.make_stream(b"q 1 0 0 1 0 0 cm /Letter Do Q\n"),
        )
        out.pages.append(pikepdf.Page(out.make_indirect(node)))
    out.save(path, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return path


def _pages(texts: list[str]) -> bytes:
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=A4, invariant=1)
    for text in texts:
        canvas.setFont("Helvetica", 11)
        for line in range(20):
            canvas.drawString(90, 600 - 20 * line, f"{text}, Zeile {line}")
        canvas.showPage()
    canvas.save()
    return written.getvalue()
