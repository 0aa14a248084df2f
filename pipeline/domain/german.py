"""Numbers, money and days as they stand in German text; exact, so that columns still add up on paper."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

_NO_BREAK = "\N{NO-BREAK SPACE}"


def count(number: int) -> str:
    """A whole number with points between the thousands: `12.345`."""
    return f"{number:,}".replace(",", ".")


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun: `1 Brief`, `12.345 Briefe`."""
    return f"{count(number)} {one if number == 1 else many}"


def numbers_told(numbers: Iterable[int], most: int) -> str:
    """Rising whole numbers as people write them: `3 bis 5, 9`. At most `most` stretches; of the rest only how many."""
    stretches: list[list[int]] = []
    for number in numbers:
        if stretches and stretches[-1][-1] == number - 1:
            stretches[-1][1:] = [number]
        else:
            stretches.append([number])
    told = [" bis ".join(count(number) for number in stretch) for stretch in stretches[:most]]
    rest = sum(stretch[-1] - stretch[0] + 1 for stretch in stretches[most:])
    return ", ".join(told) + (f" und {count(rest)} weitere" if rest else "")


def grams(weight_mg: int) -> str:
    """A weight in mg as grams with all three decimals: `19,970 g`; nothing is rounded."""
    whole, rest = divmod(weight_mg, 1000)
    return f"{count(whole)},{rest:03d}{_NO_BREAK}g"


def euros(amount_cent: int) -> str:
    """An amount in cents as euros: `1.234,56 €`."""
    sign = "-" if amount_cent < 0 else ""
    whole, rest = divmod(abs(amount_cent), 100)
    return f"{sign}{count(whole)},{rest:02d}{_NO_BREAK}€"


def millimetres(length_mm: float) -> str:
    """A length with at most two decimals: `148,5 mm`."""
    text = f"{length_mm:.2f}".rstrip("0").rstrip(".").replace(".", ",")
    return f"{text}{_NO_BREAK}mm"


def day(on: date) -> str:
    """A day: `02.01.2026`."""
    return f"{on.day:02d}.{on.month:02d}.{on.year:04d}"


def moment(at: datetime) -> str:
    """A time of day in its own zone: `02.01.2026, 14:05 Uhr`."""
    return f"{day(at.date())}, {at.hour:02d}:{at.minute:02d}{_NO_BREAK}Uhr"
