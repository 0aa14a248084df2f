"""The samples are what their truth says: same bytes for a seed, addresses in the window, a free left margin."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image

from pipeline.domain.address import PostalAddress, parse_address
from pipeline.domain.refusals import REFUSALS
from samples import faults, paper, people, stamps
from samples.coding import CODINGS, Shot, encode, is_bilevel
from samples.letters import lay_out, write_pdf
from samples.made import LetterOrder, ScanOrder
from samples.rare_codings import FAX_DPI, RARE_CODINGS, encode_rare, fax_rows
from samples.sets import REMINDING, SETS, STREAMING, StackOrder, write_set
from samples.stacks import big_stack
from samples.texts import OUTGOING
from samples.writing import notice

pytestmark = pytest.mark.unit

_MM = 72 / 25.4
_ROOT = Path(__file__).parents[2]
_TURNED = {"rotate-90", "rotate-180", "rotate-270", "off-origin", "crop-box", "user-unit", "a5"}


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    roots = {name: tmp_path_factory.mktemp(name) for name in ("tiny", "small", "faults")}
    for name, root in roots.items():
        write_set(name, 1, root)
    return roots


def _truth(root: Path) -> dict[str, Any]:
    return json.loads((root / "truth.json").read_text(encoding="utf-8"))


def _files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def _outgoing(sets: dict[str, Path]) -> Iterator[tuple[dict[str, Any], Path]]:
    for root in sets.values():
        for entry in _truth(root)["files"]:
            if entry["letters"]:
                yield entry, root / "inbox" / entry["municipality"] / entry["job"] / entry["file"]


def test_same_seed_same_bytes(sets: dict[str, Path], tmp_path: Path) -> None:
    write_set("tiny", 1, tmp_path / "again")
    assert _files(tmp_path / "again") == _files(sets["tiny"])


def test_another_seed_gives_other_letters(sets: dict[str, Path], tmp_path: Path) -> None:
    write_set("tiny", 2, tmp_path)
    mine, theirs = _files(tmp_path), _files(sets["tiny"])
    assert mine.keys() == theirs.keys()
    assert all(mine[name] != theirs[name] for name in mine)


@pytest.mark.parametrize("name", ["tiny", "small", "faults"])
def test_truth_names_every_file_and_nothing_else(sets: dict[str, Path], name: str) -> None:
    root = sets[name]
    entries = _truth(root)["files"]
    paths = {f"inbox/{e['municipality']}/{e['job']}/{e['file']}": e for e in entries}
    tickets = {f"{path}.ticket.toml" for path, entry in paths.items() if entry["ticket"]}
    files = _files(root)
    indexes = {f"{path}.index.csv" for path, entry in paths.items() if entry["index"]}
    assert set(files) == set(paths) | tickets | indexes | {"truth.json"}
    for path, entry in paths.items():
        assert entry["sha256"] == hashlib.sha256(files[path]).hexdigest()
        assert entry["bytes"] == len(files[path])


@pytest.mark.parametrize("name", ["tiny", "small", "faults"])
def test_truth_speaks_of_known_folders_and_codes(sets: dict[str, Path], name: str) -> None:
    for entry in _truth(sets[name])["files"]:
        assert entry["municipality"] in people.OFFICES
        assert entry["outcome"] in ("archived", "batched", "rejected")
        assert (entry["outcome"] == "rejected") <= (entry["code"] in REFUSALS)
        assert entry["code"] == "" or entry["code"] in REFUSALS
        for letter in entry["letters"]:
            assert letter["expected"] == "batched" or letter["expected"] in REFUSALS


def test_letters_cover_their_file_page_for_page(sets: dict[str, Path]) -> None:
    for entry, path in _outgoing(sets):
        with pikepdf.open(path) as pdf:
            assert len(pdf.pages) == entry["pages"]
        covered = [n for letter in entry["letters"] for n in range(letter["first_page"], letter["last_page"] + 1)]
        assert covered == list(range(1, entry["pages"] + 1))
        for letter in entry["letters"]:
            pages = letter["last_page"] - letter["first_page"] + 1
            assert (letter["sheets_simplex"], letter["sheets_duplex"]) == (pages, (pages + 1) // 2)


def test_addresses_stand_in_the_zone_of_their_form(sets: dict[str, Path]) -> None:
    seen = 0
    for entry, path in _outgoing(sets):
        if _TURNED & set(entry["traits"]):
            continue
        document = pypdfium2.PdfDocument(path)
        for letter in entry["letters"]:
            top = {"A": 27.0, "B": 45.0}[letter["form"]] + 17.7
            text = document[letter["first_page"] - 1].get_textpage()
            height = document[letter["first_page"] - 1].get_height()
            box = (20 * _MM, height - (top + 27.3) * _MM, 105 * _MM, height - top * _MM)
            lines = [line.strip() for line in text.get_text_bounded(*box).splitlines() if line.strip()]
            assert lines == letter["address"], path
            for index in range(text.count_chars() if lines else 0):
                left, bottom, right, upper = text.get_charbox(index)
                if left < 105 * _MM and box[1] < (bottom + upper) / 2 < box[3]:
                    assert left >= 23 * _MM and right <= 88 * _MM and bottom >= height - (top + 24.3) * _MM
            seen += bool(lines)
        document.close()
    assert seen > 15


def test_addresses_that_are_to_be_batched_can_be_read(sets: dict[str, Path]) -> None:
    for entry, _ in _outgoing(sets):
        for letter in entry["letters"]:
            read = parse_address(letter["address"])
            if letter["expected"] in ("address-not-found", "address-incomplete"):
                assert not isinstance(read, PostalAddress)
            else:
                assert isinstance(read, PostalAddress)
                found = (read.postcode, read.town, read.country)
                assert found == (letter["postcode"], letter["town"], letter["country"])


def test_every_foreign_addressee_can_be_read() -> None:
    for number in range(7):
        to = people.abroad(number)
        read = parse_address(to.lines)
        assert isinstance(read, PostalAddress)
        assert (read.postcode, read.town, read.country) == (to.postcode, to.town, to.country)


def _left_strip(page: pypdfium2.PdfPage, dpi: int = 100) -> np.ndarray:
    """The strip between 4 and 22 mm from the left edge."""
    picture = page.render(scale=dpi / 72, grayscale=True).to_numpy()
    return picture[:, round(4 / 25.4 * dpi) : round(22 / 25.4 * dpi)]


def test_the_left_margin_is_free_unless_the_truth_says_so(sets: dict[str, Path]) -> None:
    for entry, path in _outgoing(sets):
        if "a5" in entry["traits"]:
            continue
        document = pypdfium2.PdfDocument(path)
        for letter in entry["letters"]:
            for number in range(letter["first_page"], letter["last_page"] + 1):
                strip = _left_strip(document[number - 1])
                if letter["expected"] == "mark-zone-occupied":
                    zones = [
                        strip[round(top / 25.4 * 100) : round(low / 25.4 * 100)] for top, low in ((20, 40), (150, 188))
                    ]
                    assert all((zone < 128).mean() > 0.1 for zone in zones), path
                else:
                    assert strip.min() > 250, (path, number)
        document.close()


def test_harmless_oddities_display_as_before() -> None:
    letter = notice(random.Random(4), people.OFFICES["luebz"], OUTGOING[0], "B", None, 1)
    plain = write_pdf(lay_out(letter))
    (wanted,) = paper.printed(plain, 60)
    odd = [faults.turned(plain, degrees) for degrees in (90, 180, 270)]
    odd += [faults.shifted(plain, -37.0, 21.5), faults.shifted(plain, 12.0, 9.0, 8.0)]
    for data in odd:
        (got,) = paper.printed(data, 60)
        assert got.shape == wanted.shape
        assert np.abs(got.astype(int) - wanted.astype(int)).mean() < 3.0


def _sheet_with_a_bar() -> paper.Picture:
    sheet = np.full((600, 400, 3), 255, dtype=np.uint8)
    sheet[100:110, 50:350] = 0
    return sheet


_CLEAN = paper.Paper(noise=0.0, blur_px=0.0, shade=0.0, speckles=0, seed=3)


def _row_of_ink(picture: paper.Picture, column: int) -> float:
    return float(np.flatnonzero(picture[:, column] < 128).mean())


@pytest.mark.parametrize("skew", [-3.0, -0.5, 0.0, 2.0])
def test_skew_is_clockwise(skew: float) -> None:
    picture = paper.scan(_sheet_with_a_bar(), paper.Paper(**{**_CLEAN.__dict__, "skew_degrees": skew}))
    fall = _row_of_ink(picture, 300) - _row_of_ink(picture, 100)
    assert fall == pytest.approx(200 * np.tan(np.radians(skew)), abs=1.0)


def test_rotation_is_clockwise() -> None:
    picture = paper.scan(_sheet_with_a_bar(), paper.Paper(**{**_CLEAN.__dict__, "rotation": 90}))
    assert picture.shape == (400, 600)
    assert np.flatnonzero((picture < 128).any(axis=0)).mean() == pytest.approx(600 - 105, abs=2)


@pytest.mark.parametrize("coding", CODINGS)
def test_every_coding_shows_the_picture(coding: str) -> None:
    paper_of = paper.Paper(**{**_CLEAN.__dict__, "colour": coding == "pdf-jpeg-colour"})
    picture = paper.scan(_sheet_with_a_bar(), paper_of)
    picture = paper.bilevel(picture) if is_bilevel(coding) else picture
    count = 1 if coding in ("jpeg", "png") else 2
    data = encode([Shot(picture, 200)] * count, coding)
    assert data == encode([Shot(picture, 200)] * count, coding)
    if coding.startswith("pdf"):
        pages = paper.printed(data, 200)
    else:
        with Image.open(io.BytesIO(data)) as image:
            assert round(float(image.info["dpi"][0])) == 200
            pages = []
            for frame in range(count):
                image.seek(frame)
                pages.append(np.asarray(image.convert("RGB")))
    assert len(pages) == count
    for page in pages:
        assert page.shape[:2] == (600, 400)
        assert page[105, 200].max() < 100 and page[300, 200].min() > 200


@pytest.mark.parametrize("coding", RARE_CODINGS)
def test_every_rare_coding_shows_the_picture(coding: str) -> None:
    paper_of = paper.Paper(**{**_CLEAN.__dict__, "colour": coding == "pdf-layers"})
    picture = paper.scan(_sheet_with_a_bar(), paper_of)
    picture = picture if coding == "pdf-layers" else paper.bilevel(picture)
    picture = fax_rows(picture) if coding == "tiff-fax" else picture
    data = encode_rare([picture] * 2, 200, coding)
    assert data == encode_rare([picture] * 2, 200, coding)
    if coding == "tiff-fax":
        with Image.open(io.BytesIO(data)) as image:
            assert (image.n_frames, tuple(round(float(dpi)) for dpi in image.info["dpi"])) == (2, FAX_DPI)
            pages = [np.asarray(image.convert("RGB"))]
    else:
        pages = paper.printed(data, 200)
    down = picture.shape[0] / 600
    assert all(page.shape[:2] == (round(600 * down), 400) for page in pages)
    assert all(page[round(105 * down), 200].max() < 100 and page[round(300 * down), 200].min() > 200 for page in pages)


def test_a_stamp_is_ink_over_print() -> None:
    sheet = _sheet_with_a_bar()
    stamped = stamps.stamped(sheet, random.Random(4), "Stadt Lübz", "04. März 2026")
    assert stamped.shape == sheet.shape
    assert (stamped <= sheet).all()
    blue, _green, red = (stamped[:, :, channel].astype(int) for channel in range(3))
    assert (blue > red + 80).sum() > 200
    assert (red > blue + 80).sum() > 200


def test_scans_have_the_pages_and_sizes_of_the_truth(sets: dict[str, Path]) -> None:
    seen = 0
    for root in sets.values():
        for entry in _truth(root)["files"]:
            if entry["scan"] is None:
                continue
            path = root / "inbox" / entry["municipality"] / entry["job"] / entry["file"]
            if path.suffix == ".pdf":
                with pikepdf.open(path) as pdf:
                    images = [page.obj.Resources.XObject.Im0 for page in pdf.pages]
                    sizes = [(int(image.Width), int(image.Height)) for image in images]
            else:
                with Image.open(path) as image:
                    sizes = [(image.seek(frame), image.size)[1] for frame in range(getattr(image, "n_frames", 1))]
            assert sizes == [(page["width_px"], page["height_px"]) for page in entry["scan"]["pages"]]
            assert all(len(page["lines"]) > 5 for page in entry["scan"]["pages"])
            seen += len(sizes)
    assert seen >= 7


def test_small_set_is_the_one_in_the_repository(sets: dict[str, Path]) -> None:
    kept, made = _truth(_ROOT / "samples/small"), _truth(sets["small"])
    for entry in (*kept["files"], *made["files"]):
        del entry["sha256"], entry["bytes"]  # compressors differ between machines, what is in the files does not
    assert kept == made
    size = sum(len(data) for data in _files(_ROOT / "samples/small").values())
    assert size < 1_500_000


def test_demo_orders_are_thirteen_municipalities_within_the_limits() -> None:
    orders = list(SETS["demo"]())
    assert {order.municipality for order in orders} == set(people.OFFICES)
    assert len({(order.municipality, order.job, order.file) for order in orders}) == len(orders)
    scans = [order.what for order in orders if isinstance(order.what, ScanOrder) and not order.what.spoilt]
    assert len(scans) == 30
    assert sum(scan.pages for scan in scans) <= 45
    assert {scan.coding for scan in scans} == {*CODINGS, *RARE_CODINGS}
    assert [scan.pages for scan in scans if scan.stamped] == [1]
    for municipality in people.OFFICES:
        jobs = {order.job for order in orders if order.municipality == municipality}
        wanted = {"letters", "tax-notices", "post", "invoices", "notices"}
        wanted |= {"reminders"} if municipality in REMINDING else set()
        assert jobs == (wanted | {"print-runs", "indexed"} if municipality in STREAMING else wanted)
    assert max(o.what.pages or 0 for o in orders if isinstance(o.what, LetterOrder)) == 12
    assert all(6 <= o.what.letters <= 40 for o in orders if isinstance(o.what, StackOrder) and o.job == "tax-notices")


def test_a_big_stack_shares_its_texts_and_has_every_address(tmp_path: Path) -> None:
    path = tmp_path / "big.pdf"
    big_stack(path, 300, 7)
    with pikepdf.open(path) as pdf:
        assert len(pdf.pages) == 600
        assert pdf.check_pdf_syntax() == []
        fonts = {font.objgen for page in pdf.pages for font in page.Resources.Font.values()}
        assert len(fonts) == 2
    document = pypdfium2.PdfDocument(path)
    for number in (1, 65, 300):
        text = document[2 * number - 2].get_textpage()
        height = document[2 * number - 2].get_height()
        box = (20 * _MM, height - 90 * _MM, 105 * _MM, height - 62.7 * _MM)
        assert isinstance(parse_address(text.get_text_bounded(*box).splitlines()), PostalAddress)
    document.close()
    assert path.stat().st_size < 900_000


def test_ibans_have_right_check_digits() -> None:
    rng = random.Random(1)
    for _ in range(50):
        number = people.iban(rng).replace(" ", "")
        assert len(number) == 22
        assert int(number[4:] + "1314" + number[2:4]) % 97 == 1


def test_samples_import_nothing_of_the_line() -> None:
    for file in sorted((_ROOT / "samples").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not any(name.split(".")[0] in ("pipeline", "workers", "console") for name in names), file
