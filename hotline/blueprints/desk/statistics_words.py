"""What the figures and lines of the statistics are called, what each counts, and what INHOPE has yet to confirm."""

from datetime import date
from enum import StrEnum

from flask_babel import format_date, format_decimal, get_locale, pgettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _later
from flask_babel import lazy_pgettext as _later_in

from hotline.blueprints.desk import case_statistics_words, findings_form, words
from hotline.rules import statistics
from hotline.rules.statistics import DIFFER, NOT_DETERMINED, OPEN_CLASS
from hotline.rules.takedowns import FirstTo, Within
from hotline.services.inhope_export import YearFigures
from hotline.vocabulary import (
    AgeGroup,
    Band,
    Gender,
    InhopeClass,
    LawVerdict,
    SiteType,
    Statistic,
    Way,
    Work,
    YesNo,
)

ILLEGAL = _later("Illegal addresses are those whose class is baseline or national.")
BANDS = _later(
    "These bands are worked out from INHOPE’s yearly reports. INHOPE’s own definition of them, and of where the time "
    "begins, is to be confirmed with INHOPE."
)
NAMES = {
    Statistic.RECEIVED: (
        _later("Links reported"),
        _later(
            "Every link in every report, in the month of the report. New: nobody had reported it before. Duplicate: it "
            "was known. A link that stands twice in one report counts once."
        ),
    ),
    Statistic.SETTLED: (
        _later("What we found"),
        _later(
            "Every address once, in the month it was first reported, by the class that two people agreed on, or one "
            "where one look was enough to close it. Open: not settled yet, or looked at anew. What was merged into "
            "another address is not counted."
        ),
    ),
    Statistic.LAW: (
        _later("What the law of the country says"),
        _later("The same addresses by the second question, which stands apart from INHOPE’s class."),
    ),
    Statistic.AGE: (
        _later("Age"),
        _later("The age that the youngest child appears to be, of illegal addresses, as both looks say."),
    ),
    Statistic.GENDER: (_later("Girls and boys"), _later("Who is shown, of illegal addresses, as both looks say.")),
    Statistic.SITE_TYPE: (
        _later("Kind of site"),
        _later("INHOPE’s kinds of sites, of illegal addresses, as both looks say."),
    ),
    Statistic.COMMERCIAL: (
        _later("Commercial"),
        _later("Whether money is asked for, of illegal addresses, as both looks say."),
    ),
    Statistic.COUNTRY: (
        _later("Where it was hosted"),
        _later(
            "Illegal addresses by the country of the network that answers for them: when they ended, or now where "
            "they have not."
        ),
    ),
    Statistic.TO_POLICE: (
        _later("Time until the police were told"),
        _later("Illegal addresses, from the end of the hour of the report until a police report was handed over."),
    ),
    Statistic.TO_HOST: (
        _later("Time until a host was told"),
        _later("Illegal addresses, from the end of the hour of the report until the first notice to a host."),
    ),
    Statistic.REMOVAL: (
        _later("Time until removed"),
        _later(
            "Illegal addresses, from the first notice to a host until a person saw that it was gone. Where it came "
            "back or was reported again, the time since then counts."
        ),
    ),
    Statistic.WORK: (
        _later("What was done"),
        _later(
            "In the month it was done: looks handed in, addresses in letters and reports that went out, and addresses "
            "closed after something was done about them. Nobody is named, and nobody is compared."
        ),
    ),
}
DOUBTS = {
    Statistic.RECEIVED: _later("Hotlines count duplicates by rules of their own. INHOPE’s rule is to be confirmed."),
    Statistic.AGE: _later("Which ages INHOPE counts in which band is to be confirmed."),
    Statistic.COMMERCIAL: _later("INHOPE’s own definition of commercial is to be confirmed."),
    Statistic.TO_POLICE: BANDS,
    Statistic.TO_HOST: BANDS,
    Statistic.REMOVAL: BANDS,
}
KINDS: dict[Statistic, type[StrEnum]] = {
    Statistic.SETTLED: InhopeClass,
    Statistic.LAW: LawVerdict,
    Statistic.AGE: AgeGroup,
    Statistic.GENDER: Gender,
    Statistic.SITE_TYPE: SiteType,
    Statistic.COMMERCIAL: YesNo,
}
PARTS = {
    statistics.NEW: _later_in("links", "New"),
    statistics.KNOWN: _later("Duplicate"),
    OPEN_CLASS: _later("Not settled"),
    DIFFER: _later("The looks differ"),
    NOT_DETERMINED: _later("Cannot tell"),
    Band.SAME_DAY: _later("Same day"),
    Band.ONE_DAY: _later("Within 1 day"),
    Band.THREE_DAYS: _later("Within 3 days"),
    Band.SEVEN_DAYS: _later("Within 7 days"),
    Band.FOUR_WEEKS: _later("Within 28 days"),
    Band.LONGER: _later("Later"),
    Band.NOT_TOLD: _later("No host was told"),
    Work.LOOK: _later("Looks handed in"),
    Work.TOLD_POLICE: _later("Told to the police"),
    Work.TOLD_HOST: _later("Told to hosts"),
    Work.TOLD_PARTNER: _later("Told to partner hotlines"),
    Work.CLOSED: _later("Closed"),
}
WAYS = {
    Way.PUBLIC: _later("Public"),
    Way.PARTNER: _later("Partner hotlines"),
    Way.OTHER: _later("Other ways in"),
}


def illegal() -> str:
    """Say which addresses are illegal."""
    return str(ILLEGAL)


def name(figure: Statistic) -> str:
    """Return what a figure is called."""
    return str(NAMES[figure][0])


def definition(figure: Statistic) -> str:
    """Return what a figure counts."""
    return str(NAMES[figure][1])


def doubt(figure: Statistic) -> str:
    """Return what of a figure INHOPE has yet to confirm; empty where nothing is open."""
    return str(DOUBTS.get(figure, ""))


def part(figure: Statistic, code: str) -> str:
    """Return what a part of a figure is called. A code that nobody knows any more is shown as it is."""
    if figure is Statistic.COUNTRY:
        return country(code)
    if code == Band.OPEN and figure is Statistic.REMOVAL:
        return _("Still up")
    if code == Band.OPEN and figure in statistics.TIMES:
        return _("Not told")
    kind = KINDS.get(figure)
    if kind and code in set(kind):
        return words.of(kind(code))
    return str(PARTS.get(code, code))


def way(one: Way) -> str:
    """Return what a way in is called."""
    return str(WAYS[one])


def group(code: str) -> str:
    """Return what a filter of classes is called."""
    if code == "illegal":
        return _("Illegal: baseline and national")
    return part(Statistic.SETTLED, code)


def number(count: int) -> str:
    """Write a count."""
    return str(format_decimal(count))


def month(one: str) -> str:
    """Return a month as people read it."""
    return str(format_date(date(int(one[:4]), int(one[5:]), 1), "MMMM y"))


def short_month(one: str) -> str:
    """Return a month beside a bar, its name cut short where the language does that."""
    return str(format_date(date(int(one[:4]), int(one[5:]), 1), "MMM y"))


def question(code: str) -> str:
    """Return what a question of a look is called."""
    return str(findings_form.question(code))


def sentence(rows: list[tuple[str, int]]) -> str:
    """Say what a chart shows."""
    told = [_("%(part)s: %(num)s", part=label, num=number(count)) for label, count in rows]
    return pgettext("list of figures", ", ").join(told)


def fault(code: str) -> str:
    """Say why a year was not frozen."""
    return {
        "frozen": _("This year is frozen already."),
        "not_over": _("This year is not over yet."),
        "waiting": _("Something changed a moment ago and is not counted yet. Try again in a minute."),
        "empty": _("Nothing was counted in this year."),
    }[code]


def definitions(found: YearFigures) -> list[tuple[str, str, str, str]]:
    """Return of each figure in an export its code, name, definition and what is to be confirmed."""
    return [(one.value, name(one), definition(one), doubt(one)) for one in Statistic if found.parts(one)]


referral = case_statistics_words.part
referral_name = case_statistics_words.name


def within(one: Within) -> str:
    """Say how long after the first notice something was gone."""
    return str(
        {
            Within.ONE_DAY: _("Within 1 day"),
            Within.THREE_DAYS: _("Within 3 days"),
            Within.SEVEN_DAYS: _("Within 7 days"),
            Within.LONGER: _("Later"),
            Within.NO_NOTICE: _("No host was told"),
        }[one]
    )


def apart(one: Within) -> str:
    """Name the part of what is gone that took so long: each address is in one of them, unlike `within`."""
    return {
        Within.ONE_DAY: str(within(one)),
        Within.THREE_DAYS: _("After 1 day, within 3 days"),
        Within.SEVEN_DAYS: _("After 3 days, within 7 days"),
        Within.LONGER: _("After more than 7 days"),
        Within.NO_NOTICE: str(within(one)),
    }[one]


def told_first(one: FirstTo) -> str:
    """Say who was told first."""
    return str(
        {
            FirstTo.POLICE: _("The police"),
            FirstTo.PARTNER: _("A partner hotline"),
            FirstTo.HOST: _("A host"),
            FirstTo.NOBODY: _("Nobody"),
        }[one]
    )


def country(code: str) -> str:
    """Name a country; one that is not known is said to be so."""
    locale = get_locale()
    names = locale.territories if locale else {}
    return str(names.get(code, code)) if code else pgettext("country", "Not known")
