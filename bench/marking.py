"""Marking and assembling the same pages, in turns: our writer, PyMuPDF, pypdf, reportlab with `qpdf --overlay`.

    bench/.venv/bin/python -m bench.marking [--sheets 5000] [--files 500] [--rounds 2] [--machine datamatrix]
        [--seed 1] [--out RESULT.json] [--cache DIR] [--keep DIR]

Two cases: one stack, and as many pages in separate files. Every side gets the same files and ends with all pages in
order, the same marks on each of them: the others with one PDF, ours with volumes of as many sheets as the machine
takes. Rounds go to and fro (A B C D, then D C B A), each run is a process of its own that is measured as a whole, and
every file that comes out is checked: pages, each mark, text and look.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

from bench.mail.notices import Told, make_files, make_stack
from bench.mail.volume_sizes import files_of
from bench.sides import CACHE, ROOT, check_measuring, clean_environment, measured, say

OURS = ROOT / ".venv" / "bin" / "python"
"""The Python of our environment: the others run in this one."""
US = "poststrasse"
MODULES = {
    US: "bench.mail.by_us",
    "pymupdf": "bench.mail.by_pymupdf",
    "pypdf": "bench.mail.by_pypdf",
    "qpdf": "bench.mail.by_qpdf",
}
CASES = ("stack", "files")
_LETTER_PAGES = 2
_MB = 2**20


def compare(sheets: int, files: int, rounds: int, machine: str, seed: int, cache: Path, work: Path) -> dict[str, Any]:
    """Run all sides on both cases. Returns what goes into the results."""
    cases: dict[str, Any] = {}
    for case in CASES:
        if case == "stack":
            sources = [make_stack(sheets // _LETTER_PAGES, seed, cache, say, _LETTER_PAGES)]
            letters = [_LETTER_PAGES] * (sheets // _LETTER_PAGES)
        else:
            sources = make_files(files, sheets // files, seed, cache, say)
            letters = [sheets // files] * files
        folder = work / case
        folder.mkdir(parents=True)
        marks = folder / "marks.json"
        job = {"sources": [str(file) for file in sources], "letters": letters, "machine": machine, "marks": str(marks)}
        _ours("bench.mail.drawn_marks", _written(job | {"out": ""}, folder))
        cases[case] = _case(job, rounds, folder, say) | {
            "sources": len(sources),
            "sources_mb": round(sum(file.stat().st_size for file in sources) / _MB, 2),
        }
    return {"sheets": sheets, "rounds": rounds, "machine": machine, "cases": cases, "versions": versions()}


def _case(job: dict[str, Any], rounds: int, folder: Path, told: Told) -> dict[str, Any]:
    runs: list[dict[str, Any]] = []
    for number in range(1, rounds + 1):
        for side in list(MODULES) if number % 2 else list(MODULES)[::-1]:
            place = folder / f"{number}-{side}"
            place.mkdir()
            runs.append(_run(side, job, place) | {"round": number})
            last = runs[-1]
            told(
                f"{folder.name}: {side}: {last['wall_s']:.1f} s, {last['cpu_s']:.1f} s CPU, {last['peak_rss_mb']:.0f} "
                f"MB, {last['out_mb']:.1f} MB written"
                + (f", STATUS {last['status']}" if last["status"] else "")
                + "".join(f"; {fault}" for fault in last["faults"][:3])
            )
    return {"runs": runs, "sides": {side: _figures(side, runs) for side in MODULES}, "ratio": ratios(runs)}


def _run(side: str, job: dict[str, Any], place: Path) -> dict[str, Any]:
    """One side once, measured, its file checked and removed."""
    out = place / "marked.pdf"
    order = _written(job | {"out": str(out)}, place)
    python = OURS if side == US else Path(sys.executable)
    known = measured([str(python), "-m", MODULES[side], str(order), str(place / "times.json")], place, _environment())
    faults, made = ["no file"], files_of(out)
    if known["status"] == 0 and made:
        _ours("bench.mail.checking", order, place / "checked.json")
        faults = json.loads((place / "checked.json").read_text(encoding="utf-8"))["faults"]
    told = {key: known[key] for key in ("status", "wall_s", "cpu_s", "peak_rss_mb")}
    told |= {"side": side, "out_mb": round(sum(file.stat().st_size for file in made) / _MB, 2), "faults": faults}
    times = place / "times.json"
    if times.exists():
        told |= {key: round(value, 3) for key, value in json.loads(times.read_text(encoding="utf-8")).items()}
    for file in place.glob("*.pdf"):
        file.unlink()
    return told


def _written(job: dict[str, Any], folder: Path) -> Path:
    file = folder / "job.json"
    file.write_text(json.dumps(job), encoding="utf-8")
    return file


def _ours(module: str, *words: Path) -> None:
    """Run something of ours that is not measured."""
    subprocess.run([OURS, "-m", module, *words], cwd=ROOT, env=_environment(), check=True)


def _environment() -> dict[str, str]:
    return clean_environment() | {"PYTHONPATH": str(ROOT)}


def _figures(side: str, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians over the rounds; memory: the most of all rounds."""
    mine = [run for run in runs if run["side"] == side]
    told: dict[str, Any] = {
        key: round(statistics.median(run[key] for run in mine), 3)
        for key in ("wall_s", "cpu_s", "out_mb", "normalised_s", "marked_s")
        if all(key in run for run in mine)
    }
    return told | {
        "peak_rss_mb": max(run["peak_rss_mb"] for run in mine),
        "failed": sum(bool(run["status"] or run["faults"]) for run in mine),
    }


def ratios(runs: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Theirs by ours, medians of the pairs of each round: `wall` and `cpu` from the files as they came to the one that
    is printed; `marking`: against our second half alone, as when a volume is written again from normalised slices."""
    ours = {run["round"]: run for run in runs if run["side"] == US}
    told: dict[str, dict[str, float]] = {}
    for side in MODULES:
        pairs = [(ours[run["round"]], run) for run in runs if run["side"] == side]
        if side == US or not pairs:
            continue
        told[side] = {
            "wall": round(statistics.median(run["wall_s"] / own["wall_s"] for own, run in pairs), 2),
            "cpu": round(statistics.median(run["cpu_s"] / own["cpu_s"] for own, run in pairs), 2),
        }
        if all("marked_s" in own for own, _ in pairs):
            halves = statistics.median(run["wall_s"] / own["marked_s"] for own, run in pairs)
            told[side]["marking"] = round(halves, 2)
    return told


def table(result: dict[str, Any]) -> list[str]:
    """The result as lines of a Markdown table."""
    lines = [
        f"| {result['sheets']} pages, {result['rounds']} rounds, {result['machine']} | s | s of CPU | MB of memory "
        "| MB written | ours, times as fast | by CPU | from normalised slices |",
        "|---|" + "---:|" * 7,
    ]
    for case, told in result["cases"].items():
        for side, figures in told["sides"].items():
            ratio = told["ratio"].get(side, {})
            cells = [f"{figures[key]:.1f}" for key in ("wall_s", "cpu_s", "peak_rss_mb", "out_mb")]
            cells += [f"{ratio[key]:.1f}" if key in ratio else "" for key in ("wall", "cpu", "marking")]
            lines.append(f"| {case}: {side} | " + " | ".join(cells) + " |")
    return lines


def versions() -> dict[str, str]:
    """Who competed."""
    told = {name: metadata.version(name) for name in ("pymupdf", "pypdf", "reportlab")}
    ended = subprocess.run(["qpdf", "--version"], capture_output=True, text=True, check=False)
    return told | {"qpdf": (ended.stdout.splitlines() or ["not there"])[0]}


def main() -> int:
    """Measure, print, write. Status 1 when a run failed or gave a wrong file."""
    parser = argparse.ArgumentParser(prog="python -m bench.marking", description="Marking side by side")
    parser.add_argument("--sheets", type=int, default=5000, help="pages that are marked (default: 5000)")
    parser.add_argument("--files", type=int, default=500, help="separate files that hold them (default: 500)")
    parser.add_argument("--rounds", type=int, default=2, help="how often each side runs (default: 2)")
    parser.add_argument("--machine", default="datamatrix", help="whose marks (default: datamatrix)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another stack (default: 1)")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where stacks are kept (default: bench/.cache)")
    parser.add_argument("--keep", type=Path, help="keep what the runs told in this folder, which must not exist")
    parser.add_argument("--out", type=Path, help="JSON file for the figures")
    chosen = parser.parse_args()
    if chosen.sheets % chosen.files or chosen.sheets % _LETTER_PAGES:
        parser.error("the pages must share out evenly among files, and among letters of two pages")
    check_measuring()
    with tempfile.TemporaryDirectory(prefix="poststrasse-bench-") as scratch:
        work = chosen.keep.resolve() if chosen.keep else Path(scratch)
        cache = chosen.cache.resolve()
        result = compare(chosen.sheets, chosen.files, chosen.rounds, chosen.machine, chosen.seed, cache, work)
    print("\n".join(table(result)))
    if chosen.out:
        chosen.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    sides = [side for case in result["cases"].values() for side in case["sides"].values()]
    return 1 if any(side["failed"] for side in sides) else 0


if __name__ == "__main__":
    sys.exit(main())
