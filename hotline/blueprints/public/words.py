"""The form's choices and complaints, in the words of the person who reports."""

from collections.abc import Sequence
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import ngettext

from hotline.blueprints.public import limits
from hotline.rules.addresses import Problem
from hotline.rules.submissions import Fault, FaultCode
from hotline.vocabulary import Category, Danger, Seen


class Choice(NamedTuple):
    """One answer that can be picked."""

    value: str
    label: str
    note: str = ""


class Complaint(NamedTuple):
    """What is wrong with one field: the line of the summary, the message beside the field, and where the line leads."""

    field: str
    short: str
    long: str
    anchor: str


class Notice(NamedTuple):
    """Why a form was not taken although nothing is wrong with it."""

    heading: str
    text: str


def choices() -> dict[str, tuple[Choice, ...]]:
    """Return the answers of each question that has a list."""
    return {
        "category": (
            Choice(
                Category.CSAM,
                _("Child sexual abuse images or videos"),
                _("A photo, video or drawing of a child in a sexual way"),
            ),
            Choice(Category.SEXTORTION, _("Sextortion"), _("Someone threatens to share private pictures of a child")),
            Choice(Category.LIVE_STREAM, _("Live-streamed abuse"), _("A child is abused live on camera or in a call")),
            Choice(
                Category.GROOMING, _("Grooming"), _("An adult builds trust with a child for sex or sexual pictures")
            ),
            Choice(Category.OTHER, _("Something else"), _("You are worried about a child online")),
        ),
        "seen": (
            Choice(Seen.TODAY, _("Today")),
            Choice(Seen.WEEK, _("This week")),
            Choice(Seen.OLDER, _("Earlier")),
            Choice(Seen.UNSURE, _("Not sure")),
        ),
        "in_danger": (
            Choice(Danger.YES, _("Yes")),
            Choice(Danger.NO, _("No")),
            Choice(Danger.UNSURE, _("I do not know")),
        ),
    }


def button() -> str:
    """Return what stands on the button that sends the form."""
    return _("Send report")


def complain(fault: Fault) -> Complaint:
    """Put what is wrong with a field into words."""
    facts = dict(fault.params)
    match fault.code:
        case FaultCode.PICTURE:
            said = with_picture(fault.field)
        case FaultCode.URLS_MISSING:
            said = _no_links()
        case FaultCode.URLS_TOO_MANY:
            said = _too_many_links(**facts)
        case FaultCode.URLS_NONE_FOUND:
            said = _no_address(int(facts["line"]), Problem(str(facts["problem"])))
        case FaultCode.DETAILS_TOO_LONG | FaultCode.CONTACT_TOO_LONG:
            said = too_long(fault.field, **facts, is_text=fault.field == "details")
        case FaultCode.SEEN_UNKNOWN | FaultCode.IN_DANGER_UNKNOWN:
            said = not_an_answer(fault.field, choices()[fault.field])
        case FaultCode.CATEGORY_MISSING | FaultCode.CATEGORY_UNKNOWN:
            said = _nothing_chosen()
    return said


def _nothing_chosen() -> Complaint:
    long = _("Choose one. If you are not sure, choose “Something else”.")
    return Complaint("category", _("Choose what you saw"), long, f"category-{Category.CSAM}")


def not_an_answer(field: str, offered: Sequence[Choice]) -> Complaint:
    """Say that what was sent is none of the answers that were offered."""
    long = _("Choose one of the answers, or leave this open.")
    return Complaint(field, _("Choose one of the answers"), long, f"{field}-{offered[0].value}")


def _no_links() -> Complaint:
    long = _("Paste the link of the page, post or profile. Without a link we cannot check anything.")
    return Complaint("urls", _("Paste at least one link"), long, "urls")


def _too_many_links(count: int | str, limit: int | str) -> Complaint:
    short = _("Too many links: %(count)s. At most %(limit)s fit", count=count, limit=limit)
    long = _(
        "You sent %(count)s links. Please send at most %(limit)s now, and the others in a second report.",
        count=count,
        limit=limit,
    )
    return Complaint("urls", short, long, "urls")


def _no_address(line: int, problem: Problem) -> Complaint:
    if problem is Problem.PICTURE:
        return with_picture("urls")
    return Complaint("urls", _("Line %(line)s is not a web address", line=line), _reason(line, problem), "urls")


def too_long(field: str, count: int | str, limit: int | str, *, is_text: bool) -> Complaint:
    """Say by how much an answer, or a text, is too long."""
    short = _("Please shorten your text") if is_text else _("Please shorten this answer")
    long = _("You wrote %(count)s characters. At most %(limit)s fit.", count=f"{count:,}", limit=f"{limit:,}")
    return Complaint(field, short, long, field)


def with_picture(field: str) -> Complaint:
    """Say kindly why pictures cannot be taken."""
    return Complaint(
        field,
        _("We cannot receive pictures, videos or files"),
        _(
            "Nothing of the picture or file was kept. Passing it on can break the law and spreads the harm, "
            "even when you want to help. The link is enough: please send only the web address and your own words."
        ),
        field,
    )


def once_more(button: str) -> str:
    """Ask to press the button of a form once more."""
    return _("Please press “%(button)s” once more", button=button)


def in_a_minute(button: str) -> str:
    """Ask to press the button of a form again a little later."""
    return _("Please press “%(button)s” again in about a minute", button=button)


def please_send_again(once_more: str) -> Complaint:
    """Say that the form was open for too long; nothing else is wrong."""
    long = _("This page had been open for a long time. What you typed is still here.")
    return Complaint("send", once_more, long, "send")


def trap_sprung(once_more: str) -> Complaint:
    """Say that something filled the field nobody sees."""
    long = _("Your phone or browser filled in a hidden field by itself. We emptied it. What you typed is still here.")
    return Complaint("send", once_more, long, "send")


def please_wait(seconds: int) -> Notice:
    """Ask for patience when a network sent too much."""
    return Notice(in_minutes(seconds), _much_from_here())


def too_much_at_once(button: str) -> Notice:
    """Ask for patience while the brake is on, or a network pays; a page with script proves its work by itself."""
    long = _("A lot is coming in at once. Nothing you typed is lost: it is still in the form below.")
    return Notice(in_a_minute(button), _much_from_here() if limits.pays() else long)


def _much_from_here() -> str:
    return _("A lot was sent from your network just now. Nothing you typed is lost: it is still in the form below.")


def cannot_store() -> Notice:
    """Own up that nothing can be stored now."""
    return Notice(_("We could not store this"), our_fault())


def in_minutes(seconds: int) -> str:
    """Ask to wait and then to send again."""
    minutes = -(-seconds // 60)
    return ngettext("Please wait one minute, then send again", "Please wait %(num)s minutes, then send again", minutes)


def our_fault() -> str:
    """Own up that what was sent was not stored, and say what to do."""
    return _(
        "This is our fault. What you typed is still in the form below. Please send it again in a few minutes, or call."
    )


def _reason(line: int, problem: Problem) -> str:
    whole = _("Paste the whole link, from https:// or http:// to its end.")
    said = {
        Problem.SCRIPT: _("Line %(line)s is a piece of a program, not a web address.", line=line),
        Problem.OTHER_SCHEME: _("Line %(line)s does not lead to a web page.", line=line),
        Problem.LOCAL_FILE: _("Line %(line)s is a file on a phone or computer. Only you can open it.", line=line),
        Problem.PRIVATE: _("Line %(line)s leads into a private network. Nobody outside can open it.", line=line),
        Problem.TOO_LONG: _("Line %(line)s is too long for a web address.", line=line),
    }.get(problem, _("We found no web address in line %(line)s.", line=line))
    if problem is Problem.NOT_AN_ADDRESS:
        name = _("Is it a name from Telegram, such as @example? Write https://t.me/example instead.")
        return f"{said} {whole} {name}"
    return f"{said} {whole}"
