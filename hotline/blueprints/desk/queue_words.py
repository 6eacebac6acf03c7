"""The queue's own words: what its filters and orders are called, and why an item is as urgent as it is."""

from enum import Enum
from typing import Any

from babel import Locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _later
from flask_babel import lazy_pgettext as _in
from flask_babel import ngettext

from hotline import i18n, jurisdiction
from hotline.models.item import Item
from hotline.rules.filters import MOST_NAME, Age, ClockFilter, Sort, Whose, Work
from hotline.rules.urgency import Cause
from hotline.services import priorities, saved_filters
from hotline.services.several import Outcome, Result

WORDS: dict[type[Enum], dict[Any, Any]] = {
    Whose: {Whose.ME: _later("Me"), Whose.NOBODY: _later("Nobody")},
    Age: {
        Age.TODAY: _in("age", "Today"),
        Age.DAYS: _later("1 to 3 days"),
        Age.OVER_3: _later("More than 3 days"),
        Age.OVER_7: _later("More than 7 days"),
    },
    ClockFilter: {
        ClockFilter.OVER: _in("clock", "Over"),
        ClockFilter.TODAY: _later("Due today"),
        ClockFilter.PAUSED: _in("clock", "Paused"),
    },
    Work: {Work.LIGHT: _later("Light work")},
    Sort: {
        Sort.OLDEST: _later("Oldest first"),
        Sort.REPORTS: _later("Most reports"),
        Sort.DUE: _later("Soonest due"),
    },
}
CAUSES = {
    Cause.DANGER: _later("Child in danger"),
    Cause.LIVE_STREAM: _later("Live stream"),
    Cause.SEXTORTION: _later("Sextortion"),
    Cause.NEW_HOST: _later("New host"),
    Cause.GROOMING: _later("Grooming"),
}
OF_CATEGORY = {Cause.LIVE_STREAM, Cause.SEXTORTION, Cause.GROOMING}
OUTCOMES = {
    Outcome.NOT_YOURS: _later("%(ref)s: it is not in your hands, so there is nothing to pass on."),
    Outcome.DISPUTED: _later("%(ref)s: the looks differ. It stays with both of you until two people agree."),
    Outcome.NOT_FREE: _later("%(ref)s: somebody was quicker, or it has moved on."),
    Outcome.HANDS_FULL: _later("%(ref)s: your hands are full."),
    Outcome.LIGHT_ONLY: _later("%(ref)s: only light work is for you now."),
    Outcome.NOT_FOUND: _later("%(ref)s: there is no such item."),
}


def of(one: Enum) -> str:
    """Return what a filter or an order is called."""
    return str(WORDS[type(one)][one])


def reasons(item: Item, *, beside_category: bool = False) -> list[str]:
    """Return why an item is as urgent as it is, the gravest reason first; beside its category without saying that."""
    causes = priorities.of(item).causes
    return [_reason(cause, item) for cause in causes if not (beside_category and cause in OF_CATEGORY)]


def country(code: str) -> str:
    """Return the name of a country in the language of this request."""
    return str(Locale.parse(i18n.chosen()).territories.get(code, code))


def hosted_at_home() -> str:
    """Return what is said of something hosted in our own country."""
    return str(_("Hosted in %(country)s", country=country(jurisdiction.current().country)))


def outcome(result: Result) -> str:
    """Return why something could not be done with one of several items."""
    return str(OUTCOMES[result.outcome]) % {"ref": result.ref}


def say(field: str, code: str) -> str:
    """Return what is wrong with what somebody looks for, or with the name of a filter they want to keep."""
    return {
        ("find", "nothing"): _("Nothing here has that address, path, host or reference."),
        ("name", "required"): _("Give the filter a name."),
        ("name", "too_long"): _("A name has at most %(num)s characters.", num=MOST_NAME),
        ("name", "taken"): _("You keep a filter of that name already."),
        ("name", "too_many"): _("You keep %(num)s filters, and no more fit. Forget one first.", num=saved_filters.MOST),
    }[field, code]


def _reason(cause: Cause, item: Item) -> str:
    if cause is Cause.REPORTS:
        return str(ngettext("%(num)s report", "%(num)s reports", item.report_count))
    return hosted_at_home() if cause is Cause.AT_HOME else str(CAUSES[cause])
