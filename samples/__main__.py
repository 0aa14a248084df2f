"""`python -m samples --set demo --seed 1 --out DIR`, or `python -m samples --big-stack 20000 --out FILE.pdf`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from samples.sets import SETS, write_set
from samples.stacks import big_stack


def main(arguments: list[str] | None = None) -> int:
    """Write what was asked for and say how much it was. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m samples", description="Simulated post of thirteen municipalities.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--set", choices=sorted(SETS), help="which set of files")
    what.add_argument("--big-stack", type=int, metavar="LETTERS", help="one stack of so many two-page letters")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same bytes (default 1)")
    parser.add_argument("--out", type=Path, required=True, help="folder for a set, file for a big stack")
    chosen = parser.parse_args(arguments)
    if chosen.big_stack is not None:
        if chosen.big_stack < 1:
            parser.error("--big-stack: at least one letter")
        big_stack(chosen.out, chosen.big_stack, chosen.seed)
        print(f"{chosen.big_stack} letters: {chosen.out}")
        return 0
    truth = write_set(chosen.set, chosen.seed, chosen.out, lambda path: print(path, file=sys.stderr))
    totals = truth["totals"]
    print(f"{chosen.out}: " + ", ".join(f"{key} {value}" for key, value in totals.items()))  # type: ignore[attr-defined]
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
