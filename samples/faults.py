"""What is odd or broken about real print files: turned pages, shifted boxes, other sizes, locks, half a copy.

The first group displays exactly as before and must be accepted; the second must be refused.
"""

from __future__ import annotations

import io

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from samples.layout import MM


def _saved(pdf: Pdf, **settings: object) -> bytes:
    out = io.BytesIO()
    settings.setdefault("deterministic_id", True)
    pdf.save(out, **settings)  # type: ignore[arg-type]
    pdf.close()
    return out.getvalue()


def _moved(pdf: Pdf, page: pikepdf.Page, matrix: str, box: tuple[float, float, float, float]) -> None:
    """Draw the page's contents through a matrix and give it another MediaBox."""
    page.contents_coalesce()
    page.contents_add(Stream(pdf, f"q {matrix} cm".encode()), prepend=True)
    page.contents_add(Stream(pdf, b"Q"))
    page.mediabox = Array([round(edge, 3) for edge in box])
    if "/CropBox" in page.obj:
        del page.obj.CropBox


def turned(data: bytes, degrees: int) -> bytes:
    """Every page with /Rotate 90, 180 or 270 and its content turned back, so that it displays upright."""
    pdf = Pdf.open(io.BytesIO(data))
    for page in pdf.pages:
        wide, high = float(page.mediabox[2]), float(page.mediabox[3])
        matrix = {
            90: f"0 1 -1 0 {high:.3f} 0",
            180: f"-1 0 0 -1 {wide:.3f} {high:.3f}",
            270: f"0 -1 1 0 0 {wide:.3f}",
        }[degrees]
        _moved(pdf, page, matrix, (0, 0, wide, high) if degrees == 180 else (0, 0, high, wide))
        page.obj.Rotate = degrees
    return _saved(pdf)


def shifted(data: bytes, right_mm: float, up_mm: float, bleed_mm: float = 0.0) -> bytes:
    """Pages whose origin is not zero; with a bleed the MediaBox is larger, has crop marks, and a CropBox shows A4."""
    pdf = Pdf.open(io.BytesIO(data))
    x, y, bleed = right_mm * MM, up_mm * MM, bleed_mm * MM
    for page in pdf.pages:
        wide, high = float(page.mediabox[2]), float(page.mediabox[3])
        _moved(pdf, page, f"1 0 0 1 {x:.3f} {y:.3f}", (x - bleed, y - bleed, x + wide + bleed, y + high + bleed))
        if bleed:
            page.cropbox = Array([round(edge, 3) for edge in (x, y, x + wide, y + high)])
            upright = f"{x:.2f} {y - bleed:.2f} m {x:.2f} {y - 4:.2f} l S"
            mark = f"0.25 w {upright} {x - bleed:.2f} {y:.2f} m {x - 4:.2f} {y:.2f} l S"
            page.contents_add(Stream(pdf, mark.encode()))
    return _saved(pdf)


def in_user_units(data: bytes, unit: float) -> bytes:
    """The same sheet measured in units of `unit` points (PDF 1.6, UserUnit)."""
    pdf = Pdf.open(io.BytesIO(data))
    for page in pdf.pages:
        wide, high = float(page.mediabox[2]) / unit, float(page.mediabox[3]) / unit
        _moved(pdf, page, f"{1 / unit:.6f} 0 0 {1 / unit:.6f} 0 0", (0, 0, wide, high))
        page.obj.UserUnit = unit
    return _saved(pdf, min_version="1.6")


def with_form_field(data: bytes) -> bytes:
    """A filled form field and, for the screen alone, a note on page 1, as interactive files from a desk have them."""
    pdf = Pdf.open(io.BytesIO(data))
    page = pdf.pages[0]
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    look = Stream(pdf, b"/Tx BMC q BT /Helv 9 Tf 2 4 Td (19-0815) Tj ET Q EMC")
    look.Type, look.Subtype = Name.XObject, Name.Form
    look.BBox, look.Resources = Array([0, 0, 90, 14]), Dictionary(Font=Dictionary(Helv=font))
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("Kassenzeichen"), V=String("19-0815"),
            DA=String("/Helv 9 Tf 0 g"), Rect=Array([400, 150, 490, 164]), F=4, P=page.obj,
            AP=Dictionary(N=pdf.make_indirect(look)),
        )
    )  # fmt: skip
    note = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Text, Rect=Array([500, 150, 518, 168]), Contents=String("Bitte prüfen"),
            T=String("Sachgebiet"), F=0, Name=Name.Comment, P=page.obj,
        )
    )  # fmt: skip
    page.obj.Annots = Array([field, note])
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), DR=Dictionary(Font=Dictionary(Helv=font)))
    return _saved(pdf)


def resized(data: bytes, width_mm: float, height_mm: float) -> bytes:
    """The pages shrunk to another sheet, e.g. A5 (148 by 210 mm)."""
    pdf = Pdf.open(io.BytesIO(data))
    for page in pdf.pages:
        wide, high = width_mm * MM, height_mm * MM
        across, up = wide / float(page.mediabox[2]), high / float(page.mediabox[3])
        _moved(pdf, page, f"{across:.6f} 0 0 {up:.6f} 0 0", (0, 0, wide, high))
    return _saved(pdf)


def xfa_form(data: bytes) -> bytes:
    """A dynamic form: the page says that another program is needed, the content is XML."""
    pdf = Pdf.open(io.BytesIO(data))
    xdp = (
        '<?xml version="1.0" encoding="UTF-8"?><xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><template '
        'xmlns="http://www.xfa.org/schema/xfa-template/3.3/"><subform name="antrag" layout="tb"><field name="name"/>'
        "</subform></template></xdp:xdp>"
    )
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=pdf.make_indirect(Stream(pdf, xdp.encode())))
    pdf.Root.NeedsRendering = True
    return _saved(pdf)


def locked(data: bytes) -> bytes:
    """The file under a password. Encrypted with RC4 of 40 bits, whose keys hold no chance: same input, same bytes."""
    pdf = Pdf.open(io.BytesIO(data))
    lock = pikepdf.Encryption(owner="druck", user="geheim", R=2, aes=False, metadata=False)
    return _saved(pdf, encryption=lock, deterministic_id=False, static_id=True)


def truncated(data: bytes, part: float = 0.6) -> bytes:
    """The first part of a file, as an interrupted copy leaves it. `part`: between 0 and 1."""
    return data[: int(len(data) * part)]


def text_named_pdf() -> bytes:
    """A text file that somebody renamed."""
    return "Bitte 20 × ausdrucken und zur Post geben.\r\nDanke, Vorzimmer\r\n".encode("cp1252")


def spreadsheet_named_tiff() -> bytes:
    """The beginning of a zipped office file under the name of a scan."""
    return b"PK\x03\x04\x14\x00\x06\x00\x08\x00" + b"\x00" * 20 + b"[Content_Types].xml" + bytes(range(256)) * 4
