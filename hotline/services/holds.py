"""Holds: the police come first. While one stands, nothing about its item leaves, and two people release it.

Letters that are on their way stop by themselves: the database lets none of a held item go (`notice_sending.deliver`).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, and_, or_, select, update
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction, vault
from hotline.errors import Forbidden, NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models.hold import Hold
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.recipient import Recipient
from hotline.models.staff import Staff
from hotline.rules import police
from hotline.services import (
    audit,
    clock_rules,
    clocks,
    fallen_offers,
    follow_ups,
    items,
    notices,
    online,
    police_first,
    telling,
)
from hotline.vocabulary import (
    Channel,
    Duty,
    HoldReason,
    ItemStatus,
    NoticeStatus,
    PauseReason,
    RecipientKind,
    Role,
    Urgency,
)

ROLES = (Role.ANALYST, Role.REVIEWER, Role.MANAGER)
WAIT_FOR_POLICE = (ItemStatus.DECIDED, ItemStatus.ACTING)
MAY_BE_HELD = (ItemStatus.DECIDED, ItemStatus.ACTING, ItemStatus.MONITORING)
PLACED, KEPT, FIRST, RELEASED = "placed a hold", "kept a hold", "agreed to end a hold", "released a hold"
REFERENCE, WORDS = "hold.reference", "hold.words"
MOST = 100


def get_item(ref: str, *, by: Staff) -> Item:
    """Return an item by its reference, for its hold alone: a manager sees no address. Raises NotFound."""
    found = db.session.scalar(select(Item).where(Item.ref == ref.strip().upper()))
    if found is None or not by.has(*ROLES):
        raise NotFound(f"no item {ref}")
    return found


def find_item(ref: str, *, by: Staff) -> Item:
    """Return an item that somebody typed. Raises Refused (`item`, `unknown`) where there is none."""
    try:
        return get_item(ref, by=by)
    except NotFound as fault:
        raise Refused(("item", "unknown")) from fault


def units() -> list[Recipient]:
    """Return the units of the police in the directory, by name."""
    query = select(Recipient).where(Recipient.active, Recipient.kind == RecipientKind.POLICE)
    return list(db.session.scalars(query.where(Recipient.proposed_at.is_(None)).order_by(Recipient.name, Recipient.id)))


def standing(item: Item) -> Hold | None:
    """Return the hold that stands at `item`, if any does."""
    return db.session.scalar(select(Hold).where(Hold.item_id == item.id, Hold.released_second_at.is_(None)))


def of(item: Item) -> list[Hold]:
    """Return all holds there were of `item`, the newest first."""
    return list(db.session.scalars(select(Hold).where(Hold.item_id == item.id).order_by(Hold.id.desc()).limit(MOST)))


def list_standing(*, by: Staff, most: int = MOST) -> Sequence[Hold]:
    """Return the holds that stand, those first that are to be asked about first."""
    if not by.has(*ROLES):
        return []
    query = select(Hold).where(Hold.released_second_at.is_(None)).order_by(Hold.review_on, Hold.id).limit(most)
    return db.session.scalars(query.options(joinedload(Hold.item), joinedload(Hold.unit))).all()


def list_proposed(*, by: Staff, most: int = MOST) -> Sequence[Item]:
    """Return what two people decided on and waits for the police: it is hosted here, or a child may be in danger.

    What is held already, or was since it was reported, is left out.
    """
    if not by.has(*ROLES):
        return []
    held = select(Hold.id).where(Hold.item_id == Item.id, Hold.placed_at >= Item.opened_at)
    here = Item.country == jurisdiction.current().country
    in_danger = and_(Item.in_danger, Item.urgency == int(Urgency.P1))  # always so urgent, and so found quickly
    found: list[Item] = []
    for which in (in_danger, here):
        query = select(Item).where(which, or_(*(Item.status == one for one in WAIT_FOR_POLICE)))
        query = query.where(police_first.WAITS[Channel.HOST], ~held.exists())
        query = query.order_by(Item.urgency, Item.opened_at, Item.id).limit(most)
        found += [one for one in db.session.scalars(query, police_first.told()) if one not in found]
    return found[:most]


def is_proposed(item: Item) -> bool:
    """Whether `item` waits for the police by rule and was not held since it was reported."""
    if item.status not in WAIT_FOR_POLICE or not police_first.waits(item, Channel.HOST):
        return False
    return not any(one.placed_at >= item.opened_at for one in of(item))


def may_place(item: Item) -> bool:
    """Whether a hold may be placed at `item`: two people decided on it, it is open, and none stands."""
    return item.status in MAY_BE_HELD


def first_review() -> date:
    """Return the day that the rule in force proposes for asking the police again."""
    rule = clock_rules.rule_for(Duty.REVIEW_HOLD, None)
    return clock_rules.would_end(rule.limit).astimezone(jurisdiction.current().zone).date()


def place(
    item: Item, unit: Recipient | None, reason: str, *, reference: str, review_on: date | None, by: Staff
) -> Hold:
    """Hold `item` for a unit of the police until two people release it. Letters about it stop.

    Raises Refused with all that is wrong, WrongState for what is not decided, is closed, or is held already.
    """
    reference = reference.strip()
    _require_role(by)
    wrong = list(police.review_faults(review_on, jurisdiction.today()))
    if unit is None or not unit.active or unit.kind is not RecipientKind.POLICE:
        wrong.append(("unit", "required"))
    if reason not in set(HoldReason):
        wrong.append(("reason", "required"))
    if len(reference) > police.MOST_REFERENCE:
        wrong.append(("reference", "too_long"))
    if wrong or unit is None or review_on is None:
        raise Refused(*wrong)
    if not may_place(item):
        raise WrongState(f"{item.ref} cannot be held now")
    was, item.status = item.status, ItemStatus.HELD
    db.session.flush()
    hold = Hold(
        item=item,
        unit=unit,
        reason=HoldReason(reason),
        reference=vault.keyring().seal(REFERENCE, reference),
        was=was,
        placed_by=by,
        placed_at=clock.now(),
        review_on=review_on,
    )
    db.session.add(hold)
    db.session.flush()
    _start_clock(hold)
    clocks.stand_still(item, Duty.NOTIFY, PauseReason.POLICE, by=by)
    audit.record(by, PLACED, f"item {item.ref}", reason=reason)
    fallen_offers.take_back(item)
    telling.moved(item)
    return hold


def keep(hold: Hold, review_on: date | None, *, by: Staff) -> None:
    """Note that the police still ask to wait, until another day. Whoever had agreed to end it has to agree anew."""
    _require_role(by)
    if wrong := police.review_faults(review_on, jurisdiction.today()):
        raise Refused(*wrong)
    _require_standing(hold)
    assert review_on is not None
    hold.review_on = review_on
    hold.released_first_by_id = hold.released_first_at = hold.words = None
    clocks.met(hold, Duty.REVIEW_HOLD)
    db.session.flush()
    db.session.refresh(hold)
    _start_clock(hold)
    audit.record(by, KEPT, f"item {hold.item.ref}")


def release(hold: Hold, words: str, *, by: Staff) -> bool:
    """Agree that a hold may end. The first says why (`words`); with the second, another person, it ends.

    Returns whether it has ended. Raises Refused for the same person twice (`release`, `same_person`) and for no reason.
    """
    _require_role(by)
    words = words.strip()
    if hold.stands and hold.released_first_by_id is None:
        if not words or len(words) > police.MOST_WORDS:
            raise Refused(("words", "length"))
        sealed = vault.keyring().seal(WORDS, words)
        _write(hold, Hold.released_first_by_id.is_(None), released_first_by_id=by.id, words=sealed, which="first")
        audit.record(by, FIRST, f"item {hold.item.ref}")
        return False
    if hold.released_first_by_id == by.id and hold.stands:
        raise Refused(("release", "same_person"))
    _write(hold, Hold.released_first_by_id != by.id, released_second_by_id=by.id, which="second")
    _let_go(hold)
    audit.record(by, RELEASED, f"item {hold.item.ref}")
    return True


def reference_of(hold: Hold) -> str:
    """Open the unit's own reference; empty where there is none or it does not open."""
    return items.opened_or_empty(REFERENCE, hold.reference)


def words_of(hold: Hold) -> str:
    """Open why a hold may end; empty where nobody has said so yet, or it does not open."""
    return items.opened_or_empty(WORDS, hold.words) if hold.words else ""


def letters_stopped(item: Item) -> list[Notice]:
    """Return the letters about a held item that were on their way, or lie here: none of them goes."""
    query = select(Notice).join(NoticeItem).where(NoticeItem.item_id == item.id)
    waiting = Notice.status.in_([NoticeStatus.DRAFT, NoticeStatus.QUEUED, NoticeStatus.FAILED])
    return list(db.session.scalars(query.where(waiting).order_by(Notice.id)))


def letters_going(item: Item) -> list[Notice]:
    """Return the letters about an item that a mail server is being given at this moment: they may arrive."""
    return [one for one in letters_stopped(item) if notices.is_being_sent(one)]


def end_of(day: date) -> datetime:
    """Return when a day of this country is over."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), jurisdiction.current().zone)


def _let_go(hold: Hold) -> None:
    """Let an item go on where it was; one that was given to the police meanwhile has had something done about it."""
    item = hold.item
    item.status = hold.was
    clocks.met(hold, Duty.REVIEW_HOLD)
    clocks.go_on(item, Duty.NOTIFY, PauseReason.POLICE)
    follow_ups.look_again(item)
    if db.session.scalar(select(Item.id).where(Item.id == item.id, police_first.given().exists())) is not None:
        telling.act_on([item.id])
        db.session.refresh(item)
    police_first.go_on_to_host(item)
    online.host_said_gone(item, since=hold.placed_at)
    telling.moved(item)


def _write(hold: Hold, where: Any, *, which: str, **values: object) -> None:
    """Write into a hold that still stands. Raises WrongState when somebody was faster."""
    still = update(Hold).where(Hold.id == hold.id, Hold.released_second_at.is_(None), where)
    if which == "second":
        still = still.where(Hold.released_first_at.is_not(None))
    done: CursorResult[Any] = db.session.execute(still.values({f"released_{which}_at": clock.now(), **values}))  # type: ignore[assignment]
    if done.rowcount == 0:
        raise WrongState(f"the hold of {hold.item.ref} is not as it was shown")
    db.session.refresh(hold)


def _start_clock(hold: Hold) -> None:
    clocks.start(hold, Duty.REVIEW_HOLD)
    clocks.fall_due(hold, Duty.REVIEW_HOLD, end_of(hold.review_on))


def _require_standing(hold: Hold) -> None:
    if not hold.stands:
        raise WrongState(f"the hold of {hold.item.ref} was released")


def _require_role(by: Staff) -> None:
    if not by.has(*ROLES):
        raise Forbidden("holds are not this person's")
