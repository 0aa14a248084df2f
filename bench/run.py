"""The benchmarks: against other programs, against other ways of doing the same, and against what was promised.

    python -m bench.run [PART …] [--pages N] [--rounds N] [--seed N] [--sheets N] [--stacks N,N] [--ours COMMAND]

Parts, all of them when none is named: `pairs` (decisions of ours against their alternatives), `recognition` (our line,
OCRmyPDF and Tesseract on the same stack, in turns), `scaling` (time a page of 600 pages against 60), `separators`
(which degraded separator sheets are found), `marking` (marks on 5,000 pages, by us and by others, in turns),
`outgoing` (2,000, 20,000 and 100,000 letters from the drop to a verified batch). Prints ratios and writes
bench/results.json, where the parts that did not run keep what their last run said. Figures hold for the
machine that they were measured on.
Status 1 when a run failed, or a promise was measured and not kept.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.promises import broken

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results.json"
PEERS = ROOT / "bench" / ".venv" / "bin" / "python"
"""The Python of the environment that holds the other programs; `scripts/bench.sh` makes it."""

SCHEMA = "poststrasse/bench/1"
_PAIR_ROUNDS = 5


def _pairs(chosen: argparse.Namespace) -> dict[str, Any]:
    from bench.pairs import run

    return run(chosen.rounds or _PAIR_ROUNDS)


def _separators(chosen: argparse.Namespace) -> dict[str, Any]:
    from bench.separators import run

    return run(chosen.samples, chosen.letters, chosen.seed)


def _recognition(chosen: argparse.Namespace) -> dict[str, Any]:
    options = ["--pages", str(chosen.pages)] if chosen.pages else []
    options += ["--rounds", str(chosen.rounds)] if chosen.rounds else []
    return _with_peers("bench.recognition", [*options, *_common(chosen)])


def _scaling(chosen: argparse.Namespace) -> dict[str, Any]:
    return _with_peers("bench.scaling", _common(chosen))


def _marking(chosen: argparse.Namespace) -> dict[str, Any]:
    options = ["--rounds", str(chosen.rounds)] if chosen.rounds else []
    options += ["--sheets", str(chosen.sheets), "--files", str(chosen.sheets // 10)] if chosen.sheets else []
    return _with_peers("bench.marking", [*options, "--seed", str(chosen.seed)])


def _outgoing(chosen: argparse.Namespace) -> dict[str, Any]:
    return _with_peers("bench.outgoing", [*(["--stacks", chosen.stacks] if chosen.stacks else []), *_common(chosen)])


def _common(chosen: argparse.Namespace) -> list[str]:
    return ["--seed", str(chosen.seed)] + (["--ours", chosen.ours] if chosen.ours else [])


def _with_peers(module: str, options: list[str]) -> dict[str, Any]:
    """Run a part in the environment of the other programs. A part that breaks off says so in its own result."""
    with tempfile.TemporaryDirectory(prefix="poststrasse-bench-") as folder:
        out = Path(folder) / "result.json"
        ended = subprocess.run([PEERS, "-m", module, "--out", out, *options], cwd=ROOT, check=False)
        if not out.exists():
            return {"broken_off": f"{module} ended with status {ended.returncode} and no result"}
        result: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        return result


PARTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "pairs": _pairs,
    "separators": _separators,
    "recognition": _recognition,
    "scaling": _scaling,
    "marking": _marking,
    "outgoing": _outgoing,
}
"""What can be run, in the order in which it is."""


def merged(before: dict[str, Any], part: str, told: dict[str, Any], at: str, machine: dict[str, Any]) -> dict[str, Any]:
    """The results with one part's new figures; the others stay. Pairs keep their place at the top, as they had it."""
    after = {"schema": SCHEMA} | before | {"machine": machine}
    stamp = {"measured_at": at}
    return after | (told | stamp if part == "pairs" else {part: told | stamp})


def _read(path: Path) -> dict[str, Any]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return known if isinstance(known, dict) and known.get("schema") == SCHEMA else {}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description="Side-by-side benchmarks")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (default: all)")
    parser.add_argument("--pages", type=int, help="pages of the stack for recognition (default: 120)")
    parser.add_argument("--rounds", type=int, help="how often each side is measured (default: pairs 5, others 2)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other pages (default: 1)")
    parser.add_argument("--samples", type=int, default=4, help="separator sheets of each kind (default: 4)")
    parser.add_argument("--letters", type=int, default=1000, help="letter pages that hold no separator (default: 1000)")
    parser.add_argument("--sheets", type=int, help="pages that are marked, a multiple of ten (default: 5000)")
    parser.add_argument("--stacks", help="letters of each stack for outgoing (default: 2000,20000,100000)")
    parser.add_argument("--ours", help="the command `poststrasse`, to compare another version (default: this tree's)")
    return parser


def main() -> int:
    """Run the parts, print, write; returns the exit status."""
    parser = _parser()
    chosen = parser.parse_args()
    unknown = [part for part in chosen.parts if part not in PARTS]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    machine = {"processors": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
    results = _read(RESULTS)
    faults: list[str] = []
    for part in [name for name in PARTS if name in chosen.parts or not chosen.parts]:
        print(f"\n== {part}", flush=True)
        told = PARTS[part](chosen)
        results = merged(results, part, told, datetime.now(UTC).isoformat(timespec="seconds"), machine)
        RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        faults += broken(part, told)
    for fault in faults:
        print(f"NOT KEPT: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
