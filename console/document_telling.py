"""A document in plain German for a clerk: what it is, why it waits, what to do next."""

from __future__ import annotations

import click

from console.calling import show_table
from console.inbox_verbs import show_history
from console.shape import clock
from pipeline.domain.german import counted
from pipeline.domain.states import Kind
from pipeline.services.reviewing import DocumentDetail
from pipeline.services.wording import explain, state_word

DROP_WORDS = {"separator": "Trennblatt", "blank": "leer"}
FIELD_WORDS = {
    "reference": "Aktenzeichen",
    "cost_centre": "Kostenstelle",
    "due": "Termin",
    "hold": "Anhalten",
    "plex": "Druck",
    "enclosures": "Beilagen",
}
VERB_WORDS = {
    "look": "ansehen",
    "retry": "noch einmal versuchen",
    "accept": "annehmen",
    "split": "trennen",
    "merge": "zusammenfügen",
    "drop": "weglassen",
    "keep": "zurücknehmen",
    "reject": "zurückgeben",
}


def tell(document: DocumentDetail) -> None:
    """Print it."""
    _tell_what(document)
    if document.causes:
        click.echo("Warum es wartet:")
        for cause in document.causes:
            click.echo(f"  - {cause.title} [{cause.code}]")
            if cause.sentence and cause.sentence != cause.title:
                click.echo(f"    {cause.sentence}")
    if document.steps:
        click.echo("Was zu tun ist:")
        for step in document.steps:
            click.echo(f"  - {VERB_WORDS[step.verb].capitalize()}: {step.sentence}")
            click.echo(f"      {step.command}")
    _tell_pages(document)
    if document.decisions:
        click.echo("Entschieden wurde bisher:")
        for event in document.decisions:
            said = f": „{event.detail}“" if event.detail else ""
            click.echo(f"  - {clock(event.at)} {event.who}: {explain(event.reason).title} ({event.unit}){said}")
    click.echo("Aufbewahrung:")
    for sentence in document.retention.sentences:
        click.echo(f"  {sentence}")
    show_history(document.events)


def _tell_what(document: DocumentDetail) -> None:
    click.echo(f"Dokument {document.id} aus {document.file}")
    click.echo(f"  Kommune {document.municipality}, Auftrag {document.profile}, Vorgang {document.intake}")
    kept, dropped = len(document.source_pages), len(document.dropped_pages)
    left_out = f", davon {dropped} weggelassen" if dropped else ""
    pages = counted(kept + dropped, "Seite", "Seiten")
    first, last = document.first_page, document.last_page
    source = f"Seite {first}" if first == last else f"Seiten {first} bis {last}"
    click.echo(f"  {source} der Datei ({pages}{left_out})")
    if document.before or document.after:
        click.echo(f"  Im Stapel davor: {document.before or '–'}, danach: {document.after or '–'}")
    for name, value in sorted(document.fields.items()):
        click.echo(f"  {FIELD_WORDS.get(name, name)}: {value}")
    click.echo(f"  Zustand: {state_word(Kind.DOCUMENT, document.state)} seit {clock(document.since)}")
    if document.held_by:
        click.echo(f"  Es wartet, bis über {', '.join(document.held_by)} entschieden ist: So lange ist unsicher, wo in")
        click.echo("  diesem Stapel ein Brief aufhört. Hier ist nichts zu tun.")
    for file in document.attached_files:
        click.echo(f"  Angehängt und nicht archiviert: {file.told}")
    if document.mean_confidence is not None:
        click.echo(f"  Erkennungssicherheit: {document.mean_confidence} %")


def _tell_pages(document: DocumentDetail) -> None:
    if document.pages:
        click.echo("Seiten:")
        columns = ("Seite", "Wörter", "Sicherheit", "gedreht", "schief", "dpi", "Lesungen", "Auffällig")
        rows = [
            (
                page.source_page,
                page.words,
                f"{page.mean_confidence:.0f} %",
                f"{page.rotation}°",
                f"{page.skew_degrees:.1f}°".replace(".", ","),
                page.dpi,
                page.passes,
                explain(page.review).title,
            )
            for page in document.pages
        ]
        show_table(columns, rows)
    missing = len(document.source_pages) - len(document.pages)
    if missing > 0:
        click.echo(f"  {counted(missing, 'Seite ist', 'Seiten sind')} noch nicht erkannt.")
    for drop in document.dropped_pages:
        ink = f"{drop.ink_ratio * 100:.2f}".replace(".", ",")
        click.echo(f"  Seite {drop.source_page} weggelassen: {DROP_WORDS[drop.reason]} ({ink} % bedruckt)")
