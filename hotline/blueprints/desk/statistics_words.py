"""What the lines of the statistics are called."""

from flask_babel import get_locale, pgettext
from flask_babel import gettext as _

from hotline.rules.takedowns import FirstTo, Within


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
