"""Letters that carry something besides pages: one file for each kind of passenger."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
from pikepdf import Array, AttachedFileSpec, Dictionary, Name, Pdf, String

SCRIPT = "app.alert('Guten Tag')"


def _script(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String(SCRIPT))
    pdf.pages[0].obj.AA = Dictionary(O=Dictionary(S=Name.JavaScript, JS=String(SCRIPT)))


def _launch(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.Launch, F=String("cmd.exe"))


def _submit(pdf: Pdf) -> None:
    button = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Link,
        Rect=Array([10, 10, 60, 30]),
        A=Dictionary(S=Name.SubmitForm, F=Dictionary(FS=Name.URL, F=String("http://beispiel.invalid/"))),
    )
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(button)])


def _attachment(pdf: Pdf) -> None:
    pdf.attachments["liste.csv"] = AttachedFileSpec(pdf, b"a;b\n1;2\n", filename="liste.csv")


def _spec(pdf: Pdf) -> Dictionary:
    """A file specification with its file inside, as PDF/A-3 and PDF 2.0 tie them to what they belong to."""
    file = pdf.make_stream(b"a;b\n1;2\n", Type=Name.EmbeddedFile)
    spec = Dictionary(Type=Name.Filespec, F=String("liste.csv"), UF=String("liste.csv"), AFRelationship=Name.Data)
    spec.EF = Dictionary(F=file)
    return pdf.make_indirect(spec)


def _attached_to_a_form(pdf: Pdf) -> None:
    form = pdf.make_stream(b"0 0 1 rg 0 0 60 20 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 60, 20]))
    form.AF = Array([_spec(pdf)])
    page = pdf.pages[0]
    page.obj.Resources.XObject = Dictionary(FmA=form)
    page.contents_add(pdf.make_stream(b"q 1 0 0 1 300 300 cm /FmA Do Q"))


def _attached_to_the_page(pdf: Pdf) -> None:
    pdf.pages[0].obj.AF = Array([_spec(pdf)])


def _attached_to_a_section(pdf: Pdf) -> None:
    page = pdf.pages[0]
    page.obj.Resources.Properties = Dictionary(Daten=pdf.make_indirect(Dictionary(MCAF=Array([_spec(pdf)]))))
    page.contents_add(pdf.make_stream(b"/AF /Daten BDC 0 0 1 rg 300 300 60 20 re f EMC"))


def _portfolio(pdf: Pdf) -> None:
    _attachment(pdf)
    pdf.Root.Collection = Dictionary(Type=Name.Collection)


def _film(pdf: Pdf) -> None:
    film = Dictionary(Type=Name.Annot, Subtype=Name.Movie, Rect=Array([10, 10, 60, 30]), Movie=Dictionary())
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(film)])


def _xfa(pdf: Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array(), XFA=pdf.make_stream(b"<xdp><template/></xdp>"))


def _signature(pdf: Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array(), SigFlags=1)


def _form(pdf: Pdf) -> None:
    look = pdf.make_stream(b"0 0 1 rg 0 0 80 20 re f")
    look.update({"/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": Array([0, 0, 80, 20])})
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T=String("feld"),
            F=4,
            Rect=Array([300, 300, 380, 320]),
            AP=Dictionary(N=look),
        )
    )
    pdf.pages[0].obj.Annots = Array([field])
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]))


PASSENGERS: dict[str, tuple[Callable[[Pdf], None], str, str, str]] = {
    "skript": (_script, "scripts", "pdf-script", "script-removed"),
    "programm": (_launch, "actions", "pdf-action", "action-removed"),
    "versand": (_submit, "actions", "pdf-action", "action-removed"),
    "anlage": (_attachment, "attachments", "pdf-attachment", "attachment-removed"),
    "anlage-am-bild": (_attached_to_a_form, "attachments", "pdf-attachment", "attachment-removed"),
    "anlage-an-der-seite": (_attached_to_the_page, "attachments", "pdf-attachment", "attachment-removed"),
    "anlage-am-abschnitt": (_attached_to_a_section, "attachments", "pdf-attachment", "attachment-removed"),
    "mappe": (_portfolio, "attachments", "pdf-attachment", "attachment-removed"),
    "film": (_film, "multimedia", "pdf-multimedia", "multimedia-removed"),
    "xfa": (_xfa, "xfa", "xfa-form", "xfa-removed"),
    "signatur": (_signature, "signatures", "pdf-signed", "signature-removed"),
    "formular": (_form, "forms", "pdf-form", "form-flattened"),
}
"""By name: how it gets into a file, the rule that speaks of it, the code of its refusal, the remark of its removal."""


def with_passenger(letter: bytes, name: str) -> bytes:
    """The letter's PDF with a passenger."""
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(letter)) as pdf:
        PASSENGERS[name][0](pdf)
        pdf.save(made, deterministic_id=True)
    return made.getvalue()
