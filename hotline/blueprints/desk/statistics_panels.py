"""The panels of the statistics: each figure with its definition, its chart, and the table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flask_babel import gettext as _

from hotline.blueprints.desk import statistics_words as say
from hotline.rules import charts, statistics
from hotline.rules.charts import Bar, Pile
from hotline.rules.statistics import Totals
from hotline.services.statistics import Report
from hotline.services.year_freezes import Changes
from hotline.vocabulary import Statistic

MOST_BARS = 8  # countries; the rest together is one more
LEFT_FIGURES = (Statistic.SETTLED, Statistic.LAW, Statistic.AGE, Statistic.GENDER, Statistic.COMMERCIAL, Statistic.WORK)
RIGHT_FIGURES = (
    *(Statistic.REMOVAL, Statistic.TO_POLICE, Statistic.TO_HOST),
    *(Statistic.COUNTRY, Statistic.SITE_TYPE),
)
ALWAYS = frozenset({Statistic.SETTLED, *statistics.TIMES, Statistic.WORK})  # also their parts that are 0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: what it is called, how many, and how many of a hundred."""

    label: str
    count: int
    share: int


class Panel(NamedTuple):
    """One figure. `rows` is its table: all parts; its chart shows those that matter."""

    figure: Statistic
    name: str
    definition: str
    doubt: str
    every: int
    chart: tuple[Bar, ...]
    sentence: str
    rows: tuple[Row, ...]


class Line(NamedTuple):
    """One line of what has changed since a year was frozen. None: too small to be shown, or not there."""

    name: str
    part: str
    frozen: int | None
    now: int | None

    @property
    def difference(self) -> int | None:
        """How much more it is now; None where one of the two is not shown."""
        return None if self.frozen is None or self.now is None else self.now - self.frozen


class Trend(NamedTuple):
    """What was reported by month: all links, those new, and addresses found illegal."""

    chart: tuple[Pile, ...]
    sentence: str
    rows: tuple[tuple[str, int, int, int], ...]


def of(figures: Sequence[Statistic], totals: Totals) -> list[Panel]:
    """Return the panels of some figures."""
    return [_panel(one, totals) for one in figures]


def moved(changes: Changes) -> list[Line]:
    """Return what has changed since a year was frozen, in words: figures, how far looks agree, and referrals."""
    lines = [Line(say.name(one.figure), say.part(one.figure, one.part), one.frozen, one.now) for one in changes.figures]
    agree = _("How far looks agree")
    for of, frozen, now in changes.agreement:
        question = say.question(of.question)
        pairs = (frozen.pairs if frozen else 0, now.pairs if now else 0)
        same = (frozen.same if frozen else 0, now.same if now else 0)
        if pairs[0] != pairs[1]:
            lines.append(Line(agree, f"{question}: {_('Pairs of looks')}", *pairs))
        if same[0] != same[1]:
            lines.append(Line(agree, f"{question}: {_('The same answer')}", *same))
    for one, before, after in changes.referrals:
        part = f"{say.referral(one.figure, one.part)}, {one.quarter}"
        times = (before.times if before else None, after.times if after else None)
        lines.append(Line(say.referral_name(one.figure), part, *times))
    return lines


def trend(report: Report) -> Trend:
    """Return how the months compare: addresses that turned out illegal, and the other links that were reported."""
    rows = []
    for month in report.months:
        counts = report.by_month[month]
        new, known = counts[Statistic.RECEIVED, statistics.NEW], counts[Statistic.RECEIVED, statistics.KNOWN]
        illegal = sum(counts[Statistic.SETTLED, one] for one in statistics.ILLEGAL)
        rows.append((month, new + known, known, illegal))
    drawn = charts.piles([(say.short_month(month), illegal, every - illegal) for month, every, _known, illegal in rows])
    first, last = rows[0], rows[-1]
    sentence = _(
        "Bars by month. %(first)s: %(first_links)s links, %(first_illegal)s illegal. "
        "%(last)s: %(last_links)s links, %(last_illegal)s illegal.",
        first=say.month(first[0]),
        first_links=say.number(first[1]),
        first_illegal=say.number(first[3]),
        last=say.month(last[0]),
        last_links=say.number(last[1]),
        last_illegal=say.number(last[3]),
    )
    return Trend(drawn, sentence, tuple(rows))


def _panel(figure: Statistic, totals: Totals) -> Panel:
    parts = statistics.parts_of(figure, totals)
    every = sum(count for _part, count in parts)
    named = [(say.part(figure, code), count) for code, count in parts]
    told = [(label, count) for label, count in named if count or figure in ALWAYS]
    rest = sum(count for _label, count in told[MOST_BARS:]) if figure is Statistic.COUNTRY else 0
    drawn = [*told[:MOST_BARS], (_("All others"), rest)] if rest else told
    return Panel(
        figure=figure,
        name=say.name(figure),
        definition=say.definition(figure),
        doubt=say.doubt(figure),
        every=every,
        chart=charts.bars(drawn),
        sentence=say.sentence(drawn),
        rows=tuple(Row(label, count, charts.share(count, every)) for label, count in named),
    )
