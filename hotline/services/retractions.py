"""What follows when a verdict is withdrawn after an objection: whoever was told is told that it was wrong."""

import json
from dataclasses import dataclass

from sqlalchemy import select

from hotline.errors import Refused, WrongState
from hotline.extensions import db
from hotline.models.exchange import Exchange
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.police_report import PoliceReport
from hotline.models.staff import Staff
from hotline.rules import exchange as exchange_rule
from hotline.rules import letter_texts
from hotline.services import audit, exchange, notices, online, police
from hotline.vocabulary import Direction, ExchangeStatus, ItemOutcome, NoticeKind, NoticeStatus, PoliceStatus

DRAFTED, NOT_DRAFTED = "drafted a retraction", "could not draft a retraction"  # in an item's trail
WITHDRAWN = "verdict withdrawn"  # in the trail of a police report, and of an offer that is over
ARRIVED = (NoticeStatus.SENT, NoticeStatus.ANSWERED)
UNSENT = (NoticeStatus.DRAFT, NoticeStatus.QUEUED, NoticeStatus.FAILED)
WITH_THE_POLICE = (PoliceStatus.HANDED_OVER, PoliceStatus.ACKNOWLEDGED, PoliceStatus.CLOSED)


@dataclass(frozen=True, slots=True)
class ToTell:
    """Who has to be told of a withdrawn verdict: by letters that are drafted, and by people.

    `by_hand` are letters whose recipient cannot be written to any more, `police` reports that a unit has, `partners`
    offers that came to an end with a partner. The portal tells partners that use the interface by itself.
    """

    letters: list[Notice]
    by_hand: list[Notice]
    police: list[PoliceReport]
    partners: list[Exchange]


def take_back(item: Item, *, by: Staff) -> None:
    """Take back what was said about `item`, and close it as withdrawn. In the caller's transaction.

    A letter is drafted for every one that has arrived, and takes it back; one that has not gone is withdrawn. Partners
    are told through the interface; at police reports it is noted. Raises WrongState while a letter is being sent.
    """
    letters = _letters(item)
    if any(notices.is_being_sent(one) for one in letters):
        raise WrongState(f"a letter about {item.ref} is being sent")
    taken = _taken_back(item)
    for letter in letters:
        if letter.status in UNSENT:
            notices.withdraw(letter, by=by)
        elif letter.status in ARRIVED and letter.ref not in taken:
            _draft(letter, item, by=by)
    _tell_partners(item, by=by)
    _tell_police(item, by=by)
    online.end(item, ItemOutcome.WITHDRAWN, by=by)


def of_item(item: Item) -> ToTell:
    """Return who has to be told that the verdict on `item` was withdrawn."""
    drafted, by_hand = _refs(item, DRAFTED, "notice"), _refs(item, NOT_DRAFTED, "takes_back")
    reports = [one for one in police.of_item(item) if audit.count(police.subject(one), WITHDRAWN)]
    offers = [one for one in exchange.of_item(item) if audit.count(f"exchange {one.ref}", WITHDRAWN)]
    return ToTell(_by_ref(drafted), _by_ref(by_hand), reports, offers)


def approve_all(item: Item, *, by: Staff) -> int:
    """Let the drafted retractions about `item` go. Returns how many. Raises as `notices.approve` does."""
    drafts = [one for one in of_item(item).letters if one.status is NoticeStatus.DRAFT]
    for one in drafts:
        notices.approve(one, by=by)
    return len(drafts)


def _draft(letter: Notice, item: Item, *, by: Staff) -> None:
    try:
        drafted = notices.draft_retraction(letter, which=_which(letter, item), by=by)
    except Refused:  # the recipient is switched off, or has no key that works: a person finds another way
        audit.record(by, NOT_DRAFTED, f"item {item.ref}", takes_back=letter.ref)
        return
    audit.record(by, DRAFTED, f"item {item.ref}", notice=drafted.ref, takes_back=letter.ref)


def _which(letter: Notice, item: Item) -> str:
    """Say which of a letter's addresses is meant; nothing where it listed no other."""
    listed = [line.item_id for line in letter.lines]
    if len(listed) == 1:
        return ""
    return letter_texts.which(letter.language, place=listed.index(item.id) + 1, count=len(listed))


def _tell_partners(item: Item, *, by: Staff) -> None:
    for one in exchange.of_item(item):
        if one.direction is not Direction.OUT:
            continue
        if exchange_rule.may_move(one.status, ExchangeStatus.WITHDRAWN):
            exchange.withdraw(one, by=by)
        elif one.status is ExchangeStatus.DONE:
            audit.record(by, WITHDRAWN, f"exchange {one.ref}", item=item.ref)


def _tell_police(item: Item, *, by: Staff) -> None:
    for report in police.of_item(item):
        if report.status in police.OPEN_STATUSES:
            police.withdraw(report, by=by)
        elif report.status in WITH_THE_POLICE:
            audit.record(by, WITHDRAWN, police.subject(report), item=item.ref)


def _letters(item: Item) -> list[Notice]:
    query = select(Notice).join(NoticeItem).where(NoticeItem.item_id == item.id)
    return list(db.session.scalars(query.where(Notice.kind != NoticeKind.RETRACTION).order_by(Notice.id)))


def _taken_back(item: Item) -> set[str]:
    return {*_refs(item, DRAFTED, "takes_back"), *_refs(item, NOT_DRAFTED, "takes_back")}


def _refs(item: Item, action: str, name: str) -> list[str]:
    entries = audit.of_action(f"item {item.ref}", action)
    return [str(json.loads(entry.details or "{}").get(name, "")) for entry in entries]


def _by_ref(refs: list[str]) -> list[Notice]:
    return list(db.session.scalars(select(Notice).where(Notice.ref.in_(refs)).order_by(Notice.id))) if refs else []
