"""The verbs that show and decide: results on stdout, talk on stderr, exit codes that scripts can rely on."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from console import status_verb
from console.command import main
from console.exit_codes import ExitCode
from pipeline.adapters.incoming.page_files import write_page
from pipeline.domain.recognised import Block, Line, PixelBox, RecognisedPage, Word
from pipeline.domain.states import Kind, Unit
from tests.line_examples import EVIL, PROFILES, Example, filled
from tests.needs import need
from tests.volume_examples import slice_pdf
from workers.line import open_line
from workers.performing import Performer
from workers.settings import read_settings

pytestmark = pytest.mark.integration

BOX = PixelBox(1, 1, 9, 9)
BY = ("--who", "M. Schulz", "--reason", "so entschieden")
Call = Callable[..., Result]


def caller(root: Path) -> Call:
    def call(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["--root", str(root), "--profiles", str(PROFILES), *arguments])

    return call


@pytest.fixture
def root(tmp_path: Path) -> Path:
    example = filled(tmp_path / "root")
    example.line.ledger.close()
    return tmp_path / "root"


@pytest.fixture
def call(root: Path) -> Call:
    return caller(root)


def told(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


VERBS = (
    ("status",),
    ("check",),
    *(("inbox", verb) for verb in ("list", "show", "retry", "return")),
    *(("documents", verb) for verb in ("list", "show", "accept", "reject")),
    *(("pieces", verb) for verb in ("show", "where")),
    *(
        ("batches", verb)
        for verb in ("list", "show", "assemble", "verify", "hold", "resume", "release", "cancel", "retry", "rebuild")
    ),
    *(("marks", verb) for verb in ("decode", "testsheet")),
    ("archive", "verify"),
    *(("profiles", verb) for verb in ("check", "show")),
)


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_every_verb_has_help_with_an_example(verb: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*verb, "--help"])
    assert result.exit_code == 0
    assert re.search(rf"Example:\s+poststrasse\s.*{verb[-1]}", result.output, re.DOTALL)


def test_the_inbox_lists_files_by_state_and_municipality(call: Call) -> None:
    assert [(each["id"], each["state"]) for each in told(call("inbox", "list", "--json"))][:2] == [
        ("i0000001", "done"),
        ("i0000002", "done"),
    ]
    (rejected,) = told(call("inbox", "list", "--state", "rejected", "--municipality", "hagenow", "--json"))
    assert (rejected["file"], rejected["code"]) == (EVIL, "pdf-encrypted")
    assert rejected["title"] == "Die PDF-Datei ist verschlüsselt"
    listed = call("inbox", "list", "--state", "rejected").stdout
    assert "<script>" in listed
    assert "[red]x[/red]" in re.sub(r"\s+", "", listed)


def test_a_file_is_shown_with_its_parts_and_its_history(call: Call) -> None:
    shown = told(call("inbox", "show", "i0000003", "--json"))
    assert [part["kind"] for part in shown["parts"]] == ["document", "slice"]
    assert [event["after"] for event in shown["events"]][-1] == "review"
    text = call("inbox", "show", "i0000005").stdout
    assert "Die Verarbeitung wurde nicht rechtzeitig fertig [child-timeout]" in text
    assert "Ursache beheben" in text


def test_what_is_not_there_ends_with_not_found(call: Call) -> None:
    for arguments in (
        ("inbox", "show", "i0000099"),
        ("documents", "show", "i0000099-d0001"),
        ("pieces", "show", "b0000001/99"),
        ("pieces", "show", "b0000001/x"),
        ("pieces", "where", "b0000099", "1"),
        ("batches", "show", "b0000099"),
        ("batches", "verify", "b0000099"),
        ("batches", "hold", "b0000099", *BY),
        ("profiles", "show", "nobody"),
        ("marks", "testsheet", "--machine", "nobody", "--out", "x.pdf"),
        ("archive", "verify", "/nowhere"),
    ):
        result = call(*arguments)
        assert (result.exit_code, result.stdout) == (ExitCode.NOT_FOUND, ""), arguments
        assert result.stderr


def test_what_a_state_does_not_allow_ends_with_not_allowed(call: Call) -> None:
    for arguments, sentence in (
        (
            ("inbox", "retry", "i0000001", *BY),
            "ist »erledigt« und kann nicht noch einmal versucht werden",
        ),
        (
            ("inbox", "return", "i0000001", *BY),
            "ist »erledigt« und kann nicht zurückgegeben werden. [illegal-move]",
        ),
        (("documents", "accept", "i0000001-d0001", *BY), "und kann nicht angenommen werden"),
        (("documents", "reject", "i0000001-d0001", *BY), "und kann nicht zurückgewiesen werden"),
        (
            ("batches", "resume", "b0000001", *BY),
            "Druckauftrag b0000001 ist »geprüft, wartet auf Freigabe« und",
        ),
        (("batches", "retry", "b0000001", *BY), "Nichts darin wartet"),
    ):
        result = call(*arguments)
        assert result.exit_code == ExitCode.NOT_ALLOWED, result.output
        assert sentence in result.stderr


def test_decisions_need_a_name_and_a_reason(call: Call) -> None:
    assert call("batches", "hold", "b0000001", "--who", "x").exit_code == ExitCode.USAGE
    assert call("batches", "hold", "b0000001", "--who", " ", "--reason", "x").exit_code == ExitCode.USAGE


def test_a_person_decides_about_files_documents_and_batches(call: Call, root: Path) -> None:
    assert call("inbox", "retry", "i0000005", *BY).exit_code == 0
    assert call("documents", "accept", "i0000003-d0001", *BY).exit_code == 0
    for verb, state in (("hold", "held"), ("resume", "verified"), ("cancel", "cancelled")):
        assert call("batches", verb, "b0000001", *BY).exit_code == 0
        assert told(call("batches", "show", "b0000001", "--json"))["state"] == state
    assert told(call("batches", "assemble", "--json")) == ["b0000002"]
    assert told(call("batches", "show", "b0000002", "--json"))["totals"]["pieces"] == 15
    assert call("batches", "assemble").stderr.strip() == "Die Sammelkörbe sind leer."


def test_giving_back_and_rejecting_lay_the_file_into_the_outbox(call: Call, root: Path) -> None:
    assert call("inbox", "return", "i0000005", *BY).exit_code == 0
    assert call("documents", "reject", "i0000003-d0001", *BY).exit_code == 0
    assert (root / "outbox" / "grabow" / "rejected" / "i0000005" / "Kaputt.pdf").is_file()
    assert (root / "outbox" / "luebz" / "rejected" / "i0000003" / "REASON.txt").is_file()


def test_a_document_in_review_says_why_and_what_to_do(call: Call) -> None:
    text = call("documents", "show", "i0000003-d0001").stdout
    assert "Warum es wartet:" in text
    assert "Die Texterkennung ist sich zu unsicher [low-confidence]" in text
    assert "poststrasse documents accept" in text
    shown = told(call("documents", "show", "i0000003-d0001", "--json"))
    assert (shown["review"], shown["mean_confidence"], shown["pages"]) == (["low-confidence"], 41, [])
    assert "page_count" in shown
    assert [each["id"] for each in told(call("documents", "list", "--state", "review", "--json"))] == ["i0000003-d0001"]
    assert "Bauantrag.pdf" in call("documents", "list").stdout


def test_the_pages_of_a_document_are_told_before_and_after_it_is_packed(call: Call, root: Path) -> None:
    folder = root / "private" / "slices" / "i0000003-s0001"
    folder.mkdir()
    blocks = (Block((Line((Word("Sehr", 40.0, BOX, (1, 8, 9, 8)),), BOX, 12.0),), BOX),)
    for page, trouble in ((1, None), (2, "low-confidence")):
        write_page(folder, RecognisedPage(page, 100, 200, 300.0, 300.0, 90, 0.4, 1, 0.1, 40.0, blocks, trouble))
    first, second = told(call("documents", "show", "i0000003-d0001", "--json"))["pages"]
    assert (first["source_page"], first["words"], first["rotation"], first["review"]) == (1, 1, 90, None)
    assert second["review"] == "low-confidence"
    schema = json.loads((PROFILES.parent / "docs" / "formats" / "document.schema.json").read_text())
    assert set(first) <= set(schema["properties"]["pages"]["items"]["properties"])
    assert all("pages" not in each for each in told(call("documents", "list", "--json")))
    assert "40 %" in call("documents", "show", "i0000003-d0001").stdout
    packed = root / "archive" / "parchim" / "i0000001-d0001" / "data"
    packed.mkdir()
    (packed / "document.json").write_text(json.dumps({"pages": [{**first, "page": 1, "source_page": 7}]}))
    (page,) = told(call("documents", "show", "i0000001-d0001", "--json"))["pages"]
    assert (page["page"], page["source_page"]) == (1, 7)


def test_letters_are_found_by_number_and_by_sheets(call: Call) -> None:
    piece = told(call("pieces", "show", "b0000001/1", "--json"))
    assert (piece["batch"], piece["piece"], piece["weight_g"], piece["product"]) == (
        "b0000001",
        1,
        piece["sheets"] * 9.0,
        "standard",
    )
    assert told(call("pieces", "show", piece["id"], "--json")) == piece
    assert f"Sendung {piece['id']}: im Druckauftrag" in call("pieces", "show", "b0000001/1").stdout
    found = told(call("pieces", "where", "b0000001", "16", "17", "--json"))
    assert [each["last_sheet"] for each in found][-1] == 17
    assert "b0000001/12" in call("pieces", "where", "b0000001", "17", "--volume", "1").stdout


def test_batches_are_listed_and_shown(call: Call) -> None:
    (batch,) = told(call("batches", "list", "--json"))
    assert (batch["id"], batch["totals"]["weight_g"], list(batch["municipalities"])) == (
        "b0000001",
        153.0,
        ["parchim", "schwerin"],
    )
    assert told(call("batches", "list", "--state", "held", "--json")) == []
    text = call("batches", "show", "b0000001").stdout
    assert "geprüft, wartet auf Freigabe" in text
    assert "11,40" in text
    assert "b0000001-v01.pdf" in call("batches", "show", "b0000001").stdout
    assert "b0000001" in call("batches", "list").stdout


def test_the_status_is_shown_once_as_json_and_until_somebody_has_seen_enough(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = call("status").stdout
    for shown in ("Eingang", "Stadt Parchim", "b0000001", "Wartet auf Sie: 2", "Durchschlag.pdf"):
        assert shown in text
    assert told(call("status", "--json"))["attention_total"] == 2
    looks = []

    def enough(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(status_verb.time, "sleep", enough)
    watched = call("status", "--watch")
    assert (watched.exit_code, looks) == (0, [2.0, 2.0, 2.0])
    assert "b0000001" in watched.stdout


def test_check_names_what_is_missing_and_how_to_mend_it(tmp_path: Path, root: Path) -> None:
    need("tesseract")
    fine = caller(root)("check", "--json")
    findings = {each["name"]: each for each in told(fine)}
    assert all(each["ok"] for each in findings.values())
    assert {"tesseract (deu)", "folder inbox", "free space", "profiles", "ledger", "queue"} <= set(findings)
    newest = max((PROFILES.parent / "pipeline/adapters/ledger/migrations/versions").glob("0*.py")).name[:4]
    assert f"schema {newest}" in findings["ledger"]["detail"]
    broken = tmp_path / "profiles"
    shutil.copytree(PROFILES, broken)
    (broken / "jobs" / "post.toml").write_text("id = ")
    wrong = caller(tmp_path / "new")("--profiles", str(broken), "--redis-url", "redis://127.0.0.1:1/0", "check")
    assert wrong.exit_code == ExitCode.SETTINGS
    assert "WRONG profiles: jobs/post.toml" in wrong.stdout
    assert "WRONG queue: Redis does not answer" in wrong.stdout
    assert "poststrasse profiles check" in wrong.stdout
    assert not (tmp_path / "new").exists()


def test_check_tells_of_a_ledger_of_another_version_and_of_one_that_does_not_answer(tmp_path: Path, root: Path) -> None:
    import sqlite3

    with sqlite3.connect(root / "private" / "ledger.sqlite3") as database:
        database.execute("UPDATE alembic_version SET version_num = '0000'")
    database.close()
    old = caller(root)("check")
    assert (old.exit_code, "has schema 0000" in old.stdout) == (ExitCode.SETTINGS, True)
    away = caller(root)("--database-url", "postgresql://me:secret@127.0.0.1:1/x", "check")
    assert away.exit_code == ExitCode.SETTINGS
    assert "WRONG ledger: postgresql://me:***@127.0.0.1:1/x" in away.stdout
    assert "secret" not in away.output


def test_check_without_tesseract_says_what_to_install(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = call("check")
    assert result.exit_code == ExitCode.MISSING_TOOL
    assert "WRONG tesseract (deu)" in result.stdout
    assert "apt-get install tesseract-ocr tesseract-ocr-deu" in result.stdout


def test_profiles_are_checked_and_shown(call: Call, tmp_path: Path) -> None:
    assert all(each["ok"] for each in told(call("profiles", "check", "--json")))
    assert set(told(call("profiles", "show", "parchim", "--json"))) == {"municipalities"}
    assert "municipalities/parchim" in call("profiles", "show", "parchim").stdout
    assert "neopost-1track" in call("profiles", "show").stdout
    wrong = caller(tmp_path)("--profiles", str(tmp_path), "profiles", "check")
    assert wrong.exit_code == ExitCode.SETTINGS
    assert "WRONG envelopes.toml" in wrong.stdout


def test_an_archive_package_that_is_none_does_not_hold(call: Call, root: Path) -> None:
    result = call("archive", "verify", str(root / "archive" / "parchim" / "i0000001-d0001"), "--json")
    assert result.exit_code == ExitCode.FAILED
    (found,) = json.loads(result.stdout)
    assert not found["ok"]
    assert "manifest-sha256.txt fehlt." in found["findings"]


@pytest.fixture
def printed(tmp_path: Path) -> Path:
    """A root with one real batch: letters of two and one sheets, written, read back and published."""
    example = Example(tmp_path / "printed")
    for count, sheets, municipality in ((3, 2, "parchim"), (2, 1, "luebz")):
        stack = example.letters(count, municipality, sheets)
        folder = example.line.spool.slice_folder(f"{stack.id}-s0001")
        folder.mkdir()
        slice_pdf(folder / "letters.pdf", [f"Seite {n}" for n in range(count * sheets)], hostile=False)
    example.batch(verified=False)
    example.line.ledger.close()
    line = open_line(read_settings({}, root=str(tmp_path / "printed"), profiles=str(PROFILES)))
    performer = Performer(line, "test", 60)
    for unit in (Unit(Kind.VOLUME, "b0000001-v01"),) * 2 + (Unit(Kind.BATCH, "b0000001"),):
        assert performer.perform(unit)
    line.ledger.close()
    return tmp_path / "printed"


def test_a_published_batch_is_read_again_written_again_and_decoded(printed: Path) -> None:
    call = caller(printed)
    checks = told(call("batches", "verify", "b0000001", "--json"))
    assert [(each["name"], each["ok"]) for each in checks] == [
        ("SHA256SUMS", True),
        ("totals", True),
        ("b0000001-v01.pdf", True),
    ]
    assert told(call("batches", "rebuild", "b0000001", "--json"))[0]["ok"]
    assert list((printed / "private" / "work").iterdir()) == []
    pdf = printed / "printcenter" / "batches" / "b0000001" / "b0000001-v01.pdf"
    decoded = call("marks", "decode", str(pdf), "--machine", "neopost-1track")
    sheets = [json.loads(line) for line in decoded.stdout.splitlines()]
    assert (decoded.exit_code, len(sheets)) == (0, 8)
    wrong = call("marks", "decode", str(pdf), "--machine", "pitney-small")
    assert (wrong.exit_code, "have a fault" in wrong.stderr) == (ExitCode.FAILED, True)


def test_whatever_was_changed_in_a_published_batch_is_found(printed: Path) -> None:
    call = caller(printed)
    folder = printed / "printcenter" / "batches" / "b0000001"
    sheets = (folder / "sheets.csv").read_text()
    (folder / "sheets.csv").write_text(sheets.replace(",1,2,", ",2,2,", 1))
    (folder / "extra.txt").write_text("x")
    (folder / "job-ticket.pdf").unlink()
    result = call("batches", "verify", "b0000001")
    assert result.exit_code == ExitCode.FAILED
    for fault in ("job-ticket.pdf is missing", "extra.txt is not in SHA256SUMS", "sheets.csv has changed"):
        assert fault in result.stdout
    assert "FALSCH b0000001-v01.pdf" in result.stdout
    volume = folder / "b0000001-v01.pdf"
    copy = volume.read_bytes()
    volume.unlink()
    volume.write_bytes(copy + b"%")
    rebuilt = call("batches", "rebuild", "b0000001")
    assert rebuilt.exit_code == ExitCode.FAILED
    assert "the file has other bytes" in rebuilt.stdout


def test_a_test_sheet_is_made(call: Call, tmp_path: Path) -> None:
    out = tmp_path / "sheet.pdf"
    assert call("marks", "testsheet", "--machine", "datamatrix", "--out", str(out)).exit_code == 0
    assert out.read_bytes().startswith(b"%PDF-")


def test_what_is_no_pdf_is_not_decoded(call: Call, tmp_path: Path) -> None:
    (tmp_path / "no.pdf").write_bytes(b"nothing")
    result = call("marks", "decode", str(tmp_path / "no.pdf"), "--machine", "datamatrix")
    assert result.exit_code == ExitCode.FAILED
    assert "no.pdf can't be read" in result.stderr
