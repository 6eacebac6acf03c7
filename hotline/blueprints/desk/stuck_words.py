"""What is stuck, in words: why, and the one thing to do next."""

from typing import NamedTuple

from flask_babel import gettext as _

from hotline.blueprints.desk import follow_up_words, notice_words
from hotline.models.notice import Notice
from hotline.rules.follow_up import Next, Why
from hotline.services.stuck import OTHERS, POLICE, Line, Part
from hotline.vocabulary import NoticeStatus

PLACES = {
    "notice": "desk.notices.show_notice",
    "item": "desk.items.show_item",
    "police": "desk.police.show_report",
    "hold": "desk.holds.show_hold",
    "exchange": "desk.exchange.show_exchange_of",
    "appeal": "desk.appeals.show_appeal",
    "iccam": "desk.iccam.show_ledger",
}


class Told(NamedTuple):
    """One line in words: why it is stuck, what to do next, and where."""

    why: str
    next: str
    view: str
    ref: str


def title(part: Part) -> str:
    """Name a part."""
    return str(
        {
            Part.LETTERS: _("Letters that do not get through"),
            Part.BY_HAND: _("Letters that wait for a person’s hand"),
            Part.UNWRITTEN: _("Decided, and not everybody was told"),
            Part.UNHEARD: _("Recipients who do nothing"),
            Part.UNREAD: _("Answers that nobody has read"),
            Part.POLICE_DRAFTS: _("Police reports that nobody has handed over"),
            Part.POLICE: _("Police reports without an answer"),
            Part.HOLDS: _("Holds to ask the police about"),
            Part.OFFERS: _("Offers that reached no partner hotline"),
            Part.ICCAM: _("Steps that ICCAM was not told"),
            Part.PARTNERS: _("Partner hotlines that do not answer"),
            Part.LOOKS: _("Addresses that nobody has looked at"),
            Part.APPEALS: _("Objections without a decision"),
        }[part]
    )


def tell(part: Part, line: Line, *, sees_exchanges: bool) -> Told:
    """Say why a line is stuck and what to do. Who may not see exchanges is led to the item instead."""
    why, then = _said(part, line)
    place = line.place
    if place.kind == "exchange" and not sees_exchanges and line.item is not None:
        return Told(why, then, PLACES["item"], line.item.ref)
    return Told(why, then, PLACES[place.kind], place.ref)


def _said(part: Part, line: Line) -> tuple[str, str]:
    if line.notice is not None:
        return _of_letter(part, line.notice, line.next, has_nobody=line.has_nobody)
    if part is Part.UNWRITTEN and line.has_nobody:
        return _("The directory names nobody to send it to."), _("Find out who hosts it, and add who can act")
    return {
        Part.UNWRITTEN: (_untold(line), _("Draft a letter")),
        Part.POLICE_DRAFTS: (_("Approved, and not handed over."), _("Hand it over")),
        Part.POLICE: (_("The unit has not said that it has it."), _("Ask the unit")),
        Part.HOLDS: (_("The day to ask the police again has passed."), _("Ask the police")),
        Part.OFFERS: (_("Let go, and not handed over."), _("Hand it over, or take it back")),
        Part.ICCAM: (_("The next step is due for more than a day."), _("Tell ICCAM")),
        Part.PARTNERS: (_("The partner hotline has not answered."), _("Ask the partner hotline")),
        Part.LOOKS: (_("Nobody has looked again in time."), _("Look whether it is gone")),
        Part.APPEALS: (_("Nobody who was not involved has decided."), _("Have it decided")),
    }[part]


def _untold(line: Line) -> str:
    return {
        POLICE: _("The police have it, and nobody has told the host."),
        OTHERS: _("Others were told, and nobody has told the host."),
    }.get(line.told, _("Two people agree, and nobody has been told."))


def _of_letter(part: Part, notice: Notice, comes: Next | None, *, has_nobody: bool) -> tuple[str, str]:
    if part is Part.UNREAD:
        return _("Something came back more than a day ago, and nobody has read it."), _("Read and sort it")
    if comes is not None:
        return follow_up_words.step(comes, None, has_nobody=has_nobody), _after(comes, has_nobody=has_nobody)
    if part is Part.BY_HAND and notice.is_typed_in:
        return _("Approved, and nobody has typed it in."), _("Type it in, and note the answer")
    if part is Part.BY_HAND:
        return _("Approved, and it has gone to nobody."), _("Send it by hand, or let it go")
    mend = {
        NoticeStatus.BOUNCED: _("Correct the mailbox, and write anew"),
        NoticeStatus.FAILED: _("Mend the cause and try again, or withdraw it"),
    }
    return notice_words.fate(notice).text, mend.get(
        notice.status, _("Tell the admin: the mail server does not take it")
    )


def _after(comes: Next, *, has_nobody: bool) -> str:
    if comes.why is Why.STUCK and has_nobody:
        return _("Decide together what else helps")
    return {
        Why.SAYS_GONE: _("Look whether it is gone"),
        Why.NEEDS_MORE: _("Answer their question"),
        Why.OBJECTS: _("Let somebody look who was not involved"),
        Why.REFUSES: _("Let somebody look who was not involved"),
        Why.ANSWERED: _("Read the answer"),
        Why.UNREAD: _("Read and sort it"),
        Why.KEPT_BACK: _("Remind them, or write to somebody else"),
        Why.PAUSED: _("See whether it still has to wait"),
    }.get(comes.why, _("Write to somebody else"))
