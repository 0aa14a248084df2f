"""Every refusal: drop the file through the command, read REASON.txt and reason.json as a clerk and a program would."""

from __future__ import annotations

import io
import json
import os
import shutil
import zlib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from pipeline.domain.refusals import REFUSALS
from samples.sets import write_set
from tests.acceptance.driver import REPOSITORY, Place
from tests.drawn_addresses import scanned
from tests.letter_sheets import LAYOUTS, draw_address, stack
from tests.letter_sheets import letter as plain_letter
from tests.passenger_files import PASSENGERS, with_passenger

pytestmark = pytest.mark.acceptance

TENTHS = [0.02, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97, 0.999]


def letter(
    pages: int = 1, address: bool = True, mark: bool = False, size: tuple[float, float] = (595.3, 841.9)
) -> bytes:
    made = io.BytesIO()
    canvas = Canvas(made, pagesize=size, invariant=1)
    for page in range(1, pages + 1):
        if address and page == 1:
            for n, line in enumerate(("Erika Muster", "Lange Straße 3", "19370 Parchim")):
                canvas.drawString(72, 841.9 - 190 - 12 * n, line)
        if mark:
            canvas.rect(20, 841.9 - 500, 30, 440, fill=1)
        canvas.drawString(72, 400, f"Seite {page}")
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def picture(kind: str, width: int = 900, height: int = 1200, **options: Any) -> bytes:
    made = io.BytesIO()
    noise = Image.effect_noise((width, height), 60)
    (noise.convert("1") if options.get("compression") == "group4" else noise).save(
        made, kind, dpi=(100, 100), **options
    )
    return made.getvalue()


def blank_page() -> bytes:
    made = io.BytesIO()
    Image.new("L", (1240, 1754), 250).save(made, "PNG", dpi=(150, 150))
    return made.getvalue()


def scan_pdf() -> bytes:
    pdf = pikepdf.new()
    data = picture("JPEG")
    image = pikepdf.Stream(pdf, data)
    image.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": 900, "/Height": 1200})
    image.update({"/ColorSpace": pikepdf.Name.DeviceGray, "/BitsPerComponent": 8, "/Filter": pikepdf.Name.DCTDecode})
    page = pdf.add_blank_page(page_size=(595.3, 841.9))
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=pdf.make_indirect(image)))
    page.obj.Contents = pdf.make_stream(b"q 595.3 0 0 841.9 0 0 cm /Im Do Q")
    made = io.BytesIO()
    pdf.save(made, deterministic_id=True)
    return made.getvalue()


def many_pages(count: int) -> bytes:
    pdf = pikepdf.new()
    for _ in range(count):
        pdf.add_blank_page(page_size=(595.3, 841.9))
    made = io.BytesIO()
    pdf.save(made, deterministic_id=True)
    return made.getvalue()


def no_pages() -> bytes:
    return many_pages(0)


def huge_page() -> bytes:
    """A page picture of 35,000 by 35,000 px in a few hundred bytes."""
    pdf = pikepdf.new()
    image = pikepdf.Stream(pdf, zlib.compress(b"\0" * 1000))
    image.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": 35000, "/Height": 35000})
    image.update({"/ColorSpace": pikepdf.Name.DeviceGray, "/BitsPerComponent": 1, "/Filter": pikepdf.Name.FlateDecode})
    page = pdf.add_blank_page(page_size=(595.3, 841.9))
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=pdf.make_indirect(image)))
    page.obj.Contents = pdf.make_stream(b"q 595.3 0 0 841.9 0 0 cm /Im Do Q")
    made = io.BytesIO()
    pdf.save(made, deterministic_id=True)
    return made.getvalue()


def huge_png() -> bytes:
    made = io.BytesIO()
    Image.new("1", (35000, 35000), 1).save(made, "PNG")
    return made.getvalue()


def nested_bomb() -> bytes:
    """A content stream that unpacks in three stages to 600 MB."""
    blank = zlib.compressobj(9)
    packed = b"".join(blank.compress(b" " * 10_000_000) for _ in range(60)) + blank.flush()
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595.3, 841.9))
    flate = pikepdf.Name.FlateDecode
    page.obj.Contents = pikepdf.Stream(pdf, zlib.compress(zlib.compress(packed)), Filter=pikepdf.Array([flate] * 3))
    made = io.BytesIO()
    pdf.save(made, deterministic_id=True, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return made.getvalue()


def signed_by_nobody_but_locked() -> bytes:
    """Opens without a password, yet is encrypted: an owner's password only."""
    pdf = pikepdf.open(io.BytesIO(letter()))
    made = io.BytesIO()
    pdf.save(made, encryption=pikepdf.Encryption(owner="x", user="", R=4))
    return made.getvalue()


def symbol_coded() -> bytes:
    """A page picture whose JBIG2 stream has a symbol dictionary segment (type 0, ITU-T T.88 7.3.1)."""
    page_info = bytes.fromhex("00000000 30 00 01 00000013 00000010 00000010 00000000 00000000 00 0000".replace(" ", ""))
    dictionary = bytes.fromhex("00000001 00 00 01 00000004 00000000".replace(" ", ""))
    pdf = pikepdf.new()
    image = pikepdf.Stream(pdf, page_info + dictionary)
    image.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": 16, "/Height": 16})
    image.update({"/ColorSpace": pikepdf.Name.DeviceGray, "/BitsPerComponent": 1, "/Filter": pikepdf.Name.JBIG2Decode})
    page = pdf.add_blank_page(page_size=(595.3, 841.9))
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=pdf.make_indirect(image)))
    page.obj.Contents = pdf.make_stream(b"q 595.3 0 0 841.9 0 0 cm /Im Do Q")
    made = io.BytesIO()
    pdf.save(made, deterministic_id=True)
    return made.getvalue()


def with_a_value_too_long() -> bytes:
    """A letter with a field that asks viewers to draw a value for which it has no room."""
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(letter())) as pdf:
        field = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, F=4)
        field.T, field.V, field.DA = (pikepdf.String(text) for text in ("a", "viel zu lang " * 9, "/Helv 12 Tf 0 g"))
        field.Rect = pikepdf.Array([300, 300, 380, 320])
        pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(field)])
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pdf.pages[0].Annots, NeedAppearances=True)
        pdf.save(made, deterministic_id=True)
    return made.getvalue()


def with_a_highlight_left_to_viewers() -> bytes:
    """A letter with a highlight of which the file has no picture."""
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(letter())) as pdf:
        note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Highlight, F=4)
        note.Rect, note.C = pikepdf.Array([300, 300, 380, 320]), pikepdf.Array([1, 1, 0])
        note.QuadPoints = pikepdf.Array([300, 320, 380, 320, 300, 300, 380, 300])
        pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(note)])
        pdf.save(made, deterministic_id=True)
    return made.getvalue()


def without_its_font() -> bytes:
    """A letter in a font that it only names, and that is installed nowhere."""
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(letter())) as pdf:
        for font in pdf.pages[0].Resources.Font.as_dict().values():
            font.BaseFont = pikepdf.Name("/Amtsantiqua")
        pdf.save(made, deterministic_id=True)
    return made.getvalue()


@cache
def cases() -> tuple[tuple[str, str, bytes, str], ...]:
    """Job, file name, content, expected code."""
    return tuple(_cases())


def _cases() -> Iterator[tuple[str, str, bytes, str]]:
    whole = {
        "pdf": scan_pdf(),
        "tif": picture("TIFF", compression="group4"),
        "jpg": picture("JPEG"),
        "png": picture("PNG"),
    }
    for ending, data in whole.items():
        code = "pdf-damaged" if ending == "pdf" else "image-damaged"
        for n, tenth in enumerate(TENTHS):
            yield "post", f"gekappt {n}.{ending}", data[: int(len(data) * tenth)], code
    stream = letter(3)
    for n, tenth in enumerate(TENTHS):
        yield "letters", f"gekappt {n}.pdf", stream[: int(len(stream) * tenth)], "pdf-damaged"
    for job in ("post", "letters"):
        yield job, "leer.pdf", b"", "empty-file"
        yield job, "text.pdf", b"Guten Tag, dies ist kein Dokument.\n" * 20, "not-a-document"
        yield job, "archiv.pdf", b"PK\x03\x04" + bytes(500), "not-a-document"
        yield job, "nur-eigner.pdf", signed_by_nobody_but_locked(), "pdf-encrypted"
        yield job, "riese.pdf", huge_page(), "page-too-large"
        yield job, "bombe.pdf", nested_bomb(), "content-bomb"
        yield job, "ohne-seiten.pdf", no_pages(), "no-pages"
        yield job, "zu-viele.pdf", many_pages(31), "too-many-pages"
        yield job, "zu-gross.pdf", letter() + b"%" + os.urandom(8_500_000), "file-too-large"
    yield "post", "riese.png", huge_png(), "page-too-large"
    yield "post", "leere-seite.png", blank_page(), "only-separators"
    yield "invoices", "jbig2.pdf", symbol_coded(), "symbol-coded"
    yield "letters", "bild.pdf", picture("PNG"), "not-a-document"
    yield "letters", "ohne-anschrift.pdf", letter(address=False), "address-not-found"
    yield from _bad_windows()
    yield "letters", "rand.pdf", letter(mark=True), "mark-zone-occupied"
    yield "letters", "a5.pdf", letter(size=(419.5, 595.3)), "page-size"
    yield "letters", "schrift.pdf", without_its_font(), "font-not-embedded"
    yield "letters", "feld.pdf", with_a_value_too_long(), "field-not-shown"
    yield "letters", "markiert.pdf", with_a_highlight_left_to_viewers(), "comment-not-shown"
    yield "letters", "dick.pdf", letter(29), "no-envelope-fits"
    yield "tax-notices", "ungerade.pdf", letter(3), "letter-count"
    yield "tax-notices", "ohne.pdf", letter(4, address=False), "whole-file-returned"
    yield "brieftauben", "brief.pdf", letter(), "unknown-profile"
    for name, (_, _, code, _) in PASSENGERS.items():
        yield "reminders", f"{name}.pdf", with_passenger(letter(), name), code


def _bad_windows() -> Iterator[tuple[str, str, bytes, str]]:
    """Letters whose windows can't go, each for a reason of its own."""
    person, form = ["Erika Muster", "Lange Straße 3", "19370 Parchim"], LAYOUTS["B"]
    small = replace(form, address_size=8.0, leading_mm=3.6)
    pages: dict[str, tuple[bytes, str]] = {
        "ohne-ort.pdf": (plain_letter(person[:2], form), "address-incomplete"),
        "sieben-zeilen.pdf": (plain_letter([*"Haus", *person], small), "address-too-many-lines"),
        "falsche-plz.pdf": (plain_letter([*person[:2], "00123 Parchim"], form), "postcode-unknown"),
        "verwischt.pdf": (stack([lambda canvas: scanned(canvas, person, 60, 1.6)]), "address-unreadable"),
        "zwei.pdf": (stack([_two_addresses]), "address-ambiguous"),
        "zu-tief.pdf": (plain_letter(person, replace(form, address_top_mm=84, body_mm=120)), "address-outside-window"),
        "einschreiben.pdf": (plain_letter(person, replace(form, endorsements=("Einschreiben",))), "special-delivery"),
        "betreff.pdf": (plain_letter(person, replace(form, body_mm=96.0)), "window-occupied"),
    }
    for name, (data, code) in pages.items():
        yield "letters", name, data, code


def _two_addresses(canvas: Canvas) -> None:
    draw_address(canvas, ["Erika Muster", "Weg 3", "19370 Parchim"], replace(LAYOUTS["B"], sender=""))
    draw_address(canvas, ["Max Beispiel", "19053 Schwerin"], replace(LAYOUTS["A"], sender=""))


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], dict[str, Any]]:
    """Everything that was rejected in one run over all bad files, by job and file name."""
    base = tmp_path_factory.mktemp("refusals")
    place = Place(base / "root")
    profiles = base / "profiles"
    shutil.copytree(REPOSITORY / "profiles", profiles)
    for job, section in (("post", "incoming"), ("letters", "outgoing")):
        text = (profiles / "jobs" / f"{job}.toml").read_text()
        lines = [line for line in text.splitlines() if not line.startswith(("max_pages", "max_file_mb"))]
        place_of = lines.index(f"[{section}]") + 1
        lines[place_of:place_of] = ["max_pages = 30", "max_file_mb = 8"]
        (profiles / "jobs" / f"{job}.toml").write_text("\n".join([*lines, ""]))
    with (profiles / "jobs" / "reminders.toml").open("a") as strict:
        rules = sorted({rule for _, rule, _, _ in PASSENGERS.values()})
        strict.write("\n[outgoing.cleaning]\n" + "".join(f'{rule} = "refuse"\n' for rule in rules))
    envelopes = (profiles / "envelopes.toml").read_text()
    (profiles / "envelopes.toml").write_text(_lower(envelopes))
    for job, name, content, _ in cases():
        place.drop("schwerin", job, name, content)
    place.drop("atlantis", "post", "brief.pdf", letter())
    place.drop("schwerin", "letters", "zettel.pdf", letter())
    place.drop("schwerin", "letters", "zettel.pdf.ticket.toml", b'referenz = "1"\n')
    (place.root / "inbox" / "schwerin" / "post" / "verknuepft.pdf").symlink_to("/etc/hostname")
    os.mkfifo(place.root / "inbox" / "schwerin" / "post" / "rohr.pdf")
    write_set("faults", 1, place.root)
    done = place.call("--profiles", str(profiles), "run", "--once", "--assemble")
    assert done.returncode == 0, done.stderr
    found = {}
    for path in place.root.glob("outbox/*/re*ed/*/reason.json"):  # rejected, and returned in part
        told = json.loads(path.read_text())
        told["folder"] = path.parent
        found[(told["profile"], told["file"])] = told
    return found


def _lower(envelopes: str) -> str:
    """The flat envelope holds 28 sheets at most, so that a letter of 29 pages fits nowhere."""
    lines = envelopes.splitlines()
    out, flat = [], False
    for line in lines:
        if line.startswith("id"):
            flat = "c4" in line
        out.append("max_sheets = 28" if flat and line.startswith("max_sheets") else line)
    return "\n".join(out) + "\n"


CASES = [(job, name, code) for job, name, _, code in cases()]
CASES += [
    ("post", "brief.pdf", "unknown-municipality"),
    ("letters", "zettel.pdf", "ticket-invalid"),
    ("post", "verknuepft.pdf", "not-a-regular-file"),
    ("post", "rohr.pdf", "not-a-regular-file"),
]


@pytest.mark.parametrize(("job", "name", "code"), CASES, ids=[f"{job}-{name}" for job, name, _ in CASES])
def test_a_bad_file_goes_back_and_says_why(
    refused: dict[tuple[str, str], dict[str, Any]], job: str, name: str, code: str
) -> None:
    told = refused[(job, name)]
    assert told["code"] == code, told["detail"]
    assert told["title"] == REFUSALS[code].title
    assert told["remedy"] and told["detail"]
    note = (told["folder"] / "REASON.txt").read_text(encoding="utf-8")
    assert REFUSALS[code].title in " ".join(note.split())
    assert code in note
    if code != "not-a-regular-file":
        assert (told["folder"] / name).is_file(), "the file goes back as it came"


def test_the_samples_of_faults_are_refused_as_their_truth_says(
    refused: dict[tuple[str, str], dict[str, Any]], tmp_path: Path
) -> None:
    truth = write_set("faults", 1, tmp_path)
    for file in truth["files"]:  # type: ignore[attr-defined]
        assert refused[(file["job"], file["file"])]["code"] == file["code"], file["file"]


def test_every_code_is_shown_here_or_elsewhere() -> None:
    """A code without a test is a promise that nobody keeps. Those not shown here have tests of their own."""
    streams = {"split-doubt", "index-invalid", "count-mismatch", "control-line-stays", "page-count-doubt"}
    here = {code for _, _, code in CASES}
    elsewhere = {"processing-failed", "no-product-fits", "letters-returned", "returned-by-operator"}
    elsewhere |= {"mark-reverse-occupied"}
    elsewhere |= {"document-returned", "pulled-by-operator"} | streams
    assert here | elsewhere == set(REFUSALS)
    assert here & elsewhere == set()
