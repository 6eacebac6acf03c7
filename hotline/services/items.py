"""Items at the desk: the queue, claiming, opening what is sealed, and moving a report on with its items."""

import base64
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, bindparam, delete, func, or_, select, tuple_, update
from sqlalchemy.orm import selectinload

from hotline import clock, outbox, vault
from hotline.errors import Forbidden, HandsFull, KeyMissing, NotFound, Refused, Unreadable, WrongState
from hotline.extensions import db
from hotline.models.assessment import Assessment
from hotline.models.audit import AuditEntry
from hotline.models.item import Item, Mention, Step
from hotline.models.notice import Notice
from hotline.models.report import Report, UnreadReport
from hotline.models.staff import Staff
from hotline.rules import addresses, progress, standing
from hotline.services import audit, figures, receipts
from hotline.transactions import writing
from hotline.vocabulary import Category, Figure, ItemOutcome, ItemStatus, NoticeStatus, ReportStatus, Role

MOVE_REPORTS_ON = "hotline.jobs.reports.move_reports_on"
CASE_ROLES = (Role.ANALYST, Role.REVIEWER)
CLAIM_LASTS = timedelta(days=3)  # how long a look may be in somebody's hands without being handed in
HIGHEST = 2**31  # no id and no urgency reaches it
SOONEST = (Item.urgency, Item.opened_at, Item.id)  # the one order of lists: most urgent first, then longest waiting

# built once, since they are said for every letter
_ACTING = (
    update(Item)
    .where(Item.id.in_(bindparam("ids", expanding=True)), Item.status == ItemStatus.DECIDED)
    .values(status=ItemStatus.ACTING)
    .returning(Item.id)
)
_NAMING = select(Mention.report_id).where(Mention.item_id.in_(bindparam("ids", expanding=True))).distinct()


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue: the item and its host, defanged; empty where it does not open."""

    item: Item
    host: str


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Some rows, and the cursor of the next page (empty at the end)."""

    rows: list[QueueRow]
    next: str


@dataclass(frozen=True, slots=True)
class OpenedMention:
    """What one reporter said, opened. `whole` is False where some of it does not open; that is left empty."""

    report: Report
    typed: str
    details: str
    leftovers: str
    contact: bool
    whole: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """An item's address in three defanged parts (empty where it does not open), and what reporters said of it."""

    prefix: str
    host: str
    rest: str
    mentions: list[OpenedMention]


@dataclass(frozen=True, slots=True)
class Heard:
    """How far an item is to one reporter, and when they hear of its next step (None where there is none yet)."""

    status: ReportStatus
    next_at: datetime | None


def get(ref: str, *, by: Staff) -> Item:
    """Return the item `ref`. Raises NotFound, also for people who may not see items."""
    item = db.session.scalar(select(Item).where(Item.ref == ref))
    if item is None or not by.has(*CASE_ROLES):
        raise NotFound(f"no item {ref}")
    return item


def list_queue(
    *,
    by: Staff,
    status: ItemStatus | None = None,
    category: Category | None = None,
    whose: str = "",
    after: str = "",
    limit: int = 50,
) -> QueuePage:
    """Return open items, most urgent first, then longest waiting.

    `whose` is `me` (what is in this person's hands), `nobody` or empty; `after` a cursor of the page before.
    """
    query = select(Item).where(Item.status == status if status else Item.status != ItemStatus.CLOSED)
    if category:
        query = query.where(Item.category == category)
    if whose == "me":
        query = query.where(_in_hand(by))
    elif whose == "nobody":
        query = query.where(Item.assessor_id.is_(None))
    elif whose:
        raise Refused(("whose", "unknown"))
    if after:
        query = query.where(tuple_(*SOONEST) > _position(after))
    people = selectinload(Item.assessor), selectinload(Item.reviewer)
    query = query.order_by(*SOONEST).options(*people).limit(limit + 1)
    found = list(db.session.scalars(query))
    rows = [row_of(item) for item in found[:limit]]
    return QueuePage(rows, _cursor(found[limit - 1]) if len(found) > limit else "")


def row_of(item: Item) -> QueueRow:
    """Return the queue's line for one item."""
    return QueueRow(item, addresses.defang_host(_opened_or_empty("item.host", item.host)))


def list_mine(*, by: Staff) -> list[Item]:
    """Return what is in this person's hands, most urgent first: what they have to look at, or to look at again."""
    return list(db.session.scalars(select(Item).where(_in_hand(by)).order_by(*SOONEST)))


def count_first_looks(*, by: Staff) -> int:
    """Return how many first looks this person has in hand."""
    mine = select(func.count()).select_from(Item).where(Item.assessor_id == by.id, Item.status == ItemStatus.ASSESSING)
    return db.session.scalar(mine) or 0


def counts(*, by: Staff) -> dict[str, int]:
    """Return how much waits, for the rail: `queue`, `reviews`, `notices`, `unread`."""
    count = select(func.count())
    free = or_(Item.reviewer_id.is_(None), Item.reviewer_id == by.id)
    to_review = count.select_from(Item).where(Item.status == ItemStatus.IN_REVIEW, Item.assessor_id != by.id, free)
    waiting = count.select_from(Notice).where(Notice.status == NoticeStatus.DRAFT)
    return {
        "queue": db.session.scalar(count.select_from(Item).where(Item.status != ItemStatus.CLOSED)) or 0,
        "reviews": (db.session.scalar(to_review) or 0) if by.has(Role.REVIEWER) else 0,
        "notices": db.session.scalar(waiting) or 0,
        "unread": db.session.scalar(count.select_from(UnreadReport)) or 0,
    }


def claim(item: Item, *, by: Staff) -> None:
    """Give `item` to `by` for assessment.

    Raises WrongState when someone else holds it or it is past that, HandsFull when the person has enough in hand.
    """
    _require_room(by)
    free = update(Item).where(Item.id == item.id, Item.assessor_id.is_(None), Item.status == ItemStatus.NEW)
    taken: CursorResult[Any] = db.session.execute(  # type: ignore[assignment]
        free.values(assessor_id=by.id, status=ItemStatus.ASSESSING, claimed_at=clock.now())
    )
    if taken.rowcount == 0:
        raise WrongState(f"item {item.ref} is held by someone else")
    db.session.refresh(item)
    audit.record(by, "claimed", f"item {item.ref}")
    moved(item)


def claim_next(*, by: Staff) -> Item | None:
    """Give the most urgent item that nobody has to `by`; None when everything is taken. Raises HandsFull as `claim`.

    Two people who ask at once get two items: a row that somebody is just taking is passed over.
    """
    free = select(Item).where(Item.status == ItemStatus.NEW, Item.assessor_id.is_(None))
    first = free.order_by(*SOONEST).limit(1).with_for_update(skip_locked=True)
    item = db.session.scalar(first)
    if item is not None:
        claim(item, by=by)
    return item


def take_over(item: Item, *, held_by: str, by: Staff) -> None:
    """Give a first look that is in somebody else's hands to `by`. `held_by` is the number of who was seen to have it.

    Raises Forbidden for who may not, WrongState when it is not that person's any more, HandsFull as `claim`.
    """
    if not standing.may_take_over(by.roles):
        raise Forbidden("a reviewer takes over what somebody else has in hand")
    holder = item.assessor
    if holder is None or holder.id == by.id or holder.number != held_by or item.status is not ItemStatus.ASSESSING:
        raise WrongState(f"item {item.ref} is not in the hands of {held_by}")
    _require_room(by)
    item.assessor, item.claimed_at = by, clock.now()
    audit.record(by, "took over", f"item {item.ref}", holder=holder.number)


def give_back(item: Item) -> bool:
    """Give the first look back to whoever gave it. Returns False where it goes to the queue instead.

    That is so where the person is no longer here, or has enough in hand by now.
    """
    first = item.assessor
    item.reviewer_id = item.review_claimed_at = None
    if first and first.active and standing.has_room(count_first_looks(by=first)):
        item.status, item.claimed_at = ItemStatus.ASSESSING, clock.now()
        return True
    _put_back(item)
    return False


def pass_on(item: Item, *, by: Staff) -> None:
    """Put `item` back, no reason asked. Raises WrongState when it is not in this person's hands."""
    if item.assessor_id != by.id or item.status is not ItemStatus.ASSESSING:
        raise WrongState(f"item {item.ref} is not yours to pass on")
    _put_back(item)
    audit.record(by, "passed on", f"item {item.ref}")


def let_go(person: Staff, *, by: Staff | None) -> None:
    """Put back what is in a person's hands, so that others can take it: first and second looks not handed in yet."""
    looking = select(Item).where(Item.assessor_id == person.id, Item.status == ItemStatus.ASSESSING)
    for item in db.session.scalars(looking).all():
        _put_back(item)
        audit.record(by, "put back", f"item {item.ref}")
    looking_again = select(Item).where(Item.reviewer_id == person.id, Item.status == ItemStatus.IN_REVIEW)
    for item in db.session.scalars(looking_again).all():
        item.reviewer_id, item.review_claimed_at = None, None
        audit.record(by, "put back second look", f"item {item.ref}")


def free_old_claims() -> None:
    """Put back the first and second looks that somebody has had for longer than `CLAIM_LASTS`."""
    since = clock.now() - CLAIM_LASTS
    looking = and_(Item.status == ItemStatus.ASSESSING, Item.claimed_at < since)
    looking_again = and_(Item.status == ItemStatus.IN_REVIEW, Item.review_claimed_at < since)
    if db.session.scalar(select(Item.id).where(or_(looking, looking_again)).limit(1)) is None:
        return  # nearly always: nobody has to wait for a round that writes nothing
    with writing():
        for item in db.session.scalars(select(Item).where(looking)).all():
            _put_back(item)
            audit.record(None, "claim ran out", f"item {item.ref}")
        for item in db.session.scalars(select(Item).where(looking_again)).all():
            item.reviewer_id, item.review_claimed_at = None, None
            audit.record(None, "second look ran out", f"item {item.ref}")


def read(item: Item, *, by: Staff) -> Opened:
    """Open an item's address and what reporters said. The read goes into the audit trail."""
    audit.record_read(by, "read", f"item {item.ref}")
    prefix, host, rest = addresses.split_defanged(_opened_or_empty("item.address", item.address))
    return Opened(prefix, host, rest, [_opened(mention) for mention in item.mentions])


def live_address(item: Item, *, by: Staff) -> str:
    """Return the address as it is, for the isolated browser. Each copy is counted in the audit trail."""
    audit.record(by, "copied live address", f"item {item.ref}")
    return address_of(item)


def address_of(item: Item) -> str:
    """Open an item's address. For letters and for people whose read is recorded."""
    return vault.keyring().open("item.address", item.address)


def related(item: Item) -> list[Item]:
    """Return other items on the same host, twelve at most, those first that were reported last."""
    query = select(Item).where(Item.host_index == item.host_index, Item.id != item.id)
    return list(db.session.scalars(query.order_by(Item.created_at.desc(), Item.id.desc()).limit(12)))


def of_report(report: Report) -> list[Item]:
    """Return the items a report names, most urgent first."""
    query = select(Item).join(Mention, Mention.item_id == Item.id).where(Mention.report_id == report.id)
    return list(db.session.scalars(query.order_by(*SOONEST)))


def timeline(item: Item) -> list[AuditEntry]:
    """Return what happened to an item, oldest first."""
    return audit.history(f"item {item.ref}")


def close(item: Item, outcome: ItemOutcome, *, by: Staff | None) -> None:
    """End an item with its outcome."""
    item.status, item.outcome = ItemStatus.CLOSED, outcome
    figures.count(Figure.CLOSED, outcome)
    audit.record(by, "closed", f"item {item.ref}", outcome=outcome)
    moved(item)


def reopen(item: Item, *, at: datetime) -> None:
    """Put a closed item back into the queue, since it was reported again in the hour `at`. Findings stay frozen.

    Nothing found before counts for the next verdict, and whoever reported it now hears of it as of a new one. No audit
    line, as for anything a public report does: its minute would tell when the report came.
    """
    item.status, item.outcome, item.reopened_at = ItemStatus.NEW, None, at
    item.assessor_id = item.reviewer_id = item.claimed_at = item.review_claimed_at = None
    item.looks_after = db.session.scalar(select(func.max(Assessment.id)).where(Assessment.item_id == item.id)) or 0
    db.session.execute(delete(Step).where(Step.item_id == item.id))


def moved(item: Item) -> None:
    """Leave word for each report naming `item` that its reporter may see it further on."""
    db.session.flush()
    _leave_word([item.id])


def act_on(item_ids: Sequence[int]) -> None:
    """Note that something was done about those of the items that are decided."""
    _leave_word(db.session.scalars(_ACTING, {"ids": item_ids}, execution_options=outbox.UNSEEN).all())


def follow(report: Report) -> None:
    """Leave word that the reporter of a known address may hear what became of it, from the end of the hour on."""
    outbox.put(db.session(), MOVE_REPORTS_ON, report.id, due_at=report.received_at + progress.HOUR)


def move_reports_on(report_ids: Sequence[int]) -> None:
    """Bring reports up to what their reporters may hear by now, tell the front store, and leave word for the rest."""
    outbox.done(db.session(), MOVE_REPORTS_ON, *report_ids)  # first, so that whoever moves an item now leaves word anew
    heard = _heard(report_ids, clock.now())
    reports = db.session.scalars(select(Report).where(Report.id.in_(report_ids))).all()
    for report in reports:
        report.status = progress.of_report((one.status for one in heard[report.id]), report.status)
        _tell_later(report.id, heard[report.id])
    receipts.move_on({report.receipt_tag: report.status for report in reports})


def _heard(report_ids: Sequence[int], now: datetime) -> dict[int, list[Heard]]:
    """Return by report what its reporter hears of each item it names."""
    named = select(Mention.report_id, Mention.behind, Item.id, Item.status).join(Item)
    rows = db.session.execute(named.where(Mention.report_id.in_(report_ids))).all()
    reached = _reached({item_id: status for _report_id, _behind, item_id, status in rows}, now)
    heard: dict[int, list[Heard]] = defaultdict(list)
    for report_id, behind, item_id, _status in rows:
        steps = reached[item_id]
        status = progress.of_item(steps, behind=behind, now=now)
        heard[report_id].append(Heard(status, progress.next_step(steps, behind=behind, now=now)))
    return heard


def _reached(standing: Mapping[int, ItemStatus], now: datetime) -> dict[int, dict[ReportStatus, datetime]]:
    """Return when each item first was as far as reporters are told, and note the step it has just made."""
    reached: dict[int, dict[ReportStatus, datetime]] = defaultdict(dict)
    for step in db.session.scalars(select(Step).where(Step.item_id.in_(standing))):
        reached[step.item_id][step.status] = step.reached_at
    for item_id, status in standing.items():
        told = progress.OF_ITEM[status]
        if told is not ReportStatus.RECEIVED and told not in reached[item_id]:
            reached[item_id][told] = now
            db.session.add(Step(item_id=item_id, status=told, reached_at=now))
    return reached


def _tell_later(report_id: int, heard: Sequence[Heard]) -> None:
    due = min((one.next_at for one in heard if one.next_at), default=None)
    if due is not None:
        outbox.put(db.session(), MOVE_REPORTS_ON, report_id, due_at=due)


def _leave_word(item_ids: Sequence[int]) -> None:
    if item_ids:
        outbox.put(db.session(), MOVE_REPORTS_ON, *db.session.scalars(_NAMING, {"ids": item_ids}))


def _in_hand(person: Staff) -> ColumnElement[bool]:
    """Whether an item waits for this person: a first or second look they have, or looks of theirs that differ."""
    first = and_(Item.assessor_id == person.id, Item.status.in_([ItemStatus.ASSESSING, ItemStatus.DISPUTED]))
    second = and_(Item.reviewer_id == person.id, Item.status.in_([ItemStatus.IN_REVIEW, ItemStatus.DISPUTED]))
    return or_(first, second)


def _require_room(person: Staff) -> None:
    if not standing.has_room(count_first_looks(by=person)):
        raise HandsFull(f"{person.number} has enough in hand")


def _put_back(item: Item) -> None:
    item.assessor_id, item.claimed_at, item.status = None, None, ItemStatus.NEW


def _opened(mention: Mention) -> OpenedMention:
    report = mention.report
    sealed = {
        "mention.typed": mention.typed,
        "report.details": report.details,
        "report.leftovers": report.leftovers,
    }
    said = {purpose: _opened_or_empty(purpose, value) if value else "" for purpose, value in sealed.items()}
    typed = " · ".join(json.loads(said["mention.typed"] or "[]"))
    return OpenedMention(
        report=report,
        typed=addresses.defang(typed),
        details=said["report.details"],
        leftovers=said["report.leftovers"],
        contact=report.contact is not None,
        whole=all(said[purpose] for purpose, value in sealed.items() if value),
    )


def _opened_or_empty(purpose: str, sealed: bytes) -> str:
    """Open a value, or return nothing: one that is damaged must not keep people from everything beside it."""
    try:
        return vault.keyring().open(purpose, sealed)
    except (KeyMissing, Unreadable):
        return ""


def _cursor(item: Item) -> str:
    place = f"{item.urgency:d} {item.opened_at.isoformat()} {item.id}"
    return base64.urlsafe_b64encode(place.encode()).decode()


def _position(cursor: str) -> tuple[int, datetime, int]:
    try:
        urgency, opened_at, item_id = base64.urlsafe_b64decode(cursor).decode().split(" ")
        place = int(urgency), _moment(opened_at), int(item_id)
    except (ValueError, OverflowError) as exc:
        raise Refused(("after", "unknown")) from exc
    if not (0 <= place[0] < HIGHEST and 0 <= place[2] < HIGHEST):
        raise Refused(("after", "unknown"))
    return place


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment.astimezone(UTC)
