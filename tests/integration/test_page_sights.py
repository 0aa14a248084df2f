"""What tells where letters begin is found on real pages: text, control lines, addresses, blanks, separator codes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pikepdf
import pytest
import zxingcpp
from pikepdf import Array, Dictionary, Name, Pdf

from pipeline.adapters.index_files import read_index
from pipeline.adapters.letters.bookmarks import read_bookmarks
from pipeline.adapters.letters.page_sights import look_at_letters
from pipeline.adapters.letters.sight_files import read_sights
from pipeline.domain.errors import Rejected
from pipeline.domain.geometry import Rect
from pipeline.domain.letter_orders import LetterOrders
from pipeline.domain.page_sights import PageSight
from pipeline.domain.split_rules import SplitRules
from pipeline.domain.splitting import IndexRow, Start
from samples import faults
from tests.letter_sheets import MM, RULES, add_page

pytestmark = pytest.mark.integration

HIGH = 841.89
FOOT = Rect(150.0, 264.0, 195.0, 289.0)
HEAD = Rect(20.0, 2.0, 200.0, 9.0)
NUMBERS = SplitRules("pattern", pattern=r"Seite (?P<page>\d+) von (?P<total>\d+)", region=FOOT)
WHITE = SplitRules("control-line", pattern="^#NEU (?P<reference>[0-9-]+)#$", region=HEAD)
MARGIN = replace(WHITE, ink="any", region=Rect(20.0, 2.0, 120.0, 12.0))


def text(x_mm: float, y_mm: float, words: str, size: float = 9.0, before: str = "") -> bytes:
    """A string; `before`: operators that come first, such as a colour."""
    shown = f"{before} /F1 {size} Tf {x_mm * MM:.2f} {HIGH - y_mm * MM:.2f} Td ({words}) Tj"
    return f"q BT {shown} ET Q\n".encode("cp1252")


BODY = text(25, 110, "Sehr geehrte Damen und Herren,") + text(25, 120, "hiermit teilen wir Ihnen mit")


def file_of(tmp_path: Path, contents: Sequence[bytes]) -> Path:
    pdf = Pdf.new()
    for content in contents:
        add_page(pdf, content)
    pdf.save(tmp_path / "stream.pdf")
    return tmp_path / "stream.pdf"


def sights(path: Path, split: SplitRules, pages: int = 1, out: Path | None = None) -> list[PageSight]:
    folder = out or path.parent
    look_at_letters(str(path), 1, pages, replace(RULES, split=split), str(folder))
    return list(read_sights([folder]))


def one(tmp_path: Path, content: bytes, split: SplitRules) -> PageSight:
    (sight,) = sights(file_of(tmp_path, [content]), split)
    return sight


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda data: data,
    "turned by 90": lambda data: faults.turned(data, 90),
    "turned by 180": lambda data: faults.turned(data, 180),
    "turned by 270": lambda data: faults.turned(data, 270),
    "off the origin": lambda data: faults.shifted(data, -37.0, 21.5),
    "inside a bleed": lambda data: faults.shifted(data, 12.0, 9.0, 8.0),
    "user units": lambda data: faults.in_user_units(data, 2.0),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_region_is_the_same_place_on_every_page(tmp_path: Path, change: str) -> None:
    elsewhere = text(25, 275, "Seite 9 von 9")
    path = file_of(tmp_path, [BODY + elsewhere + text(170, 268, "Seite 2 von 3")])
    path.write_bytes(CHANGES[change](path.read_bytes()))
    (sight,) = sights(path, NUMBERS)
    assert (sight.number, sight.total, sight.begins, sight.doubt) == (2, 3, False, None)


def test_slices_are_read_one_after_the_other(tmp_path: Path) -> None:
    path = file_of(tmp_path, [text(170, 268, f"Seite {n} von 4") for n in range(1, 5)])
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder, (first, last) in zip(folders, ((1, 2), (3, 4)), strict=True):
        folder.mkdir()
        look_at_letters(str(path), first, last, replace(RULES, split=NUMBERS), str(folder))
    assert [(sight.page, sight.number) for sight in read_sights(folders)] == [(n, n) for n in range(1, 5)]


def test_white_text_is_a_control_line_and_black_text_in_its_place_is_not(tmp_path: Path) -> None:
    white = text(25, 6, "#NEU 12-4#", 2.0, "1 g")
    found = one(tmp_path, BODY + white + text(25, 8, "Stadt Luebz"), WHITE)
    assert (found.begins, found.fields, found.doubt) == (True, {"reference": "12-4"}, None)
    assert one(tmp_path, BODY + text(25, 6, "#NEU 12-4#", 2.0), WHITE).begins is False


ADDRESS = text(25, 66, "Frau Erika Beispiel") + text(25, 71, "Seestr. 4") + text(25, 76, "19053 Schwerin")
KEYED = SplitRules("pattern", pattern=r"Az\. (?P<key>\S+)", region=Rect(120.0, 10.0, 200.0, 20.0))
BY_ADDRESS = SplitRules("address")
KEY = text(130, 15, "Az. 7-26")


@pytest.mark.parametrize("split", [KEYED, BY_ADDRESS], ids=lambda rules: rules.by)
def test_a_page_that_is_like_the_one_before_is_looked_at_for_an_address_and_a_number(
    tmp_path: Path, split: SplitRules
) -> None:
    contents = [
        KEY + ADDRESS + BODY,
        KEY + BODY,
        KEY + ADDRESS + BODY,
        KEY + ADDRESS + BODY + text(170, 280, "Seite 1 von 2"),
        KEY + ADDRESS + BODY + text(170, 280, "Seite 2 von 2"),
    ]
    found = sights(file_of(tmp_path, contents), split, len(contents))
    assert [sight.doubt for sight in found] == [None] * 5
    assert [(sight.addressed, sight.own_page) for sight in found] == [
        (True, None),
        (False, None),
        (True, None),
        (True, 1),
        (True, 2),
    ]


def test_a_page_with_a_key_of_its_own_is_not_looked_at_twice(tmp_path: Path) -> None:
    contents = [text(130, 15, f"Az. {n}-26") + ADDRESS for n in range(3)]
    assert [each.addressed for each in sights(file_of(tmp_path, contents), KEYED, 3)] == [True, False, False]


@pytest.mark.parametrize("before", ["1 1 1 rg", "0 0 0 0 k", "3 Tr", "1 Tr 1 G", "/DeviceRGB cs 1 1 1 sc"])
def test_white_is_white_in_every_way_to_say_it(tmp_path: Path, before: str) -> None:
    assert one(tmp_path, text(25, 6, "#NEU 1#", 2.0, before), WHITE).begins


def test_half_a_control_line_is_a_doubt(tmp_path: Path) -> None:
    assert one(tmp_path, text(25, 6, "#NEU 12", 2.0, "1 g"), WHITE).doubt is not None
    assert one(tmp_path, text(25, 6, "Stadt", 9.0), MARGIN).doubt is not None
    assert one(tmp_path, BODY, MARGIN).doubt is None


def test_a_page_is_blank_when_nothing_is_to_be_seen(tmp_path: Path) -> None:
    rules = SplitRules("blank")
    contents = [b"", b"q 1 g 10 10 100 100 re f Q", text(25, 50, "unsichtbar", 9.0, "3 Tr"), text(25, 290, "2"), BODY]
    contents.append(b"q 0.9 1 0.9 rg 10 10 100 100 re f Q")
    found = sights(file_of(tmp_path, contents), rules, len(contents))
    assert [sight.blank for sight in found] == [True, True, True, False, False, False]


def code(kind: zxingcpp.BarcodeFormat, words: str, spoilt: bool = False) -> bytes:
    """A separator page: a code as black areas, 30 mm from the left, 30 mm from the top."""
    image = zxingcpp.create_barcode(words, kind).to_image(scale=1, add_quiet_zones=False)
    modules = np.array(image)
    if spoilt:
        modules[modules.shape[0] // 3 : 2 * modules.shape[0] // 3, modules.shape[1] // 4 :] = 255
    step = min(1.2, 120 / modules.shape[1])
    high = step if modules.shape[0] > 1 and kind is not zxingcpp.BarcodeFormat.Code39 else 12 / modules.shape[0]
    drawn = [
        f"{(30 + x * step) * MM:.2f} {HIGH - (30 + (y + 1) * high) * MM:.2f} {step * MM:.2f} {high * MM:.2f} re"
        for y, x in zip(*np.nonzero(modules == 0), strict=True)
    ]
    return ("q 0 g " + " ".join(drawn) + " f Q\n").encode()


SEPARATOR = SplitRules("separator", region=Rect(20.0, 20.0, 180.0, 100.0))
KINDS = [zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.Code39]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_code_that_says_so_is_a_separator_and_another_is_a_letters_own(
    tmp_path: Path, kind: zxingcpp.BarcodeFormat
) -> None:
    assert one(tmp_path, code(kind, "PATCHT"), SEPARATOR).separator
    found = one(tmp_path, code(kind, "RECHNUNG 17"), SEPARATOR)
    assert (found.separator, found.blank, found.doubt) == (False, False, None)
    assert one(tmp_path, code(kind, "RECHNUNG 17"), replace(SEPARATOR, pattern="^RECHNUNG")).separator


def test_a_code_that_cannot_be_read_is_a_doubt(tmp_path: Path) -> None:
    assert one(tmp_path, code(zxingcpp.BarcodeFormat.QRCode, "PATCHT", spoilt=True), SEPARATOR).doubt is not None


def address(*lines: str, sender: str = "Stadt Luebz, Am Amtsturm 22, 19386 Luebz") -> bytes:
    drawn = [text(25, 66.3 + 4.23 * n, line, 10.0) for n, line in enumerate(lines)]
    return (text(25, 58, sender, 6.0) if sender else b"") + b"".join(drawn)


def test_an_address_is_known_again_and_is_not_written_down(tmp_path: Path) -> None:
    erika = address("Erika Muster", "Lange Str. 3", "19370 Parchim")
    otto = address("Otto Muster", "Lange Str. 3", "19370 Parchim")
    running = text(25, 66, "Fortsetzung der Begründung auf Seite 2 mit 19 Zeilen") + text(25, 70, "und mehr")
    found = sights(file_of(tmp_path, [erika, running, erika, otto, b""]), SplitRules("address"), 5)
    keys = [sight.key for sight in found]
    assert keys[0] == keys[2] != keys[3] and keys[1] is None and keys[4] is None
    assert all(sight.doubt is None for sight in found)
    assert "Muster" not in (tmp_path / "sights.jsonl").read_text(encoding="utf-8")


def test_a_name_with_another_letter_is_another_address(tmp_path: Path) -> None:
    names = ("Otto Gro\\337", "Otto Gross", "OTTO GROSS")  # an octal escape of the sharp s
    pages = [address(name, "Lange Str. 3", "19370 Parchim") for name in names]
    one, other, capitals = (sight.key for sight in sights(file_of(tmp_path, pages), SplitRules("address"), 3))
    assert one and other and capitals == other != one


def test_a_sender_without_an_address_or_a_picture_in_the_window_is_a_doubt(tmp_path: Path) -> None:
    picture = b"q 0 g 80 610 100 20 re f Q"
    contents = [address("Erika Muster", "Lange Str. 3"), picture]
    found = sights(file_of(tmp_path, contents), SplitRules("address"), 2)
    assert all(sight.doubt is not None for sight in found)


def outlined(tmp_path: Path, change: Callable[[Pdf], None] | None = None) -> Path:
    """Five pages; an outer bookmark, below it ones on pages 1, 2 and 4: by page, by action, by name."""
    pdf = Pdf.new()
    for _ in range(5):
        add_page(pdf, BODY)
    pages = [pdf.make_indirect(page.obj) for page in pdf.pages]
    pdf.Root.Names = Dictionary(
        Dests=pdf.make_indirect(Dictionary(Names=Array([pikepdf.String("vier"), Array([pages[3], Name.Fit])])))
    )
    inner = [
        pdf.make_indirect(Dictionary(Title="Az. 1", Dest=Array([pages[0], Name.Fit]))),
        pdf.make_indirect(Dictionary(Title="Az. 2", A=Dictionary(S=Name.GoTo, D=Array([pages[1], Name.Fit])))),
        pdf.make_indirect(Dictionary(Title="Az. 4", Dest=pikepdf.String("vier"))),
    ]
    for before, after in pairwise(inner):
        before.Next = after
    outer = pdf.make_indirect(Dictionary(Title="Lauf", First=inner[0], Last=inner[-1], Dest=Array([pages[0]])))
    pdf.Root.Outlines = pdf.make_indirect(Dictionary(First=outer, Last=outer))
    if change is not None:
        change(pdf)
    pdf.save(tmp_path / "stream.pdf")
    return tmp_path / "stream.pdf"


def test_bookmarks_of_a_level_lead_to_pages_and_titles_tell_orders(tmp_path: Path) -> None:
    path = str(outlined(tmp_path))
    rules = SplitRules("bookmark", level=2, pattern=r"^Az\. (?P<reference>\d)$")
    assert read_bookmarks(path, rules) == [Start(n, f"Az. {n}", {"reference": str(n)}) for n in (1, 2, 4)]
    assert read_bookmarks(path, SplitRules("bookmark")) == [Start(1, "Lauf")]
    assert read_bookmarks(path, SplitRules("bookmark", level=3)) == []


def test_a_title_of_another_kind_is_a_doubt_that_names_the_page(tmp_path: Path) -> None:
    with pytest.raises(Rejected) as refused:
        read_bookmarks(str(outlined(tmp_path)), SplitRules("bookmark", level=2, pattern=r"^Az\. [12]$"))
    assert (refused.value.code, refused.value.page) == ("split-doubt", 4)


def test_an_outline_in_circles_is_damaged(tmp_path: Path) -> None:
    def circle(pdf: Pdf) -> None:
        first = pdf.Root.Outlines.First.First
        first.Next.Next.Next = first

    with pytest.raises(Rejected) as refused:
        read_bookmarks(str(outlined(tmp_path, circle)), SplitRules("bookmark", level=2))
    assert refused.value.code == "pdf-damaged"


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_index_is_read_in_the_ways_that_programs_write_it(
    tmp_path: Path, delimiter: str, mark: str, end: str
) -> None:
    rows = ["first_page;last_page;reference;enclosures;plex", '1;1;"A;1,2";;', "", "2;4;;1+3;duplex", "5;5;;-;"]
    inside = rows[1].replace(";", delimiter).replace(f'"A{delimiter}1,2"', '"A;1,2"')
    body = end.join([rows[0].replace(";", delimiter), inside, *(row.replace(";", delimiter) for row in rows[2:])])
    (tmp_path / "index").write_bytes((mark + body + end).encode())
    assert read_index(tmp_path / "index") == [
        IndexRow(2, 1, 1, LetterOrders("A;1,2")),
        IndexRow(4, 2, 4, LetterOrders(enclosures=(1, 3), plex="duplex")),
        IndexRow(5, 5, 5, LetterOrders(enclosures=())),
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "first_page"),
        (b"first_page;last_page\n", "keinen Brief"),
        (b"von;bis\n1;2\n", "Zeile 1"),
        (b"first_page;last_page;first_page\n1;2;1\n", "Zeile 1"),
        (b"first_page;last_page\n1\n", "Zeile 2"),
        (b"first_page;last_page\n1;Xaver\n", "Zeile 2"),
        (b"first_page;last_page\n0;2\n", "Zeile 2"),
        (b"first_page;last_page\n3;2\n", "Zeile 2"),
        (b"first_page;last_page;plex\n1;1;\n2;2;Ypsilon\n", "Zeile 3"),
        (b'first_page;last_page;reference\n1;1;"offen\n', "Anführungszeichen"),
        ("first_page;last_page;reference\n1;1;Gebühr\n".encode("cp1252"), "UTF-8"),
    ],
)
def test_an_index_that_is_none_is_refused_with_its_line(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "index").write_bytes(content)
    with pytest.raises(Rejected) as refused:
        read_index(tmp_path / "index")
    assert refused.value.code == "index-invalid" and says in refused.value.sentence
    assert "Ypsilon" not in refused.value.sentence and "Xaver" not in refused.value.sentence


def test_a_link_is_no_index(tmp_path: Path) -> None:
    (tmp_path / "index").symlink_to("/etc/hostname")
    with pytest.raises(Rejected) as refused:
        read_index(tmp_path / "index")
    assert refused.value.code == "index-invalid"
