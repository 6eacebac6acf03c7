"""What each figure is called, and what it means, in plain words."""

from datetime import date
from typing import NamedTuple

from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from hotline.blueprints.public.words import choices
from hotline.rules.figures import BY_MONTH, KNOWN, LEAST, NEW, Total
from hotline.vocabulary import Band, Channel, Figure, InhopeClass, ItemOutcome, LawVerdict


class Part(NamedTuple):
    """One number of a figure: its code in the file, and its name."""

    code: str
    label: str


class Chapter(NamedTuple):
    """One figure: its code in the file, its name, what it means, and its parts."""

    figure: Figure
    heading: str
    meaning: str
    parts: tuple[Part, ...]

    @property
    def by_month(self) -> bool:
        """Whether it is published month by month; else a year at a time."""
        return self.figure in BY_MONTH


def chapters() -> tuple[Chapter, ...]:
    """Return all figures in the order of the page."""
    return (_addresses(), _reports(), _law(), _assessed(), _notices(), _closed(), _removal(), _help())


def number(count: int | None) -> str:
    """Say one number of a month."""
    return _("fewer than %(num)s", num=LEAST) if count is None else f"{count:,}"


def summed(total: Total) -> str:
    """Say a sum."""
    if total.count is None:
        return _("left out")
    return f"{total.count:,}" if total.whole else _("at least %(num)s", num=f"{total.count:,}")


def month(period: str) -> str:
    """Return a month as people read it."""
    return str(format_date(date(int(period[:4]), int(period[5:]), 1), "MMMM y"))


def short_month(period: str) -> str:
    """Return a month as it fits a narrow table."""
    return str(format_date(date(int(period[:4]), int(period[5:]), 1), "MMM y"))


def year(period: str, first: str | None) -> str:
    """Say a year as it fits a narrow table, and from which month on it was counted where that was not its first."""
    if first is None:
        return period
    name = format_date(date(int(first[:4]), int(first[5:]), 1), "MMM")
    return _("%(year)s, from %(month)s", year=period, month=name)


def last_months(count: int) -> str:
    """Say over how many months a sum goes."""
    return ngettext("Last month", "Last %(num)s months", count)


def away() -> str:
    """Say that the figures cannot be read now."""
    return _("We cannot show the figures just now. Please come back later.")


def _addresses() -> Chapter:
    meaning = _(
        "Every link in every report, in the month in which it reached us. “New” is a link that nobody had sent us "
        "before. “Known” is one that we had already. A link that stands twice in one report counts once."
    )
    parts = Part(NEW, _("New links")), Part(KNOWN, _("Known links"))
    return Chapter(Figure.ADDRESSES, _("Links people sent us"), meaning, parts)


def _reports() -> Chapter:
    meaning = _(
        "Reports by what people said they saw when they sent them. Nobody had checked it by then. "
        "One report can name several links."
    )
    parts = tuple(Part(one.value, one.label) for one in choices()["category"])
    return Chapter(Figure.REPORTS, _("What people reported"), meaning, parts)


def _law() -> Chapter:
    meaning = _(
        "Links about which two trained people agreed, in the month in which they did. Each link counts once, also when "
        "people look at it again later. Not in here: links that one person looked at and found nothing in, and links "
        "about which we are still asking a legal adviser."
    )
    parts = (
        Part(LawVerdict.ILLEGAL, _("Broke the law")),
        Part(LawVerdict.NOT_ILLEGAL, _("Nothing illegal found, or could not be checked")),
    )
    return Chapter(Figure.LAW, _("What we found"), meaning, parts)


def _assessed() -> Chapter:
    meaning = _(
        "The same links by the list that all INHOPE hotlines share. “Baseline” is illegal internationally, by the "
        "criteria of INTERPOL. What the law of this country says is counted apart, above."
    )
    parts = (
        Part(InhopeClass.BASELINE, _("Baseline")),
        Part(InhopeClass.NATIONAL, _("Nationally illegal")),
        Part(InhopeClass.NOT_ILLEGAL, _("Not illegal")),
        Part(InhopeClass.INACCESSIBLE, _("Could not be opened")),
        Part(InhopeClass.OUTSIDE_REMIT, _("Not our task")),
    )
    return Chapter(Figure.ASSESSED, _("What it is by the list of INHOPE"), meaning, parts)


def _notices() -> Chapter:
    meaning = _(
        "Letters about links that two people agreed on, in the month in which they went out. "
        "One link can need several letters."
    )
    parts = (
        Part(Channel.HOST, _("To companies that host pages")),
        Part(Channel.PARTNER, _("To partner hotlines")),
        Part(Channel.POLICE, _("To the police")),
    )
    return Chapter(Figure.NOTICES, _("Letters we sent"), meaning, parts)


def _closed() -> Chapter:
    meaning = _(
        "Links that we closed, by how it ended, in the month in which we closed them. They may have been reported "
        "in an earlier month. A link that is reported again and closed again counts again."
    )
    parts = (
        Part(ItemOutcome.REMOVED, _("Removed")),
        Part(ItemOutcome.UNAVAILABLE, _("Not there any more when we looked")),
        Part(ItemOutcome.MOVED, _("Moved to another place")),
        Part(ItemOutcome.NOT_ILLEGAL, _("Not illegal")),
        Part(ItemOutcome.OUTSIDE_REMIT, _("Not our task")),
        Part(ItemOutcome.WITHDRAWN, _("Taken back")),
    )
    return Chapter(Figure.CLOSED, _("How it ended"), meaning, parts)


def _removal() -> Chapter:
    meaning = _(
        "Illegal links by how long it took from our first letter to a company that hosts the page until it was gone, "
        "in the year in which they were first reported to us. A number stays as it was when the year was closed, also "
        "where a link has gone since."
    )
    parts = (
        Part(Band.SAME_DAY, _("The same day")),
        Part(Band.ONE_DAY, _("Within 1 day")),
        Part(Band.THREE_DAYS, _("Within 3 days")),
        Part(Band.SEVEN_DAYS, _("Within 7 days")),
        Part(Band.FOUR_WEEKS, _("Within 28 days")),
        Part(Band.LONGER, _("Later")),
        Part(Band.OPEN, _("Still there")),
        Part(Band.NOT_TOLD, _("No host was told")),
    )
    return Chapter(Figure.REMOVAL, _("How long until it was gone"), meaning, parts)


def _help() -> Chapter:
    meaning = _("Requests sent from our help page, in the month in which they reached us. Calls are not in here.")
    return Chapter(Figure.HELP, _("Requests for help"), meaning, (Part("", _("Requests")),))
