"""What a follow-up says: how far a report or a request is, and why a code or a message was not taken."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from hotline.blueprints.public import words
from hotline.rules.messages import MAX_LENGTH
from hotline.services.receipts import ReceiptStatus
from hotline.vocabulary import Concern, ReportStatus, TextKey

_OF_HELP = {
    ReportStatus.RECEIVED: TextKey.HELP_RECEIVED,
    ReportStatus.CHECKING: TextKey.HELP_CHECKING,
    ReportStatus.ACTION_TAKEN: TextKey.HELP_CHECKING,  # for a person there is nothing between help and its end
    ReportStatus.CLOSED: TextKey.HELP_CLOSED,
}


class Trouble(NamedTuple):
    """Why something was not taken: the heading and line of the summary, the message beside the field, and which."""

    heading: str
    short: str
    long: str
    anchor: str = "code"


class Step(NamedTuple):
    """One state on the way of a report."""

    label: str
    note: str  # the day of a step that is done; of one to come, what to expect
    state: str = ""


def steps(found: ReceiptStatus) -> list[Step]:
    """Return the way of a report up to its end. A closed one does not say whether there was anything to act on."""
    here = found.status
    acts = found.concern is Concern.REPORT and here is not ReportStatus.CLOSED
    way = [status for status in ReportStatus if acts or status is not ReportStatus.ACTION_TAKEN]
    reached = way.index(here)
    notes = {way[0]: day(found.received_on)} | ({here: day(found.changed_on)} if reached else {})
    if acts:
        notes[ReportStatus.CLOSED] = _("We will write the result here.")
    return [
        Step(
            _step_name(status, found), notes.get(status, ""), "past" if at < reached else "now" if at == reached else ""
        )
        for at, status in enumerate(way)
    ]


def _step_name(status: ReportStatus, found: ReceiptStatus) -> str:
    if found.concern is Concern.HELP and status is ReportStatus.CHECKING:
        return _("A person is with it")
    return {
        ReportStatus.RECEIVED: _("Received"),
        ReportStatus.CHECKING: _("Being checked") if status is found.status else _("Checked"),
        ReportStatus.ACTION_TAKEN: _("Action taken"),
        ReportStatus.CLOSED: _("Closed"),
    }[status]


def now(found: ReceiptStatus, own_words: str | None) -> Step:
    """Return where things stand, in the words staff wrote for it, else in ours."""
    ours = built_in()[text_key(found)]
    return Step(ours.label, own_words) if own_words else ours


def text_key(found: ReceiptStatus) -> TextKey:
    """Return which of the texts that staff may write tells where things stand."""
    return _OF_HELP[found.status] if found.concern is Concern.HELP else TextKey(found.status)


def built_in() -> Mapping[TextKey, Step]:
    """Return what stands at each state where staff wrote nothing. The heading stands whoever wrote what is below it."""
    return _now_of_report() | _now_of_help()


def _now_of_report() -> dict[TextKey, Step]:
    more = _("To protect children and the work of the police we cannot always say more.")
    return {
        TextKey.RECEIVED: Step(_("Now: your report is with us"), _("A trained person will read it.")),
        TextKey.CHECKING: Step(_("Now: we are checking"), _("A trained person is looking at it.") + " " + more),
        TextKey.ACTION_TAKEN: Step(
            _("Now: we have acted"), _("A trained person checked your report and we acted on it.") + " " + more
        ),
        TextKey.CLOSED: Step(
            _("Now: closed"),
            _("Our work on this report is done. If you see it again, please report it again.") + " " + more,
        ),
    }


def _now_of_help() -> dict[TextKey, Step]:
    return {
        TextKey.HELP_RECEIVED: Step(
            _("Now: your request is with us"), _("A person of our support team will read it and write to you here.")
        ),
        TextKey.HELP_CHECKING: Step(
            _("Now: somebody is with your request"),
            _("A person of our support team has read it. Look for messages below."),
        ),
        TextKey.HELP_CLOSED: Step(
            _("Now: closed"), _("If you need us again, write below or call. You can also send a new request.")
        ),
    }


def day(on: date) -> str:
    """Return a day as people read it."""
    return str(format_date(on, "d MMMM y"))


# --- Why a code was not taken -----------------------------------------------------------------------------------------


def stale() -> Trouble:
    """Say that the page was open for too long."""
    again = _("Please press the button once more")
    return Trouble(again, again, _("This page had been open for a long time. What you typed is still here."))


def closed() -> Trouble:
    """Say that the view was closed since its page was opened."""
    again = _("Please type your code again")
    return Trouble(again, again, _("This view was closed. Your code opens it again."))


def not_a_code() -> Trouble:
    """Say that a code has 16 digits."""
    return Trouble(
        _("Please check your code"),
        _("A code has 16 digits"),
        _("A code has 16 digits. Please compare it with what you wrote down."),
    )


def unknown() -> Trouble:
    """Say that the code finds nothing, whether it is wrong or expired."""
    return Trouble(
        _("Please check your code"),
        _("We found nothing under this code"),
        _("We found nothing under this code. Please compare each digit. Old codes stop working after a time."),
    )


def hold() -> Trouble:
    """Ask for patience while codes are being guessed."""
    again = _("Please try again in about a minute")
    return Trouble(
        again, again, _("Many codes are being tried at once. What you typed is still here. You can also call us.")
    )


def wait(seconds: int) -> Trouble:
    """Ask for patience when one network tried too many codes."""
    minutes = -(-seconds // 60)
    again = ngettext("Please wait one minute, then try again", "Please wait %(num)s minutes, then try again", minutes)
    return Trouble(again, again, _("Many codes were tried from your network just now. You can also call us."))


# --- Why a message was not taken --------------------------------------------------------------------------------------


def message_trouble(code: str) -> Trouble:
    """Say what is wrong with a message, by the code of its fault."""
    if code == "picture":
        said = words.with_picture("message")
        return Trouble(_("Please check your message"), said.short, said.long, "message")
    short, long = {
        "missing": (_("Write your message first"), _("The message is empty. Write a few words.")),
        "too_long": (
            _("Please shorten your message"),
            _("At most %(limit)s characters fit in one message. You can send a second one.", limit=f"{MAX_LENGTH:,}"),
        ),
        "too_many": (_("Please call us instead"), _("There are many messages here already. It is better to talk.")),
    }[code]
    return Trouble(_("Please check your message"), short, long, "message")


def message_held() -> Trouble:
    """Ask for patience while far too much is sent at once."""
    again = words.in_a_minute(_("Send message"))
    return Trouble(again, again, _("Many messages are coming in at once. What you typed is still here."), "message")


def not_stored() -> Trouble:
    """Own up that nothing can be stored now."""
    again = _("We could not store this")
    return Trouble(
        again,
        again,
        _("This is our fault. What you typed is still here. Please send it again in a few minutes, or call."),
        "message",
    )
