"""The ways in which the same stack is recognised: our line, OCRmyPDF, bare Tesseract; their commands and their texts.

All get the same two processors and one thread a Tesseract process. Our line runs as it is delivered: the file lies in
the inbox, `poststrasse run --once` takes it in, splits, recognises, builds and checks the archive package, and ends.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf

from bench.promises import LOST
from bench.stack.making import Told

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / "bench" / ".cache"
OURS = ROOT / ".venv" / "bin" / "poststrasse"
JOBS = 2
"""How many pages each side works on at once, and how many processors it may use."""

MUNICIPALITY, JOB = "schwerin", "post"
_OCRMYPDF = (
    "--deskew", "--rotate-pages", "--output-type", "pdfa-2", "--pdfa-backend", "internal", "-l", "deu",
    "-j", str(JOBS),
)  # fmt: skip
_TWO_AT_ONCE = """printf '%s\\n' "$@" | xargs -P "$JOBS" -I @ sh -c 'tesseract @ "$OUT/$(basename @ .png)" -l deu'"""


def say(sentence: str) -> None:
    """Progress goes to stderr, at once."""
    print(sentence, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Measure:
    """What one run took. Memory in MB of 2**20 bytes; see `bench.measuring` for what each figure is."""

    side: str
    pages: int
    status: int
    wall_s: float
    cpu_s: float
    peak_rss_mb: float
    peak_rss_process: str
    peak_tree_mb: float
    load_average: float

    @property
    def pages_a_minute(self) -> float:
        """Speed by the wall clock."""
        return 60.0 * self.pages / self.wall_s


@dataclass(frozen=True)
class Side:
    """A way of doing it. `prepare` makes the folder ready and gives the command; `texts` reads page texts afterwards.

    `texts` gives a text a page of the source, in order; a page that did not come out is an empty text, and says so in
    the list of remarks.
    """

    name: str
    prepare: Callable[[Path, Path], list[str]]
    texts: Callable[[Path, int], tuple[list[str], list[str]]]
    environment: dict[str, str]


def our_line(command: str) -> Side:
    """The line through its real command."""

    def prepare(stack: Path, folder: Path) -> list[str]:
        inbox = folder / "root" / "inbox" / MUNICIPALITY / JOB
        inbox.mkdir(parents=True)
        shutil.copyfile(stack, inbox / "stack.pdf")
        return [command, "--root", str(folder / "root"), "run", "--once", "--workers", str(JOBS)]

    def texts(folder: Path, pages: int) -> tuple[list[str], list[str]]:
        remarks = _accept_all([command, "--root", str(folder / "root")])
        return _texts_of_packages(folder / "root", pages, remarks)

    return Side("poststrasse", prepare, texts, {})


def clean_environment() -> dict[str, str]:
    """This process's environment without settings of the line and of Python, which a machine may have for its own."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("POSTSTRASSE_", "PYTHON"))}


def _accept_all(command: list[str]) -> list[str]:
    """Accept what waits for a person, after the clock has stopped, so that its text can be judged. Returns remarks."""
    remarks: list[str] = []

    def call(*words: str) -> str:
        ended = subprocess.run([*command, *words], env=clean_environment(), cwd=ROOT, capture_output=True, text=True)
        if ended.returncode:
            remarks.append(f"{' '.join(words[:2])}: status {ended.returncode}: {ended.stderr.strip()[-300:]}")
        return ended.stdout

    waiting = json.loads(call("documents", "list", "--state", "review", "--json") or "[]")
    for document in waiting:
        remarks.append(f"{document['id']}: in review, accepted for the comparison: {document['review']}")
        call("documents", "accept", document["id"], "--who", "Benchmark", "--reason", "Vergleich")
    if waiting:
        call("run", "--once")
    return remarks


def _texts_of_packages(root: Path, pages: int, remarks: list[str]) -> tuple[list[str], list[str]]:
    found = [""] * pages
    packages = sorted((root / "archive" / MUNICIPALITY).glob("*/data/document.json"))
    seen: set[int] = set()
    for package in packages:
        told = json.loads(package.read_text(encoding="utf-8"))
        parts = package.with_name("document.txt").read_text(encoding="utf-8").split("\f")
        for page, text in zip(told["pages"], parts, strict=False):
            found[page["source_page"] - 1] = text
            seen.add(page["source_page"])
        remarks += [f"dropped: page {each['source_page']} ({each['reason']})" for each in told["dropped"]]
    missing = sorted(set(range(1, pages + 1)) - seen)
    if missing:
        remarks.append(f"{LOST}: {missing}")
    return found, remarks


def ocrmypdf() -> Side:
    """OCRmyPDF as section 5 of its comparison says, from the benchmark's own environment; text from its sidecar."""

    def prepare(stack: Path, folder: Path) -> list[str]:
        tool = Path(sys.executable).with_name("ocrmypdf")
        sidecar = str(folder / "sidecar.txt")
        return [str(tool), *_OCRMYPDF, "--sidecar", sidecar, str(stack), str(folder / "out.pdf")]

    def texts(folder: Path, pages: int) -> tuple[list[str], list[str]]:
        if not (folder / "sidecar.txt").exists():
            return [""] * pages, ["no sidecar"]
        parts = (folder / "sidecar.txt").read_text(encoding="utf-8").split("\f")
        remarks = [] if (folder / "out.pdf").exists() else ["no output file"]
        return (parts + [""] * pages)[:pages], remarks

    return Side("ocrmypdf", prepare, texts, {"OMP_THREAD_LIMIT": "1"})


def tesseract() -> Side:
    """Tesseract by itself on each page's picture, two side by side: no PDF, no deskew, no turning."""

    def prepare(stack: Path, folder: Path) -> list[str]:
        pictures = page_pictures(stack)
        return ["sh", "-c", _TWO_AT_ONCE, "tesseract", *map(str, pictures)]

    def texts(folder: Path, pages: int) -> tuple[list[str], list[str]]:
        found, remarks = [], []
        for number in range(1, pages + 1):
            file = folder / f"{number:04d}.txt"
            found.append(file.read_text(encoding="utf-8") if file.exists() else "")
            remarks += [] if file.exists() else [f"no text of page {number}"]
        return found, remarks

    return Side("tesseract", prepare, texts, {"OMP_THREAD_LIMIT": "1", "JOBS": str(JOBS)})


def page_pictures(stack: Path) -> list[Path]:
    """The page images of the stack as PNG files with their resolution, beside the stack; made once."""
    folder = stack.with_suffix(".png")
    folder.mkdir(exist_ok=True)
    files = []
    with pikepdf.open(stack) as document:
        for number, page in enumerate(document.pages, 1):
            file = folder / f"{number:04d}.png"
            files.append(file)
            if file.exists():
                continue
            (image,) = page.images.values()
            dpi = round(image.Width * 72 / float(page.mediabox[2] - page.mediabox[0]))
            part = file.with_suffix(".part")
            pikepdf.PdfImage(image).as_pil_image().save(part, "PNG", dpi=(dpi, dpi))
            part.replace(file)
    return files


def measured(command: list[str], folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    """Run a command to its end under `bench.measuring`; returns its figures. What it prints is in `folder`/log.txt."""
    result = folder / "measured.json"
    measuring = [sys.executable, "-m", "bench.measuring", str(result), "--log", str(folder / "log.txt")]
    subprocess.run([*measuring, "--processors", str(JOBS), "--", *command], env=environment, cwd=ROOT, check=True)
    known: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return known


def check_measuring() -> None:
    """A known load must give known figures, an orphan's included. Raises RuntimeError otherwise."""
    burning = "import time; held = bytearray(200 * 2**20); [0 for _ in iter(lambda: time.process_time() < 0.5, False)]"
    command = ["sh", "-c", '"$0" -c "$1" & exit 3', sys.executable, burning]
    with tempfile.TemporaryDirectory(prefix="poststrasse-bench-") as folder:
        known = measured(command, Path(folder), clean_environment())
    if known["status"] != 3 or not 0.45 < known["cpu_s"] < 2.0 or not 200 < known["peak_rss_mb"] < 260:
        raise RuntimeError(f"the measuring is wrong: {known}")


def run_side(side: Side, stack: Path, pages: int, folder: Path, told: Told) -> Measure:
    """Run one side once in an empty folder, measured by a process of its own; a failure is a status, not an error."""
    folder.mkdir(parents=True)
    command = side.prepare(stack, folder)
    known = measured(command, folder, clean_environment() | side.environment | {"OUT": str(folder)})
    measure = Measure(
        side.name,
        pages,
        known["status"],
        known["wall_s"],
        known["cpu_s"],
        known["peak_rss_mb"],
        known["peak_rss_process"],
        known["peak_tree_mb"],
        known["load_average"][0],
    )
    told(
        f"{side.name}: {measure.wall_s:.1f} s, {measure.pages_a_minute:.1f} pages/min, "
        f"{measure.cpu_s / pages:.2f} s CPU/page, {measure.peak_rss_mb:.0f} MB"
        + (f", STATUS {measure.status}" if measure.status else "")
    )
    return measure
