"""How items end that were acted on: the times that count, kept once, and the takedown clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, func, or_, select

from hotline import clock
from hotline.extensions import db
from hotline.models.exchange import Exchange
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.online import Ending, OnlineCheck
from hotline.models.police_report import PoliceReport, PoliceReportItem
from hotline.models.staff import Staff
from hotline.rules import online
from hotline.rules.online import Look
from hotline.rules.progress import HOUR
from hotline.services import exchange_course, police_first
from hotline.vocabulary import Channel, Direction, ExchangeStatus, ItemOutcome, NoticeStatus

REACHED = (NoticeStatus.SENT, NoticeStatus.ANSWERED)
WITH_PARTNER = (ExchangeStatus.OFFERED, ExchangeStatus.ACCEPTED, ExchangeStatus.DONE)
MOST_LOOKS = 200  # the newest, of which the run that counts is taken


@dataclass(frozen=True, slots=True)
class Times:
    """When an address was reported (the end of that hour), reached police, partner and host first, and was gone."""

    received_at: datetime
    to_police_at: datetime | None
    to_partner_at: datetime | None
    to_host_at: datetime | None
    removed_at: datetime | None

    @property
    def takedown(self) -> timedelta | None:
        """How long it took from the first notice to a host until it was gone, or takes so far; None without either."""
        if self.to_host_at is None:
            return None
        return max((self.removed_at or clock.now()) - self.to_host_at, timedelta())


def looks(item: Item, *, most: int = MOST_LOOKS) -> list[OnlineCheck]:
    """Return the newest looks at whether an address is gone, newest first.

    What was seen before it was reported again tells nothing of what is there now: of that report only the hour is
    kept, so looks count from the end of that hour on.
    """
    query = select(OnlineCheck).where(OnlineCheck.item_id == item.id)
    if item.reopened_at is not None:
        query = query.where(OnlineCheck.checked_at >= item.reopened_at + HOUR)
    return list(db.session.scalars(query.order_by(OnlineCheck.id.desc()).limit(most)))


def run(newest_first: Sequence[OnlineCheck]) -> tuple[Look, ...]:
    """Return the looks that found it gone since it was last seen up, oldest first."""
    return online.run(Look(one.means, one.result, one.code, one.checked_at) for one in newest_first[::-1])


def times(item: Item, gone: Sequence[Look]) -> Times:
    """Return the times of an item since it was opened. `gone` is the run of looks that found it gone."""
    letters = [_by_letter(item, one) for one in (Channel.POLICE, Channel.PARTNER, Channel.HOST)]
    found: Any = db.session.execute(select(_to_police(item), _to_partner(item), *letters)).one()
    police, partner, police_letter, partner_letter, host = found
    return Times(
        received_at=item.opened_at + HOUR,
        to_police_at=_first(police, police_letter),
        to_partner_at=_first(partner, partner_letter),
        to_host_at=host,
        removed_at=gone[0].at if gone else None,
    )


def keep(item: Item, outcome: ItemOutcome, *, by: Staff) -> Ending:
    """Keep how and when an item ends now. Of what nobody saw to be gone, that is the moment it was found to be."""
    now = clock.now()
    known = times(item, run(looks(item)))
    ending = Ending(
        item_id=item.id,
        outcome=outcome,
        received_at=known.received_at,
        to_police_at=known.to_police_at,
        to_partner_at=known.to_partner_at,
        to_host_at=known.to_host_at,
        removed_at=(known.removed_at or now) if outcome in online.ENDS else None,
        country=item.country,
        ended_at=now,
        ended_by_id=by.id,
    )
    db.session.add(ending)
    db.session.flush()
    return ending


def last(item: Item) -> Ending | None:
    """Return how an item ended, unless it is open again."""
    query = select(Ending).where(Ending.item_id == item.id, Ending.undone_at.is_(None))
    return db.session.scalar(query.order_by(Ending.id.desc()).limit(1))


def of_ending(ending: Ending) -> Times:
    """Return the times that were kept."""
    return Times(ending.received_at, ending.to_police_at, ending.to_partner_at, ending.to_host_at, ending.removed_at)


def _by_letter(item: Item, channel: Channel) -> ScalarSelect[Any]:
    """Return when the first letter through a channel went that did not come back."""
    listed = select(func.min(Notice.sent_at)).join(NoticeItem, NoticeItem.notice_id == Notice.id)
    went = listed.where(NoticeItem.item_id == item.id, Notice.channel == channel, Notice.status.in_(REACHED))
    return went.where(Notice.sent_at >= item.opened_at).scalar_subquery()


def _to_police(item: Item) -> ScalarSelect[Any]:
    listed = select(func.min(PoliceReport.handed_over_at)).join(
        PoliceReportItem, PoliceReportItem.report_id == PoliceReport.id
    )
    gone = listed.where(PoliceReportItem.item_id == item.id, PoliceReport.status.in_(police_first.GONE_TO_POLICE))
    return gone.where(PoliceReport.handed_over_at >= item.opened_at).scalar_subquery()


def _to_partner(item: Item) -> ScalarSelect[Any]:
    offered = select(func.min(Exchange.offered_at)).where(
        Exchange.item_id == item.id,
        Exchange.direction == Direction.OUT,
        or_(*(Exchange.status == one for one in WITH_PARTNER)),
        ~exchange_course.CAME_BACK,
    )
    return offered.where(Exchange.offered_at >= item.opened_at).scalar_subquery()


def _first(*moments: datetime | None) -> datetime | None:
    return min((one for one in moments if one is not None), default=None)
