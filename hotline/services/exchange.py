"""What is handed over between hotlines: our offers behind the gate, what partners answer, and what we answer them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    String,
    exists,
    func,
    literal_column,
    select,
    true,
    type_coerce,
)
from sqlalchemy.orm import Session, joinedload

from hotline import clock, outbox, vault
from hotline.errors import Forbidden, GateClosed, NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models.exchange import OPEN_STATUSES, Exchange, ExchangeInbound, ExchangeMessage
from hotline.models.item import Item
from hotline.models.notice import Notice
from hotline.models.recipient import Recipient
from hotline.models.staff import Staff
from hotline.rules import addresses, gate, submissions
from hotline.rules import exchange as rule
from hotline.services import (
    appeals,
    assessments,
    audit,
    clocks,
    exchange_course,
    exchange_outbox,
    exchange_partners,
    fallen_offers,
    hosting,
    items,
    merges,
    notice_approval,
    notice_drafting,
    notices,
    police_first,
    references,
    secrecy,
)
from hotline.services.letter_writing import Written
from hotline.transactions import front_engine, writing
from hotline.vocabulary import (
    Channel,
    DeclineReason,
    Direction,
    Duty,
    ExchangeKind,
    ExchangeMeans,
    ExchangeStatus,
    ItemOutcome,
    ItemStatus,
    LawVerdict,
    RecipientKind,
    Role,
    WayOut,
)

PURPOSE, THEIR_REF, WORDS, HANDED = "exchange.message", "exchange.their_ref", "exchange.words", "exchange.handed"
DRAFTED, ANSWERED = "drafted an offer", "partner answered"  # in an item's timeline
CONTRADICTED = "partner said otherwise"  # likewise, and of the exchange
STANDING = (ExchangeStatus.DRAFT, ExchangeStatus.OFFERED, ExchangeStatus.ACCEPTED, ExchangeStatus.DONE)
PAGE = 50  # lines of a list
MOST_COUNTED = 1_000  # a count stops above this: what is told of a million is told of a thousand
_STATUS = type_coerce(Exchange.status, String())
OPEN = _STATUS.in_([literal_column(f"'{one}'") for one in OPEN_STATUSES])  # literals, as in the index
ENDED = _STATUS.not_in([literal_column(f"'{one}'") for one in OPEN_STATUSES])


@dataclass(frozen=True, slots=True)
class Line:
    """One exchange in a list, with the address it is about, defanged; empty where it does not open.

    `is_contradicted`: its partner has said otherwise after what counts.
    """

    exchange: Exchange
    address: str
    is_contradicted: bool


@dataclass(frozen=True, slots=True)
class LinePage:
    """Some exchanges, and the cursor of the next page (empty at the end)."""

    lines: list[Line]
    next: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What is sealed of an exchange; empty where it does not open. `offered` is what was offered, by field."""

    offered: Mapping[str, Any]
    address: str  # defanged
    their_ref: str
    words: str
    handed: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What a partner has said of an offer after it had ended otherwise, or was taken back. It changed nothing."""

    at: datetime
    status: ExchangeStatus
    reason: DeclineReason | None
    outcome: ItemOutcome | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many addresses are handed over with one partner, one way, in one status. Names nothing."""

    partner: str
    direction: Direction
    status: ExchangeStatus
    number: int


def may_offer(item: Item) -> bool:
    """Whether two people agreed on what a partner hotline may be told of, and nothing holds it."""
    verdict = assessments.verdict_of(item)
    if verdict is None or item.status not in exchange_outbox.LETS_GO:
        return False
    return Channel.PARTNER in gate.channels(verdict.inhope_class, verdict.law, in_danger=item.in_danger)


def list_hotlines(item: Item) -> list[Recipient]:
    """Return partner hotlines an item may be offered to: those of the country it is hosted in first, then by name.

    Not those that have it already: from us, or because they offered it to us.
    """
    have = select(Exchange.recipient_id).where(Exchange.item_id == item.id, Exchange.status.in_(STANDING))
    query = select(Recipient).where(
        Recipient.active,
        Recipient.proposed_at.is_(None),
        Recipient.kind == RecipientKind.PARTNER_HOTLINE,
        Recipient.id.not_in(have),
    )
    found = db.session.scalars(query.order_by(Recipient.name, Recipient.id))
    return sorted(found, key=lambda one: one.country != item.country)


def draft(item: Item, recipient_ref: str, means: str, *, by: Staff) -> Exchange:
    """Draft an offer of `item` to a partner hotline. Raises GateClosed where the verdict does not open that way.

    Raises Refused (`partner`, `means`) for who cannot be offered it, or not that way.
    """
    verdict = assessments.verdict_of(item)
    if verdict is None or not may_offer(item):
        raise GateClosed(f"nothing about {item.ref} may go to a partner hotline")
    recipient = next((one for one in list_hotlines(item) if one.ref == recipient_ref), None)
    wrong = [("partner", "required")] if recipient is None else []
    if means not in set(ExchangeMeans):
        wrong.append(("means", "required"))
    elif recipient and (code := _no_way(recipient, ExchangeMeans(means))):
        wrong.append(("means", code))
    if wrong or recipient is None:
        raise Refused(*wrong)
    offered = {
        "address": items.address_of(item),
        "category": item.category,
        "classification": verdict.inhope_class,
        "hosting_country": item.country,
        "in_danger": item.in_danger,
    }
    exchange = Exchange(
        ref=references.draw(Exchange.ref, "X"),
        recipient_id=recipient.id,
        direction=Direction.OUT,
        means=ExchangeMeans(means),
        status=ExchangeStatus.DRAFT,
        item_id=item.id,
        country=item.country,
        verdict_id=verdict.id,
        inhope_class=verdict.inhope_class,
        law=verdict.law,
        message=vault.keyring().seal(PURPOSE, json.dumps(offered, ensure_ascii=False)),
        drafted_by_id=by.id,
        begun_at=clock.now(),
    )
    db.session.add(exchange)
    db.session.flush()
    hosting.ask_before_letter(item, by=by)
    _record(by, "drafted", exchange)
    audit.record(by, DRAFTED, f"item {item.ref}", exchange=exchange.ref)
    return exchange


def get(ref: str, *, by: Staff) -> Exchange:
    """Return the exchange `ref`. Raises NotFound, also for people who may not see addresses of partners."""
    found = db.session.scalar(select(Exchange).where(Exchange.ref == ref))
    if found is None or not by.has(Role.REVIEWER):
        raise NotFound(f"no exchange {ref}")
    return found


def of_item(item: Item) -> list[Exchange]:
    """Return everything that was handed over about an item, oldest first."""
    query = select(Exchange).where(Exchange.item_id == item.id).options(joinedload(Exchange.recipient))
    return list(db.session.scalars(query.order_by(Exchange.id)))


def list_open(*, by: Staff, after: str = "", limit: int = PAGE) -> LinePage:
    """Return what waits for somebody: drafts, offers not answered, and what was taken and is not done; oldest first.

    `after` is the page before's. Raises Refused for one that is none.
    """
    return _page(OPEN, Exchange.id.asc(), Exchange.id > _place(after) if after else true(), limit, by=by)


def list_ended(*, by: Staff, after: str = "", limit: int = PAGE) -> LinePage:
    """Return what came to an end, newest first; otherwise as `list_open`."""
    return _page(ENDED, Exchange.id.desc(), Exchange.id < _place(after) if after else true(), limit, by=by)


def counts() -> list[Count]:
    """Return how much is handed over with each partner, by name: for people who see no address.

    Each count stops at `MOST_COUNTED` + 1.
    """
    kinds = [(direction, status) for direction in Direction for status in ExchangeStatus]
    known = exists().where(Exchange.recipient_id == Recipient.id)
    query = select(Recipient.name, *(_counted(*kind) for kind in kinds)).where(known)
    rows = db.session.execute(query.order_by(Recipient.name, Recipient.id)).all()
    return [
        Count(name, *kind, number)
        for name, *numbers in rows
        for kind, number in zip(kinds, numbers, strict=True)
        if number
    ]


def count_stuck() -> int:
    """Return how many messages of partners wait in the front store although an hour is over: they do not open."""
    before = clock.this_hour()
    with Session(front_engine()) as session:
        return session.scalar(select(func.count(ExchangeInbound.id)).where(ExchangeInbound.received_at < before)) or 0


def read(exchange: Exchange, *, by: Staff) -> Opened:
    """Open what is sealed of an exchange. The read goes into the audit trail."""
    audit.record_read(by, "read", _subject(exchange))
    offered = _as_facts(items.opened_or_empty(PURPOSE, exchange.message))
    return Opened(
        offered,
        _defanged(exchange),
        *(
            items.opened_or_empty(purpose, sealed) if sealed else ""
            for purpose, sealed in (
                (THEIR_REF, exchange.their_ref),
                (WORDS, exchange.words),
                (HANDED, exchange.handed),
            )
        ),
    )


def hindrance(exchange: Exchange, *, by: Staff) -> str | None:
    """Return the code of what keeps a draft from being let go by this person; None: it may go."""
    needs_mailbox = exchange.means is ExchangeMeans.ENCRYPTED_MAIL
    wrong = {
        "second_person": exchange.drafted_by_id == by.id,
        "switched_off": not exchange.recipient.active,
        "police_first": exchange.item is not None and police_first.waits(exchange.item, Channel.PARTNER),
        "fallen": not exchange_outbox.stands(exchange),
        "appeal": exchange.item is not None and appeals.is_open(exchange.item),
        "unverified": needs_mailbox and exchange.recipient.verified_on is None,
    }
    found = next((code for code, is_wrong in wrong.items() if is_wrong), None)
    return found or _no_way(exchange.recipient, exchange.means)


def takes_mail(recipient: Recipient) -> bool:
    """Whether encrypted mail reaches a partner hotline: the directory has its mailbox, and a key that works."""
    return _no_way(recipient, ExchangeMeans.ENCRYPTED_MAIL) is None


def preview_letter(exchange: Exchange) -> Written | None:
    """Return the letter that goes once a draft by encrypted mail is let go; None where there is none to show."""
    is_draft = exchange.status is ExchangeStatus.DRAFT and exchange.means is ExchangeMeans.ENCRYPTED_MAIL
    drafter = exchange.drafted_by
    if not is_draft or exchange.item is None or drafter is None or not exchange_outbox.stands(exchange):
        return None
    try:
        return notice_drafting.preview_offer(exchange.item, exchange.recipient, by=drafter)
    except Refused:
        return None  # `hindrance` says why


def approve(exchange: Exchange, *, by: Staff) -> None:
    """Let a draft go. By the interface and by mail it leaves soon after; any other way a person takes it there.

    By mail its letter is written and queued in this transaction. Raises Refused (`approve`, code) for what `hindrance`
    or the letter's own checks find, WrongState where it is no draft.
    """
    if not by.has(Role.REVIEWER):
        raise Forbidden("only a reviewer lets an offer go")
    if exchange.status is not ExchangeStatus.DRAFT:
        raise WrongState(f"{exchange.ref} is no draft")
    if code := hindrance(exchange, by=by):
        raise Refused(("approve", code))
    if exchange.item is not None:
        hosting.ask_before_letter(exchange.item, by=by)
    letter = _write_letter(exchange, by=by) if exchange.means is ExchangeMeans.ENCRYPTED_MAIL else None
    at = letter.approved_at if letter is not None else clock.now()  # by this the two are known to belong together
    exchange.approved_by_id, exchange.approved_at, exchange.status = by.id, at, ExchangeStatus.OFFERED
    _record(by, "approved", exchange)
    db.session.flush()
    partner = exchange_partners.find(exchange.recipient)
    if exchange.means is ExchangeMeans.INTERFACE and partner is not None:
        offered = _as_facts(vault.keyring().open(PURPOSE, exchange.message))
        exchange_outbox.say(partner, ExchangeKind.OFFER, {"reference": exchange.ref, **offered}, about=exchange)


def deliver(message_id: int) -> None:
    """Give one message to its partner's door, and note what that means. Safe to run twice."""
    put = exchange_outbox.put(message_id)
    if put is None:
        return
    with writing():
        message = db.session.get_one(ExchangeMessage, message_id)
        is_first = exchange_outbox.recorded(message, left_out=put.left_out)
        if message.kind is not ExchangeKind.OFFER or message.exchange is None:
            return
        if not exchange_outbox.may_be_put(message):  # it fell while it was on its way to the door
            exchange_outbox.take_back(message.exchange)
        elif is_first and message.exchange.offered_at is None:
            exchange_course.reached(message.exchange, by=None)


def take_back_fallen() -> None:
    """Withdraw offers that nobody has fetched and that may not leave any more: held, corrected, taken up again.

    Likewise those whose letter has not gone.
    """
    for exchange in exchange_outbox.list_fallen() + exchange_course.list_fallen():
        _take_back_if_fallen(exchange)


def take_back_of_item(item_id: int) -> None:
    """Withdraw the offers of one item that may not leave any more, at once. Safe to run twice."""
    for exchange in exchange_outbox.list_fallen_of(item_id) + exchange_course.list_fallen(item_id):
        _take_back_if_fallen(exchange)
    with writing():
        outbox.done(db.session(), fallen_offers.TAKE_BACK, item_id)


def record_handed(exchange: Exchange, reference: str, *, though: bool = False, by: Staff) -> None:
    """Note that a person has handed an offer over in ICCAM or by hand: who, when, and by what reference.

    What happened can be noted also once the offer has fallen; whoever does says so by `though`.
    Raises Refused for a reference that is too long and for an offer that has fallen (`though`), WrongState where
    nothing is to be handed over.
    """
    is_due = exchange.status is ExchangeStatus.OFFERED and exchange.offered_at is None
    if not is_due or exchange.means is ExchangeMeans.INTERFACE or exchange_course.letter_of(exchange) is not None:
        raise WrongState(f"{exchange.ref} is not to be handed over by a person")
    fell = has_fallen(exchange)
    if fell and not though:
        raise Refused(("though", "fallen"))
    exchange.handed = vault.keyring().seal(HANDED, _short(reference, "reference", rule.LONGEST_REFERENCE))
    exchange.handed_by_id = by.id
    if fell:
        _record(by, "noted late", exchange)
    exchange_course.reached(exchange, by=by)


def has_fallen(exchange: Exchange) -> bool:
    """Whether an offer of ours that was let go may not leave any more: whoever has it has to be told."""
    is_out = exchange.direction is Direction.OUT and exchange.status is ExchangeStatus.OFFERED
    return is_out and not exchange_outbox.stands(exchange)


def withdraw(exchange: Exchange, *, by: Staff) -> None:
    """Take back an offer of ours. A partner that uses the interface is told; a letter that has not gone never goes.

    Raises WrongState where it is over, and while its letter is being sent.
    """
    if exchange.direction is not Direction.OUT or not rule.may_move(exchange.status, ExchangeStatus.WITHDRAWN):
        raise WrongState(f"{exchange.ref} cannot be taken back")
    _withdraw(exchange, by=by)


def record_answer(exchange: Exchange, said: rule.Answer, *, by: Staff | None) -> None:
    """Note what a partner says of something we offered; `by` is None where it came through the interface.

    A letter that may have arrived has, then: it does not go once more. Raises WrongState where it has not been offered,
    while its letter is being sent, or where nothing more can be said of it.
    """
    if exchange.offered_at is None and (by is None or has_perhaps(exchange)):
        exchange_course.reached(exchange, by=by)  # it was there, though nobody came to note that
    if exchange.direction is not Direction.OUT or exchange.offered_at is None:
        raise WrongState(f"{exchange.ref} was not offered")
    _answered(exchange, said, by=by)
    letter = exchange_course.letter_of(exchange)
    if letter is not None and letter.status in notices.NOT_GONE:
        notice_approval.withdraw(letter, by=by)  # alone: an offer that was answered stays
    if said.reference:
        exchange.their_ref = vault.keyring().seal(THEIR_REF, said.reference)
    clocks.met(exchange, Duty.PARTNER_ANSWER)
    if exchange.item is not None:
        audit.record(by, ANSWERED, f"item {exchange.item.ref}", exchange=exchange.ref, status=said.status)


def record_contradiction(exchange: Exchange, said: rule.Answer) -> None:
    """Keep what a partner says that what stands does not let it say: people see it, and nothing moves.

    What a partner repeats is kept once. Words beside it stand behind those that are there, after the status as the
    interface calls it.
    """
    told = {"status": said.status, "reason": said.reason or "", "outcome": said.outcome or ""}
    if told in audit.details_of(_subject(exchange), CONTRADICTED):
        return
    audit.record(None, CONTRADICTED, _subject(exchange), **told)
    if exchange.item is not None:
        audit.record(None, CONTRADICTED, f"item {exchange.item.ref}", exchange=exchange.ref, status=said.status)
    if said.note:
        before = items.opened_or_empty(WORDS, exchange.words) if exchange.words else ""
        exchange.words = vault.keyring().seal(WORDS, f"{before}\n\n{said.status}: {said.note}".strip())


def contradictions(exchange: Exchange) -> list[Contradiction]:
    """Return what a partner has said against what counts, oldest first."""
    return [
        Contradiction(
            entry.at,
            ExchangeStatus(told["status"]),
            DeclineReason(told["reason"]) if told["reason"] else None,
            ItemOutcome(told["outcome"]) if told["outcome"] else None,
        )
        for entry in audit.of_action(_subject(exchange), CONTRADICTED)
        if (told := _as_facts(entry.details or ""))
    ]


def has_perhaps(exchange: Exchange) -> bool:
    """Whether the partner may have an offer that is not called offered: a try of its letter may have arrived."""
    letter = exchange_course.letter_of(exchange)
    return letter is not None and not notices.is_being_sent(letter) and notices.may_have_arrived(letter)


def answer(exchange: Exchange, said: rule.Answer, *, by: Staff) -> None:
    """Answer a partner that offered something to us. One that uses the interface is told through it.

    Raises Refused for words that name one of us or hold an address (`note`), while the item is held (`status`), for a
    reason that no verdict bears out (`reason`), and for an outcome that is not the item's (`outcome`).
    """
    if exchange.direction is not Direction.IN:
        raise WrongState(f"{exchange.ref} was not offered to us")
    if said.note and secrecy.check(WayOut.PARTNER, said.note):
        raise Refused(("note", "name"))
    if addresses.read(said.note).found:
        raise Refused(("note", "address"))
    item = counted_at(exchange)
    if item is not None and item.status is ItemStatus.HELD:
        raise Refused(("status", "held"))
    if said.reason is DeclineReason.NOT_ILLEGAL_HERE and not _is_lawful(item):
        raise Refused(("reason", "no_verdict"))
    if said.status is ExchangeStatus.DONE and outcome_of(exchange) is not said.outcome:
        raise Refused(("outcome", "not_closed"))
    _answered(exchange, said, by=by)
    partner = exchange_partners.find(exchange.recipient)
    if exchange.means is ExchangeMeans.INTERFACE and partner is not None:
        facts = {
            "reference": exchange.ref,
            "your_reference": their_ref(exchange),
            "status": said.status,
            "reason": said.reason,
            "outcome": said.outcome,
            "note": said.note or None,
        }
        exchange_outbox.say(partner, ExchangeKind.STATUS, facts, about=exchange)


def outcome_of(exchange: Exchange) -> ItemOutcome | None:
    """Return how the item of an exchange ended, or the one it was merged into; None while that is open."""
    item = counted_at(exchange)
    return item.outcome if item is not None and item.status is ItemStatus.CLOSED else None


def counted_at(exchange: Exchange) -> Item | None:
    """Return the item an exchange is about: where that was merged, the one that goes on for it."""
    return merges.counted_at(exchange.item) if exchange.item is not None else None


def said(status: str, reference: str, reason: str, outcome: str, note: str) -> rule.Answer:
    """Read an answer that a person typed in. Raises Refused with everything that is wrong."""
    wrong = []
    if status not in rule.ANSWERS:
        wrong.append(("status", "required"))
    if status == ExchangeStatus.DECLINED and reason not in set(DeclineReason):
        wrong.append(("reason", "required"))
    if status == ExchangeStatus.DONE and outcome not in set(ItemOutcome):
        wrong.append(("outcome", "required"))
    if len(reference) > rule.LONGEST_REFERENCE:
        wrong.append(("reference", "too_long"))
    if len(note) > rule.LONGEST_NOTE:
        wrong.append(("note", "too_long"))
    if wrong:
        raise Refused(*wrong)
    return rule.Answer(
        ExchangeStatus(status),
        submissions.clean(reference).text.strip(),
        DeclineReason(reason) if status == ExchangeStatus.DECLINED else None,
        ItemOutcome(outcome) if status == ExchangeStatus.DONE else None,
        submissions.clean(note).text.strip(),
    )


def their_ref(exchange: Exchange) -> str:
    """Open how the partner calls it; empty where that is not known."""
    return items.opened_or_empty(THEIR_REF, exchange.their_ref) if exchange.their_ref else ""


def count_drafts() -> int:
    """Return how many of our drafts wait for a second person; it stops at `MOST_COUNTED` + 1."""
    some = select(Exchange.id).where(Exchange.direction == Direction.OUT, Exchange.status == ExchangeStatus.DRAFT)
    few = some.limit(MOST_COUNTED + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(few)) or 0


def _is_lawful(item: Item | None) -> bool:
    """Whether two people agreed that an item is not illegal by the law of this country."""
    verdict = assessments.verdict_of(item) if item is not None else None
    return verdict is not None and verdict.law is LawVerdict.NOT_ILLEGAL


def _take_back_if_fallen(exchange: Exchange) -> None:
    if not has_fallen(exchange):
        return
    exchange_id = exchange.id
    exchange_outbox.take_back(exchange)  # first of all; nobody waits for the desk's store meanwhile
    with writing():
        exchange = db.session.get_one(Exchange, exchange_id)
        letter = exchange_course.letter_of(exchange)
        if has_fallen(exchange) and not (letter is not None and notices.is_being_sent(letter)):
            _withdraw(exchange, by=None)


def _answered(exchange: Exchange, said: rule.Answer, *, by: Staff | None) -> None:
    if not rule.may_move(exchange.status, said.status):
        raise WrongState(f"nothing more can be said of {exchange.ref}")
    now = clock.now()
    exchange.status, exchange.reason, exchange.outcome = said.status, said.reason, said.outcome
    exchange.words = vault.keyring().seal(WORDS, said.note) if said.note else None
    exchange.answered_by_id, exchange.answered_at = by.id if by else None, now
    if said.status is ExchangeStatus.DONE:
        exchange.done_at = now
    if exchange.direction is Direction.OUT:
        exchange_outbox.end_offers(exchange)
    _record(by, f"{said.status}", exchange)


def _no_way(recipient: Recipient, means: ExchangeMeans) -> str | None:
    """Return the code of why a partner cannot be reached by a means; None where it can."""
    if means is ExchangeMeans.INTERFACE and exchange_partners.find(recipient) is None:
        return "no_door"
    if means is not ExchangeMeans.ENCRYPTED_MAIL:
        return None
    try:
        notice_drafting.refuse_without_mail(recipient)
    except Refused as refusal:
        return dict(refusal.faults)["recipient"]
    return None


def _write_letter(exchange: Exchange, *, by: Staff) -> Notice:
    """Write the letter of an offer and let it go. Raises Refused (`approve`, code) with what keeps it."""
    item, drafter = exchange.item, exchange.drafted_by
    assert item is not None  # the database says so of what we offer
    assert drafter is not None
    try:
        letter = notice_drafting.draft_offer(item, exchange.recipient, by=drafter)
    except Refused as refusal:
        raise Refused(*(("approve", code) for _field, code in refusal.faults)) from refusal
    notice_approval.approve(letter, by=by)
    return letter


def _withdraw(exchange: Exchange, *, by: Staff | None) -> None:
    letter = exchange_course.letter_of(exchange)
    was_let_go = exchange.status is not ExchangeStatus.DRAFT
    if letter is not None and letter.status in notices.NOT_GONE:
        notice_approval.withdraw(letter, by=by)  # it takes the offer back too, unless that was answered meanwhile
    if exchange.status is not ExchangeStatus.WITHDRAWN:
        exchange_course.taken_back(exchange, by=by)
    partner = exchange_partners.find(exchange.recipient)
    if was_let_go and exchange.means is ExchangeMeans.INTERFACE and partner is not None:
        exchange_outbox.take_back(exchange)
        exchange_outbox.say(partner, ExchangeKind.WITHDRAWN, {"reference": exchange.ref}, about=exchange)


def _page(
    which: ColumnElement[bool], order: ColumnElement[Any], onward: ColumnElement[bool], limit: int, *, by: Staff
) -> LinePage:
    if not by.has(Role.REVIEWER):
        return LinePage([], "")
    query = select(Exchange).where(which, onward).order_by(order).limit(limit + 1)
    query = query.options(joinedload(Exchange.recipient), joinedload(Exchange.item))
    found = db.session.scalars(query).all()
    if found:
        audit.record_read(by, "read exchanges", "exchanges", count=len(found[:limit]))
    shown = found[:limit]
    contradicted = audit.done_to([_subject(one) for one in shown], CONTRADICTED)
    return LinePage(
        [Line(one, _defanged(one), _subject(one) in contradicted) for one in shown],
        str(found[limit - 1].id) if len(found) > limit else "",
    )


def _place(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 19):
        raise Refused(("after", "unknown"))
    return int(cursor)


def _counted(direction: Direction, status: ExchangeStatus) -> ScalarSelect[int]:
    """Return the count of one partner's exchanges, one way and in one status, which stops soon."""
    some = select(Exchange.id).where(
        Exchange.recipient_id == Recipient.id, Exchange.direction == direction, Exchange.status == status
    )
    few = some.limit(MOST_COUNTED + 1).correlate(Recipient).subquery()
    return select(func.count()).select_from(few).scalar_subquery()


def _defanged(exchange: Exchange) -> str:
    if exchange.item is None:
        return ""
    opened = items.opened(exchange.item)
    return opened.prefix + opened.host + opened.rest


def _as_facts(text: str) -> Mapping[str, Any]:
    facts = json.loads(text) if text else {}
    return facts if isinstance(facts, dict) else {}


def _short(text: str, field: str, most: int) -> str:
    plain = submissions.clean(" ".join(text.split())).text
    if len(plain) > most:
        raise Refused((field, "too_long"))
    return plain


def _record(by: Staff | None, action: str, exchange: Exchange) -> None:
    audit.record(by, action, _subject(exchange))


def _subject(exchange: Exchange) -> str:
    """Return how the trail calls an exchange."""
    return f"exchange {exchange.ref}"
