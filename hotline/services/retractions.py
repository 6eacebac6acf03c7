"""What follows when a verdict is withdrawn after an objection: whoever was told is told that it was wrong."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from hotline.errors import NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models.audit import AuditEntry
from hotline.models.exchange import Exchange
from hotline.models.iccam import IccamRecord
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.police_report import PoliceReport
from hotline.models.reply import Appeal
from hotline.models.staff import Staff
from hotline.rules import exchange as exchange_rule
from hotline.rules import letter_texts
from hotline.services import (
    appeals,
    audit,
    exchange,
    exchange_course,
    iccam,
    notice_approval,
    notice_drafting,
    notices,
    online,
    police,
)
from hotline.vocabulary import (
    AppealDecision,
    Direction,
    ExchangeMeans,
    ExchangeStatus,
    ItemOutcome,
    NoticeKind,
    NoticeStatus,
)

DRAFTED, NOT_DRAFTED = "drafted a retraction", "could not draft a retraction"  # in an item's trail
WITHDRAWN = "verdict withdrawn"  # in the trail of a police report, and of an offer that people tell a partner about
DONE = "saw to what is left to people"  # in an appeal's trail
MOST_DONE = 500
ARRIVED = (NoticeStatus.SENT, NoticeStatus.ANSWERED)
UNSENT = (NoticeStatus.DRAFT, NoticeStatus.QUEUED, NoticeStatus.FAILED)


class ByHand(StrEnum):
    """Why a person has to see to a letter."""

    NO_WAY = "no_way"  # the directory has no way to its recipient any more
    BOUNCED = "bounced"  # it came back and nobody ever answered it; it may have arrived by another way
    DOUBTFUL = "doubtful"  # no mail server said that it took it, but it may have arrived
    KEPT = "kept"  # it lay here, and somebody may have sent it by hand
    ANEW = "anew"  # it was withdrawn, and listed other items too


@dataclass(frozen=True, slots=True)
class ToTell:
    """Who has to be told of a withdrawn verdict: by letters that are drafted, and by people.

    `by_hand` are letters that the portal takes nothing back of, each with why, `police` reports that a unit has or that
    list other items too, `partners` offers that are over or went by other ways, `iccam` what was begun for ICCAM. The
    portal tells partners that use the interface by itself. `done` tells who noted, of what people see to, that it is
    done, by the name of each (`errand`).
    """

    letters: list[Notice]
    by_hand: list[tuple[Notice, ByHand]]
    police: list[PoliceReport]
    partners: list[Exchange]
    iccam: IccamRecord | None
    done: Mapping[str, AuditEntry]

    @property
    def errands(self) -> list[str]:
        """The names of all that people see to."""
        letters = [errand(one, why) for one, why in self.by_hand]
        reports, offers = [errand(one) for one in self.police], [errand(one) for one in self.partners]
        return [*letters, *reports, *offers, *([errand(self.iccam)] if self.iccam else [])]

    @property
    def undone(self) -> int:
        """How much of it nobody has noted as done."""
        return len([one for one in self.errands if one not in self.done])


@dataclass(frozen=True, slots=True)
class Approved:
    """How many retractions go, and which do not, each with the code of what is in the way (`notice_approval`)."""

    num: int
    left: list[tuple[Notice, str]]


def take_back(item: Item, *, by: Staff) -> None:
    """Take back what was said about `item`, and close it as withdrawn. In the caller's transaction.

    A letter is drafted for every one that has arrived, and takes it back, its reminder with it; one that has not gone
    is withdrawn. Partners are told through the interface; at police reports it is noted. What people have to do is
    listed (`of_item`). Raises WrongState while a letter is being sent.
    """
    letters = _letters(item)
    if any(notices.is_being_sent(one) for one in letters):
        raise WrongState(f"a letter about {item.ref} is being sent")
    taken = _taken_back(item)
    told = {_thread(one) for one in letters if one.ref in taken and _has_arrived(one)}
    for letter in letters:
        if letter.status in UNSENT:
            _take_from_the_way(letter, item, by=by)
        elif letter.ref in taken:
            continue
        elif _has_arrived(letter):
            if _thread(letter) not in told:
                _draft(letter, item, by=by)
                told.add(_thread(letter))
        elif letter.status is NoticeStatus.BOUNCED:
            _leave(letter, item, ByHand.BOUNCED, by=by)
        elif (
            letter.status is NoticeStatus.WITHDRAWN and notices.may_have_arrived(letter) and _thread(letter) not in told
        ):
            _leave(letter, item, ByHand.DOUBTFUL, by=by)
    _tell_partners(item, by=by)
    _tell_police(item, by=by)
    online.end(item, ItemOutcome.WITHDRAWN, by=by)


def of_item(item: Item) -> ToTell:
    """Return who has to be told that the verdict on `item` was withdrawn."""
    drafted = _by_ref([one.get("notice", "") for one in _facts(item, DRAFTED)])
    facts = _facts(item, NOT_DRAFTED)
    left = dict.fromkeys((one.get("takes_back", ""), ByHand(one.get("why", ByHand.NO_WAY))) for one in facts)
    letters = {one.ref: one for one in _by_ref([ref for ref, _why in left])}
    by_hand = [(letters[ref], why) for ref, why in left if ref in letters]
    reports = [one for one in police.of_item(item) if audit.count(police.subject(one), WITHDRAWN)]
    offers = [one for one in exchange.of_item(item) if audit.count(f"exchange {one.ref}", WITHDRAWN)]
    return ToTell(drafted, by_hand, reports, offers, iccam.find(item), _done(item))


def errand(about: Notice | PoliceReport | Exchange | IccamRecord, why: ByHand | None = None) -> str:
    """Return by which name a form and the trail call what a person sees to: a reference, and of a letter why."""
    ref = "ICCAM" if isinstance(about, IccamRecord) else about.ref
    return f"{ref} {why}" if why else ref


def count_undone(appeal: Appeal) -> int:
    """Return how much an appeal leaves to people that nobody has noted as done; nothing where a verdict stands."""
    return of_item(appeal.item).undone if appeal.decision is AppealDecision.WITHDRAWN else 0


def record_done(appeal: Appeal, name: str, *, by: Staff) -> None:
    """Note that a person has seen to what the portal could not (`errand`). Twice is once. Raises NotFound for a name
    that nothing has, WrongState where no verdict was withdrawn."""
    if appeal.decision is not AppealDecision.WITHDRAWN:
        raise WrongState(f"{appeals.subject(appeal)} takes nothing back")
    found = of_item(appeal.item)
    if name not in found.errands:
        raise NotFound(f"nothing of that name is left to people by {appeals.subject(appeal)}")
    if name not in found.done:
        audit.record(by, DONE, appeals.subject(appeal), errand=name)


def approve_all(item: Item, *, by: Staff) -> Approved:
    """Let the drafted retractions about `item` go, each by itself: one that may not go holds up no other."""
    num, left = 0, []
    for one in of_item(item).letters:
        if one.status is not NoticeStatus.DRAFT:
            continue
        try:
            with db.session.begin_nested():
                notice_approval.approve(one, by=by)
        except Refused as refusal:
            left.append((one, dict(refusal.faults)["approve"]))
        else:
            num += 1
    return Approved(num, left)


def _take_from_the_way(letter: Notice, item: Item, *, by: Staff) -> None:
    """Withdraw a letter that has not gone, as far as anybody knows, and leave to people what is in doubt about it."""
    is_doubtful = notices.may_have_arrived(letter)
    was_kept, others = letter.is_kept, [line for line in letter.lines if line.item_id != item.id]
    notice_approval.withdraw(letter, by=by)
    if was_kept:
        _leave(letter, item, ByHand.KEPT, by=by)
    elif is_doubtful:
        _leave(letter, item, ByHand.DOUBTFUL, by=by)
    if others:
        _leave(letter, item, ByHand.ANEW, by=by)


def _leave(letter: Notice, item: Item, why: ByHand, *, by: Staff) -> None:
    audit.record(by, NOT_DRAFTED, f"item {item.ref}", takes_back=letter.ref, why=why)


def _draft(letter: Notice, item: Item, *, by: Staff) -> None:
    try:
        drafted = notice_drafting.draft_retraction(letter, which=_which(letter, item), by=by)
    except Refused:  # the recipient is switched off, or has no key that works: a person finds another way
        _leave(letter, item, ByHand.NO_WAY, by=by)
        return
    audit.record(by, DRAFTED, f"item {item.ref}", notice=drafted.ref, takes_back=letter.ref)


def _which(letter: Notice, item: Item) -> str:
    """Say which of a letter's addresses is meant; nothing where it listed no other."""
    listed = [line.item_id for line in letter.lines]
    if len(listed) == 1:
        return ""
    return letter_texts.which(letter.language, place=listed.index(item.id) + 1, count=len(listed))


def _tell_partners(item: Item, *, by: Staff) -> None:
    """Take offers back. Who knows the address and is told by no letter and no interface is left to a person."""
    for one in exchange.of_item(item):
        if one.direction is not Direction.OUT:
            continue
        has_letter = exchange_course.letter_of(one) is not None  # what went by it is taken back by another letter
        by_people = one.status is not ExchangeStatus.DRAFT and one.means is not ExchangeMeans.INTERFACE
        if exchange_rule.may_move(one.status, ExchangeStatus.WITHDRAWN):
            exchange.withdraw(one, by=by)
        else:
            by_people = one.status in {ExchangeStatus.DONE, ExchangeStatus.DECLINED}
        if by_people and not has_letter:
            audit.record(by, WITHDRAWN, f"exchange {one.ref}", item=item.ref)


def _tell_police(item: Item, *, by: Staff) -> None:
    """Withdraw reports that have not gone and list nothing else. All others are left to a person."""
    for report in police.of_item(item):
        if report.status in police.OPEN_STATUSES and len(report.lines) == 1:
            police.withdraw(report, by=by)
        else:
            audit.record(by, WITHDRAWN, police.subject(report), item=item.ref)


def _letters(item: Item) -> list[Notice]:
    query = select(Notice).join(NoticeItem).where(NoticeItem.item_id == item.id)
    return list(db.session.scalars(query.where(Notice.kind != NoticeKind.RETRACTION).order_by(Notice.id)))


def _has_arrived(letter: Notice) -> bool:
    return letter.status in ARRIVED or (letter.status is NoticeStatus.BOUNCED and letter.answered_at is not None)


def _thread(letter: Notice) -> tuple[int, int]:
    """Return what a letter shares with its reminder: one retraction to the same recipient takes back both."""
    return letter.follows_id or letter.id, letter.recipient_id


def _taken_back(item: Item) -> set[str]:
    """Return which letters need no other; what was withdrawn, and is to be written anew, may still arrive late."""
    facts = [*_facts(item, DRAFTED), *_facts(item, NOT_DRAFTED)]
    return {one.get("takes_back", "") for one in facts if one.get("why") != ByHand.ANEW}


def _facts(item: Item, action: str) -> list[dict[str, str]]:
    return [json.loads(entry.details or "{}") for entry in audit.of_action(f"item {item.ref}", action)]


def _done(item: Item) -> dict[str, AuditEntry]:
    """Return what people have noted as done about an item, by name, the first who did.

    Withdrawn again after it was decided anew, units, partners and ICCAM are told again; a letter is taken back once.
    """
    taken_back = [one for one in appeals.of_item(item) if one.decision is AppealDecision.WITHDRAWN]
    since = max((one.decided_at for one in taken_back if one.decided_at), default=None)
    entries = audit.newest_among([appeals.subject(one) for one in taken_back], most=MOST_DONE, only=(DONE,))
    done = {}
    for entry in entries:
        name = json.loads(entry.details or "{}").get("errand", "")
        is_of_letter = " " in name
        if is_of_letter or (since is not None and entry.at >= since):
            done[name] = entry
    return done


def _by_ref(refs: list[str]) -> list[Notice]:
    return list(db.session.scalars(select(Notice).where(Notice.ref.in_(refs)).order_by(Notice.id))) if refs else []
