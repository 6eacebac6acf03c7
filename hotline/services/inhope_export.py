"""The figures of a year for INHOPE: from the freeze where there is one, else as they stand."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from hotline.errors import NotFound
from hotline.rules import statistics as rule
from hotline.services import year_freezes
from hotline.services.statistics import Agreed, Referred
from hotline.vocabulary import Statistic


@dataclass(frozen=True, slots=True)
class YearFigures:
    """Exact figures of a whole year. `digest` and `frozen_at` are None where it is not frozen: then they may change."""

    year: int
    digest: str | None
    frozen_at: datetime | None
    totals: Counter[tuple[Statistic, str]]
    agreement: tuple[Agreed, ...]
    referrals: tuple[Referred, ...]

    def parts(self, figure: Statistic) -> list[tuple[str, int]]:
        """Return the parts of a figure, in the order of the page."""
        return rule.parts_of(figure, self.totals)


def of_year(year: int) -> YearFigures:
    """Return the figures of a year. Raises NotFound where nothing was counted in it."""
    kept = year_freezes.find(year)
    found = year_freezes.read(kept.body if kept else year_freezes.body_of(year))
    if not found.cells:
        raise NotFound(f"nothing was counted in {year}")
    return YearFigures(
        year=year,
        digest=kept.digest if kept else None,
        frozen_at=kept.frozen_at if kept else None,
        totals=found.totals,
        agreement=found.agreement,
        referrals=found.referrals,
    )
