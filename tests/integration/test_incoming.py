"""From a scan file to an archive package, with the real recogniser, and judged by others' programs."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import bagit
import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.incoming import jpeg_file, png_file, tiff_file
from pipeline.adapters.incoming.archive_package import verify_package, write_package
from pipeline.adapters.incoming.archive_pdf import build_archive_pdf
from pipeline.adapters.incoming.checks import check_archive_pdf
from pipeline.adapters.incoming.recognition import recognise_pages
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.adapters.incoming.tesseract_probe import probe
from pipeline.adapters.incoming.transfer_note import PackageNote
from pipeline.domain.pages import SourceFacts
from pipeline.domain.recognised import ArchivePdfFacts, RecognisedPage
from tests.incoming_sheets import LINES, RULES, WORDS, bilevel, encoded, scan_pdf, sheet, skewed, speckled
from tests.needs import need
from tests.page_streams import coded_pictures
from tests.verapdf.judge import class_path, judge

pytestmark = pytest.mark.integration

need("tesseract")


@dataclass(frozen=True)
class Packed:
    """A source with everything that was made of it."""

    source: Path
    facts: SourceFacts
    pages: list[RecognisedPage]
    pdf: Path
    pdf_facts: ArchivePdfFacts
    work: Path


def _write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _tiff(path: Path, mode: str, compression: str, pages: int = 1, **options: object) -> Path:
    page = bilevel(sheet()) if mode == "1" else sheet().convert(mode)
    page.save(
        path, compression=compression, save_all=True, append_images=[page] * (pages - 1), dpi=(211, 211), **options
    )
    return path


def _cmyk(path: Path) -> Path:
    return _write(path, encoded(sheet().convert("CMYK"), "JPEG", quality=80, dpi=(211, 211)))


def _layered(path: Path) -> Path:
    image = sheet().convert("RGBA")
    image.putalpha(Image.eval(sheet(), lambda value: 255 if value < 128 else 40))
    return _write(path, encoded(image, "PNG", dpi=(211, 211)))


SOURCES: dict[str, Callable[[Path], Path]] = {
    "scan.pdf": lambda path: scan_pdf(path, encoded(sheet(), "JPEG"), encoded(sheet(LINES[2:7]), "JPEG")),
    "g4.tif": lambda path: _tiff(path, "1", "group4", 2),
    "g4-strips.tif": lambda path: _tiff(path, "1", "group4", tiffinfo={278: 64}),
    "g3.tif": lambda path: _tiff(path, "1", "group3"),
    "lzw.tif": lambda path: _tiff(path, "L", "tiff_lzw"),
    "jpeg.tif": lambda path: _tiff(path, "L", "jpeg"),
    "jpeg-rgb.tif": lambda path: _tiff(path, "RGB", "jpeg"),
    "packbits.tif": lambda path: _tiff(path, "1", "packbits"),
    "gray.jpg": lambda path: _write(path, encoded(sheet(), "JPEG", dpi=(211, 211))),
    "colour.jpg": lambda path: _write(path, encoded(sheet().convert("RGB"), "JPEG", dpi=(211, 211))),
    "cmyk.jpg": _cmyk,
    "gray.png": lambda path: _write(path, encoded(sheet(), "PNG", dpi=(211, 211))),
    "palette.png": lambda path: _write(path, encoded(sheet().quantize(16), "PNG", dpi=(211, 211))),
    "bilevel.png": lambda path: _write(path, encoded(bilevel(sheet()), "PNG", dpi=(211, 211))),
    "dithered.png": lambda path: _write(path, encoded(sheet().convert("1"), "PNG", dpi=(211, 211))),
    "layered.png": _layered,
    "no-resolution.png": lambda path: _write(path, encoded(sheet(), "PNG")),
    "upside-down.jpg": lambda path: _write(path, encoded(sheet().rotate(180), "JPEG", dpi=(211, 211))),
    "lying.png": lambda path: _write(path, encoded(sheet().rotate(90, expand=True), "PNG", dpi=(211, 211))),
    "skewed.png": lambda path: _write(path, encoded(skewed(sheet(), 2.5), "PNG", dpi=(211, 211))),
}


def _packed(source: Path, work: Path) -> Packed:
    facts = inspect_scan(str(source), RULES)
    pages = recognise_pages(str(source), facts, 1, facts.pages, str(work / "pages"), RULES)
    pdf = work / "document.pdf"
    pdf_facts = build_archive_pdf(str(source), facts, pages, str(pdf))
    return Packed(source, facts, pages, pdf, pdf_facts, work)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Packed]:
    """Every source of the table, taken the whole way once."""
    made = {}
    for name, make in SOURCES.items():
        folder = tmp_path_factory.mktemp("incoming")
        made[name] = _packed(make(folder / name), folder)
    return made


@pytest.mark.parametrize("name", SOURCES)
def test_words_are_recognised_and_proven_in_the_finished_file(packed: dict[str, Packed], name: str) -> None:
    item = packed[name]
    words = [word.text for line in item.pages[0].lines() for word in line.words]
    assert sum((Counter(words) & Counter(WORDS)).values()) >= 0.95 * len(WORDS)
    assert item.pages[0].trouble is None
    assert item.pages[0].mean_confidence > 80
    look_at = str(item.source) if item.facts.type == "pdf" else None
    assert check_archive_pdf(str(item.pdf), item.pages, item.pdf_facts, look_at) == []
    assert (item.pdf_facts.level, item.pdf_facts.reasons) == ("2b", ())


@pytest.mark.parametrize("name", SOURCES)
def test_pdftotext_finds_the_words_line_by_line(packed: dict[str, Packed], name: str) -> None:
    pdftotext = need("pdftotext")
    run = subprocess.run([pdftotext, "-f", "1", "-l", "1", packed[name].pdf, "-"], capture_output=True, check=True)
    found = run.stdout.decode("utf-8")
    assert sum((Counter(found.split()) & Counter(WORDS)).values()) >= 0.95 * len(WORDS)
    for sample in ("gemäß", "§", "Überzahlung", "148,37", "Großkopf"):
        assert sample in found


def test_verapdf_passes_every_file(packed: dict[str, Packed]) -> None:
    need("java")
    need("jaxb")
    class_path()
    verdicts = judge([item.pdf for item in packed.values()])
    assert {Path(verdict.file).parent.name: verdict.broken for verdict in verdicts if not verdict.passed} == {}


@pytest.mark.parametrize("name", ["scan.pdf", "g4-strips.tif", "upside-down.jpg", "layered.png"])
def test_the_same_source_and_words_make_the_same_bytes(packed: dict[str, Packed], name: str, tmp_path: Path) -> None:
    item = packed[name]
    again = tmp_path / "again.pdf"
    build_archive_pdf(str(item.source), item.facts, item.pages, str(again))
    assert again.read_bytes() == item.pdf.read_bytes()


def _streams(pdf: Path, page: int = 0) -> list[str]:
    with pikepdf.open(pdf) as document:
        return [_sha256(data) for data in coded_pictures(document.pages[page].obj)]


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _strips(source: Path) -> list[bytes]:
    data = source.read_bytes()
    return [data[at : at + size] for at, size in tiff_file.read_tiff(str(source))[0].strips]


def test_picture_streams_are_the_sources_own_bytes(packed: dict[str, Packed]) -> None:
    for name in ("gray.jpg", "colour.jpg", "cmyk.jpg", "upside-down.jpg"):
        assert _streams(packed[name].pdf) == [_sha256(packed[name].source.read_bytes())]
    for name in ("gray.png", "palette.png", "bilevel.png", "lying.png"):
        assert _streams(packed[name].pdf) == [_sha256(png_file.read_png(packed[name].source.read_bytes()).idat)]
    strips = {name: _strips(packed[name].source) for name in ("g4.tif", "g4-strips.tif", "g3.tif", "packbits.tif")}
    strips["packbits.tif"] = [b"".join(strips["packbits.tif"])]  # one picture, its strips one behind the other
    for name, pieces in strips.items():
        assert sorted(_streams(packed[name].pdf)) == sorted(map(_sha256, pieces))
    assert len(strips["g4-strips.tif"]) > 5
    for page in (0, 1):
        assert _streams(packed["scan.pdf"].pdf, page) == _streams(packed["scan.pdf"].source, page)


def test_what_had_to_be_packed_anew_is_told_and_loses_nothing(packed: dict[str, Packed]) -> None:
    for name in ("lzw.tif", "layered.png"):
        assert packed[name].pdf_facts.recoded != ()
    for name in ("gray.jpg", "g4.tif", "gray.png", "scan.pdf"):
        assert packed[name].pdf_facts.recoded == ()
    with pikepdf.open(packed["lzw.tif"].pdf) as pdf:
        image = pikepdf.PdfImage(next(iter(pdf.pages[0].Resources.XObject.values())))
        assert image.as_pil_image().tobytes() == sheet().tobytes()


@pytest.mark.parametrize("name", [name for name in SOURCES if name not in ("cmyk.jpg", "layered.png")])
def test_the_archived_page_looks_like_the_source(packed: dict[str, Packed], name: str) -> None:
    item = packed[name]
    document = pypdfium2.PdfDocument(item.pdf)
    page = document[0]
    page.set_rotation(0)
    drawn = page.render(scale=item.pages[0].width_px / page.get_size()[0], grayscale=True).to_pil()
    document.close()
    if item.facts.type == "pdf":
        wanted = sheet()
    else:
        with Image.open(item.source) as image:
            wanted = image.convert("L")
    small = (wanted.width // 4, wanted.height // 4)
    old, new = (np.asarray(i.resize(small, Image.Resampling.BOX)).astype(int) for i in (wanted, drawn))
    assert float((np.abs(old - new) > 64).mean()) < 0.005


def test_pages_stand_upright_however_they_were_fed(packed: dict[str, Packed]) -> None:
    assert packed["upside-down.jpg"].pages[0].rotation == 180
    assert packed["lying.png"].pages[0].rotation == 90
    assert packed["gray.png"].pages[0].rotation == 0
    for name in ("upside-down.jpg", "lying.png"):
        with pikepdf.open(packed[name].pdf) as pdf:
            assert pdf.pages[0].obj.Rotate == packed[name].pages[0].rotation


def test_skew_is_measured_and_boxes_lie_on_the_untouched_picture(packed: dict[str, Packed]) -> None:
    page = packed["skewed.png"].pages[0]
    assert abs(page.skew_degrees - 2.5) < 0.3
    dark = np.asarray(skewed(sheet(), 2.5)) < 128
    covered = np.zeros_like(dark)
    for line in page.lines():
        for word in line.words:
            box = word.box
            covered[box.top - 3 : box.bottom + 3, box.left - 3 : box.right + 3] = True
            assert dark[box.top : box.bottom, box.left : box.right].any()
    assert (dark & covered).sum() > 0.98 * dark.sum()


def test_the_text_layer_lies_where_the_boxes_are(packed: dict[str, Packed]) -> None:
    for name in ("gray.png", "lying.png", "upside-down.jpg", "skewed.png", "scan.pdf"):
        item = packed[name]
        page = item.pages[0]
        document = pypdfium2.PdfDocument(item.pdf)
        shown = document[0]
        shown.set_rotation(0)
        text = shown.get_textpage()
        width, height = shown.get_size()
        for word in (word for line in page.lines() for word in line.words if len(word.text) > 6):
            middle_x = (word.box.left + word.box.right) / 2 * width / page.width_px
            middle_y = height - (word.box.top + word.box.bottom) / 2 * height / page.height_px
            index = text.get_index(middle_x, middle_y, 2, 2)
            assert index is not None, (name, word)
            assert text.get_text_range(index, 1) in word.text, (name, word)
        document.close()


def test_a_resolution_that_nobody_told_is_assumed_with_a_remark(packed: dict[str, Packed]) -> None:
    assert any("assumed" in remark for remark in packed["no-resolution.png"].pdf_facts.remarks)
    with pikepdf.open(packed["no-resolution.png"].pdf) as pdf:
        box = [float(value) for value in pdf.pages[0].mediabox]
    assert box[2] == pytest.approx(841.89, abs=5)
    with pikepdf.open(packed["gray.png"].pdf) as pdf:
        assert float(pdf.pages[0].mediabox[2]) == pytest.approx(1748 / 211 * 72, abs=0.1)


def test_exif_orientation_is_the_turn_of_the_page(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    source = _write(tmp_path / "phone.jpg", encoded(sheet().rotate(90, expand=True), "JPEG", exif=exif, dpi=(211, 211)))
    assert jpeg_file.read_jpeg(source.read_bytes()).orientation == 6
    item = _packed(source, tmp_path)
    assert item.pages[0].rotation == 90
    empty = _write(tmp_path / "blank.jpg", encoded(Image.new("L", (900, 1200), 250), "JPEG", exif=exif, dpi=(150, 150)))
    page = _packed(empty, tmp_path).pages[0]
    assert (page.rotation, page.words, page.trouble) == (90, 0, None)


def test_a_page_with_ink_and_no_text_needs_a_person(tmp_path: Path) -> None:
    source = _write(tmp_path / "photo.png", encoded(speckled(), "PNG", dpi=(150, 150)))
    page = _packed(source, tmp_path).pages[0]
    assert (page.words == 0 and page.trouble == "inked-without-text") or page.mean_confidence < 60


def test_low_confidence_is_told(tmp_path: Path) -> None:
    source = _write(tmp_path / "page.png", encoded(sheet(LINES[:2]), "PNG", dpi=(211, 211)))
    facts = inspect_scan(str(source), RULES)
    strict = dataclasses.replace(RULES, review_below_confidence=99.9)
    page = recognise_pages(str(source), facts, 1, 1, str(tmp_path / "pages"), strict)[0]
    assert page.trouble == "low-confidence"


def test_a_slice_is_recognised_and_built_by_itself(packed: dict[str, Packed], tmp_path: Path) -> None:
    item = packed["scan.pdf"]
    seen: list[int] = []
    pages = recognise_pages(str(item.source), item.facts, 2, 2, str(tmp_path / "pages"), RULES, seen.append)
    assert (seen, [page.page for page in pages]) == ([2], [2])
    assert [file.name for file in sorted((tmp_path / "pages").iterdir())] == ["page-00002.json"]
    facts = build_archive_pdf(str(item.source), item.facts, pages, str(tmp_path / "slice.pdf"))
    assert check_archive_pdf(str(tmp_path / "slice.pdf"), pages, facts, str(item.source)) == []


def test_a_program_made_page_keeps_its_own_text(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "letter.pdf"), pagesize=(595, 842), invariant=1)
    for number, line in enumerate(LINES):
        canvas.drawString(72, 700 - 20 * number, line)
    canvas.save()
    item = _packed(tmp_path / "letter.pdf", tmp_path)
    page = item.pages[0]
    assert page.own_text
    assert [word.text for line in page.lines() for word in line.words] == list(WORDS)
    assert check_archive_pdf(str(item.pdf), item.pages, item.pdf_facts, str(item.source)) == []
    assert item.pdf_facts.level is None  # its font is not embedded
    assert item.pdf_facts.reasons


def test_a_foreign_text_layer_is_replaced(packed: dict[str, Packed], tmp_path: Path) -> None:
    """A searchable PDF comes back: its invisible words go, ours come, the picture stays."""
    item = _packed(Path(shutil.copy(packed["scan.pdf"].pdf, tmp_path / "again.pdf")), tmp_path)
    assert item.facts.remarks == ("has-text",)
    assert any("text layer replaced" in remark for remark in item.pdf_facts.remarks)
    assert check_archive_pdf(str(item.pdf), item.pages, item.pdf_facts, str(item.source)) == []
    document = pypdfium2.PdfDocument(item.pdf)
    assert document[0].get_textpage().get_text_range().count("Großkopf") == 1
    document.close()


def test_the_check_finds_what_is_wrong(packed: dict[str, Packed], tmp_path: Path) -> None:
    item, broken = packed["scan.pdf"], str(tmp_path / "broken.pdf")
    with pikepdf.open(item.pdf) as pdf:
        del pdf.pages[1]
        pdf.save(broken)
    assert "1 Seiten" in check_archive_pdf(broken, item.pages)[0].sentence
    with pikepdf.open(item.pdf) as pdf:
        for page in pdf.pages:
            page.obj.Contents = pdf.make_stream(b"")
        pdf.save(broken)
    assert [(finding.kind, finding.page) for finding in check_archive_pdf(broken, item.pages)] == [
        ("text", 1),
        ("text", 2),
    ]
    with pikepdf.open(item.pdf) as pdf:
        picture = next(iter(pdf.pages[0].Resources.XObject.values()))
        picture.write(encoded(speckled(1748, 1240), "JPEG"), filter=pikepdf.Name.DCTDecode)
        pdf.save(broken)
    findings = check_archive_pdf(broken, item.pages, item.pdf_facts, str(item.source))
    assert [(finding.kind, finding.page) for finding in findings] == [("pictures", 1), ("look", 1)]
    assert all(finding.sentence.startswith("Seite 1") for finding in findings)


def _note(item: Packed) -> PackageNote:
    data = item.source.read_bytes()
    return PackageNote(
        id="i0000001-d0001",
        municipality="grabow",
        municipality_name="Stadt Grabow",
        profile="post",
        profile_title="Posteingang",
        intake="i0000001",
        source_file=item.source.name,
        source_sha256=hashlib.sha256(data).hexdigest(),
        source_bytes=len(data),
        source_pages=item.facts.pages,
        received_at="2026-03-02T07:00:00+01:00",
        created_at="2026-03-02T07:05:00+01:00",
        engine=probe("deu"),
        software={"poststrasse": "0.1.0"},
        fields={"reference": "12.3-45"},
        review={2: "angenommen: Unterschrift ohne Text"},
    )


def test_the_package_is_a_valid_bag_with_all_that_the_contract_asks_for(
    packed: dict[str, Packed], tmp_path: Path
) -> None:
    item = packed["scan.pdf"]
    target = tmp_path / "bag"
    facts = write_package(target, _note(item), item.pages, item.pdf_facts, item.pdf)
    bag = bagit.Bag(str(target))
    assert bag.validate()
    assert bag.version_info == (1, 0)
    assert verify_package(target) == []
    document = json.loads((target / "data/document.json").read_text("utf-8"))
    wanted = {"id", "municipality", "profile", "intake", "source", "received_at", "created_at", "fields", "pages"}
    wanted |= {"dropped", "engine", "pdfa", "mean_confidence", "sha256"}
    assert wanted <= set(document)
    assert {"page", "source_page", "width_px", "height_px", "dpi", "rotation", "skew_degrees", "words"} | {
        "mean_confidence",
        "passes",
        "review",
    } <= set(document["pages"][0])
    assert document["pdfa"]["level"] == "2b"
    assert document["sha256"] == dict(facts.sha256)
    assert document["pages"][1]["review"] == "angenommen: Unterschrift ohne Text"
    assert len(document["engine"]["model_sha256"]) == 64
    text = (target / "data/document.txt").read_text("utf-8")
    assert text.count("\f") == 2
    assert "Überzahlung von 148,37 Euro" in text
    again = tmp_path / "again"
    write_package(again, _note(item), item.pages, item.pdf_facts, item.pdf)
    for file in (path for path in target.rglob("*") if path.is_file()):
        assert (again / file.relative_to(target)).read_bytes() == file.read_bytes()
    with pytest.raises(FileExistsError):
        write_package(again, _note(item), item.pages, item.pdf_facts, item.pdf)


def test_alto_says_the_same_as_the_pages(packed: dict[str, Packed], tmp_path: Path) -> None:
    item = packed["scan.pdf"]
    write_package(tmp_path / "bag", _note(item), item.pages, item.pdf_facts, item.pdf)
    root = ElementTree.parse(tmp_path / "bag/data/document.alto.xml").getroot()
    space = {"a": "http://www.loc.gov/standards/alto/ns-v4#"}
    assert root.findtext("a:Description/a:MeasurementUnit", namespaces=space) == "pixel"
    pages = root.findall("a:Layout/a:Page", space)
    assert len(pages) == len(item.pages) == 2
    for element, page in zip(pages, item.pages, strict=True):
        strings = element.findall(".//a:String", space)
        words = [word for line in page.lines() for word in line.words]
        assert [string.get("CONTENT") for string in strings] == [word.text for word in words]
        for string, word in zip(strings, words, strict=True):
            box = word.box
            told = [int(string.get(key, "")) for key in ("HPOS", "VPOS", "WIDTH", "HEIGHT")]
            assert told == [box.left, box.top, box.width, box.height]
            assert 0 <= float(string.get("WC", "")) <= 1
    identities = [element.get("ID") for element in root.iter() if element.get("ID")]
    assert len(identities) == len(set(identities))


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


TAMPERINGS: dict[str, Callable[[Path], object]] = {
    "a changed byte": lambda bag: _flip(bag / "data/document.pdf"),
    "a changed text": lambda bag: (bag / "data/document.txt").write_text("anders\f\f", "utf-8"),
    "a missing file": lambda bag: (bag / "data/transfer-note.json").unlink(),
    "a file too many": lambda bag: (bag / "data/extra.txt").write_text("x", "utf-8"),
    "a file beside": lambda bag: (bag / "fetch.txt").write_text("x", "utf-8"),
    "a changed manifest": lambda bag: _flip(bag / "manifest-sha256.txt"),
    "a changed bag-info": lambda bag: (bag / "bag-info.txt").write_text("Payload-Oxum: 1.5\n", "utf-8"),
    "no declaration": lambda bag: (bag / "bagit.txt").write_text("BagIt-Version: 0.9\n", "utf-8"),
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_a_package_that_was_changed_is_found(packed: dict[str, Packed], tmp_path: Path, tampering: str) -> None:
    item = packed["gray.jpg"]
    bag = tmp_path / "bag"
    write_package(bag, dataclasses.replace(_note(item), review={}), item.pages, item.pdf_facts, item.pdf)
    assert verify_package(bag) == []
    TAMPERINGS[tampering](bag)
    assert verify_package(bag) != []
