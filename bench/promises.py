"""What the benchmark has to show, as figures to hold its results against."""

from __future__ import annotations

from typing import Any

LEAST_SPEED = 3.0
"""Pages a minute, as a multiple of OCRmyPDF's."""
MOST_MEMORY_MB = 600.0
"""Of any single process, on A4 of 300 dpi."""
LEAST_PAGES = 60
"""Of the stack that these promises are held against; fewer are a look, no verdict."""
MOST_SCALING = 1.2
"""Time a page of 600 pages by that of 60."""
LEAST_MARKING = {
    "stack": {"pymupdf": 7.0, "pypdf": 15.0, "qpdf": 2.0},
    "files": {"pymupdf": 2.0, "pypdf": 2.0, "qpdf": 2.0},
}
"""How many times as fast as others we mark the same pages, as one stack and as separate files."""
LEAST_SHEETS = 5_000
"""That are marked for it."""
MOST_LETTERS = 100_000
"""Of two pages each, in one stack, from the drop to the verified batch."""
MOST_MINUTES = 10.0
"""For them, on two processors."""
MOST_LETTER_MEMORY_MB = 1024.0
"""Of any single process meanwhile."""
MOST_GROWTH = 1.2
"""What a page of that stack costs, by the clock and by CPU, by what a page of 2,000 letters does."""
LOST = "pages in no package"
"""How a remark begins that tells of lost pages."""
_RATES = {"cer_raw": "raw", "cer": "normalised"}


def broken(part: str, result: dict[str, Any]) -> list[str]:
    """The promises that a part's result does not keep, a sentence each; none when all are kept."""
    if "broken_off" in result:
        return [str(result["broken_off"])]
    judges = {
        "recognition": _recognition,
        "scaling": _scaling,
        "separators": _separators,
        "marking": _marking,
        "outgoing": _outgoing,
    }
    return judges[part](result) if part in judges else []


def _recognition(result: dict[str, Any]) -> list[str]:
    speed, accuracy = result["speed"], result["accuracy"]
    faults = [f"{name}: {each['failed']} runs failed" for name, each in speed.items() if each["failed"]]
    if "poststrasse" not in speed:
        return faults
    faults += [f"poststrasse: {remark}" for remark in accuracy["poststrasse"]["remarks"] if remark.startswith(LOST)]
    if result["pages"] < LEAST_PAGES:
        faults.append(f"{result['pages']} pages are too few for a verdict, {LEAST_PAGES} are the least")
    memory = speed["poststrasse"]["peak_rss_mb"]
    if memory >= MOST_MEMORY_MB:
        faults.append(f"the largest process has {memory:.0f} MB, not under {MOST_MEMORY_MB:.0f} MB")
    if "ocrmypdf" not in speed:
        return faults
    ratio = result["ratio"]["speed"]
    if ratio < LEAST_SPEED:
        faults.append(f"{ratio:.2f} times OCRmyPDF's pages a minute, not {LEAST_SPEED:.1f}")
    for key, name in _RATES.items():
        ours, theirs = accuracy["poststrasse"]["all"][key], accuracy["ocrmypdf"]["all"][key]
        if ours > theirs:
            faults.append(f"character errors ({name}): {ours:.2%}, OCRmyPDF {theirs:.2%}")
    return faults


def _scaling(result: dict[str, Any]) -> list[str]:
    faults = [f"scaling: {run['pages']} pages: status {run['status']}" for run in result["runs"] if run["status"]]
    for run in result["runs"]:
        if run["peak_rss_mb"] >= MOST_MEMORY_MB:
            most = f"not under {MOST_MEMORY_MB:.0f} MB"
            faults.append(f"scaling: {run['pages']} pages: the largest process has {run['peak_rss_mb']:.0f} MB, {most}")
    if result["ratio"] > MOST_SCALING:
        faults.append(f"a page of many takes {result['ratio']:.2f} times one of few, not at most {MOST_SCALING}")
    return faults


def _separators(result: dict[str, Any]) -> list[str]:
    return [f"separators: {fault}" for fault in result["faults"]]


def _marking(result: dict[str, Any]) -> list[str]:
    faults = []
    if result["sheets"] < LEAST_SHEETS:
        faults.append(f"marking: {result['sheets']} pages are too few for a verdict, {LEAST_SHEETS} are the least")
    for case, told in result["cases"].items():
        for side, figures in told["sides"].items():
            if figures["failed"]:
                faults.append(f"marking: {case}: {side}: {figures['failed']} runs failed or gave a wrong file")
        for side, least in LEAST_MARKING[case].items():
            ratio = told["ratio"][side]["wall"]
            if ratio < least:
                faults.append(f"marking: {case}: {ratio:.2f} times as fast as {side}, not {least:.0f}")
    return faults


def _outgoing(result: dict[str, Any]) -> list[str]:
    faults = []
    for run in result["runs"]:
        name = f"outgoing: {run['letters']} letters"
        faults += [f"{name}: status {run['status']}"] if run["status"] else []
        faults += [f"{name}: {fault}" for fault in run["faults"]]
        if run["peak_rss_mb"] > MOST_LETTER_MEMORY_MB:
            most = f"not at most {MOST_LETTER_MEMORY_MB:.0f} MB"
            faults.append(f"{name}: the largest process has {run['peak_rss_mb']:.0f} MB, {most}")
    longest = result["runs"][-1]
    if longest["letters"] < MOST_LETTERS:
        faults.append(f"outgoing: {longest['letters']} letters are too few for a verdict, {MOST_LETTERS} are wanted")
    elif longest["wall_s"] > 60 * MOST_MINUTES:
        faults.append(f"outgoing: {longest['wall_s'] / 60:.1f} minutes, not at most {MOST_MINUTES:.0f}")
    for by, ratio in result["growth"].items():
        if ratio > MOST_GROWTH:
            faults.append(f"outgoing: a page of many costs {ratio:.2f} times one of few ({by}), not {MOST_GROWTH}")
    return faults
