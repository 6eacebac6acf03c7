"""What is said of whether an address is gone: looks, times, and what is wrong with a form."""

from datetime import timedelta
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import ngettext

from hotline.blueprints.desk import words
from hotline.models.item import Item
from hotline.models.online import OnlineCheck
from hotline.rules import online as rules
from hotline.services import online, watches
from hotline.vocabulary import CheckMeans, CheckResult

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FEW_DAYS = 3 * DAY  # below this, hours are counted


def card(item: Item) -> dict[str, Any]:
    """Return everything that `desk/items/_online.html` needs beside the item."""
    return {
        "online": online.card(item),
        "online_ends": rules.ENDS,
        "online_say": say,
        "online_saw": saw,
        "took": took,
        "watched": _watched(item),
        "ending_typed": request.form,
        "longest_ending_reason": rules.MOST_REASON,
    }


def took(span: timedelta) -> str:
    """Say how long something took: whole hours for the first days, then whole days."""
    if span < HOUR:
        return str(_("under 1 hour"))
    if span < FEW_DAYS:
        return str(ngettext("%(num)s hour", "%(num)s hours", span // HOUR))
    return str(ngettext("%(num)s day", "%(num)s days", span // DAY))


def saw(look: OnlineCheck) -> str:
    """Say what one look found, by a person or by a program."""
    if look.means is CheckMeans.PERSON:
        if look.code == rules.MOVED:
            return str(_("Gone here, and moved elsewhere"))
        return str(
            {
                CheckResult.UP: _("Still there"),
                CheckResult.GONE: _("Gone"),
                CheckResult.UNSURE: _("Cannot tell"),
            }[look.result]
        )
    return _met(look)


def say(field: str, code: str) -> str:
    """Say what is wrong with the form that closes an item."""
    return str(
        {
            ("ending", "required"): _("Choose how it ended."),
            ("ending_reason", "required"): _(
                "Nobody has seen it gone twice, some hours apart. Write why it is closed all the same."
            ),
        }.get((field, code), _("The reason is too long: at most %(num)s characters fit.", num=rules.MOST_REASON))
    )


def _watched(item: Item) -> str:
    """Say when a program looks next; nothing where programs do not look at all."""
    watch = watches.of(item)
    if watch is None:
        return ""
    if watch.next_at is None:
        return str(_("No program looks at it any more: people do."))
    return str(_("A program looks next at %(when)s.", when=words.moment(watch.next_at)))


def _met(look: OnlineCheck) -> str:
    """Say what a program met."""
    if look.result is CheckResult.UP:
        return str(
            _("It answers (%(code)s). A person has to look: it may be a page that says it is gone", code=look.code)
        )
    if look.code == rules.NO_NAME:
        return str(_("The name does not exist any more"))
    if look.result is CheckResult.GONE:
        return str(_("It answers that it is gone (%(code)s)", code=look.code))
    known = {
        rules.SLOW: _("No answer in time"),
        rules.PROXY_AWAY: _("The proxy did not answer"),
        rules.NO_ANSWER: _("No connection"),
        rules.TLS: _("Its certificate is wrong"),
        rules.GARBLED: _("It answers with something nobody understands"),
        rules.PRIVATE: _("It leads to no public address: a person has to look"),
        rules.ONION: _("An onion address: a person has to look"),
        rules.NOT_WEB: _("No web address: a person has to look"),
        rules.SEALED: _("The address does not open here"),
    }
    return str(known.get(look.code) or _("It answers with %(code)s, which says nothing", code=look.code))
