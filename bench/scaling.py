"""Whether a page of a long stack takes longer than one of a short stack: 60, 600 and 60 pages through our line.

    bench/.venv/bin/python -m bench.scaling [--few 60] [--times 10] [--seed 1] [--out RESULT.json] [--cache DIR]

The short stack runs before and after the long one, so that a machine that slows down or warms up is seen; its mean
counts. The long one holds every page of the short one ten times, each with a picture of its own, so both are alike to
the last stain.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pikepdf

from bench.recognition import versions
from bench.sides import CACHE, OURS, our_line, run_side, say
from bench.stack.making import make_stack


def repeated(stack: Path, times: int, target: Path) -> Path:
    """A PDF of the stack's pages, one round of them after the other; nothing is shared between rounds."""
    with ExitStack() as opened, pikepdf.new() as long:
        for _round in range(times):
            long.pages.extend(opened.enter_context(pikepdf.open(stack)).pages)
        long.save(target)
    return target


def scale(few: int, times: int, seed: int, ours: str, cache: Path, work: Path) -> dict[str, Any]:
    """Run few, many, few pages; `ratio`: seconds a page of many by those of few."""
    many = few * times
    short_stack, _ = make_stack(few, seed, cache, say)
    long_stack = repeated(short_stack, times, work / "long.pdf")
    turns = ((short_stack, few), (long_stack, many), (short_stack, few))
    runs = [
        run_side(our_line(ours), stack, pages, work / str(number), say)
        for number, (stack, pages) in enumerate(turns, 1)
    ]
    short = statistics.mean(run.wall_s / run.pages for run in (runs[0], runs[2]))
    long = runs[1].wall_s / runs[1].pages
    return {
        "runs": [asdict(run) for run in runs],
        "s_a_page": {str(few): round(short, 3), str(many): round(long, 3)},
        "cpu_s_a_page": {
            str(few): round(statistics.mean(run.cpu_s / run.pages for run in (runs[0], runs[2])), 3),
            str(many): round(runs[1].cpu_s / runs[1].pages, 3),
        },
        "ratio": round(long / short, 3),
        "versions": versions(ours),
    }


def main() -> int:
    """Measure, print, write. Status 1 when a run failed."""
    parser = argparse.ArgumentParser(prog="python -m bench.scaling", description="Time a page, few pages and many")
    parser.add_argument("--few", type=int, default=60, help="pages of the short stack (default: 60)")
    parser.add_argument("--times", type=int, default=10, help="how often the long stack holds each (default: 10)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another stack (default: 1)")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where pages are kept (default: bench/.cache)")
    parser.add_argument("--ours", default=str(OURS), help="the command `poststrasse` (default: this tree's)")
    parser.add_argument("--out", type=Path, help="JSON file for the figures")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="poststrasse-bench-") as scratch:
        result = scale(chosen.few, chosen.times, chosen.seed, chosen.ours, chosen.cache.resolve(), Path(scratch))
    for pages, seconds in result["s_a_page"].items():
        print(f"{pages} pages: {seconds:.2f} s and {result['cpu_s_a_page'][pages]:.2f} s of CPU a page")
    print(f"ratio: {result['ratio']:.2f}")
    if chosen.out:
        chosen.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 1 if any(run["status"] for run in result["runs"]) else 0


if __name__ == "__main__":
    sys.exit(main())
