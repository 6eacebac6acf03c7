"""What ICCAM is told of an item: planned from what two people found, typed in by a person or sent by the connector."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import selectinload

from hotline import clock, outbox, vault
from hotline.config import settings
from hotline.errors import Forbidden, GateClosed, NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.gateways.iccam import UNCERTAIN, Iccam, IccamFault
from hotline.models.assessment import Verdict
from hotline.models.exchange import Exchange
from hotline.models.iccam import IccamEntry, IccamRecord
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.staff import Staff
from hotline.rules import gate
from hotline.rules import iccam as rule
from hotline.services import assessments, audit, hosting, items, notice_grounds, police_first
from hotline.transactions import writing
from hotline.vocabulary import Channel, IccamAction, IccamState, IccamStep, ItemOutcome, ItemStatus, Reason, Role

SEND = "hotline.jobs.iccam.send_steps"
PURPOSE = "iccam.code"
BEGAN, ADDED, TYPED = "began ICCAM list", "added ICCAM action", "typed into ICCAM"  # in an item's timeline
SENDS, SENT, TRIES = "sends to ICCAM", "sent to ICCAM", "tries ICCAM again"
DONE = (IccamState.RECORDED, IccamState.SENT)
LETS_GO = (ItemStatus.DECIDED, ItemStatus.ACTING, ItemStatus.MONITORING, ItemStatus.CLOSED)
UNSETTLED, OFF = "unsettled", "off"
TRY_AGAIN = timedelta(minutes=5)
TRIED_FOR = timedelta(days=3)
FINISHED_BY = timedelta(minutes=10)  # longer than a call takes; a step that is in hand longer was never finished
FRESH = timedelta(days=1)  # ICCAM looks up hosting by itself, too: an address of yesterday may be named there
ENDS = {
    ItemOutcome.REMOVED: IccamAction.REMOVED,
    ItemOutcome.UNAVAILABLE: IccamAction.UNAVAILABLE,
    ItemOutcome.MOVED: IccamAction.MOVED,
    ItemOutcome.NOT_ILLEGAL: IccamAction.NOT_ILLEGAL,
}


def is_on() -> bool:
    """Whether the connector is set up. It was never tried against the real service."""
    return bool(settings().iccam_url)


def find(item: Item) -> IccamRecord | None:
    """Return what ICCAM is told of an item, if anybody has begun that."""
    query = select(IccamRecord).where(IccamRecord.item_id == item.id).options(selectinload(IccamRecord.entries))
    return db.session.scalar(query)


def get(item: Item) -> IccamRecord:
    """Return what ICCAM is told of an item. Raises NotFound where nobody has begun that."""
    found = find(item)
    if found is None:
        raise NotFound(f"nothing of {item.ref} for ICCAM")
    return found


def get_entry(item: Item, entry_id: int) -> IccamEntry:
    """Return one step of an item. Raises NotFound."""
    entry = db.session.get(IccamEntry, entry_id)
    if entry is None or entry.item_id != item.id:
        raise NotFound("no such step")
    return entry


def may_begin(item: Item) -> bool:
    """Whether two people agreed on something of this item that ICCAM may be told, and nobody has begun that."""
    verdict, held = _standing(item), find(item)
    begun = {one.verdict_id for one in held.entries} if held else set()
    return verdict is not None and verdict.id not in begun


def begin(item: Item, report_no: str, content_no: str, *, by: Staff) -> IccamRecord:
    """Begin a ledger for an item. With the numbers of a report the item came from ICCAM; else it is new to ICCAM.

    Begun again after a correction, it takes what two people agree on now. Raises GateClosed where nothing of it may be
    told, Refused for what is no number (`report_no`, `content_no`).
    """
    verdict = _standing(item)
    numbers = _numbers(report_no, content_no)
    record = find(item)
    is_there = numbers is not None or (record is not None and record.report_no is not None)
    if verdict is None or not (is_there or _opens(verdict, item)):
        raise GateClosed(f"nothing about {item.ref} may go to ICCAM")
    if record is None:
        record = IccamRecord(
            item_id=item.id, came_from_there=numbers is not None, begun_by_id=by.id, begun_at=clock.now()
        )
        db.session.add(record)
    elif any(one.verdict_id == verdict.id for one in record.entries):
        raise WrongState(f"{item.ref} is begun already")
    if numbers is not None:
        record.report_no, record.content_no = numbers
    db.session.flush()
    acted = any(one.step is IccamStep.ACTION and one.state in DONE for one in record.entries)
    for planned in () if acted else rule.plan(_agreed(verdict), is_there=is_there):
        _add(record, verdict, planned)
    audit.record(by, BEGAN, f"item {item.ref}", there=is_there)
    db.session.refresh(record)
    return record


def add_action(item: Item, word: str, reason: str, *, by: Staff) -> IccamEntry:
    """Add something that was done, behind everything that stands. Each is told once.

    Raises Refused (`action`, `reason`) for words that do not fit, and for what stands there already.
    """
    record, verdict = get(item), _standing(item)
    if verdict is None:
        raise GateClosed(f"nothing about {item.ref} may go to ICCAM")
    if word not in set(IccamAction):
        raise Refused(("action", "required"))
    chosen = IccamAction(word)
    if any(one.field == rule.ACTIONS[chosen][0] for one in record.entries):
        raise Refused(("action", "taken"))
    if not may_add(item, chosen):
        raise Refused(("action", "police"))
    allowed = rule.reasons(chosen)
    if allowed and reason not in allowed:
        raise Refused(("reason", "required"))
    earlier = sum(one.step is IccamStep.ACTION for one in record.entries)
    entry = _add(record, verdict, rule.action(chosen, Reason(reason) if allowed else None, earlier=earlier))
    audit.record(by, ADDED, f"item {item.ref}", done=chosen)
    return entry


def may_add(item: Item, action: IccamAction) -> bool:
    """Whether an action may be told at all: that the police were told, only once a report was handed over to them."""
    if action is not IccamAction.REPORTED_TO_LEA:
        return True
    return db.session.scalar(select(Item.id).where(Item.id == item.id, police_first.given().exists())) is not None


def suggested(item: Item) -> list[IccamAction]:
    """Return what was done about an item and is not told yet, as far as the portal knows."""
    record = find(item)
    told = {one.field for one in record.entries} if record else set()
    sent = select(Notice.id).join(NoticeItem).where(NoticeItem.item_id == item.id, Notice.sent_at.is_not(None))
    found = [IccamAction.REPORTED_TO_LEA] if may_add(item, IccamAction.REPORTED_TO_LEA) else []
    if db.session.scalar(sent.where(Notice.channel == Channel.HOST).limit(1)):
        found.append(IccamAction.REPORTED_TO_ISP)
    if item.outcome in ENDS:
        found.append(ENDS[item.outcome])
    told_by_partner = select(Exchange.outcome).where(Exchange.item_id == item.id, Exchange.outcome.is_not(None))
    found += [ENDS[one] for one in db.session.scalars(told_by_partner) if one in ENDS and ENDS[one] not in found]
    return [one for one in found if rule.ACTIONS[one][0] not in told]


def code_of(entry: IccamEntry) -> Mapping[str, Any]:
    """Open what a step says, by ICCAM's fields; None where a person has to choose."""
    facts = json.loads(items.opened_or_empty(PURPOSE, entry.code) or "{}")
    return facts if isinstance(facts, dict) else {}


def may_record(entry: IccamEntry, record: IccamRecord) -> bool:
    """Whether a step is the next: it is not done, and all before it are."""
    before = [one for one in record.entries if one.verdict_id == entry.verdict_id and one.place < entry.place]
    return entry.state not in DONE and all(one.state in DONE for one in before) and _is_standing(entry)


def record_typed(item: Item, entry: IccamEntry, report_no: str, content_no: str, *, by: Staff) -> None:
    """Note that a person has typed a step into ICCAM. A report brings its numbers.

    Raises Refused for what is no number, WrongState where a step before it is not done, or this one is.
    """
    held = get(item)
    if entry.step is IccamStep.REPORT:
        numbers = _numbers(report_no, content_no)
        if numbers is None:
            raise Refused(("report_no", "number"))
        held.report_no, held.content_no = numbers
    if not may_record(entry, held) or _is_being_sent(entry):
        raise WrongState("a step before it is not done, or it is")
    entry.state, entry.done_at, entry.done_by_id, entry.fault = IccamState.RECORDED, clock.now(), by.id, None
    audit.record(by, TYPED, f"item {item.ref}", field=entry.field)


def companion(item: Item, *, by: Staff) -> str:
    """Return the block to copy into ICCAM: what is due, with the address as it is. That is counted like any copy.

    Raises GateClosed while nothing about the item may leave: it is held, being corrected, or closed.
    """
    held = get(item)
    if not _may_leave(item):
        raise GateClosed(f"nothing about {item.ref} may go to ICCAM now")
    due = [one for one in held.entries if one.state not in DONE and _is_standing(one)]
    planned = [rule.Planned(one.step, one.field, one.place, code_of(one)) for one in due]
    return rule.block(
        planned,
        analyst=by.number,
        reference=item.ref,
        address=items.live_address(item, by=by),
        hosting=_hosting(item),
        received=item.created_at,
    )


def is_closed(item: Item) -> bool:
    """Whether nobody reads the codes: people look anew at the item, to correct it, and are not told what was found."""
    return gate.is_closed([assessments.correction_of(item)])


def may_show_block(item: Item) -> bool:
    """Whether the block to copy may be shown now."""
    return _may_leave(item)


def try_again(item: Item, entry: IccamEntry, *, by: Staff) -> None:
    """Let a step that failed be sent once more: a person has looked, and it is not in ICCAM. Raises WrongState."""
    if entry.state is not IccamState.FAILED:
        raise WrongState("it has not failed")
    entry.state, entry.fault, entry.taken_at, entry.tried_at = IccamState.DUE, None, None, None
    audit.record(by, TRIES, f"item {item.ref}", field=entry.field)
    send(item, by=by)


def send(item: Item, *, by: Staff) -> None:
    """Have the connector tell ICCAM what is due. Only a reviewer may; raises WrongState where it is off."""
    if not by.has(Role.REVIEWER):
        raise Forbidden("only a reviewer sends to ICCAM")
    if not is_on():
        raise WrongState("the connector is off")
    get(item)
    audit.record(by, SENDS, f"item {item.ref}")
    outbox.put(db.session(), SEND, item.id)


def send_steps(item_id: int, *, client: Iccam | None) -> None:
    """Tell ICCAM the steps of an item that are due, one after the other: take (commit), send, record (commit)."""
    while True:
        with writing():
            entry_id = _take(item_id) if client is not None else None
            if entry_id is None:
                _settle_row(item_id)
                return
        if client is None or not _send_one(entry_id, client):
            return


def leave_to_people() -> int:
    """Tell ICCAM no step by itself that was due: after a restore it may know it already. Returns how many wait."""
    due = select(IccamEntry).where(IccamEntry.state == IccamState.DUE).order_by(IccamEntry.id)
    found = db.session.scalars(due).all() if is_on() else []
    for entry in found:
        entry.state, entry.fault = IccamState.FAILED, UNCERTAIN
        outbox.done(db.session(), SEND, entry.item_id)
    return len(found)


def _send_one(entry_id: int, client: Iccam) -> bool:
    """Send one step that was taken. Returns whether the next may follow."""
    if not _may_be_told(entry_id):  # held or taken up again since it was taken
        with writing():
            db.session.get_one(IccamEntry, entry_id).taken_at = None
        return False
    try:
        numbers = _tell(entry_id, client)
    except IccamFault as fault:
        with writing():
            _fail(db.session.get_one(IccamEntry, entry_id), fault)
        return False
    with writing():
        entry = db.session.get_one(IccamEntry, entry_id)
        entry.state, entry.done_at, entry.fault = IccamState.SENT, clock.now(), None
        if numbers is not None:
            held = db.session.get_one(IccamRecord, entry.item_id)
            held.report_no, held.content_no = numbers
        audit.record(None, SENT, f"item {db.session.get_one(Item, entry.item_id).ref}", field=entry.field)
    return True


def _take(item_id: int) -> int | None:
    """Take the next step that is due; None where there is none, one is in hand, or it may not be told now."""
    item = db.session.get_one(Item, item_id)
    held = get(item)
    due = [one for one in held.entries if one.state not in DONE and _is_standing(one)]
    if not due or not _may_be_sent(item, due[0]):
        return None
    entry = due[0]
    if entry.state is IccamState.DUE and entry.taken_at is not None and clock.now() - entry.taken_at > FINISHED_BY:
        entry.state, entry.fault = IccamState.FAILED, UNCERTAIN
    if entry.state is IccamState.FAILED or not may_record(entry, held):
        return None
    if not rule.is_settled(code_of(entry)):
        entry.state, entry.fault = IccamState.FAILED, UNSETTLED
        return None
    free = update(IccamEntry).where(
        IccamEntry.id == entry.id, IccamEntry.state == IccamState.DUE, IccamEntry.taken_at.is_(None)
    )
    now = clock.now()
    taken = free.values(taken_at=now, tried_at=func.coalesce(IccamEntry.tried_at, now))
    done: CursorResult[Any] = db.session.execute(taken)  # type: ignore[assignment]
    return entry.id if done.rowcount else None


def _settle_row(item_id: int) -> None:
    """Take away the row of what needs no sending now; put it off while somebody may have a step in hand."""
    in_hand = select(IccamEntry.taken_at).where(IccamEntry.item_id == item_id, IccamEntry.state == IccamState.DUE)
    taken_at = db.session.scalar(in_hand.where(IccamEntry.taken_at.is_not(None)).limit(1))
    if taken_at is None:
        outbox.done(db.session(), SEND, item_id)
    else:
        outbox.later(db.session(), SEND, item_id, due_at=taken_at + FINISHED_BY + TRY_AGAIN)


def _tell(entry_id: int, client: Iccam) -> tuple[int, int] | None:
    """Say one step to ICCAM. Returns the numbers of a report that was made. Raises IccamFault."""
    entry = db.session.get_one(IccamEntry, entry_id)
    held, item = db.session.get_one(IccamRecord, entry.item_id), db.session.get_one(Item, entry.item_id)
    code, analyst = code_of(entry), held.begun_by.number
    content_no, report_no = held.content_no or 0, held.report_no or 0
    address = items.address_of(item)
    country = item.country
    about = rule.url_fields(address, item.ref, _hosting(item))
    report = {
        "reportingAnalystName": analyst,
        "hotlineReceivedDate": f"{item.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "hotlineReference": item.ref,
        "urls": [{**{name: value for name, value in about.items() if value}, **code}],
    }
    step, field, acted_at = entry.step, entry.field, entry.due_at
    db.session.rollback()  # no transaction stays open while ICCAM is asked
    match step:
        case IccamStep.REPORT:
            return client.report(report, address)
        case IccamStep.ASSESSMENT:
            client.assess(content_no, {"assessingAnalystName": analyst, **code})
        case IccamStep.FIELD:
            client.set_field(report_no, field, code[field])
        case IccamStep.ACTION if field == rule.ACTIONS[IccamAction.MOVED][0]:
            if not country:
                raise IccamFault("no_country", permanent=True)
            client.move(content_no, country)
        case IccamStep.ACTION:
            when = f"{acted_at:%Y-%m-%dT%H:%M:%SZ}"
            client.act(content_no, {"actioningAnalystName": analyst, "actionDate": when, **code})
    return None


def _fail(entry: IccamEntry, fault: IccamFault) -> None:
    """Note why a step was not told, and when to try again; what may be there already waits for a person."""
    entry.fault = fault.code
    if fault.permanent or clock.now() - (entry.tried_at or clock.now()) > TRIED_FOR:
        entry.state = IccamState.FAILED
        outbox.done(db.session(), SEND, entry.item_id)
        return
    entry.taken_at = None
    outbox.later(db.session(), SEND, entry.item_id, due_at=clock.now() + TRY_AGAIN)


def _hosting(item: Item) -> rule.Hosting:
    """Return who hosts an item as look-ups found it, or a person noted; for a CDN who stands behind it, if known."""
    lookup, country = hosting.known(item).host, item.country or ""
    account = hosting.account_of(lookup) if lookup is not None else None
    if lookup is None or account is None:
        return rule.Hosting(country)
    facts = account.first
    if facts is None:
        return rule.Hosting(country, isp=account.provider)
    return rule.Hosting(country, hosting.ip_of(lookup, facts, within=FRESH), facts.name, facts.org)


def _add(held: IccamRecord, verdict: Verdict, planned: rule.Planned) -> IccamEntry:
    entry = IccamEntry(
        item_id=held.item_id,
        verdict_id=verdict.id,
        inhope_class=verdict.inhope_class,
        law=verdict.law,
        step=planned.step,
        field=planned.field,
        place=planned.place,
        code=vault.keyring().seal(PURPOSE, json.dumps(planned.code)),
        state=IccamState.DUE,
        due_at=clock.now(),
    )
    db.session.add(entry)
    db.session.flush()
    return entry


def _standing(item: Item) -> Verdict | None:
    return assessments.verdict_of(item) if item.status in LETS_GO else None


def _may_leave(item: Item) -> bool:
    return item.status in notice_grounds.LETS_GO


def _may_be_sent(item: Item, entry: IccamEntry) -> bool:
    """Whether the connector may tell a step now: of what is closed, only what was done, which holds no address."""
    is_what_was_done = entry.step is IccamStep.ACTION and item.status is ItemStatus.CLOSED and item.outcome in ENDS
    return is_what_was_done or _may_leave(item)


def _may_be_told(entry_id: int) -> bool:
    """Ask the store anew, in a transaction that is over at once, whether a step may still be told."""
    db.session.rollback()
    entry = db.session.get_one(IccamEntry, entry_id)
    may = _may_be_sent(db.session.get_one(Item, entry.item_id), entry) and _is_standing(entry)
    db.session.rollback()
    return may


def _is_standing(entry: IccamEntry) -> bool:
    superseded = select(Verdict.id).where(Verdict.supersedes_id == entry.verdict_id)
    return db.session.scalar(superseded.limit(1)) is None


def _is_being_sent(entry: IccamEntry) -> bool:
    return entry.state is IccamState.DUE and entry.taken_at is not None and clock.now() - entry.taken_at <= FINISHED_BY


def _opens(verdict: Verdict, item: Item) -> bool:
    return Channel.PARTNER in gate.channels(verdict.inhope_class, verdict.law, in_danger=item.in_danger)


def _agreed(verdict: Verdict) -> tuple[rule.Line, ...]:
    return rule.agreed(*assessments.agreed_by(verdict)[0])


def _numbers(report_no: str, content_no: str) -> tuple[int, int] | None:
    """Return both numbers that were typed, None where neither was. Raises Refused for anything else."""
    typed = {"report_no": report_no.strip(), "content_no": content_no.strip()}
    if not any(typed.values()):
        return None
    read = {field: rule.number(text) for field, text in typed.items()}
    wrong = [(field, "number") for field, number in read.items() if number is None]
    first, second = read["report_no"], read["content_no"]
    if wrong or first is None or second is None:
        raise Refused(*wrong)
    return first, second
