"""Which counts of victim cases may be seen, so that no figure tells of one child. Pure.

A count below five is never shown. Where two figures count the same endings, by how a case ended and by age, the sum of
one would tell what is left out of the other: there the next larger count goes with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hotline.rules import figures
from hotline.rules.case_work import Contacted
from hotline.vocabulary import AgeBand, CaseFigure, CaseOutcome, CaseSource, Found, Need, ReferralStatus

POLICY, WISH = "policy", "wish"  # why a file was erased
PARTS: dict[CaseFigure, tuple[str, ...]] = {
    CaseFigure.OPENED: tuple(CaseSource),
    CaseFigure.FIRST_CONTACT: tuple(Contacted),
    CaseFigure.NEED: tuple(Need),
    CaseFigure.REFERRED: tuple(Need),
    CaseFigure.ANSWERED: tuple(
        one for one in ReferralStatus if one not in {ReferralStatus.DRAFT, ReferralStatus.PENDING}
    ),
    CaseFigure.GAP: tuple(Need),
    CaseFigure.OUTCOME: tuple(CaseOutcome),
    CaseFigure.AGE: tuple(AgeBand),
    CaseFigure.FOUND: tuple(Found),
    CaseFigure.ERASED: (POLICY, WISH),
}
TIED = frozenset({CaseFigure.OUTCOME, CaseFigure.AGE})
SHOWN = 4  # quarters side by side

Tallies = Mapping[tuple[str, CaseFigure, str], int]


@dataclass(frozen=True, slots=True)
class Line:
    """One part of a figure: its counts by quarter, None where it is too small to be seen."""

    part: str
    counts: tuple[int | None, ...]


def lines(tallies: Tallies, figure: CaseFigure, quarters: Sequence[str]) -> tuple[Line, ...]:
    """Return a figure over some quarters, by part, as it may be seen."""
    parts = PARTS[figure]
    columns = [_seen(figure, [tallies.get((quarter, figure, part), 0) for part in parts]) for quarter in quarters]
    return tuple(Line(part, tuple(column[place] for column in columns)) for place, part in enumerate(parts))


def quarters(first: str, last: str) -> list[str]:
    """Return every quarter from `first` to `last`, the newest first."""
    found, year, number = [], int(last[:4]), int(last[-1])
    while (one := f"{year:04}-Q{number}") >= first:
        found.append(one)
        year, number = (year, number - 1) if number > 1 else (year - 1, 4)
    return found


def _seen(figure: CaseFigure, counts: list[int]) -> list[int | None]:
    return figures.year_parts(counts) if figure in TIED else [figures.shown(count) for count in counts]
