"""The clocks that run, and those that stand still, listed for a person who may know what each of them runs for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, not_, or_, select, true
from sqlalchemy.orm import joinedload

from hotline.extensions import db, spelt
from hotline.models.assessment import ThirdLook
from hotline.models.clock import Clock
from hotline.models.consent import Consent, Override
from hotline.models.exchange import Exchange
from hotline.models.help_request import HelpRequest
from hotline.models.hold import Hold
from hotline.models.identification import Identification
from hotline.models.item import Item
from hotline.models.message import Message
from hotline.models.notice import Notice
from hotline.models.police_report import PoliceReport
from hotline.models.referral import Referral
from hotline.models.report import Report, UnreadReport
from hotline.models.staff import Staff
from hotline.models.victim_case import VictimCase
from hotline.rules import clocks as rules
from hotline.services import clock_pauses, clocks
from hotline.vocabulary import Concern, Duty, ItemStatus, PauseReason, Role, Subject, Urgency

_STILL_OPEN = Item.status != spelt(ItemStatus.CLOSED)  # in the words of the indexes over what is open


@dataclass(frozen=True, slots=True)
class Line:
    """One running clock in a list, and what it runs for.

    `kind` is `item`, `report`, `unread` (a report nobody could read: `ref` is its inbox id in hex), `help`, `police`,
    `exchange`, `notice`, `hold` (`ref` is its item's), `case` (also for consents and what was decided without it: `ref`
    is their case's), `referral`, `identification`, or empty where the report has not come yet. `reason` is why it
    stands still: None where it runs, or is not to be told yet.
    """

    clock: Clock
    item: Item | None
    kind: str
    ref: str
    reason: PauseReason | None


def list_running(*, by: Staff, mine: bool = False, most: int = 20) -> list[Line]:
    """Return clocks of what this person may see, soonest first; with `mine` of what is in their hands only."""
    return _lines(Clock.paused_at.is_(None), Clock.due_at, by=by, mine=mine, most=most)


def list_paused(*, by: Staff, most: int = 20) -> list[Line]:
    """Return clocks that stand still of what this person may see: of the most urgent items first, then the longest."""
    urgent = (
        select(Item.id)
        .where(_STILL_OPEN, Item.stands_still == true(), Item.urgency == int(Urgency.P1))
        .order_by(Item.turn_at, Item.id)
        .limit(most)
    )
    pressing = and_(Clock.subject == Subject.ITEM, Clock.subject_id.in_(db.session.scalars(urgent).all()))
    still = Clock.paused_at.is_not(None)
    first = _lines(and_(still, pressing), Clock.paused_at, by=by, mine=False, most=most)
    return first + _lines(and_(still, not_(pressing)), Clock.paused_at, by=by, mine=False, most=most - len(first))


def _lines(which: Any, *first: Any, by: Staff, mine: bool, most: int) -> list[Line]:
    query = select(Clock).where(Clock.ended_at.is_(None), which).order_by(*first, Clock.id).limit(most)
    query = query.options(joinedload(Clock.rule))
    if mine:
        in_hand = _in_hand(by)
        query = query.where(Clock.subject == Subject.ITEM, or_(*(_are(*pair) for pair in in_hand)))
    elif by.has(*clocks.CASE_ROLES):
        of_help = and_(Clock.subject == Subject.MESSAGE, Clock.subject_id.in_(_messages(Concern.HELP)))
        of_victims = Clock.duty.in_(rules.OF_VICTIMS)
        query = query if by.has(Role.VICTIM_SUPPORT) else query.where(~of_help, ~of_victims)
        query = query.where(Clock.duty.not_in(rules.OF_PRACTICE))
    elif by.has(Role.VICTIM_SUPPORT):
        of_help = and_(Clock.duty == Duty.ANSWER_REPORTER, Clock.subject_id.in_(_messages(Concern.HELP)))
        query = query.where(or_(of_help, Clock.duty.in_(rules.OF_VICTIMS)))
    else:
        return []
    found = db.session.scalars(query).all()
    items = select(Item).where(Item.id.in_(_ids(found, Subject.ITEM)))
    by_id = {item.id: item for item in db.session.scalars(items)}
    told = {(Subject.MESSAGE, one): about for one, about in _told_of(_ids(found, Subject.MESSAGE)).items()}
    told |= _told_of_police(found)
    told |= _told_of_exchanges(found)
    told |= _told_of_appeals(found)
    told |= _told_of_notices(found)
    told |= _told_of_victims(found)
    return [_line(one, by_id, told, by=by) for one in found]


def _in_hand(by: Staff) -> list[tuple[Duty, Sequence[int]]]:
    """Return which items this person has for a first, second or third look, and where their look differs."""
    is_open = Item.status != ItemStatus.CLOSED  # what the indexes over open items ask for
    looks = (
        (Duty.ASSESS, Item.assessor_id == by.id, ItemStatus.ASSESSING),
        (Duty.SECOND_LOOK, Item.reviewer_id == by.id, ItemStatus.IN_REVIEW),
        (Duty.SETTLE, Item.assessor_id == by.id, ItemStatus.DISPUTED),
        (Duty.SETTLE, Item.reviewer_id == by.id, ItemStatus.DISPUTED),
    )
    third = db.session.scalars(select(ThirdLook.item_id).where(ThirdLook.taken_by_id == by.id)).all()
    found = [
        (duty, db.session.scalars(select(Item.id).where(is_open, is_theirs, Item.status == status)).all())
        for duty, is_theirs, status in looks
    ]
    return [*found, (Duty.SETTLE, third)]


def _are(duty: Duty, item_ids: Sequence[int]) -> Any:
    return and_(Clock.duty == duty, Clock.subject_id.in_(item_ids))


def _messages(concern: Concern) -> Any:
    return select(Message.id).where(Message.concern == concern, Message.settled_at.is_(None))


def _ids(those: Iterable[Clock], subject: Subject) -> list[int]:
    return [one.subject_id for one in those if one.subject is subject]


def _told_of(message_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Return for messages what they are about: (kind, reference)."""
    if not message_ids:
        return {}
    about = (
        select(Message.id, Report.ref, UnreadReport.inbox_id, HelpRequest.ref)
        .where(Message.id.in_(message_ids))
        .join(Report, Report.receipt_tag == Message.receipt_tag, isouter=True)
        .join(UnreadReport, UnreadReport.receipt_tag == Message.receipt_tag, isouter=True)
        .join(HelpRequest, HelpRequest.receipt_tag == Message.receipt_tag, isouter=True)
    )
    told: dict[int, tuple[str, str]] = {}
    for message_id, report, unread, asked in db.session.execute(about):
        kinds = (("report", report), ("unread", unread.hex() if unread else None), ("help", asked))
        told[message_id] = next(((kind, ref) for kind, ref in kinds if ref), ("", ""))
    return told


def _told_of_police(found: Iterable[Clock]) -> dict[tuple[Subject, int], tuple[str, str]]:
    """Return what clocks of police reports and of holds are about: (kind, reference)."""
    reports = select(PoliceReport.id, PoliceReport.ref).where(PoliceReport.id.in_(_ids(found, Subject.POLICE_REPORT)))
    holds = select(Hold.id, Item.ref).join(Hold.item).where(Hold.id.in_(_ids(found, Subject.HOLD)))
    told = {(Subject.POLICE_REPORT, one): ("police", ref) for one, ref in db.session.execute(reports)}
    return told | {(Subject.HOLD, one): ("hold", ref) for one, ref in db.session.execute(holds)}


def _told_of_exchanges(found: Iterable[Clock]) -> dict[tuple[Subject, int], tuple[str, str]]:
    """Return what clocks of offers to partner hotlines are about: (kind, reference)."""
    offers = select(Exchange.id, Exchange.ref).where(Exchange.id.in_(_ids(found, Subject.EXCHANGE)))
    return {(Subject.EXCHANGE, one): ("exchange", ref) for one, ref in db.session.execute(offers)}


def _told_of_notices(found: Iterable[Clock]) -> dict[tuple[Subject, int], tuple[str, str]]:
    """Return what clocks of letters are about: (kind, reference)."""
    letters = select(Notice.id, Notice.ref).where(Notice.id.in_(_ids(found, Subject.NOTICE)))
    return {(Subject.NOTICE, one): ("notice", ref) for one, ref in db.session.execute(letters)}


def _told_of_appeals(found: Iterable[Clock]) -> dict[tuple[Subject, int], tuple[str, str]]:
    """Return what clocks of appeals are about: (kind, number)."""
    return {(Subject.APPEAL, one): ("appeal", str(one)) for one in _ids(found, Subject.APPEAL)}


def _told_of_victims(found: Iterable[Clock]) -> dict[tuple[Subject, int], tuple[str, str]]:
    """Return what clocks towards victims are about: (kind, reference)."""
    about = (
        (Subject.VICTIM_CASE, "case", select(VictimCase.id, VictimCase.ref), VictimCase.id),
        (Subject.CONSENT, "case", select(Consent.id, VictimCase.ref).join(Consent.case), Consent.id),
        (Subject.OVERRIDE, "case", select(Override.id, VictimCase.ref).join(Override.case), Override.id),
        (Subject.REFERRAL, "referral", select(Referral.id, Referral.ref), Referral.id),
        (Subject.IDENTIFICATION, "identification", select(Identification.id, Identification.ref), Identification.id),
    )
    told: dict[tuple[Subject, int], tuple[str, str]] = {}
    for subject, kind, query, column in about:
        if ids := _ids(found, subject):
            told |= {(subject, one): (kind, ref) for one, ref in db.session.execute(query.where(column.in_(ids)))}
    return told


def _line(one: Clock, items: dict[int, Item], told: dict[tuple[Subject, int], tuple[str, str]], *, by: Staff) -> Line:
    if one.subject is Subject.ITEM:
        item = items[one.subject_id]
        return Line(one, item, "item", item.ref, clock_pauses.reason_of(one, by=by))
    return Line(one, None, *told.get((one.subject, one.subject_id), ("", "")), one.pause_reason)
