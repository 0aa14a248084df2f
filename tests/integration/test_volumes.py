"""Volumes on paper: written, rendered, read by a reader that knows nothing of ours, and proven by our own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.adapters.confine import Limits, run_confined
from pipeline.adapters.volumes import volume_pdf
from pipeline.adapters.volumes.marks_report import decode_pdf
from pipeline.adapters.volumes.readback import read_volume, verify_volume
from pipeline.adapters.volumes.testsheet import write_testsheet
from pipeline.adapters.volumes.volume_pdf import write_volume
from pipeline.domain.errors import Permanent
from pipeline.domain.imposition import fed_sheets, sheets_of
from pipeline.domain.profile_rules import clear_zone
from pipeline.domain.volumes import VolumePiece
from tests import omr_reader
from tests.volume_examples import BOTH, DATAMATRIX, MACHINES, NEOPOST, PITNEY, slice_pdf

pytestmark = pytest.mark.integration

PLEXES = ("simplex", "duplex")
# Pages of each letter; two slices, so that letters of several sources meet.
LETTERS = (1, 2, 3, 5, 1, 4, 3, 1)
every_machine = pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.id)
every_plex = pytest.mark.parametrize("plex", PLEXES)


def slices_of(folder: Path, letters, plex, **how) -> list[VolumePiece]:
    """Pieces whose pages lie alternately in two slices."""
    texts: dict[int, list[str]] = {0: [], 1: []}
    pieces = []
    for index, pages in enumerate(letters):
        home = texts[index % 2]
        pieces.append(
            VolumePiece(
                number=index + 1,
                source=str(folder / f"slice{index % 2}.pdf"),
                first_page=len(home) + 1,
                pages=pages,
                plex=plex,
                enclosures=((), (1,), (1, 2))[index % 3],
                divert=index == 3,
                reprint=index == 4,
            )
        )
        home += [f"Brief {index + 1} Seite {page + 1}" for page in range(pages)]
    for name, home in texts.items():
        slice_pdf(folder / f"slice{name}.pdf", home or ["leer"], **how)
    return pieces


@pytest.fixture(scope="module")
def letters(tmp_path_factory) -> dict[str, list[VolumePiece]]:
    return {plex: slices_of(tmp_path_factory.mktemp(plex), LETTERS, plex) for plex in PLEXES}


@pytest.fixture(scope="module")
def volumes(letters, tmp_path_factory):
    """Each machine's volume in each plex: the file and what the writer said of it."""
    folder = tmp_path_factory.mktemp("volumes")
    made = {}
    for machine in MACHINES:
        for plex in PLEXES:
            path = folder / f"{machine.id}-{plex}.pdf"
            made[machine.id, plex] = path, write_volume(machine, 42, letters[plex], str(path))
    return made


def verified(pdf, machine, plex, written, pieces):
    return verify_volume(str(pdf), machine, plex, written.rows, batch_number=42, pieces=pieces)


@every_machine
@every_plex
def test_a_foreign_reader_reads_every_sheet_as_the_rows_say(machine, plex, volumes):
    pdf, written = volumes[machine.id, plex]
    rows = {row.page: row for row in written.rows}
    marks = machine.marks
    for number, page in enumerate(omr_reader.rendered(pdf), start=1):
        row = rows.get(number)
        if marks.kind != "datamatrix":
            seen = omr_reader.strokes(
                page, marks.x_mm, marks.first_mm, marks.pitch_mm, len(marks.tokens), marks.length_mm
            )
            # On a back, this letter's own grey margin lies there: far from black, so not a stroke.
            assert seen == (row.omr if row else "0" * len(marks.tokens))
        if marks.kind != "omr":
            assert omr_reader.code(page, 4.5, 17.5, 14.0) == (row.code if row else "")


@every_machine
@every_plex
def test_the_read_back_finds_nothing_wrong(machine, plex, volumes, letters):
    pdf, written = volumes[machine.id, plex]
    facts = verified(pdf, machine, plex, written, letters[plex])
    assert facts.faults == ()
    sheets = sum(sheets_of(pages, plex) for pages in LETTERS)
    trailer = (1 if plex == "simplex" else 2) if machine.feed.trailer_sheet else 0
    assert (facts.sheets, facts.codes_read, facts.codes_wrong) == (sheets, sheets, 0)
    assert facts.pages == written.pages == sheets * (1 if plex == "simplex" else 2) + trailer
    assert "zxing-cpp" in facts.decoder
    assert verify_volume(str(pdf), machine, plex, written.rows).faults == ()


@every_machine
@every_plex
def test_every_page_of_every_letter_is_on_its_side_in_feed_order(machine, plex, volumes):
    pdf, written = volumes[machine.id, plex]
    document = pypdfium2.PdfDocument(pdf)
    shown = [page.get_textpage().get_text_range().split(",")[0] for page in document]
    document.close()
    wanted = []
    for index, pages in enumerate(LETTERS):
        for sheet in fed_sheets(pages, plex, machine.feed.address_sheet):
            sides = (sheet.front,) if plex == "simplex" else (sheet.front, sheet.back)
            wanted += ["" if side is None else f"Brief {index + 1} Seite {side + 1}" for side in sides]
    trailer = (1 if plex == "simplex" else 2) if machine.feed.trailer_sheet else 0
    assert shown == wanted + [""] * trailer
    assert [row.page for row in written.rows] == list(range(1, len(wanted) + 1, 1 if plex == "simplex" else 2))


@every_machine
def test_blank_backs_and_trailers_are_really_blank_a4(machine, volumes):
    pdf, _written = volumes[machine.id, "duplex"]
    blank = [index for index, page in enumerate(read_volume(str(pdf), machine)) if page.blank]
    odd_letters = sum(pages % 2 for pages in LETTERS)
    assert len(blank) == odd_letters + (2 if machine.feed.trailer_sheet else 0)
    pages = omr_reader.rendered(pdf, dpi=50)
    assert all(pages[index].min() == 255 for index in blank)
    with pikepdf.open(pdf) as volume:
        for page in volume.pages:
            assert [float(edge) for edge in page.mediabox] == pytest.approx([0, 0, 595.2756, 841.8898], abs=1e-3)


@every_machine
def test_outside_the_marks_a_front_looks_like_its_letter(machine, letters, volumes):
    pdf, written = volumes[machine.id, "simplex"]
    originals = {piece.number: omr_reader.rendered(Path(piece.source), dpi=75) for piece in letters["simplex"]}
    pieces = {piece.number: piece for piece in letters["simplex"]}
    printed = omr_reader.rendered(pdf, dpi=75)
    for row in written.rows:
        original = originals[row.piece][pieces[row.piece].first_page - 1 + row.sheet - 1]
        right_of_marks = omr_reader.px(23.0, dpi=75)
        difference = np.abs(original[:, right_of_marks:].astype(int) - printed[row.page - 1][:, right_of_marks:])
        assert difference.max() <= 2
        below = omr_reader.px(190.0, dpi=75)
        assert np.abs(original[below:].astype(int) - printed[row.page - 1][below:]).max() <= 2


@every_machine
@every_plex
def test_the_same_pieces_give_the_same_bytes(machine, plex, letters, volumes, tmp_path):
    pdf, written = volumes[machine.id, plex]
    again = write_volume(machine, 42, letters[plex], str(tmp_path / "again.pdf"))
    assert again == written
    assert (tmp_path / "again.pdf").read_bytes() == pdf.read_bytes()


def test_how_memory_is_saved_does_not_show_in_the_bytes(tmp_path, monkeypatch):
    noise = np.random.default_rng(7).integers(0, 255, (64, 64), dtype=np.uint8).tobytes() * 10
    pieces = slices_of(tmp_path, LETTERS, "simplex", logo=noise)
    write_volume(DATAMATRIX, 42, pieces, str(tmp_path / "plain.pdf"))
    monkeypatch.setattr(volume_pdf, "_MEMORY_BYTES", 0)
    write_volume(DATAMATRIX, 42, pieces, str(tmp_path / "thrifty.pdf"))
    assert (tmp_path / "plain.pdf").read_bytes() == (tmp_path / "thrifty.pdf").read_bytes()


def test_what_letters_share_stands_once_and_what_differs_stays_apart(tmp_path):
    logos = [np.random.default_rng(seed).integers(0, 255, 4096, dtype=np.uint8).tobytes() for seed in (1, 1, 2)]
    pieces = []
    for index, logo in enumerate(logos):
        source = slice_pdf(tmp_path / f"s{index}.pdf", [f"Brief {index}", "Anlage"], logo=logo)
        pieces.append(VolumePiece(index + 1, str(source), 1, 2, "simplex"))
    write_volume(DATAMATRIX, 1, pieces, str(tmp_path / "v.pdf"))
    with pikepdf.open(tmp_path / "v.pdf") as volume:
        streams = [thing for thing in volume.objects if isinstance(thing, pikepdf.Stream)]
        images = [stream for stream in streams if stream.get("/Subtype") == pikepdf.Name.Image]
        fonts = [
            thing
            for thing in volume.objects
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == pikepdf.Name.Font
        ]
        forms = [stream for stream in streams if stream.get("/Subtype") == pikepdf.Name.Form]
        assert len(images) == 2
        assert len(fonts) == 1
        assert len(forms) == 5  # three letters' first pages, and the enclosure with either logo
    assert verify_volume(str(tmp_path / "v.pdf"), DATAMATRIX, "simplex", _rows(tmp_path, pieces)).faults == ()


def _rows(folder, pieces):
    return write_volume(DATAMATRIX, 1, pieces, str(folder / "rows.pdf")).rows


def test_objects_that_refer_in_a_circle_or_nest_deep_are_printed_all_the_same(tmp_path):
    slice_pdf(tmp_path / "plain.pdf", ["Brief 1", "Brief 2"], hostile=False)
    with pikepdf.open(tmp_path / "plain.pdf") as pdf:
        circle = pdf.pages[0].Resources.XObject.Letter
        circle.Resources["/XObject"] = pikepdf.Dictionary(Itself=circle)
        nested = pdf.make_indirect(pikepdf.Array([1]))
        for _level in range(100):
            nested = pdf.make_indirect(pikepdf.Array([nested]))
        pdf.pages[1].Resources.XObject.Letter["/Deep"] = nested
        pdf.save(tmp_path / "knotted.pdf")
    pieces = [VolumePiece(n, str(tmp_path / "knotted.pdf"), n, 1, "simplex") for n in (1, 2)]
    written = write_volume(DATAMATRIX, 1, pieces, str(tmp_path / "v.pdf"))
    assert verify_volume(str(tmp_path / "v.pdf"), DATAMATRIX, "simplex", written.rows, pieces=pieces).faults == ()
    plain = omr_reader.rendered(tmp_path / "plain.pdf", dpi=75)
    for page, original in zip(omr_reader.rendered(tmp_path / "v.pdf", dpi=75), plain, strict=True):
        assert (page[:, 100:] == original[:, 100:]).all()
        assert page[:, 100:].min() < 100


def test_a_volume_asks_to_be_printed_unscaled_and_tells_no_time(volumes):
    for pdf, _written in volumes.values():
        with pikepdf.open(pdf) as volume:
            assert volume.Root.ViewerPreferences.PrintScaling == pikepdf.Name("/None")
            assert "/Info" not in volume.trailer
            assert "/Metadata" not in volume.Root


def test_it_works_in_a_confined_child(letters, tmp_path):
    path = str(tmp_path / "v.pdf")
    limits = Limits(wall_s=60, memory_mb=2000)
    written = run_confined(limits, write_volume, NEOPOST, 42, letters["duplex"], path)
    facts = run_confined(limits, verify_volume, path, NEOPOST, "duplex", written.rows)
    assert facts.faults == ()


# --- what a volume refuses


def test_no_pieces_mixed_plex_and_a_number_twice_are_refused(letters, tmp_path):
    out = str(tmp_path / "v.pdf")
    one, other = letters["simplex"][0], letters["duplex"][1]
    for pieces in ([], [one, other], [one, one]):
        with pytest.raises(ValueError, match="volume"):
            write_volume(NEOPOST, 1, pieces, out)


def test_a_page_that_is_missing_is_no_volume(letters, tmp_path):
    source = letters["simplex"][0].source
    with pytest.raises(Permanent, match="page-missing"):
        write_volume(NEOPOST, 1, [VolumePiece(1, source, 9, 30, "simplex")], str(tmp_path / "v.pdf"))


@pytest.mark.parametrize("key", ["/MediaBox", "/Rotate", "/UserUnit"])
def test_a_page_that_is_not_upright_a4_is_no_volume(key, tmp_path):
    slice_pdf(tmp_path / "good.pdf", ["Brief"])
    with pikepdf.open(tmp_path / "good.pdf") as pdf:
        pdf.pages[0].obj[key] = {"/MediaBox": pikepdf.Array([0, 0, 595, 842]), "/Rotate": 90, "/UserUnit": 2}[key]
        pdf.save(tmp_path / "bad.pdf")
    with pytest.raises(Permanent, match="page-not-normalised"):
        write_volume(NEOPOST, 1, [VolumePiece(1, str(tmp_path / "bad.pdf"), 1, 1, "simplex")], str(tmp_path / "v.pdf"))


def test_a_damaged_slice_is_no_volume(tmp_path):
    (tmp_path / "bad.pdf").write_bytes(slice_pdf(tmp_path / "good.pdf", ["Brief"]).read_bytes()[:-200])
    with pytest.raises(Permanent, match="slice-damaged"):
        write_volume(NEOPOST, 1, [VolumePiece(1, str(tmp_path / "bad.pdf"), 1, 1, "simplex")], str(tmp_path / "v.pdf"))


def test_content_that_is_not_isolated_is_isolated(tmp_path):
    slice_pdf(tmp_path / "good.pdf", ["Brief"], hostile=False)
    with pikepdf.open(tmp_path / "good.pdf") as pdf:
        pdf.pages[0].Contents = pdf.make_stream(b"/Letter Do q 0.5 0 0 0.5 30 40 cm 1 g 0.1 w BT ET 0 0 5 5 re")
        pdf.save(tmp_path / "open.pdf")
    pieces = [VolumePiece(1, str(tmp_path / "open.pdf"), 1, 1, "simplex")]
    written = write_volume(BOTH, 1, pieces, str(tmp_path / "v.pdf"))
    assert verify_volume(str(tmp_path / "v.pdf"), BOTH, "simplex", written.rows, pieces=pieces).faults == ()


# --- tampering: each kind must be found


def tampered(pdf: Path, out: Path, change) -> Path:
    with pikepdf.open(pdf) as volume:
        change(volume)
        volume.save(out)
    return out


def paint(operators: str, page: int = 0):
    def change(volume):
        content = "q 2.8346457 0 0 -2.8346457 0 841.8898 cm " + operators + " Q"
        volume.pages[page].contents_add(volume.make_stream(content.encode()))

    return change


def swap_sheets(volume):
    kids = volume.Root.Pages.Kids
    kids[0], kids[1] = kids[1], kids[0]


def drop_page(volume):
    del volume.pages[2]


def double_page(volume):
    volume.pages.insert(3, volume.pages[2])


def shift_page(volume):
    content = volume.pages[1].Contents.read_bytes()
    volume.pages[1].Contents = volume.make_stream(b"1 0 0 1 0 2 cm " + content)


def scale_page(volume):
    content = volume.pages[1].Contents.read_bytes()
    volume.pages[1].Contents = volume.make_stream(b"0.96 0 0 0.96 12 17 cm " + content)


def marks_of_another_piece(volume):
    volume.pages[4].Contents = volume.pages[0].Contents


ANY_MACHINE = {
    "swapped": swap_sheets,
    "missing": drop_page,
    "twice": double_page,
    "shifted by 0.7 mm": shift_page,
    "scaled to fit": scale_page,
}
STROKES = {
    "stroke covered": (paint("1 g 5 152 16 2 re f"), {"omr-differs"}),
    "stroke half covered": (paint("1 g 5 152 8 2 re f"), {"stroke-unclear"}),
    "stroke thinned": (paint("1 g 5 152.95 16 1 re f"), {"stroke-unclear"}),
    "stroke grey": (paint("0.55 g 7 152.7 12 0.6 re f"), {"stroke-unclear"}),
    "extra stroke": (paint("0 g 7 155.95 12 0.5 re f"), {"omr-differs", "parity-wrong"}),
    "stroke between": (paint("0 g 7 154.4 12 0.5 re f"), {"ink-in-clear-zone"}),
    "stroke moved": (paint("1 g 5 152 16 2 re f 0 g 7 153.4 12 0.5 re f"), {"stroke-off-position"}),
    "ink left of it": (paint("0 g 4.6 170 1 0.3 re f"), {"ink-in-clear-zone"}),
    "ink right of it": (paint("0 g 20.5 170 1 0.3 re f"), {"ink-in-clear-zone"}),
    "two strokes, parity kept": (
        paint("0 g 7 165.55 12 0.5 re f 7 168.75 12 0.5 re f"),
        {"omr-differs", "enclosures-wrong"},
    ),
}
CODES = {
    "code covered": (paint("1 g 4 17 20 20 re f"), {"code-differs", "code-unreadable"}),
    "code torn": (paint("1 g 7 20 9 5 re f"), {"code-differs", "code-unreadable"}),
    "ink in the quiet zone": (paint("0 g 17.2 22 0.5 4 re f"), {"ink-in-clear-zone"}),
    "ink above the code": (paint("0 g 9 18 4 0.5 re f"), {"ink-in-clear-zone"}),
    "code of another piece": (marks_of_another_piece, {"code-differs", "set-wrong"}),
}


@every_machine
@pytest.mark.parametrize("how", ANY_MACHINE)
def test_a_volume_that_was_tampered_with_is_found(machine, how, volumes, letters, tmp_path):
    pdf, written = volumes[machine.id, "simplex"]
    bad = tampered(pdf, tmp_path / "bad.pdf", ANY_MACHINE[how])
    facts = verified(bad, machine, "simplex", written, letters["simplex"])
    assert facts.faults
    assert facts.codes_wrong > 0
    # Without the rows, the marks alone must give it away, or the number of pages.
    codes = {fault.code for fault in facts.faults}
    by_itself = {"set-wrong", "sequence-wrong", "page-count", "stroke-off-position", "code-off-position", "not-blank"}
    assert codes & (by_itself | {"stroke-unclear", "ink-in-clear-zone", "constant-wrong"})


@pytest.mark.parametrize("how", STROKES)
def test_tampered_strokes_are_found_and_the_sheet_is_named(how, volumes, letters, tmp_path):
    change, wanted = STROKES[how]
    pdf, written = volumes["neopost-1track", "simplex"]
    facts = verified(tampered(pdf, tmp_path / "bad.pdf", change), NEOPOST, "simplex", written, letters["simplex"])
    assert {fault.page for fault in facts.faults} == {1}
    assert wanted <= {fault.code for fault in facts.faults}
    assert facts.codes_wrong == 1


@pytest.mark.parametrize("how", CODES)
def test_tampered_codes_are_found_and_the_sheet_is_named(how, volumes, letters, tmp_path):
    change, wanted = CODES[how]
    pdf, written = volumes["datamatrix", "simplex"]
    facts = verified(tampered(pdf, tmp_path / "bad.pdf", change), DATAMATRIX, "simplex", written, letters["simplex"])
    assert len({fault.page for fault in facts.faults}) == 1
    assert wanted <= {fault.code for fault in facts.faults}
    assert facts.codes_wrong == 1


@every_machine
@every_plex
def test_the_right_marks_over_the_wrong_letter_are_found(machine, plex, volumes, letters, tmp_path):
    """Two letters of as many pages, everything in order but what is printed: two people get each other's post."""
    pdf, written = volumes[machine.id, plex]
    pages = {row.piece: row.page for row in reversed(written.rows)}
    one, other = pages[3], pages[7]  # three pages each

    def change(volume):
        forms = [volume.pages[at - 1].Resources.XObject for at in (one, other)]
        forms[0].Letter, forms[1].Letter = forms[1].Letter, forms[0].Letter

    bad = tampered(pdf, tmp_path / "bad.pdf", change)
    facts = verified(bad, machine, plex, written, letters[plex])
    assert [(fault.page, fault.code) for fault in facts.faults] == [(p, "page-of-another") for p in (one, other)]
    assert all(f"Sendung {n}" in fault.detail for n, fault in zip((3, 7), facts.faults, strict=True))
    assert facts.codes_wrong == 2
    assert facts.pages_proven == sum(LETTERS)


def test_a_page_that_vanished_from_under_its_marks_is_found(volumes, letters, tmp_path):
    pdf, written = volumes["datamatrix", "duplex"]

    def change(volume):
        volume.pages[2].Resources = pikepdf.Dictionary()

    facts = verified(tampered(pdf, tmp_path / "bad.pdf", change), DATAMATRIX, "duplex", written, letters["duplex"])
    assert [(fault.page, fault.code) for fault in facts.faults] == [(3, "page-of-another")]


NASTY = {
    "q left open": b"q q q 0 g",
    "Q too many": b"Q Q Q",
    "clipped to nothing": b"300 400 1 1 re W n",
    "clipped by text": b"BT /F1 9 Tf 7 Tr 100 700 Td (x) Tj ET",
    "turned and scaled": b"0.3 0.7 -0.7 0.3 100 200 cm",
    "blend mode": b"/Nasty gs",
    "white, dashed, thick": b"1 g 1 G [3 5] 0 d 40 w 2 J 2 j",
    "rendering intent and flatness": b"/Saturation ri 100 i",
    "text state left": b"BT /F1 40 Tf 300 Tz 50 Tc -80 Ts 3 Tr ET",
    "marked content left open": b"/Artifact BMC /OC /Hidden BDC",
    "path left open": b"0 0 m 100 100 l 50 50 200 200 re",
    "colour space": b"/Pattern cs /None scn /Pattern CS /None SCN",
}


@pytest.mark.parametrize("how", [*NASTY, "all at once"])
def test_nothing_of_a_letters_graphics_state_reaches_the_marks(how, tmp_path):
    """Blend mode, overprint, transfer function, soft mask, clip, matrix: whatever a letter leaves behind."""
    slice_pdf(tmp_path / "plain.pdf", ["Brief 1", "Brief 2", "Brief 3"], hostile=False)
    with pikepdf.open(tmp_path / "plain.pdf") as pdf:
        state = pikepdf.Dictionary(
            BM=pikepdf.Name.Difference, ca=0.05, CA=0.05, OP=True, op=True, OPM=1, AIS=True, SA=True, LW=30,
            SMask=pikepdf.Dictionary(S=pikepdf.Name.Luminosity, G=pdf.make_stream(
                b"0 g 0 0 1 1 re f", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 595, 842],
                Group=pikepdf.Dictionary(S=pikepdf.Name.Transparency, CS=pikepdf.Name.DeviceGray),
            )),
            TR=pikepdf.Dictionary(FunctionType=2, Domain=[0, 1], C0=[1], C1=[0], N=1),
        )  # fmt: skip
        left = b"\n".join(NASTY.values()) if how == "all at once" else NASTY[how]
        for page in pdf.pages:
            form = page.Resources.XObject.Letter
            form.Resources["/ExtGState"] = pikepdf.Dictionary(Nasty=state)
            form.write(form.read_bytes() + b"\n" + left)
        pdf.save(tmp_path / "nasty.pdf")
    pieces = [
        VolumePiece(1, str(tmp_path / "nasty.pdf"), 1, 2, "simplex"),
        VolumePiece(2, str(tmp_path / "nasty.pdf"), 3, 1, "simplex"),
    ]
    for machine in MACHINES:
        pdf, plain = tmp_path / f"{machine.id}.pdf", tmp_path / f"{machine.id}-plain.pdf"
        written = write_volume(machine, 42, pieces, str(pdf))
        write_volume(machine, 42, [replace(p, source=str(tmp_path / "plain.pdf")) for p in pieces], str(plain))
        assert verified(pdf, machine, "simplex", written, pieces).faults == ()
        shown, meant = omr_reader.rendered(pdf), omr_reader.rendered(plain)
        for zone in clear_zone(machine):
            for seen, wanted in ((shown[row.page - 1], meant[row.page - 1]) for row in written.rows):
                part = tuple(
                    slice(omr_reader.px(first), omr_reader.px(last))
                    for first, last in ((zone.top_mm, zone.bottom_mm), (zone.left_mm, zone.right_mm))
                )
                assert (seen[part] == wanted[part]).all(), f"{machine.id}: the marks differ"
                assert seen[part].min() == 0 and seen[part].max() == 255


@every_plex
@pytest.mark.parametrize("separator", ["volume", "product"])
@every_machine
def test_separator_sheets_are_pages_without_marks_and_are_missed_when_they_are_gone(
    machine, plex, separator, letters, tmp_path
):
    """As the ledger asks for them: before the first piece, and before the fifth, where another product begins."""
    legend = ("b0000042-v01", "Produkt standard", "ab Sendung 1")
    before = {0} if separator == "volume" else {0, 4}
    pieces = [replace(p, separator=legend if n in before else ()) for n, p in enumerate(letters[plex])]
    pdf = tmp_path / "v.pdf"
    written = write_volume(machine, 42, pieces, str(pdf))
    again = write_volume(machine, 42, pieces, str(tmp_path / "again.pdf"))
    assert again.sha256 == written.sha256
    facts = verified(pdf, machine, plex, written, pieces)
    assert facts.faults == ()
    assert verify_volume(str(pdf), machine, plex, written.rows).faults == ()
    step = 1 if plex == "simplex" else 2
    starts = [at for at in range(written.pages) if at + 1 not in {row.page for row in written.rows} and at % step == 0]
    document = pypdfium2.PdfDocument(pdf)
    texts = [document[at].get_textpage().get_text_range() for at in starts]
    document.close()
    assert [text.split()[0] for text in texts if text] == [legend[0]] * len(before)
    with pikepdf.open(pdf) as volume:
        fonts = [f for f in volume.objects if isinstance(f, pikepdf.Dictionary) and "/FontDescriptor" in f]
        assert fonts and all("/FontFile2" in font.FontDescriptor for font in fonts)

    def drop(volume):
        del volume.pages[0:step]

    def wipe(volume):
        volume.pages[0].Contents = volume.make_stream(b"")

    def mark(volume):
        front = volume.pages[step]
        volume.pages[0].Contents, volume.pages[0].Resources = front.Contents, front.Resources

    for change, wanted in ((drop, "page-count"), (wipe, "separator-missing"), (mark, "marks-on-back")):
        bad = tampered(pdf, tmp_path / "bad.pdf", change)
        assert wanted in {fault.code for fault in verified(bad, machine, plex, written, pieces).faults}


@every_machine
def test_marks_on_a_back_and_ink_on_a_blank_back_are_found(machine, volumes, letters, tmp_path):
    pdf, written = volumes[machine.id, "duplex"]

    def change(volume):
        front = volume.pages[0].Contents.read_bytes()
        volume.pages[1].Contents = volume.make_stream(front)
        volume.pages[1].Resources = volume.pages[0].Resources

    facts = verified(tampered(pdf, tmp_path / "bad.pdf", change), machine, "duplex", written, letters["duplex"])
    assert {(fault.page, fault.code) for fault in facts.faults} == {(2, "marks-on-back"), (2, "not-blank")}


def test_wrong_rows_and_wrong_orders_are_found(volumes, letters):
    pdf, written = volumes["both", "simplex"]
    pieces = letters["simplex"]
    other_batch = verify_volume(str(pdf), BOTH, "simplex", written.rows, batch_number=43, pieces=pieces)
    assert {fault.code for fault in other_batch.faults} == {"set-wrong"}
    assert other_batch.codes_wrong == len(written.rows)
    fewer = verify_volume(str(pdf), BOTH, "simplex", written.rows, batch_number=42, pieces=pieces[:-1])
    assert {"page-count", "row-surplus", "not-blank"} == {fault.code for fault in fewer.faults}
    ordered = [replace(pieces[0], enclosures=(4,), divert=True, reprint=True), *pieces[1:]]
    orders = verify_volume(str(pdf), BOTH, "simplex", written.rows, batch_number=42, pieces=ordered)
    assert {fault.code for fault in orders.faults} == {"enclosures-wrong", "divert-wrong", "reprint-wrong"}
    first, second, *others = written.rows
    swapped = [replace(second, page=1), replace(first, page=2), *others]
    rows = verify_volume(str(pdf), BOTH, "simplex", swapped, batch_number=42, pieces=pieces)
    assert {"row-missing", "code-differs"} <= {fault.code for fault in rows.faults}


def test_a_negative_logic_machine_that_would_merge_two_letters_is_found(volumes, letters, tmp_path):
    """A not-end-of-set stroke too many makes this machine keep collecting: two people, one envelope."""
    pdf, written = volumes["pitney-small", "simplex"]
    change = paint("0 g 7 27.75 12 0.5 re f 7 35.75 12 0.5 re f", page=0)
    bad = tampered(pdf, tmp_path / "bad.pdf", change)
    facts = verified(bad, PITNEY, "simplex", written, letters["simplex"])
    assert "set-wrong" in {fault.code for fault in facts.faults}


# --- exactness


@every_machine
def test_marks_are_where_the_profile_says_to_five_hundredths_of_a_millimetre(machine, volumes):
    pdf, written = volumes[machine.id, "simplex"]
    document = pypdfium2.PdfDocument(pdf)
    dpi, right_mm = 1200, 30.0
    page = document[0]
    crop = (0, 0, page.get_width() - right_mm * 72 / 25.4, 0)
    grey = omr_reader.flat(page.render(scale=dpi / 72, grayscale=True, crop=crop))
    document.close()
    dark = grey < 100  # half-covered pixels count as white; the letter's own margin is grey 127
    marks = machine.marks

    def runs(line):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], line.astype(int), [0]))))
        return [(first * 25.4 / dpi, last * 25.4 / dpi) for first, last in edges.reshape(-1, 2)]

    def part(top_mm, bottom_mm):
        return slice(round(top_mm * dpi / 25.4), round(bottom_mm * dpi / 25.4))

    if marks.kind != "datamatrix":
        down = runs(dark[:, round((marks.x_mm + marks.length_mm / 2) * dpi / 25.4)] & _near_marks(grey, marks, dpi))
        wanted = [marks.first_mm + k * marks.pitch_mm for k, bit in enumerate(written.rows[0].omr) if bit == "1"]
        assert [(top + bottom) / 2 for top, bottom in down] == pytest.approx(wanted, abs=0.05)
        assert [bottom - top for top, bottom in down] == pytest.approx([marks.thickness_mm] * len(down), abs=0.05)
        row = round(marks.first_mm * dpi / 25.4)
        left, right = runs(dark[row, part(marks.x_mm - 2, marks.x_mm + marks.length_mm + 2)])[0]
        assert left + marks.x_mm - 2 == pytest.approx(marks.x_mm, abs=0.05)
        assert right - left == pytest.approx(marks.length_mm, abs=0.05)
    if marks.kind != "omr":
        symbol = dark[part(18, 31), part(5, 18)]
        top, bottom = runs(symbol.any(axis=1))[0][0], runs(symbol.any(axis=1))[-1][1]
        left, right = runs(symbol.any(axis=0))[0][0], runs(symbol.any(axis=0))[-1][1]
        assert (left + 5, top + 18, right - left, bottom - top) == pytest.approx((7, 20, 9, 9), abs=0.05)
        clock = runs(symbol[round((top + 0.25) * dpi / 25.4)])
        assert [last - first for first, last in clock] == pytest.approx([0.5] * 9, abs=0.05)


def _near_marks(grey, marks, dpi):
    rows_mm = (np.arange(grey.shape[0]) + 0.5) * 25.4 / dpi
    last_mm = marks.first_mm + (len(marks.tokens) - 1) * marks.pitch_mm
    return (rows_mm > marks.first_mm - 2) & (rows_mm < last_mm + 2)


# --- the rest


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pages=st.lists(st.integers(1, 7), min_size=1, max_size=8),
    machine=st.sampled_from(MACHINES),
    plex=st.sampled_from(PLEXES),
)
def test_any_multiset_of_letters_comes_back_as_it_went_in(pages, machine, plex, tmp_path):
    pieces = slices_of(tmp_path, pages, plex)
    written = write_volume(machine, 42, pieces, str(tmp_path / "v.pdf"))
    facts = verified(tmp_path / "v.pdf", machine, plex, written, pieces)
    assert facts.faults == ()
    assert facts.sheets == sum(sheets_of(count, plex) for count in pages)


@every_machine
@every_plex
def test_decode_tells_each_sheet_as_the_machine_reads_it(machine, plex, volumes, letters):
    pdf, written = volumes[machine.id, plex]
    told = decode_pdf(str(pdf), machine)
    trailer = 1 if machine.feed.trailer_sheet else 0
    assert [sheet["page"] for sheet in told][: len(written.rows)] == [row.page for row in written.rows]
    assert len(told) == len(written.rows) + trailer
    for sheet, row in zip(told, written.rows, strict=False):
        assert (sheet["omr"], sheet["code"], sheet["faults"]) == (row.omr, row.code, [])
        if machine.marks.kind != "omr":
            says = sheet["says"]
            assert (says["batch"], says["piece"], says["sheet"], says["of"]) == (42, row.piece, row.sheet, row.of)


@every_machine
def test_the_test_sheet_shows_every_mark_to_the_reader(machine, tmp_path):
    write_testsheet(machine, str(tmp_path / "sheet.pdf"))
    write_testsheet(machine, str(tmp_path / "again.pdf"))
    assert (tmp_path / "sheet.pdf").read_bytes() == (tmp_path / "again.pdf").read_bytes()
    (page,) = read_volume(str(tmp_path / "sheet.pdf"), machine)
    assert set(page.faults) <= {"ink-in-clear-zone"}  # the zone's outline
    if machine.marks.kind != "datamatrix":
        assert page.omr == "1" * len(machine.marks.tokens)
    if machine.marks.kind != "omr":
        assert page.code.startswith("19999999")
    text = pypdfium2.PdfDocument(tmp_path / "sheet.pdf")[0].get_textpage().get_text_range()
    assert machine.id in text
    assert "Mit 100 % drucken" in text


def test_the_rulers_of_the_test_sheet_count_millimetres(tmp_path):
    """Measured on the rendered sheet: every tick of the inner scales, the tenth ones the longest."""
    write_testsheet(PITNEY, str(tmp_path / "sheet.pdf"))
    dpi = 1200
    document = pypdfium2.PdfDocument(tmp_path / "sheet.pdf")
    grey = omr_reader.flat(document[0].render(scale=dpi / 72, grayscale=True))
    document.close()

    def middles(line):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], (line < 160).astype(int), [0]))))
        return (edges.reshape(-1, 2).mean(axis=1) * 25.4 / dpi).tolist()

    def at(mm):
        return round(mm * dpi / 25.4)

    upright = [y for y in middles(grey[:, at(58.0 - 0.8)]) if 9.5 < y < 287.5 and abs(y - 240) > 0.4]
    assert upright == pytest.approx([y for y in range(10, 288) if y != 240], abs=0.05)
    level = [x for x in middles(grey[at(240.0 - 0.8)]) if 9.5 < x < 200.5 and abs(x - 58) > 0.4]
    assert level == pytest.approx([x for x in range(10, 201) if x != 58], abs=0.05)
    tens = [y for y in middles(grey[:, at(58.0 - 3.0)]) if 9.5 < y < 287.5]
    assert set(range(10, 290, 10)) - {240} <= {round(y) for y in tens}
