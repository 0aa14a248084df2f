"""Values of the kinds that clerks search for: accounts, sums, days, file references, sections of laws."""

from __future__ import annotations

import random
from datetime import date, timedelta

from bench.stack.texts import LAWS
from samples.people import OFFICES, iban, person_name, street
from samples.tables import euro
from samples.writing import long_date


def reference(rng: random.Random) -> str:
    """A file reference, in one of the ways in which administrations write them."""
    year, number = rng.randrange(19, 27), rng.randrange(1, 10_000)
    initials = rng.choice(("Wö", "Sß", "Kr", "Ül", "Mä", "Ho"))
    return rng.choice(
        (
            f"{rng.randrange(10, 70)}.{rng.randrange(1, 9)}-{number:04d}/{year}",
            f"{rng.choice(('BV', 'VO', 'AN'))}/20{year}/{number:04d}",
            f"{rng.choice(('II', 'III', 'IV', 'VI'))}.{rng.randrange(1, 9)}-{number:04d}-{initials}",
            f"{rng.randrange(100, 999)} {rng.choice(('OWi', 'K', 'L', 'Js'))} {number}/{year}",
            f"{rng.randrange(10, 99)}.{rng.randrange(1000, 9999)}.{rng.randrange(10**6):06d}",
        )
    )


def amount(rng: random.Random) -> str:
    """A sum of money with its sign, from ten euros to five figures."""
    return euro(rng.choice((rng.randrange(1000, 20_000), rng.randrange(20_000, 300_000), rng.randrange(10**6, 10**7))))


def day(rng: random.Random) -> str:
    """A day in figures."""
    return (date(2019, 1, 1) + timedelta(days=rng.randrange(2900))).strftime("%d.%m.%Y")


def section(rng: random.Random) -> str:
    """A section of a law."""
    paragraph = f" Abs. {rng.randrange(1, 6)}" if rng.random() < 0.6 else ""
    sentence = f" Satz {rng.randrange(1, 4)}" if paragraph and rng.random() < 0.4 else ""
    return f"§ {rng.randrange(1, 180)}{rng.choice(('', '', '', 'a', 'b'))}{paragraph}{sentence} {rng.choice(LAWS)}"


def fresh(rng: random.Random) -> dict[str, str]:
    """A value for each placeholder of `texts`; the reference is drawn anew each time."""
    form, first, last = person_name(rng)
    return {
        "iban": iban(rng),
        "amount": amount(rng),
        "amount2": amount(rng),
        "day": day(rng),
        "past": day(rng),
        "long": long_date(date(2024, 1, 1) + timedelta(days=rng.randrange(900))),
        "ref": reference(rng),
        "section": section(rng),
        "town": rng.choice(list(OFFICES.values())).town,
        "street": street(rng),
        "name": f"{form} {first} {last}",
    }
