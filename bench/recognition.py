"""The same stack through our line, OCRmyPDF and bare Tesseract, in turns: speed, CPU, memory, and what was read right.

    bench/.venv/bin/python -m bench.recognition [--pages 120] [--rounds 2] [--seed 1] [--out RESULT.json]
        [--cache DIR] [--ours COMMAND] [--sides poststrasse,ocrmypdf,tesseract] [--keep DIR]

`make bench` calls it. Rounds go to and fro (A B, B A, …), so that a machine that slows down slows both; the floor,
Tesseract, runs in the first round only. Texts are judged once, from the first round. A side that ends with another
status than 0 is told as such and its figures stay in the table.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.scoring import LETTERS, Score, check_yourself, score_page, total
from bench.sides import (
    CACHE,
    JOBS,
    OURS,
    ROOT,
    Measure,
    Side,
    check_measuring,
    ocrmypdf,
    our_line,
    run_side,
    say,
    tesseract,
)
from bench.stack.fields import FIELDS
from bench.stack.making import Told, make_stack

NAMES = ("poststrasse", "ocrmypdf", "tesseract")
_FLOOR = "tesseract"

GROUPS: dict[str, Callable[[dict[str, Any]], str]] = {
    "kind": lambda page: str(page["kind"]),
    "lie": lambda page: _lie(page),
    "coding": lambda page: str(page["coding"]).removeprefix("pdf-"),
    "dpi": lambda page: f"{page['dpi']} dpi",
}
"""What the tables of rates are split by."""


def _lie(page: dict[str, Any]) -> str:
    if page["turn"]:
        return "on its side" if page["turn"] != 180 else "upside down"
    return "askew" if abs(page["skew_degrees"]) >= 0.6 else "straight"


def compare(sides: list[Side], stack: Path, truth: Path, rounds: int, work: Path, told: Told) -> dict[str, Any]:
    """Run and judge all sides. Returns what goes into the results."""
    pages = json.loads(truth.read_text(encoding="utf-8"))["pages"]
    measures: dict[str, list[Measure]] = {side.name: [] for side in sides}
    judged: dict[str, dict[str, Any]] = {}
    for number in range(1, rounds + 1):
        turn = sides if number % 2 else sides[::-1]
        for side in turn:
            if side.name == _FLOOR and number > 1:
                continue
            folder = work / f"{number}-{side.name}"
            measures[side.name].append(run_side(side, stack, len(pages), folder, told))
            if number == 1:
                judged[side.name] = judge(side, folder, pages)
                for remark in judged[side.name]["remarks"]:
                    told(f"  {remark}")
    return {
        "pages": len(pages),
        "rounds": rounds,
        "jobs": JOBS,
        "stack_mb": round(stack.stat().st_size / 2**20, 1),
        "runs": [asdict(measure) for each in measures.values() for measure in each],
        "speed": {name: speed(each) for name, each in measures.items()},
        "ratio": ratios(measures),
        "accuracy": judged,
    }


def judge(side: Side, folder: Path, pages: list[dict[str, Any]]) -> dict[str, Any]:
    """How right one side's texts are: over all pages, by each of `GROUPS`, and page by page."""
    texts, remarks = side.texts(folder, len(pages))
    scores = [score_page(page["rows"], page["fields"], text) for page, text in zip(pages, texts, strict=True)]
    groups: dict[str, dict[str, Any]] = {}
    for name, key in GROUPS.items():
        split: dict[str, list[Score]] = {}
        for page, score in zip(pages, scores, strict=True):
            split.setdefault(key(page), []).append(score)
        groups[name] = {key: total(each).figures() for key, each in sorted(split.items())}
    by_page = [
        {"page": page["page"], "cer_free": score.figures()["cer_free"], "missed": score.missed}
        for page, score in zip(pages, scores, strict=True)
    ]
    return {"all": total(scores).figures(), "by": groups, "pages": by_page, "remarks": remarks}


def speed(measures: list[Measure]) -> dict[str, float | int]:
    """Medians over the rounds; memory: the most of all rounds; `failed`: how many rounds did not end with 0."""
    pages = measures[0].pages
    return {
        "pages_a_minute": round(statistics.median(each.pages_a_minute for each in measures), 2),
        "cpu_s_a_page": round(statistics.median(each.cpu_s for each in measures) / pages, 3),
        "peak_rss_mb": max(each.peak_rss_mb for each in measures),
        "peak_tree_mb": max(each.peak_tree_mb for each in measures),
        "failed": sum(each.status != 0 for each in measures),
    }


def ratios(measures: dict[str, list[Measure]]) -> dict[str, float]:
    """Ours by theirs, medians of the pairs of each round: speed and CPU as many times better, above 1 is ours."""
    ours, theirs = measures.get("poststrasse", []), measures.get("ocrmypdf", [])
    if not ours or not theirs:
        return {}
    pairs = list(zip(ours, theirs, strict=True))
    return {
        "speed": round(statistics.median(other.wall_s / own.wall_s for own, other in pairs), 2),
        "cpu": round(statistics.median(other.cpu_s / own.cpu_s for own, other in pairs), 2),
    }


_ROWS = (
    ("cer_raw", "character errors, raw"),
    ("cer", "character errors, normalised"),
    ("cer_free", "character errors, any order"),
    ("words", "words right, in order"),
    ("words_free", "words right, any order"),
    *((kind, {"iban": "IBANs right"}.get(kind, f"{kind}s right")) for kind in FIELDS),
    *((name, f"{name} right") for name in LETTERS),
)


def table(result: dict[str, Any]) -> list[str]:
    """The result as lines of a Markdown table, for the terminal and for the documents alike."""
    names = [name for name in NAMES if name in result["speed"]]
    lines = [f"| {result['pages']} pages, {result['rounds']} rounds | " + " | ".join(names) + " |"]
    lines.append("|---|" + "---:|" * len(names))
    speeds = result["speed"]

    def row(what: str, values: list[str]) -> None:
        lines.append(f"| {what} | " + " | ".join(values) + " |")

    row("pages a minute", [f"{speeds[name]['pages_a_minute']:.1f}" for name in names])
    row("s of CPU a page", [f"{speeds[name]['cpu_s_a_page']:.2f}" for name in names])
    row("largest process, MB", [f"{speeds[name]['peak_rss_mb']:.0f}" for name in names])
    row("all processes together, MB", [f"{speeds[name]['peak_tree_mb']:.0f}" for name in names])
    row("runs that failed", [str(speeds[name]["failed"]) for name in names])
    for key, what in _ROWS:
        row(what, [_percent(result["accuracy"][name]["all"].get(key)) for name in names])
    for group in GROUPS:
        kinds = sorted({kind for name in names for kind in result["accuracy"][name]["by"][group]})
        for kind in kinds:
            cells = [result["accuracy"][name]["by"][group].get(kind, {}) for name in names]
            row(
                f"{kind}, {cells[0].get('pages', 0)} pages: errors normalised / any order / words any order",
                [" / ".join(_percent(cell.get(key)) for key in ("cer", "cer_free", "words_free")) for cell in cells],
            )
    return lines


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.2f} %"


def versions(ours: str) -> dict[str, str]:
    """Who competed."""
    tools = {
        "poststrasse": [ours, "--version"],
        "ocrmypdf": [str(Path(sys.executable).with_name("ocrmypdf")), "--version"],
        "tesseract": ["tesseract", "--version"],
    }
    told = {}
    for name, command in tools.items():
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        told[name] = (ended.stdout.strip() or ended.stderr.strip() or f"status {ended.returncode}").splitlines()[0]
    return told


def main() -> int:
    """Make the stack, compare, print, write. Status 1 when one of the runs failed."""
    parser = argparse.ArgumentParser(prog="python -m bench.recognition", description="Recognition side by side")
    parser.add_argument("--pages", type=int, default=120, help="pages of the stack (default: 120)")
    parser.add_argument("--rounds", type=int, default=2, help="how often each side runs (default: 2)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another stack (default: 1)")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where pages are kept (default: bench/.cache)")
    parser.add_argument("--ours", default=str(OURS), help="the command `poststrasse` (default: this tree's)")
    parser.add_argument("--sides", default=",".join(NAMES), help=f"who runs (default: {','.join(NAMES)})")
    parser.add_argument("--keep", type=Path, help="keep what the runs wrote in this folder, which must not exist")
    parser.add_argument("--out", type=Path, help="JSON file for the figures")
    chosen = parser.parse_args()
    check_yourself()
    check_measuring()
    stack, truth = make_stack(chosen.pages, chosen.seed, chosen.cache.resolve(), say)
    with tempfile.TemporaryDirectory(prefix="poststrasse-bench-") as scratch:
        work = chosen.keep.resolve() if chosen.keep else Path(scratch)
        sides = [
            {"poststrasse": lambda: our_line(chosen.ours), "ocrmypdf": ocrmypdf, "tesseract": tesseract}[name]()
            for name in chosen.sides.split(",")
        ]
        result = compare(sides, stack, truth, chosen.rounds, work, say)
    result |= {"seed": chosen.seed, "recipe": stack.parent.name, "versions": versions(chosen.ours)}
    print("\n".join(table(result)))
    for name, ratio in result["ratio"].items():
        print(f"{name}: {ratio:.2f} times OCRmyPDF's")
    if chosen.out:
        chosen.out.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 1 if any(each["failed"] for each in result["speed"].values()) else 0


if __name__ == "__main__":
    sys.exit(main())
