"""How surely separator sheets are found, and that no letter is taken for one.

    python -m bench.separators [--samples N] [--letters N] [--seed N]

Prints a table: for each kind of sheet and each damage, at 100, 150, 200 and 300 dpi, how many of the samples were
recognised, `d` how many were put before a person instead, `m` how many were missed. Then sheets of others whose only
code was spoilt on purpose, where nothing may be left to see of it: those that pass here are caught by their words, or
by having none, once they are recognised. Then letters, which must bring neither. Ends with 1 where a readable sheet
was not recognised, a cover sheet was missed, or a letter was taken for one.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, get_args

from bench.separation.letter_pages import letter_pages
from bench.separation.sheets import RESOLUTIONS, SHEETS, Damage, Sample, damages, sample
from bench.separation.spoilt_sheets import CODES, DAMAGES, spoilt_sheet
from pipeline.adapters.incoming.separators import find_separator
from pipeline.domain.profiles import SeparationRules, SeparatorKind

EVERYTHING = SeparationRules(
    by=tuple(kind for kind in get_args(SeparatorKind) if kind not in ("blank", "patch-3", "patch-6"))
)
"""All that a profile can ask for at once: 3 and 6 are T and 1 read backwards."""
_BACKWARD_KINDS = SeparationRules(by=("patch-3", "patch-6"))


def outcome(one: Sample) -> str:
    """`found`, `doubt` or `missed`; `wrong` where something else was read than what the sheet says."""
    rules = _BACKWARD_KINDS if one.kind in _BACKWARD_KINDS.by else EVERYTHING
    separator, doubt = find_separator(one.picture, one.dpi, rules)
    if doubt is not None:
        return "doubt"
    if separator is None:
        return "missed"
    return "found" if separator.kind == one.kind and separator.cover == one.cover else "wrong"


def sheets_table(
    samples: int, seed: int, resolutions: Sequence[int] = RESOLUTIONS, told: Callable[[str], None] = print
) -> dict[str, Any]:
    """Rates by kind of sheet, damage and resolution; `samples` of each."""
    table: dict[str, Any] = {}
    for sheet in SHEETS:
        told(f"\n{sheet:<34}" + "".join(f"{f'{dpi} dpi':>16}" for dpi in resolutions))
        rows = table[sheet] = {}
        for damage in damages():
            cells = {str(dpi): _cell(sheet, dpi, damage, samples, seed) for dpi in resolutions}
            rows[damage.name] = {"readable": damage.readable, **cells}
            told(f"  {damage.name:<32}" + "".join(f"{_shown(cell, samples):>16}" for cell in cells.values()))
    return table


def _cell(sheet: str, dpi: int, damage: Damage, samples: int, seed: int) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for number in range(samples):
        rng = random.Random(f"{seed}/{sheet}/{dpi}/{damage.name}/{number}")
        counts[outcome(sample(rng, sheet, dpi, damage))] += 1
    return {name: counts[name] for name in ("found", "doubt", "missed", "wrong")}


def _shown(cell: dict[str, int], samples: int) -> str:
    rest = " ".join(f"{cell[name]}{name[0]}" for name in ("doubt", "missed", "wrong") if cell[name])
    return f"{rest} {cell['found']}/{samples}".strip()


def spoilt_table(samples: int, seed: int) -> dict[str, Any]:
    """What became of other people's sheets whose only code was spoilt; `samples` of each code and damage."""
    rules = SeparationRules(by=("cover-sheet", "text-code", "patch-2", "patch-t"))
    counts: Counter[str] = Counter()
    silent: Counter[str] = Counter()
    for code, damage, number in itertools.product(CODES, DAMAGES, range(samples)):
        rng = random.Random(f"{seed}/{code}/{damage}/{number}")
        one = spoilt_sheet(rng, code, damage, rng.choice(RESOLUTIONS))
        separator, doubt = find_separator(one.picture, one.dpi, rules)
        what = "found" if separator is not None else "doubt" if doubt is not None else "silent"
        counts[what] += 1
        silent[f"{code}, {damage}"] += what == "silent"
    return {**{name: counts[name] for name in ("found", "doubt", "silent")}, "which": dict(sorted((+silent).items()))}


def letters_table(pages: Iterable[tuple[str, Any, int]]) -> dict[str, Any]:
    """What letters were taken for, and what a page costs: seconds of CPU."""
    found: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    costs: list[float] = []
    for name, picture, dpi in pages:
        start = time.process_time()
        separator, doubt = find_separator(picture, dpi, EVERYTHING)
        costs.append(time.process_time() - start)
        kinds[name] += 1
        if separator is not None:
            found[f"separator: {name}: {separator.kind}"] += 1
        if doubt is not None:
            found[f"doubt: {name}: {doubt}"] += 1
    costs.sort()
    return {
        "pages": len(costs),
        "drawings": dict(sorted(kinds.items())),
        "false_separators": sum(count for key, count in found.items() if key.startswith("separator")),
        "false_doubts": sum(count for key, count in found.items() if key.startswith("doubt")),
        "which": dict(sorted(found.items())),
        "cpu_ms": {
            "median": round(1000 * costs[len(costs) // 2], 1),
            "p95": round(1000 * costs[len(costs) * 95 // 100], 1),
        },
    }


def verdict(sheets: dict[str, Any], letters: dict[str, Any]) -> list[str]:
    """What must not be: a line for each, none where all is well."""
    faults = []
    for sheet, rows in sheets.items():
        for damage, row in rows.items():
            cells = [cell for dpi, cell in row.items() if dpi != "readable"]
            bad = ("doubt", "missed", "wrong") if row["readable"] else ("missed", "wrong")
            for name in bad:
                count = sum(cell[name] for cell in cells)
                if count and (row["readable"] or sheet == "cover sheet"):
                    faults.append(f"{sheet}, {damage}: {count} {name}")
    if letters["false_separators"]:
        faults.append(f"{letters['false_separators']} letters taken for separators")
    return faults


def run(samples: int, letters: int, seed: int) -> dict[str, Any]:
    """All of it, printed on the way; the figures for `bench/results.json`."""
    sheets = sheets_table(samples, seed) if samples else {}
    spoilt = spoilt_table(samples, seed) if samples else {}
    if spoilt:
        print(
            f"\nspoilt sheets of others: {spoilt['found']} found, {spoilt['doubt']} doubts, {spoilt['silent']} passed"
        )
        for what, count in spoilt["which"].items():
            print(f"  {count:>4}  {what}")
    taken = letters_table(letter_pages(letters, seed))
    print(f"\n{taken['pages']} letter pages: {taken['false_separators']} separators, {taken['false_doubts']} doubts")
    for what, count in taken["which"].items():
        print(f"  {count:>4}  {what}")
    print(f"CPU a letter page: median {taken['cpu_ms']['median']} ms, 95 of 100 below {taken['cpu_ms']['p95']} ms")
    faults = verdict(sheets, taken)
    print("\n".join(faults) if faults else "Every readable sheet recognised, none missed, no letter taken for one.")
    return {"samples": samples, "sheets": sheets, "spoilt": spoilt, "letters": taken, "faults": faults}


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description="Detection of separator sheets")
    parser.add_argument(
        "--samples", type=int, default=4, help="sheets of each kind, damage and resolution (default: 4)"
    )
    parser.add_argument("--letters", type=int, default=1000, help="letter pages (default: 1000)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other sheets and letters (default: 1)")
    options = parser.parse_args()
    sys.exit(1 if run(options.samples, options.letters, options.seed)["faults"] else 0)


if __name__ == "__main__":
    main()
