"""The benchmark's stack of scanned pages with truth, made once and kept.

    scripts/bench.sh --setup                                          the environment that this needs
    bench/.venv/bin/python -m bench.stack --pages 60 --out DIR

Writes DIR/seed-1-<recipe>/stack-0060.pdf (page images in their own codings) and stack-0060.json (`rows`: the text in
reading order, and `fields`, page by page; how each page was scanned), and prints both paths. `--pages 12` is the
beginning of the same stack. The recipe is a hash over the sources: what they change is made anew.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench.stack.making import make_stack


def main() -> None:
    """Make what was asked for and say where it is."""
    parser = argparse.ArgumentParser(prog="python -m bench.stack", description="Scanned pages with truth")
    parser.add_argument("--pages", type=int, default=60, help="how many pages (default: 60)")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same bytes (default: 1)")
    parser.add_argument("--out", type=Path, required=True, help="folder in which pages and stacks are kept")
    chosen = parser.parse_args()
    for path in make_stack(chosen.pages, chosen.seed, chosen.out, lambda said: print(said, file=sys.stderr)):
        print(path)


if __name__ == "__main__":
    main()
