"""What pages about incidents say."""

from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from hotline.gateways.mail import UNCONFIRMED
from hotline.rules import incidents as rules
from hotline.services import incident_letters
from hotline.vocabulary import OfficialPart, Pulse

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
DAY = timedelta(days=1)


def told(part: OfficialPart) -> str:
    """Name the step that an official was told."""
    return {
        OfficialPart.DPO: _("Tell the data protection officer"),
        OfficialPart.SECRETARIAT: _("Tell the INHOPE secretariat"),
    }[part]


def left(part: OfficialPart) -> str:
    """Say for what time is left."""
    return {
        OfficialPart.DPO: _("to tell the data protection officer"),
        OfficialPart.SECRETARIAT: _("to tell the INHOPE secretariat"),
    }[part]


def nobody(part: OfficialPart) -> str:
    """Say that nobody is entered for an office."""
    return {
        OfficialPart.DPO: _("No data protection officer is entered, so nobody can be told by letter."),
        OfficialPart.SECRETARIAT: _("The INHOPE secretariat is not entered, so nobody can be told by letter."),
    }[part]


def stopped(pulse: Pulse) -> str:
    """Say what stopped."""
    return {
        Pulse.INTAKE: _("No round opened the inbox any more. Reports of the public were kept, and not moved on."),
        Pulse.DELIVERY: _("No round handed out what has to leave any more. Letters were kept, and not sent."),
    }[pulse]


def shown(show: str) -> str:
    """Name a list of incidents."""
    return {"open": _("Open"), "closed": _("Closed"), "drills": _("Drills")}[show]


def duration(time: timedelta) -> str:
    """Say how long something took: in minutes, hours or days, whole ones."""
    if time < HOUR:
        return str(ngettext("%(num)s minute", "%(num)s minutes", max(0, time // MINUTE)))
    if time < DAY * 2:
        return str(ngettext("%(num)s hour", "%(num)s hours", time // HOUR))
    return str(ngettext("%(num)s day", "%(num)s days", time // DAY))


def fault(code: str) -> str:
    """Say why a letter did not go, or came back."""
    return {
        incident_letters.NO_SERVER: _("No mail server is set, so it lies here and went to nobody. Tell by telephone."),
        incident_letters.OTHER_ENTRY: _(
            "Somebody else, another mailbox or another key was entered meanwhile, or the key has expired. Read it and "
            "send it again."
        ),
        incident_letters.UNREADABLE: _("It does not open with the keys on this computer. Tell the admin."),
        incident_letters.NAMES_US: _(
            "It holds a name, mailbox or number of one of us that was not known when it was sent. Take it out and send "
            "it again; with it, somebody who did not write it sends it."
        ),
        incident_letters.BOUNCED: _(
            "The mail server at the other end sent it back. Send it to another mailbox, or telephone."
        ),
        UNCONFIRMED: _("The mail server did not say whether it took it. It may have arrived: telephone to be sure."),
    }.get(code) or _("The mail server did not take it (%(code)s). Send it again, or telephone.", code=code)


def doubt() -> str:
    """Say that an earlier try of a letter may have arrived."""
    return _("At an earlier try nobody said whether it was taken, so it may have arrived already.")


def say(field: str, code: str) -> str:
    """Return what to do about a fault of a form."""
    address = _("There is a web address in it. Write what it is about, and leave the address out.")
    picture = _("There is a file or a picture in it. Only words are kept here.")
    ahead = _("That lies ahead. Write when it was.")
    too_old = _("That is more than a year ago. Check the day.")
    unknown = _("Write a day and a time.")
    whole = {
        ("kind", "required"): _("Choose what it is about."),
        ("kind", "stopped_again"): _("It stopped once more since, and that is an incident of its own. Go on there."),
        ("body", "missing"): _("Write what happened."),
        ("noticed_at", "required"): _("Write when somebody noticed it first."),
        ("lead", "unknown"): _("Choose somebody whose account is open and who keeps the code of practice."),
        ("entry_kind", "required"): _("Choose what this line says."),
        ("words", "missing"): _("Write what there is to say."),
        ("why", "missing"): _("Write why it is something else."),
        ("action", "missing"): _("Write what has to be done."),
        ("action", "too_long"): _("At most %(num)s characters fit.", num=rules.LONGEST_ACTION),
        ("owner", "required"): _("Choose who does it."),
        ("due_on", "range"): _("Choose a day from today on, at most a year ahead."),
        ("part", "required"): _("Choose who is told."),
        ("language", "required"): _("Choose a language."),
        ("whom", "missing"): _("Write with whom you spoke."),
        ("whom", "too_long"): _("At most %(num)s characters fit.", num=rules.LONGEST_LINE),
        ("called_at", "early"): _("That was before it was noticed."),
        ("subject", "missing"): _("Write a subject."),
        ("subject", "too_long"): _("At most %(num)s characters fit.", num=rules.LONGEST_SUBJECT),
        ("text", "missing"): _("Write the letter."),
        ("text", "too_long"): _("At most %(num)s characters fit.", num=rules.LONGEST_LETTER),
        ("has_read", "required"): _("Read the letter, and tick that you have."),
        ("send", "nobody"): _("Nobody is entered for this office. Enter them first, or telephone."),
        ("send", "no_mailbox"): _("No mailbox is entered for this office. Telephone, or enter one."),
        ("send", "key"): _(
            "The key of this office has expired, or nothing can be encrypted to it. Telephone; then put a new key, or "
            "take this one away."
        ),
        ("send", "second_person"): _("It points at somebody of the team, so another person has to let it go."),
        ("close", "contained"): _("It is not contained yet. Write what contained it first."),
        ("close", "untold"): _("Somebody must still be told of it."),
        ("close", "queued"): _("A letter about it is still on its way. Close it once that has left, or has failed."),
        ("close", "lesson"): _("No lesson is written yet. Write what is learnt from it first."),
    }
    by_code = {
        "too_long": _("At most %(num)s characters fit.", num=rules.LONGEST),
        "address": address,
        "picture": picture,
        "ahead": ahead,
        "too_old": too_old,
        "unknown": unknown,
    }
    return whole.get((field, code)) or by_code[code]
