"""How long the file of a victim is kept after its case has ended. Pure; days in, days out."""

from dataclasses import dataclass
from datetime import MAXYEAR, date

MOST_YEARS, MOST_AGE = 99, 99


@dataclass(frozen=True, slots=True)
class Term:
    """How long a policy keeps a file: years after the end, and at least until the victim has this age."""

    years: int
    until_age: int | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What the day is worked out from. Without a day of birth `age` counts as it was told, and nothing as newborn."""

    ended_on: date
    born_on: date | None
    age: int | None


def keep_until(kept: Kept, term: Term) -> date:
    """Return the last day a file is kept: the later of the years after its end and the victim's birthday.

    Where only an age in years is known the victim counts as having turned that old on the last day: nobody's file goes
    too early because we know too little.
    """
    after_end = later(kept.ended_on, term.years)
    if term.until_age is None:
        return after_end
    born = kept.born_on or earlier(kept.ended_on, kept.age or 0)
    return max(after_end, later(born, term.until_age))


def later(day: date, years: int) -> date:
    """Return the same day some years on; the 29th of February becomes the 1st of March where there is none."""
    year = day.year + years
    if year > MAXYEAR:
        return date.max
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def earlier(day: date, years: int) -> date:
    """Return the same day some years back."""
    return later(day, -min(years, day.year - 1))


def faults(years: int | None, until_age: int | None, *, age_is_number: bool) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for what is wrong with the numbers of a policy."""
    wrong = []
    if years is None or not 0 <= years <= MOST_YEARS:
        wrong.append(("years", "range"))
    if not age_is_number or (until_age is not None and not 0 <= until_age <= MOST_AGE):
        wrong.append(("until_age", "range"))
    return tuple(wrong)


def records(counts: dict[str, int]) -> str:
    """Return how many rows went, by table, as a certificate keeps it."""
    return " ".join(f"{table} {count}" for table, count in counts.items() if count)


def counted(kept: str) -> list[tuple[str, int]]:
    """Read back what `records` wrote."""
    parts = kept.split()
    return [(table, int(count)) for table, count in zip(parts[::2], parts[1::2], strict=True)]
