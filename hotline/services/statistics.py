"""Statistics over some months: read from what is rolled up, filtered by way in and class. No address, nobody's name."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Select, case, func, select

from hotline import clock, jurisdiction
from hotline.errors import Forbidden
from hotline.extensions import db
from hotline.models.criteria import AgreementTally
from hotline.models.staff import Staff
from hotline.models.statistic import StatisticCell
from hotline.models.victim_case import CaseTally
from hotline.rules import case_statistics, figures, statistics
from hotline.rules.statistics import ILLEGAL, Cell, Period
from hotline.services import quality, statistics_rollup
from hotline.vocabulary import CaseFigure, Role, Statistic, Way

ROLES = (Role.ANALYST, Role.REVIEWER, Role.LIAISON, Role.MANAGER, Role.AUDITOR)
AGREEMENT_ROLES = (Role.REVIEWER, Role.MANAGER)
REFERRAL_ROLES = (Role.MANAGER, Role.AUDITOR)
REFERRALS = (CaseFigure.REFERRED, CaseFigure.ANSWERED)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which months, which way in (None: all), and which classes (`illegal`, one, or empty for all)."""

    period: Period
    way: Way | None
    group: str


class Referred(NamedTuple):
    """How often victim support did something in a quarter; `times` is None where it is too small to be seen."""

    quarter: str
    figure: CaseFigure
    part: str
    times: int | None


class Agreed(NamedTuple):
    """How many pairs of looks answered one question, and how many of them the same."""

    question: str
    pairs: int
    same: int


@dataclass(frozen=True, slots=True)
class Report:
    """What the page shows. `totals` are over all months; `is_waiting`: something changed that no number tells yet."""

    choice: Choice
    months: tuple[str, ...]
    totals: Counter[tuple[Statistic, str]]
    by_month: dict[str, Counter[tuple[Statistic, str]]]
    is_waiting: bool
    agreement: tuple[quality.Line, ...] | None  # None: for reviewers and managers
    referrals: tuple[Referred, ...] | None  # None: for managers and auditors

    @property
    def illegal(self) -> int:
        """How many addresses are illegal by INHOPE's classes."""
        return sum(self.totals[Statistic.SETTLED, one.value] for one in ILLEGAL)


def span() -> tuple[str, str]:
    """Return the first month anything was counted in, and the one that runs."""
    now = figures.month_of(clock.now().astimezone(jurisdiction.current().zone))
    first = db.session.scalar(select(func.min(StatisticCell.month))) or now
    return min(first, now), now


def choose(period: str, way: str, group: str) -> Choice:
    """Read what stands in the address bar. What is nothing we know is passed over."""
    ways = {one.value: one for one in Way}
    known = group if statistics.classes(group) else ""
    return Choice(statistics.period(period, *span()), ways.get(way), known)


def over(choice: Choice, *, by: Staff) -> Report:
    """Return the statistics of a choice. Raises Forbidden for who may not see them."""
    if not by.has(*ROLES):
        raise Forbidden("statistics are not this person's")
    period = choice.period
    months = tuple(figures.months(period.since, period.until))
    by_month: dict[str, Counter[tuple[Statistic, str]]] = {month: Counter() for month in months}
    totals: Counter[tuple[Statistic, str]] = Counter()
    for month, figure, part, count in db.session.execute(_summed(choice)):
        by_month[month][figure, part] = int(count)
        totals[figure, part] += int(count)
    return Report(
        choice=choice,
        months=months,
        totals=totals,
        by_month=by_month,
        is_waiting=statistics_rollup.is_waiting(),
        agreement=(tuple(quality.over(period.since, period.until, by=by)) if by.has(*AGREEMENT_ROLES) else None),
        referrals=(
            tuple(referrals(statistics.quarters(period.since, period.until))) if by.has(*REFERRAL_ROLES) else None
        ),
    )


def of_year(year: int) -> list[tuple[Cell, int]]:
    """Return every cell of a year, in order."""
    query = select(StatisticCell).where(
        StatisticCell.month >= f"{year:04}-01", StatisticCell.month <= f"{year:04}-12", StatisticCell.count > 0
    )
    cells = [
        (Cell(one.month, one.way, one.inhope_class, one.figure, one.part), one.count)
        for one in db.session.scalars(query)
    ]
    return sorted(cells)


def totals(cells: Iterable[tuple[Cell, int]]) -> Counter[tuple[Statistic, str]]:
    """Return what cells add up to, by figure and part."""
    found: Counter[tuple[Statistic, str]] = Counter()
    for cell, count in cells:
        found[cell.figure, cell.part] += count
    return found


def agreement(since: str, until: str) -> list[Agreed]:
    """Return how many pairs of looks answered each question from one month to another, and how many the same."""
    same = func.sum(case((AgreementTally.first == AgreementTally.second, AgreementTally.count), else_=0))
    query = select(AgreementTally.question, func.sum(AgreementTally.count), same).where(
        AgreementTally.month >= since, AgreementTally.month <= until
    )
    rows = db.session.execute(query.group_by(AgreementTally.question).order_by(AgreementTally.question))
    return [Agreed(question, int(pairs), int(alike)) for question, pairs, alike in rows]


def referrals(quarters: Sequence[str]) -> list[Referred]:
    """Return the referrals of victim support by quarter, oldest first, as they may be seen: small counts left out."""
    query = select(CaseTally.period, CaseTally.figure, CaseTally.part, CaseTally.count)
    rows = db.session.execute(query.where(CaseTally.period.in_(quarters), CaseTally.figure.in_(REFERRALS)))
    tallies: dict[tuple[str, CaseFigure, str], int] = defaultdict(int)
    for quarter, figure, part, count in rows:
        tallies[quarter, figure, part] = count
    return [
        Referred(quarter, figure, line.part, count)
        for figure in REFERRALS
        for line in case_statistics.lines(tallies, figure, quarters)
        for quarter, count in zip(quarters, line.counts, strict=True)
    ]


def _summed(choice: Choice) -> Select[str, Statistic, str, int]:
    cell = StatisticCell
    query = select(cell.month, cell.figure, cell.part, func.sum(cell.count)).where(
        cell.month >= choice.period.since, cell.month <= choice.period.until
    )
    if choice.way is not None:
        query = query.where(cell.way == choice.way)
    if groups := statistics.classes(choice.group):
        query = query.where(cell.inhope_class.in_(groups))
    return query.group_by(cell.month, cell.figure, cell.part)
