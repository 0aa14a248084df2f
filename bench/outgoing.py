"""The whole way of a print stream, from the drop to a verified batch with manifests, for stacks of growing length.

    bench/.venv/bin/python -m bench.outgoing [--stacks 2000,20000,100000] [--seed 1] [--out RESULT.json] [--cache DIR]
        [--ours COMMAND] [--keep DIR]

Each stack is one file of letters of two pages; it lies in the inbox when `poststrasse run --once --assemble` starts.
When the clock has stopped, the batches are counted: every letter in one, all sheets read back, papers there. Sizes are
compared with the stack's and with what the letters would take as files of their own.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import pikepdf

from bench.mail.notices import make_stack
from bench.sides import CACHE, JOBS, OURS, check_measuring, clean_environment, measured, say

MUNICIPALITY, JOB = "schwerin", "tax-notices"
LETTER_PAGES = 2
STACKS = (2_000, 20_000, 100_000)
_SAMPLED = 100
_MB = 2**20


def walk(letters: int, seed: int, ours: str, cache: Path, folder: Path) -> dict[str, Any]:
    """One stack through the line; returns its figures. What is wrong stands in `faults`."""
    stack = make_stack(letters, seed, cache, say, LETTER_PAGES)
    root = folder / "root"
    inbox = root / "inbox" / MUNICIPALITY / JOB
    inbox.mkdir(parents=True)
    shutil.copyfile(stack, inbox / "bescheide.pdf")
    command = [ours, "--root", str(root), "run", "--once", "--assemble", "--workers", str(JOBS)]
    known = measured(command, folder, clean_environment())
    pages = letters * LETTER_PAGES
    told = {key: known[key] for key in ("status", "wall_s", "cpu_s", "peak_rss_mb", "peak_tree_mb")}
    told |= {
        "letters": letters,
        "pages": pages,
        "pages_a_s": round(pages / known["wall_s"], 1),
        "wall_ms_a_page": round(1000 * known["wall_s"] / pages, 3),
        "cpu_ms_a_page": round(1000 * known["cpu_s"] / pages, 3),
        "peak_rss_by_name_mb": known["peak_rss_by_name_mb"],
        "load_average": known["load_average"][0],
    }
    told |= sizes(root, stack, letters) | {"faults": faults_of(root, letters)}
    shutil.rmtree(root)
    say(
        f"{letters} letters: {told['wall_s']:.1f} s, {told['pages_a_s']:.0f} pages/s, {told['cpu_ms_a_page']:.2f} ms "
        f"of CPU a page, {told['peak_rss_mb']:.0f} MB"
        + (f", STATUS {told['status']}" if told["status"] else "")
        + "".join(f"; {fault}" for fault in told["faults"])
    )
    return told


def faults_of(root: Path, letters: int) -> list[str]:
    """What is missing after a run, a sentence each: letters, sheets that were not read back, papers."""
    batches = sorted((root / "printcenter" / "batches").glob("*/batch.json"))
    if not batches:
        return ["no batch"]
    told = [json.loads(batch.read_text(encoding="utf-8")) for batch in batches]
    faults = []
    pieces = sum(batch["totals"]["pieces"] for batch in told)
    if pieces != letters:
        faults.append(f"{pieces} letters in batches, not {letters}")
    for batch in told:
        readback, totals = batch["readback"], batch["totals"]
        if readback["codes_wrong"] or not readback["codes_read"] == readback["sheets"] == totals["sheets"]:
            faults.append(f"{batch['id']}: not every sheet was read back: {readback}")
        if sum(volume["pages"] for volume in batch["volumes"]) != totals["pages"]:
            faults.append(f"{batch['id']}: the volumes' pages are not the batch's")
    for batch in batches:
        for paper in ("pieces.csv", "sheets.csv", "job-ticket.pdf", "SHA256SUMS", f"manifests/{MUNICIPALITY}.json"):
            if not (batch.parent / paper).is_file():
                faults.append(f"{batch.parent.name}: {paper} is missing")
    return faults


def sizes(root: Path, stack: Path, letters: int) -> dict[str, float]:
    """MB of all volumes, of the stack, and of the letters as files of their own, by a sample of a hundred."""
    volumes = sum(file.stat().st_size for file in (root / "printcenter" / "batches").glob("*/*-v*.pdf"))
    alone = mean_letter_bytes(stack, letters) * letters
    return {
        "volumes_mb": round(volumes / _MB, 1),
        "stack_mb": round(stack.stat().st_size / _MB, 1),
        "letters_mb": round(alone / _MB, 1),
        "batch_by_letters": round(volumes / alone, 4),
        "batch_by_stack": round(volumes / stack.stat().st_size, 3),
    }


def mean_letter_bytes(stack: Path, letters: int) -> float:
    """What a letter of the stack takes as a file of its own, with its fonts and its letterhead: mean of a sample."""
    step = max(1, letters // _SAMPLED)
    taken = range(0, letters, step)
    total = 0
    with pikepdf.open(stack, inherit_page_attributes=False) as source, tempfile.TemporaryDirectory() as scratch:
        for number in taken:
            with pikepdf.new() as one:
                one.pages.extend(source.pages[number * LETTER_PAGES : (number + 1) * LETTER_PAGES])
                file = Path(scratch) / "letter.pdf"
                one.save(file, object_stream_mode=pikepdf.ObjectStreamMode.generate)
                total += file.stat().st_size
    return total / len(taken)


def growth(runs: list[dict[str, Any]]) -> dict[str, float]:
    """What a page of the longest stack costs by one of the shortest: by the clock and by CPU."""
    few, many = runs[0], runs[-1]
    return {
        "wall": round(many["wall_ms_a_page"] / few["wall_ms_a_page"], 3),
        "cpu": round(many["cpu_ms_a_page"] / few["cpu_ms_a_page"], 3),
    }


def table(result: dict[str, Any]) -> list[str]:
    """The result as lines of a Markdown table."""
    lines = [
        "| letters | pages | s | pages a second | ms a page | ms of CPU a page | largest process, MB | together, MB "
        "| batch, MB | stack, MB | letters alone, MB |",
        "|---:|" + "---:|" * 10,
    ]
    for run in result["runs"]:
        cells = [f"{run['letters']}", f"{run['pages']}", f"{run['wall_s']:.1f}", f"{run['pages_a_s']:.0f}"]
        cells += [f"{run[key]:.2f}" for key in ("wall_ms_a_page", "cpu_ms_a_page")]
        keys = ("peak_rss_mb", "peak_tree_mb", "volumes_mb", "stack_mb", "letters_mb")
        cells += [f"{run[key]:.0f}" for key in keys]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def main() -> int:
    """Measure, print, write. Status 1 when a run failed or left something out."""
    parser = argparse.ArgumentParser(prog="python -m bench.outgoing", description="From the drop to a verified batch")
    usual = ",".join(str(each) for each in STACKS)
    parser.add_argument("--stacks", default=usual, help=f"letters of each stack, few to many (default: {usual})")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another stack (default: 1)")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where stacks are kept (default: bench/.cache)")
    parser.add_argument("--ours", default=str(OURS), help="the command `poststrasse` (default: this tree's)")
    parser.add_argument("--keep", type=Path, help="work in this folder, which must not exist, and keep the logs there")
    parser.add_argument("--out", type=Path, help="JSON file for the figures")
    chosen = parser.parse_args()
    check_measuring()
    with tempfile.TemporaryDirectory(prefix="poststrasse-bench-") as scratch:
        work = chosen.keep.resolve() if chosen.keep else Path(scratch)
        runs = [
            walk(int(letters), chosen.seed, chosen.ours, chosen.cache.resolve(), work / letters)
            for letters in chosen.stacks.split(",")
        ]
    result = {"runs": runs, "growth": growth(runs)}
    print("\n".join(table(result)))
    for name, most in runs[-1]["peak_rss_by_name_mb"].items():
        print(f"{name}: {most:.0f} MB")
    print(f"cost a page, many by few: {result['growth']['wall']:.2f}, CPU {result['growth']['cpu']:.2f}")
    if chosen.out:
        chosen.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 1 if any(run["status"] or run["faults"] for run in runs) else 0


if __name__ == "__main__":
    sys.exit(main())
