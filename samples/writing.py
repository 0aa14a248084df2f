"""From a matter and a chance to a letter: notices of the administration, letters of citizens, invoices."""

from __future__ import annotations

import random
from datetime import date, timedelta

from samples import tables
from samples.layout import COURIER, HELVETICA, TIMES, VERA, Face
from samples.letters import Block, Heading, Letter, Paragraph, Sender, with_pages
from samples.people import Addressee, Office, addressee, authority, citizen, iban, person_name, street
from samples.texts import ENDORSEMENTS, NOTES, REMEDY, Matter

_MONTHS = (
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
)
_COLOURS = ((0.1, 0.25, 0.45), (0.55, 0.1, 0.15), (0.1, 0.4, 0.25), (0.3, 0.3, 0.3))


def long_date(day: date) -> str:
    """A day as it is written in letters: `4. März 2026`."""
    return f"{day.day}. {_MONTHS[day.month - 1]} {day.year}"


def _fields(rng: random.Random, written: date, office: Office, other: Addressee | None) -> dict[str, str]:
    return {
        "name": other.name if other else "",
        "office": office.name,
        "office_street": office.street,
        "office_town": f"{office.postcode} {office.town}",
        "town": office.town,
        "street": street(rng),
        "ref": f"{rng.randrange(10, 99)}.{rng.randrange(1000, 9999)}.{rng.randrange(10**6):06d}",
        "date": long_date(written + timedelta(days=rng.randrange(5, 40))),
        "past": (written - timedelta(days=rng.randrange(6, 70))).strftime("%d.%m.%Y"),
        "due": (written + timedelta(days=rng.randrange(20, 60))).strftime("%d.%m.%Y"),
        "amount": tables.euro(rng.randrange(1500, 9000)),
        "year": str(written.year),
        "iban": iban(rng),
    }


def _blocks(matter: Matter, fields: dict[str, str], table: tables.Table | None) -> tuple[Block, ...]:
    blocks: list[Block] = [Paragraph(text.format(**fields)) for text in matter.paragraphs]
    if table is not None:
        blocks.append(table)
    blocks += [Paragraph(text.format(**fields)) for text in matter.after]
    if matter.remedy:
        blocks += [Heading(REMEDY[0]), Paragraph(REMEDY[1].format(**fields), small=True)]
    return tuple(blocks)


def office_sender(office: Office, unit: str, account: str) -> Sender:
    """An administration's letterhead."""
    number = sum(office.id.encode()) % len(_COLOURS)
    foot = (
        (office.name, office.street, f"{office.postcode} {office.town}"),
        (f"Telefon {office.dial} 000-0", f"post@{office.domain}", f"www.{office.domain}"),
        ("Musterbank Mecklenburg", account, f"Gläubiger-ID DE00ZZZ0000{number:07d}"),
    )
    return Sender((office.name, unit), office.sender_line, foot, office.motif, office.sender_at, _COLOURS[number])


def notice(
    rng: random.Random,
    office: Office,
    matter: Matter,
    form: str = "B",
    to: Addressee | None = None,
    pages: int | None = None,
    face: Face = VERA,
) -> Letter:
    """A letter of an administration. `pages`: exactly so many; None: as it comes. `to` None: anybody."""
    to = to or addressee(rng, office)
    written = date(2026, 1, 5) + timedelta(days=rng.randrange(60))
    fields = _fields(rng, written, office, to)
    table = tables.build(matter.table, rng, written.year) if matter.table else None
    if table is not None:
        fields["amount"] = tables.euro(table.total_cent)
    clerk = person_name(rng)
    info = (
        ("Unser Zeichen", fields["ref"]),
        ("Bearbeitet von", f"{clerk[0]} {clerk[2]}"),
        ("Zimmer", f"{rng.randrange(1, 4)}.{rng.randrange(1, 40):02d}"),
        ("Telefon", f"{office.dial} 000-{rng.randrange(100, 999)}"),
        ("E-Mail", f"fd{rng.randrange(11, 79)}@{office.domain}"),
        ("Datum", long_date(written)),
    )
    letter = Letter(
        form=form,
        sender=office_sender(office, matter.unit, fields["iban"]),
        addressee=to,
        info=info,
        subject=matter.subject.format(**fields),
        greeting=to.salutation,
        blocks=_blocks(matter, fields, table),
        signatory=f"Im Auftrag: {clerk[2]}",
        endorsements=rng.choice(ENDORSEMENTS) if rng.random() < 0.25 else (),
        face=face,
        scrawl=rng.randrange(1, 10**6) if rng.random() < 0.5 else 0,
    )
    if pages is None:
        return letter
    return with_pages(letter, pages, rng.sample(NOTES, len(NOTES)), tables.annex(rng, 46 * pages))


def from_citizen(rng: random.Random, office: Office, matter: Matter, pages: int = 1) -> Letter:
    """A letter to the administration, in the face of a home printer or of a typewriter."""
    writer = citizen(rng, office)
    written = date(2026, 1, 5) + timedelta(days=rng.randrange(60))
    fields = _fields(rng, written, office, writer)
    table = tables.build(matter.table, rng, written.year) if matter.table else None
    if table is not None:
        fields["amount"] = tables.euro(table.total_cent)
    where = writer.lines[-2:]
    face = rng.choice((TIMES, HELVETICA, COURIER, VERA, TIMES))
    letter = Letter(
        form="B",
        sender=Sender((writer.name, *where), " · ".join((writer.name, *where)), line_at="foot"),
        addressee=authority(office),
        info=(
            ("Ihr Zeichen", fields["ref"]),
            ("Telefon", f"0385 000-{rng.randrange(1000, 9999)}"),
            ("Datum", long_date(written)),
        ),
        subject=matter.subject.format(**fields),
        greeting="Sehr geehrte Damen und Herren",
        blocks=_blocks(matter, fields, table),
        signatory=writer.name,
        face=face,
        scrawl=rng.randrange(1, 10**6),
    )
    return with_pages(letter, pages, (), tables.annex(rng, 46 * pages))


def invoice(rng: random.Random, office: Office, matter: Matter, pages: int = 1) -> Letter:
    """A supplier's invoice to the administration; more positions where it has more pages."""
    written = date(2026, 1, 5) + timedelta(days=rng.randrange(60))
    fields = _fields(rng, written, office, None) | {"ref": f"RE-26{rng.randrange(10**5):05d}"}
    table = tables.invoice(rng, matter.table, {1: rng.randrange(3, 8), 2: 32}.get(pages, 32 + 42 * (pages - 2)))
    fields["amount"] = tables.euro(table.total_cent)
    at, town = street(rng), rng.choice(("19061 Schwerin", "19370 Parchim", "19230 Hagenow", "21335 Lüneburg"))
    foot = (
        (matter.unit, at, town),
        ("Geschäftsführung: S. Techentin", "Amtsgericht Schwerin HRB 0000", "USt-IdNr. DE000000000"),
        ("Musterbank Mecklenburg", fields["iban"], "BIC MUSTDE00XXX"),
    )
    sender = Sender(
        (matter.unit, f"{at} · {town}"),
        f"{matter.unit} · {at} · {town}",
        foot,
        rng.choice(("bars", "wave")),
        "foot",
        rng.choice(_COLOURS),
    )
    return Letter(
        form="B",
        sender=sender,
        addressee=authority(office),
        info=(
            ("Rechnungsnr.", fields["ref"]),
            ("Kundennr.", f"{rng.randrange(10**5):05d}"),
            ("Lieferdatum", fields["past"]),
            ("Rechnungsdatum", written.strftime("%d.%m.%Y")),
        ),
        subject=matter.subject.format(**fields),
        greeting="Sehr geehrte Damen und Herren",
        blocks=_blocks(matter, fields, table),
        signatory=matter.unit,
        face=rng.choice((HELVETICA, VERA, HELVETICA)),
    )
