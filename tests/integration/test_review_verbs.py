"""The clerk's view on the command line: why a document waits, what to do, its pages; and the verbs that decide."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from console.command import main
from console.exit_codes import ExitCode
from pipeline.domain.separation import DocumentPlan, Doubt
from pipeline.services.acknowledging import acknowledge
from tests.line_examples import PROFILES
from tests.stack_examples import DOUBT, PLANS, StackExample

pytestmark = pytest.mark.integration

BY = ("--who", "M. Schulz", "--reason", "so gesehen")
COUNT = Doubt("sheet-count", None, "Das Deckblatt kündigt 3 Blätter an, gezählt wurden 2.")
STACK = (PLANS[0], DocumentPlan(3, 6, PLANS[1].dropped, PLANS[1].fields, (DOUBT, COUNT)), DocumentPlan(7, 9))
FIRST, SECOND, THIRD = (f"i0000001-d000{n}" for n in (1, 2, 3))
Call = Callable[..., Result]


@pytest.fixture
def example(tmp_path: Path) -> Iterator[StackExample]:
    made = StackExample(tmp_path / "root")
    made.stack(STACK)
    yield made
    made.line.ledger.close()


@pytest.fixture
def call(example: StackExample) -> Call:
    def call(*arguments: str) -> Result:
        root = str(example.line.spool.root)
        return CliRunner().invoke(main, ["--root", root, "--profiles", str(PROFILES), *arguments])

    return call


def told(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_neighbour_of_a_doubtful_document_says_what_it_waits_for(call: Call) -> None:
    shown = call("documents", "show", FIRST)
    assert shown.exit_code == 0, shown.output
    assert f"Es wartet, bis über {SECOND} entschieden ist" in shown.output
    assert told(call("documents", "show", THIRD, "--json"))["held_by"] == [SECOND]
    assert told(call("documents", "show", SECOND, "--json"))["held_by"] == []


def test_a_clerk_reads_why_it_waits_and_what_to_type_next(call: Call) -> None:
    result = call("documents", "show", SECOND)
    assert result.exit_code == 0, result.output
    for shown in (
        "Dokument i0000001-d0002 aus Morgenpost.pdf",
        "Seiten 3 bis 6 der Datei (4 Seiten, davon 2 weggelassen)",
        f"Im Stapel davor: {FIRST}, danach: {THIRD}",
        "Aktenzeichen: 4711/26",
        "in Sichtprüfung",
        "Warum es wartet:",
        "Bei einer Seite ist unsicher, ob sie ein Trennblatt ist [separator-doubt]",
        "Seite 5: Die Seite trägt einen Strichcode, der sich nicht lesen lässt.",
        "Das Deckblatt kündigt 3 Blätter an, gezählt wurden 2.",
        "Was zu tun ist:",
        f"poststrasse documents show {SECOND} --pictures ORDNER",
        f"poststrasse documents accept {SECOND} --who",
        f"poststrasse documents split {SECOND} --before 5 --separator --who",
        f"poststrasse documents drop-page {SECOND} --page 5 --as separator --who",
        "Weggelassen sind die Seiten 3, 6.",
        f"poststrasse documents keep-page {SECOND} --page SEITE --who",
        f"poststrasse documents merge {FIRST} {SECOND} --who",
        f"poststrasse documents reject {SECOND} --who",
        "Seite 3 weggelassen: Trennblatt (8,00 % bedruckt)",
        "Seite 6 weggelassen: leer (0,02 % bedruckt)",
        "Nichts darf vernichtet werden, auch das Papier nicht.",
    ):
        assert shown in result.stdout


def test_json_has_all_of_it(call: Call) -> None:
    shown = told(call("documents", "show", SECOND, "--json"))
    assert [(c["code"], c["page"]) for c in shown["causes"]] == [("separator-doubt", 5), ("sheet-count", None)]
    assert {step["verb"] for step in shown["steps"]} == {"look", "accept", "split", "merge", "drop", "keep", "reject"}
    assert (shown["before"], shown["after"], shown["source_pages"]) == (FIRST, THIRD, [4, 5])
    assert [drop["source_page"] for drop in shown["dropped_pages"]] == [3, 6]
    assert shown["fields"] == {"Aktenzeichen": "4711/26"}
    assert shown["retention"]["paper_from"] is None
    assert (shown["decisions"], "pictures" in shown) == ([], False)


def test_pictures_are_written_where_they_were_asked_for_and_nowhere_else(call: Call, tmp_path: Path) -> None:
    out = tmp_path / "seiten"
    shown = told(call("documents", "show", SECOND, "--pictures", str(out), "--json"))
    assert [Path(path).name for path in shown["pictures"]] == [f"page-0000{page}.png" for page in (3, 4, 5, 6)]
    assert all((out / name).read_bytes().startswith(b"\x89PNG") for name in (p.name for p in out.iterdir()))
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o600}
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert "Bilder: 4 Seiten" in call("documents", "show", SECOND, "--pictures", str(out)).stdout


def test_where_the_scan_is_gone_there_is_nothing_to_draw(call: Call, example: StackExample, tmp_path: Path) -> None:
    example.line.spool.original("t1").unlink()
    result = call("documents", "show", SECOND, "--pictures", str(tmp_path / "x"))
    assert result.exit_code == ExitCode.FAILED
    assert "ist nicht mehr da" in result.stderr


def test_a_split_a_merge_and_an_acceptance_are_told_with_name_and_reason(call: Call, example: StackExample) -> None:
    result = call("documents", "split", SECOND, "--before", "5", *BY)
    assert (result.exit_code, result.stdout) == (
        0,
        f"Dokument {SECOND} ist geteilt; weiter geht es mit i0000001-d0004 und i0000001-d0005.\n",
    )
    assert example.state(SECOND) == "replaced"
    result = call("documents", "merge", "i0000001-d0005", THIRD, *BY)
    assert "zu i0000001-d0006 verbunden" in result.stdout
    text = call("documents", "show", "i0000001-d0006").stdout
    assert "Von Hand wieder zusammengefügt [rejoined]" in text
    assert "M. Schulz: Von Hand getrennt" in text
    assert "M. Schulz: Von Hand zusammengefügt" in text
    assert "so gesehen" in text
    assert "Entschieden wurde bisher:" in text
    assert call("documents", "accept", "i0000001-d0006", *BY).exit_code == 0
    assert "durch andere ersetzt" in call("documents", "show", SECOND).stdout


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("split", SECOND, "--before", "4"), ExitCode.NOT_ALLOWED, "kann vor Seite 4 nicht geteilt werden"),
        (("split", SECOND, "--before", "99"), ExitCode.NOT_ALLOWED, "kann vor Seite 99 nicht geteilt werden"),
        (("split", SECOND, "--before", "5", "--separator"), ExitCode.NOT_ALLOWED, "bliebe keine Seite übrig"),
        (("keep-page", SECOND, "--page", "4"), ExitCode.NOT_ALLOWED, "nicht weggelassen"),
        (("drop-page", SECOND, "--page", "3", "--as", "blank"), ExitCode.NOT_ALLOWED, "Es hat diese Seite nicht"),
        (("keep-page", "i0000009-d0001", "--page", "4"), ExitCode.NOT_FOUND, "gibt es nicht. [unknown-unit]"),
        (("merge", FIRST, THIRD), ExitCode.NOT_ALLOWED, "Sie folgen im Stapel nicht aufeinander"),
        (("merge", THIRD, SECOND), ExitCode.NOT_ALLOWED, "Sie folgen im Stapel nicht aufeinander"),
        (("merge", FIRST), ExitCode.USAGE, "zwei oder mehr"),
        (("split", "i0000009-d0001", "--before", "4"), ExitCode.NOT_FOUND, "gibt es nicht. [unknown-unit]"),
        (("merge", FIRST, "i0000009-d0001"), ExitCode.NOT_FOUND, "gibt es nicht. [unknown-unit]"),
    ],
)
def test_a_refusal_is_a_sentence_and_a_code(
    call: Call, example: StackExample, arguments: tuple[str, ...], code: ExitCode, sentence: str
) -> None:
    result = call("documents", *arguments, *BY)
    assert (result.exit_code, sentence in result.stderr) == (code, True), result.output
    assert example.state(SECOND) == "review"


def test_a_page_is_taken_back_and_another_left_out(call: Call, example: StackExample) -> None:
    result = call("documents", "keep-page", SECOND, "--page", "6", *BY)
    assert (result.exit_code, result.stdout) == (
        0,
        f"Seite 6 ist wieder in Dokument {SECOND}; weiter geht es mit i0000001-d0004.\n",
    )
    between = call("documents", "drop-page", "i0000001-d0004", "--page", "5", "--as", "separator", *BY)
    assert between.exit_code == ExitCode.NOT_ALLOWED
    assert "poststrasse documents split i0000001-d0004 --before 5 --separator" in between.stderr
    result = call("documents", "drop-page", "i0000001-d0004", "--page", "4", "--as", "separator", *BY)
    assert (result.exit_code, result.stdout) == (
        0,
        "Seite 4 von Dokument i0000001-d0004 ist weggelassen; weiter geht es mit i0000001-d0005.\n",
    )
    shown = told(call("documents", "show", "i0000001-d0005", "--json"))
    assert shown["source_pages"] == [5, 6]
    assert [(drop["source_page"], drop["reason"]) for drop in shown["dropped_pages"]] == [
        (3, "separator"),
        (4, "separator"),
    ]
    text = call("documents", "show", "i0000001-d0005").stdout
    assert "M. Schulz: Weggelassene Seite von Hand zurückgenommen (i0000001-d0004): „Seite 6: so gesehen" in text
    assert "M. Schulz: Seite von Hand weggelassen (i0000001-d0005): „Seite 4: so gesehen" in text


def test_one_of_several_is_rejected_alone(call: Call, example: StackExample) -> None:
    result = call("documents", "reject", SECOND, *BY)
    assert (result.exit_code, result.stdout) == (
        0,
        f"Dokument {SECOND} geht mit Ihrer Begründung an die Kommune zurück.\n",
    )
    assert (example.line.spool.outbox / "parchim" / "rejected" / SECOND / f"{SECOND}.pdf").is_file()
    assert "Das Papier wird noch gebraucht." in call("documents", "show", SECOND).stdout


def test_after_the_acknowledgement_the_paper_has_its_day(call: Call, example: StackExample) -> None:
    example.hand_over(FIRST)
    acknowledge(example.line, FIRST, "file")
    text = call("documents", "show", FIRST).stdout
    assert "Vom Archiv bestätigt am 28.05.2026." in text
    assert "Das Papier darf ab 10.07.2026 vernichtet werden (42 Tage)." in text
    assert "bis auch die anderen Dokumente der Datei bestätigt oder zurückgegeben sind" in text


def test_archive_verify_speaks_german_and_ends_with_the_right_code(call: Call, example: StackExample) -> None:
    package = example.hand_over(FIRST)
    good = call("archive", "verify", str(package))
    assert (good.exit_code, good.stdout.startswith("in Ordnung ")) == (0, True)
    (package / "data" / "document.txt").write_text("anders")
    wrong = call("archive", "verify", str(package))
    assert wrong.exit_code == ExitCode.FAILED
    assert "data/document.txt wurde verändert: Die Prüfsumme stimmt nicht." in wrong.stdout
    assert "1 Paket hält der Prüfung nicht stand." in wrong.stderr
    missing = call("archive", "verify", str(package) + "x")
    assert (missing.exit_code, "ist kein Ordner." in missing.stderr) == (ExitCode.NOT_FOUND, True)


def test_a_token_is_shown_once_listed_without_its_secret_and_revoked(call: Call, example: StackExample) -> None:
    made = call("tokens", "new", "--scope", "parchim", "--name", "Archiv Parchim")
    secret = made.stdout.strip()
    assert (made.exit_code, secret.startswith("pst_"), len(secret) > 40) == (0, True, True)
    assert told(call("tokens", "new", "--scope", "printcenter", "--name", "M. Schulz", "--json"))["secret"] != secret
    listed = call("tokens", "list")
    assert "Archiv Parchim" in listed.stdout
    assert secret not in listed.output
    assert [t["id"] for t in told(call("tokens", "list", "--json"))] == ["k0001", "k0002"]
    assert call("tokens", "revoke", "k0001").exit_code == 0
    first = told(call("tokens", "list", "--json"))[0]
    assert call("tokens", "revoke", "k0001").exit_code == 0
    assert told(call("tokens", "list", "--json"))[0] == first
    assert first["revoked_at"] is not None
    path = example.line.spool.private / "tokens.json"
    assert (stat.S_IMODE(path.stat().st_mode), secret in path.read_text()) == (0o600, False)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("new", "--scope", "entenhausen", "--name", "x"), ExitCode.NOT_FOUND),
        (("new", "--scope", "parchim", "--name", " "), ExitCode.USAGE),
        (("new", "--scope", "parchim"), ExitCode.USAGE),
        (("revoke", "k0009"), ExitCode.NOT_FOUND),
    ],
)
def test_wrong_tokens_are_refused(call: Call, arguments: tuple[str, ...], code: ExitCode) -> None:
    assert call("tokens", *arguments).exit_code == code


def test_a_broken_token_file_is_told_and_not_overwritten(call: Call, example: StackExample) -> None:
    path = example.line.spool.private / "tokens.json"
    path.write_text("{")
    result = call("tokens", "new", "--scope", "parchim", "--name", "x")
    assert (result.exit_code, "can't be read" in result.stderr, path.read_text()) == (ExitCode.FAILED, True, "{")


def test_attached_files_that_were_left_out_are_named_once_it_is_packed(example: StackExample, call: Call) -> None:
    assert "Angehängt" not in call("documents", "show", SECOND).stdout
    document = told(call("documents", "show", SECOND, "--json"))
    packed = example.line.spool.archive / document["municipality"] / SECOND / "data" / "document.json"
    packed.parent.mkdir(parents=True)
    source = {"attached_files": [{"name": "rechnung.xml", "bytes": 60}]}
    packed.write_text(json.dumps({"pages": [], "source": source}), encoding="utf-8")
    assert "Angehängt und nicht archiviert: rechnung.xml (60 Byte)" in call("documents", "show", SECOND).stdout
