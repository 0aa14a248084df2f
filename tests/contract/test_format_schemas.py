"""What is written follows the published JSON Schemas, and the pages on formats name all of it."""

from __future__ import annotations

import ast
import csv
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipeline.adapters.incoming.archive_package import write_package
from pipeline.adapters.incoming.transfer_note import PackageNote
from pipeline.adapters.papers.batch_files import PIECE_COLUMNS, SHEET_COLUMNS, write_sums
from pipeline.adapters.papers.batch_folder import PaperFiles, manifests_of
from pipeline.adapters.papers.manifest_files import MANIFEST_COLUMNS, write_posting
from pipeline.domain import ticket
from pipeline.domain.errors import Rejected
from pipeline.domain.marks import SPELLINGS
from pipeline.domain.pages import AttachedFile
from pipeline.domain.papers import BatchPapers, Decision, PieceState, RejectionPapers
from pipeline.domain.pieces import LetterException
from pipeline.domain.recognised import ArchivePdfFacts, Block, EngineFacts, Line, PixelBox, RecognisedPage, Word
from pipeline.domain.refusals import REFUSALS
from pipeline.domain.separation import DroppedPage
from pipeline.domain.source_pages import SourceFile
from tests.paper_examples import PIECE, batch_papers

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[2]
FORMATS = ROOT / "docs" / "formats"

# The columns as they were agreed: what stands here stays, in this order; new ones come behind.
AGREED_PIECES = (
    "batch,piece,volume,first_page,pages,sheets,plex,municipality,cost_centre,envelope,enclosures,weight_g,product,"
    "postage_cent,country,postcode,intake,source_first_page,source_last_page,reference"
)
AGREED_SHEETS = "batch,volume,page,piece,sheet,of,code,omr"


def _schema(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((FORMATS / f"{name}.schema.json").read_text(encoding="utf-8"))
    return schema


def _check(name: str, path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    errors = [
        f"{error.json_path}: {error.message}" for error in Draft202012Validator(_schema(name)).iter_errors(document)
    ]
    assert errors == []
    assert document["schema"] == f"poststrasse/{name}/1"
    return document


def _papers(**changes: Any) -> BatchPapers:
    other = replace(PIECE, id="i0000002-p000001", intake="i0000002", arrival=(2, 1), municipality="luebz")
    returned = LetterException("i0000003", "plan.pdf", "parchim", 3, "page-size", "Seite 3 misst 420 mal 297 mm.", 2, 3)
    nobodys = LetterException("i0000004", "x.pdf", "Wismar (neu)", 1, "unknown-municipality", "Diese Kommune fehlt.")
    sources = {"i0000001": SourceFile(4, {3: "separator", 4: "blank"}), "i0000003": SourceFile(3, {1: "separator"})}
    return replace(batch_papers([PIECE, other], [returned, nobodys]), sources=sources, **changes)


def _rejection(code: str, **changes: Any) -> RejectionPapers:
    papers = RejectionPapers(
        code=code,
        detail="So ist es.",
        intake="i0000007",
        municipality="schwerin",
        profile="letters",
        file="a.pdf",
        sha256="0" * 64,
        bytes=12,
        received_at="2026-03-02T14:05:00+01:00",
        rejected_at="2026-03-02T14:05:03+01:00",
    )
    return replace(papers, **changes)


@pytest.fixture(scope="module")
def batch_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("batch")
    (folder / "b0000042-v01.pdf").write_bytes(b"%PDF-1.7 a volume")
    PaperFiles().batch(_papers(), folder)
    return folder


@pytest.mark.parametrize("path", sorted(FORMATS.glob("*.schema.json")), ids=lambda path: path.name)
def test_each_schema_is_one_and_has_a_page(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    if path.name != "ticket.schema.json":
        assert schema["additionalProperties"] is True
    assert f"]({path.name})" in (FORMATS / "README.md").read_text(encoding="utf-8")


def test_batch(batch_folder: Path) -> None:
    batch = _check("batch", batch_folder / "batch.json")
    assert batch["municipalities"]["parchim"]["pieces"] == 0


def test_manifests_go_to_those_who_have_a_piece_or_got_one_back(batch_folder: Path) -> None:
    names = sorted(path.name for path in (batch_folder / "manifests").iterdir())
    assert names == [f"{id}.{kind}" for id in ("luebz", "parchim", "schwerin") for kind in ("csv", "json", "pdf")]
    for id in ("luebz", "parchim", "schwerin"):
        manifest = _check("manifest", batch_folder / "manifests" / f"{id}.json")
        assert {one["file"] for one in manifest["exceptions"]} == ({"plan.pdf"} if id == "parchim" else set())
        assert len(manifest["pieces"]) == (0 if id == "parchim" else 1)


def test_posting_report(tmp_path: Path) -> None:
    states = {1: PieceState("posted", "2026-03-03"), 2: PieceState("pulled")}
    for facts in manifests_of(_papers(piece_states=states)):
        report = _check("posting", write_posting(tmp_path, facts)[0])
        assert [one["posted_on"] for one in report["pieces"]] in ([], ["2026-03-03"], [None])


def test_columns_stay_what_was_agreed(batch_folder: Path) -> None:
    assert (batch_folder / "pieces.csv").read_text(encoding="utf-8").splitlines()[0].startswith(AGREED_PIECES)
    assert (batch_folder / "sheets.csv").read_text(encoding="utf-8").splitlines()[0].startswith(AGREED_SHEETS)


def test_the_csv_of_a_manifest_says_what_its_json_says(batch_folder: Path) -> None:
    manifest = json.loads((batch_folder / "manifests" / "luebz.json").read_text(encoding="utf-8"))
    with (batch_folder / "manifests" / "luebz.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(manifest["pieces"]) == 1
    wanted = {key: "" if value is None else str(value) for key, value in manifest["pieces"][0].items()}
    wanted["weight_g"] = f"{manifest['pieces'][0]['weight_g']:.3f}"
    wanted["remarks"] = " ".join(manifest["pieces"][0]["remarks"])
    wanted["letters"] = wanted["notes"] = wanted["left_out"] = ""
    assert rows[0] == {"batch": "b0000042", "municipality": "luebz"} | wanted


def test_sums_are_of_everything_and_right(batch_folder: Path) -> None:
    lines = (batch_folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    told = {line[66:]: line[:64] for line in lines}
    assert all(line[64:66] == "  " for line in lines)
    there = {path.relative_to(batch_folder).as_posix(): path for path in batch_folder.rglob("*") if path.is_file()}
    assert set(told) == set(there) - {"SHA256SUMS"}
    assert "b0000042-v01.pdf" in told
    for name, path in there.items():
        if name != "SHA256SUMS":
            assert told[name] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_sums_refuse_names_that_would_need_escaping(tmp_path: Path) -> None:
    (tmp_path / "a\nb").write_bytes(b"")
    with pytest.raises(ValueError, match="no name"):
        write_sums(tmp_path)


def test_archive_package(tmp_path: Path) -> None:
    box = PixelBox(10, 10, 60, 30)
    line = Line((Word("Straße", 91.5, box, (10.0, 30.0, 60.0, 30.0)),), box, 20.0)
    read = RecognisedPage(1, 100, 200, 300.0, 300.0, 90, 0.4, 2, 0.05, 91.5, (Block((line,), box),))
    unread = replace(read, page=3, mean_confidence=0.0, blocks=(), trouble="inked-without-text")
    note = PackageNote(
        id="i0000001-d0001",
        municipality="luebz",
        municipality_name="Stadt Lübz",
        profile="post",
        profile_title="Posteingang",
        intake="i0000001",
        source_file="scan.pdf",
        source_sha256="0" * 64,
        source_bytes=1,
        source_pages=3,
        received_at="2026-03-02T14:05:00+01:00",
        created_at="2026-03-02T14:06:00+01:00",
        engine=EngineFacts("Tesseract", "5.3.0", "deu", "1" * 64),
        software={"poststrasse": "0.1.0"},
        dropped=(DroppedPage(2, "blank", 0.0001),),
        review={3: "Angenommen: Skizze"},
        device="Scanner 7",
        device_source="profile",
        decisions=(Decision("2026-03-02T14:05:30+01:00", "M. Schulz", "accepted", "Skizze"),),
        expected_sheets=2,
        found_sheets=2,
        duplicate_of="i0000000",
        attached=(AttachedFile("anlage.docx", 4),),
    )
    pdf = tmp_path / "made.pdf"
    pdf.write_bytes(b"%PDF-1.7")
    facts = ArchivePdfFacts("2b", (), "pikepdf", (), (), ((), ()))
    write_package(tmp_path / "bag", note, [read, unread], facts, pdf)
    document = _check("document", tmp_path / "bag" / "data" / "document.json")
    told = _check("transfer-note", tmp_path / "bag" / "data" / "transfer-note.json")
    text = (FORMATS / "package.md").read_text(encoding="utf-8")
    names = {*document, *document["source"], *document["pages"][0], *document["pdfa"], *told, *told["quality"]}
    names |= {*told["picture"], *told["picture"]["pages"][0], *told["sheets"], *told["decisions"][0]}
    assert sorted(name for name in names if f"`{name}`" not in text) == []


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_every_refusal_can_be_told(tmp_path: Path, code: str) -> None:
    exceptions = (LetterException("i0000007", "a.pdf", "schwerin", 4, "address-not-found", "Kein Ort."),)
    PaperFiles().rejection(_rejection(code, exceptions=exceptions), tmp_path)
    reason = _check("rejection", tmp_path / "reason.json")
    said = " ".join((tmp_path / "REASON.txt").read_text(encoding="utf-8").split())
    for told in (reason["title"], reason["detail"], reason["remedy"], reason["title_en"], "Kein Ort.", code):
        assert " ".join(told.split()) in said
    assert said.index(reason["title"]) < said.index(reason["title_en"])


def test_a_refusal_of_something_that_was_never_read(tmp_path: Path) -> None:
    PaperFiles().rejection(_rejection("not-a-regular-file", sha256="", bytes=0, file="böse\n\udcff.pdf"), tmp_path)
    _check("rejection", tmp_path / "reason.json")
    assert "SHA-256" not in (tmp_path / "REASON.txt").read_text(encoding="utf-8")


def test_an_undocumented_code_is_a_mistake_of_ours(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such refusal"):
        PaperFiles().rejection(_rejection("bad-luck"), tmp_path)


def test_every_refusal_code_is_documented_with_its_title() -> None:
    page = (FORMATS / "rejection.md").read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| `([a-z0-9-]+)` \| (.+?) \|", page[page.index("## Codes") :], re.MULTILINE))
    assert table == {code: refusal.title for code, refusal in REFUSALS.items()}


def test_every_code_that_the_source_refuses_with_is_documented() -> None:
    used: dict[str, str] = {}
    for path in sorted(ROOT.glob("pipeline/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Rejected":
                for code in (one.value for one in node.args[:1] if isinstance(one, ast.Constant)):
                    used[str(code)] = f"{path.relative_to(ROOT)}:{node.lineno}"
    assert used
    assert {code: where for code, where in used.items() if code not in REFUSALS} == {}


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("batch.md", (*PIECE_COLUMNS, *SHEET_COLUMNS, *_schema("batch")["properties"])),
        ("manifest.md", (*MANIFEST_COLUMNS, *_schema("manifest")["properties"])),
        ("rejection.md", tuple(_schema("rejection")["properties"])),
        ("ticket.md", ticket.KEYS),
        ("package.md", tuple(_schema("document")["properties"])),
        ("machine-log.md", ("piece", "status", "at", "operator", "ok", "reprint", "pulled")),
    ],
)
def test_every_name_stands_on_its_page(page: str, names: tuple[str, ...]) -> None:
    text = (FORMATS / page).read_text(encoding="utf-8")
    assert [name for name in names if f"`{name}`" not in text] == []


def test_every_token_stands_on_the_page_of_marks() -> None:
    text = (FORMATS / "marks.md").read_text(encoding="utf-8")
    kinds = {re.sub(r"^(seq|feed):[0-9]+$", r"\1:N", spelling) for spelling in SPELLINGS}
    assert [kind for kind in sorted(kinds) if f"`{kind}`" not in text] == []


TICKETS: list[dict[str, Any]] = [
    {},
    {
        "reference": "Az. 1",
        "cost_centre": "4711",
        "enclosures": [1, 3],
        "plex": "duplex",
        "due": "2026-09-30",
        "hold": True,
    },
    {"enclosures": "1+3"},
    {"enclosures": ""},
    {"enclosures": []},
    {"enclosures": [9]},
    {"enclosures": "1,3"},
    {"enclosures": [1, 1]},
    {"plex": "both"},
    {"due": "30.09.2026"},
    {"hold": "ja"},
    {"aktenzeichen": "x"},
    {"reference": "x" * 101},
    {"reference": 7},
    {"cost_centre": None},
]


@pytest.mark.parametrize("content", TICKETS, ids=str)
def test_the_schema_of_tickets_takes_what_the_reader_takes(content: dict[str, Any]) -> None:
    try:
        ticket.parse_ticket(content)
        taken = True
    except Rejected:
        taken = False
    assert Draft202012Validator(_schema("ticket")).is_valid(content) == taken
