"""The verbs that run the line: serve, watch, work, console, run."""

from __future__ import annotations

import sys
import threading

import click

from console.calling import fail_with, line_of, setting_option, settings_of
from console.exit_codes import ExitCode
from pipeline.domain.errors import PoststrasseError
from workers.running import Stop, Watch, Workshop, run_once

_WORKERS = setting_option("workers", "--workers")
_GRACE = setting_option("grace_s", "--grace")
_SETTLE = setting_option("settle_s", "--settle")
_SCAN = setting_option("scan_interval_s", "--scan-interval")
_SWEEP = setting_option("sweep_interval_s", "--sweep-interval")
_LEASE = setting_option("lease_s", "--lease")
_HOST = setting_option("console_host", "--host")
_PORT = setting_option("console_port", "--port")


@click.command(epilog="Example: poststrasse run --once --assemble")
@click.option("--once", is_flag=True, required=True, help="stop when nothing is due any more")
@click.option("--assemble", "assembling", is_flag=True, help="close all pools when the inbox is empty")
@_WORKERS
@_SETTLE
@_GRACE
@_SWEEP
@_LEASE
@click.pass_context
def run(context: click.Context, /, once: bool, assembling: bool, **options: object) -> None:
    """Take in all that lies in the inbox, work until nothing is due, stop.

    Pools whose cut-off has come are closed when the inbox is empty; with --assemble all of them. Ends with 0 only if
    nothing failed; a file that was rejected with a reason is not a failure.
    """
    line = line_of(context, **options)
    stop = Stop()
    try:
        failed = run_once(
            line,
            settings_of(context, **options),
            stop,
            assembling=assembling,
            told=lambda sentence: click.echo(sentence, err=True),
        )
    except PoststrasseError as error:  # a pool that can't be closed as its letters were planned
        fail_with(error)
    if stop.asked.is_set():
        sys.exit(ExitCode.INTERRUPTED)
    if failed:
        click.echo(f"{failed} unit(s) wait for a person: poststrasse status", err=True)
        sys.exit(ExitCode.FAILED)


def _run(context: click.Context, options: dict[str, object], *, watching: bool, working: bool, showing: bool) -> None:
    line = line_of(context, **options)
    settings = settings_of(context, **options)
    stop = Stop()
    workshop = Workshop(line, settings, working=working, keeping=watching) if watching or working else None
    watch_thread = None
    page = None
    with stop.on_signals():
        if showing:
            from console.web.page import PageServer

            queue = "redis" if settings.redis_url else "in-process"
            page = PageServer(line, settings.console_host, settings.console_port, queue)
            page.start()
            click.echo(f"http://{settings.console_host}:{page.port}/", err=True)
        if workshop is not None:
            workshop.start()
        if watching and workshop is not None:
            watch = Watch(line, settings, workshop.sweeper.hint_new)
            watch_thread = threading.Thread(target=watch.run, args=(stop,), daemon=True)
            watch_thread.start()
        click.echo("ready", err=True)
        while not stop.asked.wait(0.5):
            pass
        if workshop is not None:
            workshop.performer.stop()
        if watch_thread is not None:
            watch_thread.join(10)
        if page is not None:
            page.stop()
        if workshop is not None:
            workshop.stop(stop)
    sys.exit(ExitCode.INTERRUPTED if stop.interrupted else ExitCode.OK)


@click.command(epilog="Example: poststrasse serve --port 8321")
@_WORKERS
@_SETTLE
@_GRACE
@_SCAN
@_SWEEP
@_LEASE
@_HOST
@_PORT
@click.pass_context
def serve(context: click.Context, /, **options: object) -> None:
    """Watch the inbox, work, and offer the operators' page: all in one process."""
    _run(context, options, watching=True, working=True, showing=True)


@click.command(epilog="Example: poststrasse --redis-url redis://queue/0 watch")
@_SETTLE
@_GRACE
@_SCAN
@_SWEEP
@_LEASE
@click.pass_context
def watch(context: click.Context, /, **options: object) -> None:
    """Watch the inbox and hint the queue; the work is done by `poststrasse work` elsewhere (needs Redis)."""
    _needs_redis(context, options)
    _run(context, options, watching=True, working=False, showing=False)


@click.command(epilog="Example: poststrasse --redis-url redis://queue/0 work --workers 4")
@_WORKERS
@_GRACE
@_SWEEP
@_LEASE
@click.pass_context
def work(context: click.Context, /, **options: object) -> None:
    """Work on what the queue and the ledger say is due, until asked to stop."""
    _run(context, options, watching=False, working=True, showing=False)


@click.command(epilog="Example: poststrasse console --port 8321")
@_HOST
@_PORT
@click.pass_context
def console(context: click.Context, /, **options: object) -> None:
    """Offer the operators' page only."""
    _run(context, options, watching=False, working=False, showing=True)


def _needs_redis(context: click.Context, options: dict[str, object]) -> None:
    if not settings_of(context, **options).redis_url:
        raise click.UsageError("watch alone needs a queue that others read: set POSTSTRASSE_REDIS_URL, or use serve")
