"""The archive PDF: the source's pages with an invisible text layer, as PDF/A-2b, the same bytes each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pikepdf
import pikepdf.pdfa
from pikepdf import Array, Name

from pipeline.adapters.incoming import font_widths, jpx_pictures
from pipeline.adapters.incoming.colour import cmyk_profile, srgb_profile
from pipeline.adapters.incoming.hidden_text import HiddenText, copied
from pipeline.adapters.incoming.inline_pictures import all_shown
from pipeline.adapters.incoming.page_layers import layers_of, uses_layers
from pipeline.adapters.incoming.page_look import FINE, differing_pages
from pipeline.adapters.incoming.pdf_pages import PageLayers, add_pdf_page
from pipeline.adapters.incoming.picture_pages import Built, add_picture_page
from pipeline.adapters.incoming.placed_words import Placer
from pipeline.adapters.incoming.text_layer import TextLayers
from pipeline.domain.pages import SourceFacts
from pipeline.domain.recognised import ArchivePdfFacts, RecognisedPage

_FLAVOUR = "2b"
_MAX_REASONS = 20
_CHECKED_BY = f"pikepdf.pdfa {pikepdf.__version__}"
_PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" {body}/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
_CLAIM = 'xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" pdfaid:part="2" pdfaid:conformance="B"'
_NO_CLAIM = 'xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="application/pdf"'


@dataclass(frozen=True)
class Remade:
    """A PDF that holds, in order, the pages with words of their own as another program wrote them anew.

    `by`: that program with its version.
    """

    pdf: str
    by: str


def build_archive_pdf(
    source: str,
    facts: SourceFacts,
    pages: Sequence[RecognisedPage],
    out_pdf: str,
    remade: Remade | None = None,
) -> ArchivePdfFacts:
    """Write these pages of `source` to `out_pdf`.

    `pages`: as recognised, in the document's order; each names its source page. `remade`: pages with words of their
    own are taken from there. The file is written either way; where it does not pass as PDF/A-2b it claims nothing,
    and the facts say why. Neither time nor ids come into it.
    Raises Rejected `image-damaged` or `pdf-damaged` for a page that can't be taken over.
    """
    wanted = [page.page for page in pages]
    if not wanted or len(set(wanted)) != len(wanted):
        raise ValueError(f"not the pages of a document: {wanted}")
    made, inline = _build(source, facts, pages, out_pdf, remade, framed=False)
    if all_shown(out_pdf, inline):
        return made
    return _build(source, facts, pages, out_pdf, remade, framed=True)[0]


def _build(
    source: str,
    facts: SourceFacts,
    pages: Sequence[RecognisedPage],
    out_pdf: str,
    remade: Remade | None,
    *,
    framed: bool,
) -> tuple[ArchivePdfFacts, list[int]]:
    """Write the file; returns the facts, and how many pictures stand among the operators of each page.

    `framed`: all pictures are objects, even where that takes more bytes than the size rule has.
    """
    wanted = [page.page for page in pages]
    builts: list[Built] = []
    with pikepdf.new() as pdf:
        layers = _add_pages(pdf, source, facts, pages, builts, framed=framed)
        if remade is not None:
            _exchange(pdf, pages, remade, builts)
        _add_texts(pdf, pages, merged=facts.type != "pdf")
        level, reasons, remarks = _finish(pdf, out_pdf, (source, wanted) if facts.type == "pdf" else None, layers)
    told = ArchivePdfFacts(
        level="2b" if level else None,
        reasons=tuple(reasons),
        checked_by=_CHECKED_BY,
        recoded=tuple(note for built in builts for note in dict.fromkeys(built.recoded)),
        remarks=(*(note for built in builts for note in dict.fromkeys(built.remarks)), *remarks),
        images=tuple(tuple(built.images) for built in builts),
    )
    return told, [built.inline for built in builts]


def _add_pages(
    pdf: pikepdf.Pdf,
    source: str,
    facts: SourceFacts,
    pages: Sequence[RecognisedPage],
    builts: list[Built],
    *,
    framed: bool,
) -> pikepdf.Object | None:
    """Append the pages; returns what the source says of its layers."""
    if facts.type != "pdf":
        shared: dict[bytes, pikepdf.Object] = {}
        for recognised in pages:
            builts.append(Built(shared))
            words = None if framed else recognised.words
            add_picture_page(pdf, source, facts.type, recognised.page, builts[-1], words)
        return None
    hidden = HiddenText(pdf)
    with pikepdf.open(source, suppress_warnings=True) as original:
        for recognised in pages:
            builts.append(Built())
            add_pdf_page(pdf, original, recognised.page, builts[-1])
            if not recognised.own_text and hidden.drop(pdf.pages[-1].obj):
                builts[-1].remarks.append(f"page {recognised.page}: foreign text layer replaced")
        return layers_of(pdf, original)


def _exchange(pdf: pikepdf.Pdf, pages: Sequence[RecognisedPage], remade: Remade, builts: list[Built]) -> None:
    """Put the remade pages in place of those with words of their own."""
    with pikepdf.open(remade.pdf) as other:
        places = [index for index, page in enumerate(pages) if page.own_text]
        for number, place in enumerate(places, 1):
            note = f"page {pages[place].page}: made by a program, written anew for PDF/A by {remade.by}"
            builts[place] = Built(recoded=[note])
            add_pdf_page(pdf, other, number, builts[place])
            pdf.pages[place] = pdf.pages[-1]
            del pdf.pages[-1]


def _add_texts(pdf: pikepdf.Pdf, pages: Sequence[RecognisedPage], *, merged: bool) -> None:
    """Lay the words that were recognised over each page and set the turn that shows it upright."""
    made = list(pdf.pages)
    placers = [pixels_to_points(page, recognised) for page, recognised in zip(made, pages, strict=True)]
    laid = [recognised.laid() for recognised in pages]
    texts, layers = TextLayers(pdf, laid, placers.__getitem__), PageLayers(pdf, merged=merged)
    for page, recognised, layer, place in zip(made, pages, laid, placers, strict=True):
        if recognised.rotation or "/Rotate" in page.obj:
            page.obj.Rotate = recognised.rotation
        if recognised.own_text and not layer.blocks:
            continue
        operators, fonts = texts.page(layer, place)
        layers.add(page.obj, operators)
        if fonts:
            resources = copied(page.obj.get("/Resources"))
            known = copied(resources.get("/Font"))
            for name, font in fonts.items():
                known[name] = font
            resources.Font = known
            page.obj.Resources = resources
    texts.finish()


def pixels_to_points(page: pikepdf.Page, recognised: RecognisedPage) -> Placer:
    """From pixels of the page picture to points of the page's own space."""
    crop, media = [float(v) for v in page.cropbox], [float(v) for v in page.mediabox]
    left, right = (
        max(min(crop[0], crop[2]), min(media[0], media[2])),
        min(max(crop[0], crop[2]), max(media[0], media[2])),
    )
    bottom, top = (
        max(min(crop[1], crop[3]), min(media[1], media[3])),
        min(max(crop[1], crop[3]), max(media[1], media[3])),
    )
    across, down = (right - left) / recognised.width_px, (top - bottom) / recognised.height_px

    def place(x: float, y: float) -> tuple[float, float]:
        return left + x * across, top - y * down

    return place


def _finish(
    pdf: pikepdf.Pdf, out_pdf: str, original: tuple[str, list[int]] | None, layers: pikepdf.Object | None
) -> tuple[bool, list[str], list[str]]:
    """Prepare, check, write, check what was written. Returns whether it passed, why not, and remarks.

    `original`: the PDF that the pages came from and their numbers in it. `layers`: what it says of them. A file that
    passes shows nothing by layers, so it goes without.
    """
    remarks: list[str] = []
    pikepdf.pdfa.prepare(pdf, _FLAVOUR, output_intent=srgb_profile())
    _declare(pdf, _CLAIM)
    settings = pikepdf.pdfa.resolve_save_kwargs(_FLAVOUR, deterministic_id=True)
    report = _written(pdf, out_pdf, settings)
    if any("DeviceCMYK" in finding.message for finding in report.findings):
        _give_default_cmyk(pdf)
        remarks.append("CMYK without a profile: plain mixture assumed")
        report = _written(pdf, out_pdf, settings)
    if jpx_pictures.passes(report, out_pdf):
        return True, [], remarks if report.passed else [*remarks, jpx_pictures.REMARK]
    if original is not None and all(font_widths.RULE in finding.rule for finding in report.findings):
        foreseen = pikepdf.pdfa.check(pdf, _FLAVOUR, deterministic_id=True)
        fonts = _mend_fonts(pdf, foreseen.findings, out_pdf, settings, original)
        if fonts:
            return True, [], [*remarks, f"{font_widths.REMARK}: {fonts}"]
    reasons = list(dict.fromkeys(f"{finding.rule}: {finding.message}" for finding in report.findings))
    _declare(pdf, _NO_CLAIM)
    if layers is not None and uses_layers(pdf):
        pdf.Root.OCProperties = layers
    pdf.save(out_pdf, **settings)
    return False, reasons[:_MAX_REASONS], remarks


def _written(pdf: pikepdf.Pdf, out_pdf: str, settings: Mapping[str, Any]) -> pikepdf.pdfa.Report:
    """Write the file and check what was written."""
    pdf.save(out_pdf, **settings)
    return pikepdf.pdfa.validate_written(out_pdf, _FLAVOUR, settings)


def _mend_fonts(
    pdf: pikepdf.Pdf,
    findings: Sequence[pikepdf.pdfa.Finding],
    out_pdf: str,
    settings: Mapping[str, Any],
    original: tuple[str, list[int]],
) -> int:
    """Write the file with mended fonts; returns how many. 0: it would not pass or look different, so none is."""
    mended = font_widths.mend_widths(pdf, findings)
    if not mended.fonts:
        return 0
    passed = jpx_pictures.passes(_written(pdf, out_pdf, settings), out_pdf)
    if passed and not differing_pages(out_pdf, *original, FINE):
        return mended.fonts
    mended.take_back()
    return 0


def _declare(pdf: pikepdf.Pdf, body: str) -> None:
    """Metadata without times or ids, the same for every document of a kind."""
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    packet = _PACKET.format(body=body).encode("utf-8")
    pdf.Root.Metadata = pdf.make_stream(packet, Type=Name.Metadata, Subtype=Name.XML)


def _give_default_cmyk(pdf: pikepdf.Pdf) -> None:
    profile = pdf.make_stream(cmyk_profile(), N=4)
    space = pdf.make_indirect(Array([Name.ICCBased, profile]))
    owners: list[pikepdf.Object] = [page.obj for page in pdf.pages]
    owners += [item for item in pdf.objects if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Form"]
    for owner in owners:
        resources = owner.get("/Resources")
        if isinstance(resources, pikepdf.Dictionary):
            spaces = copied(resources.get("/ColorSpace"))
            if "/DefaultCMYK" not in spaces:
                spaces.DefaultCMYK = space
                resources.ColorSpace = spaces
