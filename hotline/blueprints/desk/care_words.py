"""Time with hard material, and why it is enough for today, as people at the desk read it."""

from flask_babel import format_datetime, ngettext
from flask_babel import gettext as _

from hotline.models.care import Break
from hotline.rules.care import FEWEST_MINUTES, LONGEST_HANDOVER, Why


def span(minutes: int) -> str:
    """Say how long something is: `52 min`, `1 h 12`, `4 h`."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return str(ngettext("%(num)s min", "%(num)s min", rest))
    if not rest:
        return str(ngettext("%(num)s h", "%(num)s h", hours))
    return str(_("%(hours)s h %(minutes)s", hours=hours, minutes=f"{rest:02d}"))


def break_times(one: Break) -> str:
    """Say from when to when a break of today was."""
    ends = (one.started_at, one.ended_at or one.started_at)
    return "–".join(str(format_datetime(moment, "HH:mm")) for moment in ends)


def why(code: str) -> str:
    """Say why no hard work is offered now. `code` is one of `Why`."""
    return {
        Why.CHOSEN: _("You want only light work today."),
        Why.NEARLY: _(
            "You have been with hard material for most of what a day holds. "
            "From now on only light work is offered to you."
        ),
        Why.LIMIT: _("You have been with hard material for as long as a day holds. It was enough for today."),
        Why.LATE: _("It is late in the day. Nothing hard begins any more."),
    }[Why(code)]


def say(field: str, code: str) -> str:
    """Say what is wrong with one field of a form about care."""
    return {
        ("limits", "raised"): _("You can lower your own limits. To raise them again, talk to the counsellor."),
        ("limits", "too_low"): _(
            "A limit is %(num)s minutes or more. If you want less than that, choose “Only light work”.",
            num=FEWEST_MINUTES,
        ),
        ("limits", "number"): _("Write whole minutes, such as 120."),
        ("late_from", "number"): _("Choose one of the hours shown here."),
        ("due_on", "date"): _("Choose a day."),
        ("due_on", "range"): _("Choose a day from today on, within a year."),
        ("person", "required"): _("Choose a person."),
        ("text", "required"): _("Write what the next person should know."),
        ("text", "length"): _("Write %(num)s characters at most.", num=LONGEST_HANDOVER),
    }[field, code]
