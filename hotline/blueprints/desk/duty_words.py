"""What the pages of duties, officials and one's own reach say: titles of duties, faults, kinds of lists."""

from flask_babel import gettext as _

from hotline.blueprints.desk import directory_words, words
from hotline.models.clock import Clock
from hotline.models.practice import StandingDuty
from hotline.rules.reach import LONGEST_LINE, MOST_LINES
from hotline.services import duties, officials
from hotline.services.duty_lists import Shown
from hotline.services.duty_names import Named
from hotline.vocabulary import Clause, OfficialPart, Sector, Subject


def title(one: Clock, about: Named | None) -> str:
    """Return what a clock's duty is called; of a standing one with its sector or clause."""
    return _with_part(words.of(one.duty), about.ref if about else "")


def what(about: Named) -> str:
    """Return what the thing is called that a clock is about: its reference, or the office whose key it is."""
    return words.of(OfficialPart(about.ref)) if about.subject is Subject.OFFICIAL_KEY else about.ref


def standing_title(one: StandingDuty) -> str:
    """Return what a standing duty is called."""
    return _with_part(words.of(one.duty), one.key)


def shown(one: Shown) -> str:
    """Return the name of a list."""
    return {
        Shown.OPEN: _("All that is open"),
        Shown.RUNNING: _("Running"),
        Shown.LATE: _("Late"),
        Shown.PAUSED: _("Standing still"),
        Shown.MISSED: _("Done too late"),
    }[one]


def say(field: str, code: str) -> str:
    """Say what is wrong with a form of the duties."""
    return {
        ("owner", "required"): _("Choose who answers for it."),
        ("owner", "unknown"): _(
            "Choose somebody from the list: a liaison, a manager or an admin with an open account."
        ),
        ("owner", "personal"): _("Nobody else can do this for a person, so it cannot be given away."),
        ("owner", "same"): _("Choose two different people."),
        ("before", "unknown"): _("Choose from the list."),
        ("whose", "unknown"): _("Choose from the list."),
        ("list", "unknown"): _("This page of the list is not there. Begin at the first page."),
        ("reason", "required"): _("Choose why it stands still."),
        ("reason", "never"): _("This one never stands still: others wait for word of us, or its day is fixed."),
        ("done_at", "ahead"): _("This day lies ahead. Write the day on which it was done."),
        ("done_at", "too_old"): _("That is more than a year ago. Check the day."),
        ("done_at", "unknown"): _("Write a day such as 2026-11-26, or leave it empty for today."),
        ("note", "elsewhere"): _("This is put on record on its own page. Follow the link above."),
        ("note", "missing"): _("Write what did not work."),
        ("note", "too_long"): _("That is too long: at most %(num)s characters fit.", num=duties.LONGEST_NOTE),
        ("note", "address"): _("A web address stands in it. Take it out: none is kept here."),
        ("note", "picture"): _("A file stands in it in letters. Take it out: none is kept here."),
    }[field, code]


def entered(*, dropped_key: bool) -> str:
    """Say that an official is entered, and what became of the key of whoever was there before."""
    if dropped_key:
        return _("Saved. The key was for the mailbox before, and is gone: letters go unencrypted until it has another.")
    return _("Saved. Whoever was there before stands in the history.")


def say_official(field: str, code: str) -> str:
    """Say what is wrong with an entry of an official, or with their key."""
    if field in {"key_kind", "material"}:
        return directory_words.say(field, code)
    return {
        ("name", "required"): _("Write the name of the person or office."),
        ("mailbox", "required"): _("Write a mailbox or a telephone number: one of the two is needed."),
        ("mailbox", "form"): _("Write one e-mail address, such as office@dpo.example."),
        ("phone", "form"): _("Write one telephone number in digits, such as +855 23 000 000."),
        ("checked_on", "ahead"): _("This day lies ahead. Write the day on which you made sure."),
        ("checked_on", "unknown"): _("Write a day such as 2026-11-26, or leave it empty."),
        ("checked_on", "required"): _("Write the day on which you made sure."),
    }.get((field, code)) or _("That is too long: at most %(num)s characters fit.", num=officials.LONGEST)


def say_reach(field: str, code: str) -> str:
    """Say what is wrong with how a person is reached."""
    return {
        ("names", "short"): _("A name has at least two letters."),
        ("mailboxes", "form"): _("Write one e-mail address a line, such as name@mail.example."),
        ("mailboxes", "required"): _("Write a mailbox, or do not ask for mail."),
        ("phones", "form"): _("Write one telephone number a line, in digits."),
    }.get((field, code)) or _(
        "That is too much: at most %(lines)s lines of %(num)s characters fit.", lines=MOST_LINES, num=LONGEST_LINE
    )


def _with_part(name: str, key: str) -> str:
    part = key.partition(".")[2]
    if part in set(Sector):
        return _("%(duty)s: %(part)s", duty=name, part=words.of(Sector(part)))
    if part in set(Clause):
        return _("%(duty)s: %(part)s", duty=name, part=words.of(Clause(part)))
    return name
