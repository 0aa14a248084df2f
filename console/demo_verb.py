"""`poststrasse demo`: simulated post of thirteen municipalities through the whole line, and proof of what came out."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from console.calling import fail, line_of, setting_option, settings_of, show_table
from console.exit_codes import ExitCode
from pipeline.adapters.ledger import open_ledger
from pipeline.services.auditing import Promise, audit
from pipeline.services.ports import Line
from samples.sets import SETS, write_set
from workers.running import Stop, run_once

_MARKER = ".poststrasse-demo"


@click.command(epilog="Example: poststrasse --root /tmp/demo demo --set tiny")
@click.option("--set", "name", type=click.Choice(sorted(SETS)), default="demo", show_default=True, help="which post")
@click.option("--seed", type=int, default=1, show_default=True, help="same seed, same post")
@setting_option("workers", "--workers")
@click.pass_context
def demo(context: click.Context, /, name: str, seed: int, **options: object) -> None:
    """Run the whole line once on simulated post and check every promise that can be checked.

    The root (without --root: ./var/demo) must be new, empty, or an earlier demo, which is removed.
    Ends with 0 only if every promise holds and every file ended as the samples' own truth says.
    """
    settings = settings_of(context, **options)
    if settings.root == Path("var").absolute():  # nobody chose it: keep away from where real work may lie
        options["root"] = Path("var/demo").absolute()
        settings = settings_of(context, **options)
    root = _fresh_root(settings.root)
    started = time.monotonic()
    truth = write_set(name, seed, root)
    click.echo(f"{truth['totals']['files']} files dropped into {_shown(root / 'inbox')}", err=True)  # type: ignore[index]
    line = line_of(context, **options)
    stop = Stop()
    failed = run_once(line, settings, stop, assembling=True, told=lambda each: click.echo(each, err=True))
    if stop.asked.is_set():
        sys.exit(ExitCode.INTERRUPTED)
    promises = [*audit(line), *_as_expected(line, truth)]
    if name == "demo":  # post of every kind: a promise that nothing was there to prove is not kept
        promises = [_proven(promise) for promise in promises]
    _show(line)
    _show_promises(promises, time.monotonic() - started)
    if failed or not all(promise.kept for promise in promises):
        fail(ExitCode.FAILED, "Not every promise was kept.")


def _fresh_root(root: Path) -> Path:
    if root.exists() and any(root.iterdir()):
        if not (root / _MARKER).exists() or _is_used_otherwise(root):
            fail(ExitCode.USAGE, f"{root} holds more than an earlier demo: choose another --root")
        shutil.rmtree(root)
    root.mkdir(parents=True, exist_ok=True)
    (root / _MARKER).touch()
    return root


def _is_used_otherwise(root: Path) -> bool:
    """Whether somebody went on to work in a demo's root: then it holds more files than the demo dropped."""
    known = root / "private" / "ledger.sqlite3"
    if not known.exists() or not (root / "truth.json").exists():
        return known.exists()
    dropped = len(json.loads((root / "truth.json").read_text(encoding="utf-8"))["files"])
    ledger = open_ledger(f"sqlite:///{known}")
    with ledger.reading() as read:
        taken = len(read.intakes())
    ledger.close()
    return taken > dropped


def _as_expected(line: Line, truth: dict[str, Any]) -> list[Promise]:
    """Whether each sample ended as its truth says, and each letter of each sample."""
    with line.ledger.reading() as read:
        intakes = {(i.municipality, i.profile, os.fsdecode(i.file_raw)): i for i in read.intakes()}
        outcomes: list[str | None] = []
        letters: list[str | None] = []
        for file in truth["files"]:
            intake = intakes.get((file["municipality"], file["job"], file["file"]))
            if intake is None:
                outcomes.append(f"{file['municipality']}/{file['job']}/{file['file']} was not taken in")
                continue
            ended = {
                "archived": ("done", ""),
                "batched": ("done", file["code"]),
                "rejected": ("rejected", file["code"]),
            }
            wanted = ended[file["outcome"]]
            found = (intake.state, intake.reason or "")
            outcomes.append(None if found == wanted else f"{file['file']} ({intake.id}): {found}, not {wanted}")
            if intake.state == "done" and file["letters"]:
                pieces = {
                    p.source_first_page: (p.postcode, p.country, "batched") for p in read.pieces(intake=intake.id)
                }
                returned = {e.source_first_page: e.code for e in read.exceptions(intake=intake.id)}
                letters += list(_letters(intake.id, file["letters"], pieces, returned))
    return [_promise("every sample ended as its truth says", outcomes), _promise("so did every letter", letters)]


def _letters(
    intake: str, letters: list[dict[str, Any]], pieces: dict[int, tuple[str, str, str]], returned: dict[int, str]
) -> Iterator[str | None]:
    for letter in letters:
        page = letter["first_page"]
        if letter["expected"] == "batched":
            found: object = pieces.get(page)
            wanted: object = (letter["postcode"], letter["country"], "batched")
        else:
            found, wanted = returned.get(page), letter["expected"]
        yield None if found == wanted else f"{intake} page {page}: {found or returned.get(page)}, not {wanted}"


def _proven(promise: Promise) -> Promise:
    return promise if promise.checked else Promise(promise.name, 0, ("nothing was there to check it on",))


def _promise(name: str, findings: list[str | None]) -> Promise:
    return Promise(name, len(findings), tuple(each for each in findings if each is not None))


def _show(line: Line) -> None:
    with line.ledger.reading() as read:
        files = Counter(intake.municipality for intake in read.intakes())
        rejected = Counter(intake.municipality for intake in read.intakes("rejected"))
        documents = Counter(each.municipality for each in read.documents() if each.state != "rejected")
        returned = Counter(each.municipality for each in read.exceptions())
        pieces = [each.piece for batch in read.batches() for each in read.placed(batch.id)]
        batches = read.batches()
    letters = Counter(piece.municipality for piece in pieces)
    sheets: Counter[str] = Counter()
    postage: Counter[str] = Counter()
    for piece in pieces:
        sheets[piece.municipality] += piece.sheets
        postage[piece.municipality] += piece.postage_cent
    columns = ("municipality", "files", "archived", "letters", "sheets", "postage €", "exceptions", "rejected", "where")
    rows = [
        (
            m,
            files[m],
            documents[m],
            letters[m],
            sheets[m],
            euros(postage[m]),
            returned[m],
            rejected[m],
            _places(line, m),
        )
        for m in sorted(files | Counter(line.profiles.municipalities.keys()))
    ]
    sums = (files.total(), documents.total(), letters.total(), sheets.total())
    rows.append(
        ("together", *sums, euros(postage.total()), returned.total(), rejected.total(), str(_shown(line.spool.root)))
    )
    show_table(columns, rows)
    click.echo()
    places = [(b.id, b.machine, f"{b.envelope} {b.form}", b.plex, b.pieces, b.sheets, b.state) for b in batches]
    show_table(("batch", "machine", "envelope", "plex", "letters", "sheets", "state"), places)
    click.echo()
    spool = line.spool
    for what, where in (("archive packages", spool.archive), ("batches", spool.batches), ("outboxes", spool.outbox)):
        click.echo(f"{what}: {_shown(where)}")
    click.echo()


def _shown(path: Path) -> Path:
    """A path as one would type it from here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _places(line: Line, municipality: str) -> str:
    """The folders of a municipality that hold something now, below the root."""
    spool = line.spool
    outbox = spool.outbox / municipality
    shelves = [spool.archive / municipality, *(outbox / name for name in ("manifests", "returned", "rejected"))]
    return " ".join(str(shelf.relative_to(spool.root)) for shelf in shelves if shelf.is_dir() and any(shelf.iterdir()))


def euros(cent: int) -> str:
    """Cents as euros with two decimals."""
    return f"{cent // 100}.{cent % 100:02d}"


def _show_promises(promises: list[Promise], seconds: float) -> None:
    for promise in promises:
        sign = ("kept  " if promise.checked else "idle  ") if promise.kept else "BROKEN"
        click.echo(f"{sign}  {promise.name} ({promise.checked} checked)")
        for broken in promise.broken[:10]:
            click.echo(f"        {broken}")
    click.echo(f"\n{seconds:.0f} s")
