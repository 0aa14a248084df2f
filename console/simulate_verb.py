"""`poststrasse simulate`: an insertion machine on paper works off a batch, makes faults, and writes its log."""

from __future__ import annotations

import json
import os
from datetime import datetime
from functools import partial
from pathlib import Path

import click

from console.calling import fail, settings_of, show_json
from console.deciding_options import as_json_option
from console.exit_codes import ExitCode
from pipeline.adapters.confine import Limits, run_confined
from pipeline.adapters.spool import Spool
from pipeline.domain.errors import ConfinedFailure
from pipeline.domain.ids import is_id
from samples.insertion.camera import sheets_of
from samples.insertion.faults import FaultRates, parse_rates
from samples.insertion.setting import Setting, read_setting
from samples.insertion.shift import Report, pieces_of_sheets, work, write_log

_LIMITS = Limits(wall_s=600, memory_mb=2000)


def _rates(_context: click.Context, _option: click.Parameter, text: str) -> FaultRates:
    try:
        return parse_rates(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command(epilog="Example: poststrasse simulate b0000042 --seed 7 --faults jam=0.002,double=0.001,misread=0.001")
@click.argument("batch")
@click.option("--seed", type=int, default=1, show_default=True, help="same seed, same faults")
@click.option(
    "--faults",
    "rates",
    callback=_rates,
    default="none",
    show_default=True,
    help="none, usual, or rates from 0 to 1 a sheet: jam, double, lost, misread; pulled an envelope",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="where the log goes; left out: printcenter/machine-logs/BATCH-simulated.csv under the root",
)
@as_json_option
@click.pass_context
def simulate(
    context: click.Context, /, batch: str, seed: int, rates: FaultRates, out: Path | None, as_json: bool
) -> None:
    """Let an insertion machine work off a published batch on paper, and write its log.

    The machine knows its profile and the marks on the rendered sheets, nothing else; it shares no code with what wrote
    or read back the marks. A log in printcenter/machine-logs counts as a real one: only to try out, give --out.
    Ends with 1 if an envelope that it takes for good holds something else than one whole piece.
    """
    settings = settings_of(context)
    folder = Spool(settings.root).batches / batch
    if not is_id(batch) or not (folder / "batch.json").is_file():
        fail(ExitCode.NOT_FOUND, f"There is no published batch {batch}.")
    told = json.loads((folder / "batch.json").read_text(encoding="utf-8"))
    setting = _setting(settings.profiles, told["machine"])
    volumes = [folder / volume["file"] for volume in told["volumes"]]
    call = partial(run_confined, _LIMITS)
    try:
        sheets = sheets_of(volumes, setting, told["plex"] == "duplex", call, len(os.sched_getaffinity(0)))
        report = work(setting, sheets, pieces_of_sheets(folder / "sheets.csv"), rates, seed)
    except ConfinedFailure as failure:
        fail(ExitCode.FAILED, f"Batch {batch} can't be read: {failure.sentence}")
    log = out or Spool(settings.root).machine_logs / f"{batch}-simulated.csv"
    log.parent.mkdir(parents=True, exist_ok=True)
    write_log(log, report, datetime.fromisoformat(told["created_at"]))
    _tell(batch, setting, report, log, as_json)
    if report.undetected:
        fail(
            ExitCode.FAILED,
            f"{len(report.undetected)} envelope(s) hold something wrong, and the machine did not notice",
        )


def _setting(profiles: Path, machine: str) -> Setting:
    try:
        return read_setting(profiles / "machines" / f"{machine}.toml")
    except (OSError, ValueError, KeyError) as error:
        fail(ExitCode.SETTINGS, f"The profile of machine {machine} can't be read: {error}")


def _tell(batch: str, setting: Setting, report: Report, log: Path, as_json: bool) -> None:
    counts = {status: report.count(status) for status in ("ok", "reprint", "pulled")}
    if as_json:
        stops = [{"volume": stop.sheet[0], "page": stop.sheet[1], "why": stop.why} for stop in report.stops]
        show_json(
            {
                "batch": batch,
                "machine": setting.id,
                "sheets": report.sheets,
                "envelopes": report.envelopes,
                **counts,
                "undetected": report.undetected,
                "stops": stops,
                "log": str(log),
            }
        )
        return
    click.echo(f"batch {batch} on {setting.id}: {report.sheets} sheets, {report.envelopes} envelopes")
    click.echo(", ".join(f"{name} {number}" for name, number in counts.items()))
    for stop in report.stops[:10]:
        click.echo(f"  volume {stop.sheet[0]}, page {stop.sheet[1]}: {stop.why}", err=True)
    if len(report.stops) > 10:
        click.echo(f"  and {len(report.stops) - 10} more stops", err=True)
    click.echo(log)
