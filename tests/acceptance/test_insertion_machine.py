"""An insertion machine that knows its profile and the printed pages fills the envelopes: none wrong.

The letters say on each page which they are. The machine groups sheets from their marks alone; what lies in each
envelope is then read by another program (poppler) and compared with the letters that were dropped.

POSTSTRASSE_TEST_MACHINE=20000 sends that many letters through for each machine and plex, instead of a few hundred.
"""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from console.exit_codes import ExitCode
from samples.insertion.camera import sheets_of
from samples.insertion.grouping import Envelope, Run, insert
from samples.insertion.setting import Setting, read_setting
from samples.numbered_letters import SAYS, write_numbered_letters
from samples.people import OFFICES
from tests.acceptance.driver import REPOSITORY, Place
from tests.needs import need

pytestmark = pytest.mark.acceptance

LETTERS = int(os.environ.get("POSTSTRASSE_TEST_MACHINE", "390"))
LONG_S = 2 * 3600.0
FLAT = "datamatrix"
JOB = "notices"
SAYS_REGION = "{ left_mm = 140.0, top_mm = 106.0, right_mm = 195.0, bottom_mm = 115.0 }"
LENGTHS = {"simplex": ((1, 2, 3, 4, 5), (6, 7, 11, 24)), "duplex": (tuple(range(1, 11)), (11, 12, 17, 40))}
"""Pages of a letter: what is folded, up to five sheets, and what goes flat into C4."""


@dataclass(frozen=True)
class Sent:
    """A letter that was dropped: whose it is, and how many pages it has."""

    municipality: str
    pages: int


@dataclass(frozen=True)
class Made:
    """What came of a run: the place, the letters by their number, the plex."""

    place: Place
    letters: dict[int, Sent]
    plex: str

    def batches(self) -> list[Path]:
        return sorted(self.place.root.glob("printcenter/batches/*"))


def profiles_for(folder: Path, machine: str, plex: str) -> None:
    """The shipped profiles; the job for stacks of letters of any length is set to this machine and plex."""
    shutil.copytree(REPOSITORY / "profiles", folder)
    job = folder / "jobs" / f"{JOB}.toml"
    text = job.read_text(encoding="utf-8")
    for key, value in (("machine", f'"{machine}"'), ("plex", f'"{plex}"'), ("region", SAYS_REGION)):
        text = _set(text, key, value)
    job.write_text(text, encoding="utf-8")
    for path in (folder / "municipalities").glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(_set(text, "jobs", json.dumps([JOB])), encoding="utf-8")


def _set(text: str, key: str, value: str) -> str:
    lines = text.splitlines()
    found = [number for number, line in enumerate(lines) if line.startswith(f"{key} = ")]
    assert len(found) == 1, f"{key} stands {len(found)} times in the profile"
    lines[found[0]] = f"{key} = {value}"
    return "\n".join(lines) + "\n"


def drop_letters(place: Place, plex: str) -> dict[int, Sent]:
    """A stack of each of the 13 municipalities, lengths in any order: `LETTERS` to be folded, some flat ones besides.

    The line finds out by itself where a letter ends.
    """
    folded, flat = LENGTHS[plex]
    chance = random.Random(f"{plex} {LETTERS}")
    stacks = {office: [*folded, *flat] for office in OFFICES}
    for _ in range(LETTERS - len(OFFICES) * len(folded)):
        stacks[chance.choice(list(OFFICES))].append(chance.choice(folded))
    sent: dict[int, Sent] = {}
    for office, lengths in stacks.items():
        chance.shuffle(lengths)
        folder = place.root / "inbox" / office / JOB
        folder.mkdir(parents=True)
        first = len(sent) + 1
        write_numbered_letters(folder / "stapel.pdf", OFFICES[office], lengths, first, 1)
        sent |= {first + number: Sent(office, pages) for number, pages in enumerate(lengths)}
    return sent


@pytest.fixture(scope="module", params=["simplex", "duplex"])
def plex(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module", params=["neopost-1track", "pitney-small", "datamatrix"])
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def made(machine: str, plex: str, tmp_path_factory: pytest.TempPathFactory) -> Made:
    need("pdftotext")
    base = tmp_path_factory.mktemp(f"{machine}-{plex}")
    profiles_for(base / "profiles", machine, plex)
    place = Place(base / "root", profiles=base / "profiles")
    letters = drop_letters(place, plex)
    done = place.call("run", "--once", "--assemble", timeout_s=LONG_S)
    assert done.returncode == 0, done.stderr
    return Made(place, letters, plex)


def setting_of(made: Made, batch: Path) -> Setting:
    told = json.loads((batch / "batch.json").read_text(encoding="utf-8"))
    return read_setting(REPOSITORY / "profiles" / "machines" / f"{told['machine']}.toml")


def volumes_of(batch: Path) -> list[Path]:
    """The print files in the order in which they are fed, as a person at the printer sees them."""
    return sorted(batch.glob(f"{batch.name}-v*.pdf"))


def machine_runs(made: Made, batch: Path) -> list[Run]:
    setting, side_by_side = setting_of(made, batch), len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(side_by_side, get_context("spawn")) as pool:

        def call(function: Callable[..., Any], *args: Any) -> Any:
            return pool.submit(function, *args).result()

        seen = sheets_of(volumes_of(batch), setting, made.plex == "duplex", call, side_by_side)
        return [insert(setting, sheets) for sheets in seen]


def texts_of(volume: Path) -> list[str]:
    """What stands on each page, by poppler."""
    call = ["pdftotext", "-layout", str(volume), "-"]
    text = subprocess.run(call, capture_output=True, check=True).stdout.decode("utf-8")
    return text.split("\f")[:-1]


@dataclass
class Verdict:
    """What lies in the envelopes, held against the letters."""

    envelopes: int = 0
    sheets: int = 0
    wrong: list[str] = field(default_factory=list)
    numbers: Counter[int] = field(default_factory=Counter)


def judge(made: Made, batch: Path, runs: list[Run], verdict: Verdict) -> None:
    """Open every envelope: one letter, all of it, in order, the address outside, nothing else."""
    setting = setting_of(made, batch)
    volumes = volumes_of(batch)
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for run, texts in zip(runs, pool.map(texts_of, volumes), strict=True):
            verdict.wrong += [f"{batch.name} {fault}" for fault in run.faults]
            for envelope in run.envelopes:
                verdict.wrong += open_envelope(made, setting, envelope, texts, verdict.numbers)
            apart = {page for _, page in run.apart}
            left_out = [page for page in apart if SAYS.search(texts[page - 1])]
            verdict.wrong += [f"{batch.name}: a letter's page {page} was left out" for page in left_out]
            verdict.envelopes += len(run.envelopes)
            verdict.sheets += sum(len(envelope.sheets) for envelope in run.envelopes)
            step = 2 if made.plex == "duplex" else 1
            fed = sum(len(envelope.sheets) for envelope in run.envelopes) + len(apart)
            if fed * step != len(texts):
                verdict.wrong.append(f"{batch.name}: {fed} sheets went through, {len(texts)} pages are printed")


def open_envelope(
    made: Made, setting: Setting, envelope: Envelope, texts: list[str], numbers: Counter[int]
) -> list[str]:
    """What is wrong with one envelope. In reading order its pages are 1 to n of one letter, then at most one blank."""
    sheets = [page for _, page in envelope.sheets]
    if not setting.address_first:
        sheets.reverse()
    pages = [page for sheet in sheets for page in ((sheet, sheet + 1) if made.plex == "duplex" else (sheet,))]
    inside = [texts[page - 1] for page in pages]
    if made.plex == "duplex" and not inside[-1].strip():
        inside.pop()
    said = [[tuple(int(each) for each in found) for found in SAYS.findall(text)] for text in inside]
    where = f"{setting.id}, pages {pages}"
    if any(len(each) != 1 for each in said):
        return [f"{where}: a page of no letter, or of several: {said}"]
    number = said[0][0][0]
    numbers[number] += 1
    wanted = [[(number, page, len(inside))] for page in range(1, len(inside) + 1)]
    sent = made.letters.get(number)
    if said != wanted or sent is None or sent.pages != len(inside):
        return [f"{where}: {said} is not letter {number}, {sent}"]
    return []


def test_every_envelope_holds_exactly_one_letter(made: Made, machine: str, capsys: pytest.CaptureFixture[str]) -> None:
    verdict, began = Verdict(), time.monotonic()
    kinds: Counter[tuple[str, str]] = Counter()
    largest = 0
    for batch in made.batches():
        runs = machine_runs(made, batch)
        before = verdict.envelopes
        judge(made, batch, runs, verdict)
        kinds[setting_of(made, batch).id, json.loads((batch / "batch.json").read_text())["envelope"]] += (
            verdict.envelopes - before
        )
        largest = max(largest, verdict.envelopes - before)
    with capsys.disabled():
        print(
            f"\n{machine} {made.plex}: {verdict.envelopes} envelopes, {verdict.sheets} sheets, "
            f"{len(verdict.wrong)} wrong; largest batch {largest}; {dict(kinds)}; {time.monotonic() - began:.0f} s"
        )
    assert verdict.wrong == []
    assert verdict.numbers == Counter(dict.fromkeys(made.letters, 1))
    assert set(kinds) == {(machine, "c65"), (FLAT, "c4")}
    assert largest == LETTERS


def test_the_batch_mixes_all_municipalities_and_lengths(made: Made, machine: str) -> None:
    for batch in made.batches():
        with (batch / "pieces.csv").open(encoding="utf-8", newline="") as opened:
            rows = list(csv.DictReader(opened))
        folded = rows[0]["envelope"] == "c65"
        lengths = {int(row["source_last_page"]) - int(row["source_first_page"]) + 1 for row in rows}
        assert {row["municipality"] for row in rows} == set(OFFICES)
        assert lengths == set(LENGTHS[made.plex][0 if folded else 1])


def test_a_swapped_sheet_and_a_wrong_group_are_noticed(made: Made, machine: str, tmp_path: Path) -> None:
    """The judge is fit to judge: two sheets in each other's place, and a sheet in the wrong envelope."""
    batch = next(each for each in made.batches() if setting_of(made, each).id == machine)
    copy = tmp_path / batch.name
    copy.mkdir()
    shutil.copyfile(batch / "batch.json", copy / "batch.json")
    swapped, step = copy / f"{batch.name}-v01.pdf", 2 if made.plex == "duplex" else 1
    with pikepdf.open(batch / swapped.name) as pdf:
        pages = list(pdf.pages)
        end = next(n for n in range(0, len(pages), step) if n >= 2 * step)
        for at in range(step):
            pdf.pages[end - step + at], pdf.pages[end + at] = pages[end + at], pages[end - step + at]
        pdf.save(swapped)
    verdict = Verdict()
    judge(made, copy, machine_runs(made, copy), verdict)
    assert verdict.wrong != []

    runs = machine_runs(made, batch)
    first, second, *others = runs[0].envelopes
    runs[0].envelopes = [Envelope((*first.sheets, second.sheets[0])), Envelope(second.sheets[1:]), *others]
    runs[0].envelopes = [envelope for envelope in runs[0].envelopes if envelope.sheets]
    verdict = Verdict()
    judge(made, batch, runs, verdict)
    assert len(verdict.wrong) >= 1


@pytest.mark.parametrize("faults", ["none", "jam=0.02,double=0.01,lost=0.01,misread=0.02,pulled=0.01"])
def test_the_verb_writes_a_log_that_names_every_piece_once(made: Made, machine: str, faults: str) -> None:
    batch = next(each for each in made.batches() if setting_of(made, each).id == machine)
    done = made.place.call("simulate", batch.name, "--seed", "3", "--faults", faults, "--json")
    told = json.loads(done.stdout)
    assert done.returncode == (1 if told["undetected"] else 0), done.stderr
    log = made.place.root / "printcenter" / "machine-logs" / f"{batch.name}-simulated.csv"
    assert told["log"] == str(log)
    first = log.read_bytes()
    rows = list(csv.DictReader(first.decode("utf-8").splitlines()))
    assert [row["piece"] for row in rows] == [str(number) for number in range(1, len(rows) + 1)]
    assert len(rows) == told["ok"] + told["reprint"] + told["pulled"]
    counts = Counter(row["status"] for row in rows)
    assert counts == {name: told[name] for name in ("ok", "reprint", "pulled") if told[name]}
    if faults == "none":
        assert (counts, told["stops"], told["undetected"]) == (Counter(ok=len(rows)), [], [])
    else:
        assert counts["reprint"] > 0 < len(told["stops"])
        assert machine == "pitney-small" or told["undetected"] == []  # its basic code has no running number
    again = made.place.call("simulate", batch.name, "--seed", "3", "--faults", faults)
    assert (again.returncode, log.read_bytes()) == (done.returncode, first)
    log.unlink()


def test_a_batch_that_is_not_there_and_a_fault_that_is_none(tmp_path: Path) -> None:
    place = Place(tmp_path / "root")
    assert place.call("simulate", "b9999999").returncode == ExitCode.NOT_FOUND
    assert place.call("simulate", "../inbox").returncode == ExitCode.NOT_FOUND
    assert place.call("simulate", "b0000001", "--faults", "fire=1").returncode == ExitCode.USAGE
