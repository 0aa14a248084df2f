"""`python -m samples --set demo --out DIR`, `… --big-stack 20000 --out FILE`, or `… --morning-stack --out DIR`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from samples.morning import StackOrder, printed_separators, separators_in, write_morning_stack
from samples.sets import SETS, write_set
from samples.stacks import big_stack


def main(arguments: list[str] | None = None) -> int:
    """Write what was asked for and say how much it was. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m samples", description="Simulated post of thirteen municipalities.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--set", choices=sorted(SETS), help="which set of files")
    what.add_argument("--big-stack", type=int, metavar="LETTERS", help="one stack of so many two-page letters")
    what.add_argument("--morning-stack", action="store_true", help="one scanned stack with separator sheets")
    parser.add_argument("--letters", type=int, default=300, help="of a morning stack (default 300)")
    parser.add_argument("--pages", type=int, help="of a morning stack (default 2000 for 300 letters, else as many)")
    parser.add_argument("--dpi", type=int, default=300, help="of a morning stack (default 300)")
    parser.add_argument("--kind", choices=("tiff", "pdf"), default="tiff", help="of a morning stack")
    parser.add_argument("--separators", type=Path, metavar="DIR", help="ready sheets; default: printed by poststrasse")
    parser.add_argument("--for", dest="whose", default="schwerin/post", help="whose cover sheets (schwerin/post)")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same bytes (default 1)")
    parser.add_argument("--out", type=Path, required=True, help="folder, or file of a big stack")
    chosen = parser.parse_args(arguments)
    if chosen.big_stack is not None:
        if chosen.big_stack < 1:
            parser.error("--big-stack: at least one letter")
        big_stack(chosen.out, chosen.big_stack, chosen.seed)
        print(f"{chosen.big_stack} letters: {chosen.out}")
        return 0
    if chosen.morning_stack:
        return _morning(parser, chosen)
    truth = write_set(chosen.set, chosen.seed, chosen.out, lambda path: print(path, file=sys.stderr))
    totals = truth["totals"]
    print(f"{chosen.out}: " + ", ".join(f"{key} {value}" for key, value in totals.items()))  # type: ignore[attr-defined]
    return 0


def _morning(parser: argparse.ArgumentParser, chosen: argparse.Namespace) -> int:
    pages = chosen.pages or round(chosen.letters * 20 / 3 / 2) * 2
    try:
        order = StackOrder(chosen.letters, pages, chosen.seed, chosen.kind, chosen.dpi)
    except ValueError as error:
        parser.error(str(error))
    chosen.out.mkdir(parents=True, exist_ok=True)
    if chosen.separators is not None:
        sheets = separators_in(chosen.separators)
    else:
        sheets = printed_separators(*chosen.whose.split("/", 1))
    file = chosen.out / ("morning-stack" + {"tiff": ".tif", "pdf": ".pdf"}[order.kind])
    truth = write_morning_stack(file, order, sheets)
    print(f"{file}: {order.pages} pages, {order.letters} letters, {truth['counts']}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
