"""Police first: what is hosted in our own country, or may show a child in danger now, goes to no host before them.

Two people agreed on it, and still it waits until the police have it: a report that lists it was handed over, or a hold
that stood at it was let go by two people. A host that is told earlier takes the page down, and with it what the police
could have kept. What is hosted here is offered to no partner hotline before that either.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select

from hotline import jurisdiction
from hotline.extensions import db
from hotline.models.hold import Hold
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.police_report import PoliceReport, PoliceReportItem
from hotline.rules import gate
from hotline.services import assessments, clocks, hosting
from hotline.vocabulary import Channel, Duty, HostKind, ItemStatus, NoticeKind, PoliceStatus

GONE_TO_POLICE = (PoliceStatus.HANDED_OVER, PoliceStatus.ACKNOWLEDGED, PoliceStatus.CLOSED)
GOES_ON = (ItemStatus.DECIDED, ItemStatus.ACTING)
NEW_TO_IT = (NoticeKind.FIRST, NoticeKind.ESCALATION)  # whoever gets one has not heard of the address yet
TELLS_MORE = (*NEW_TO_IT, NoticeKind.SUPPLEMENT)  # than its recipient knows
OWN_COUNTRY = "own_country"  # the name by which a statement is told which country that is


def given() -> Select[Any]:
    """Return the question whether an item was given to the police since it was reported, or reported again."""
    listed = select(PoliceReportItem.id).join(PoliceReport).where(PoliceReportItem.item_id == Item.id)
    gone = or_(*(PoliceReport.status == one for one in GONE_TO_POLICE))
    return listed.where(gone, PoliceReport.handed_over_at >= Item.opened_at)


def _let_go() -> Select[Any]:
    return select(Hold.id).where(Hold.item_id == Item.id, Hold.released_second_at >= Item.opened_at)


_HERE: ColumnElement[bool] = Item.country == bindparam(OWN_COUNTRY)
_NOT_SEEN_TO = and_(~given().exists(), ~_let_go().exists())
WAITS = {
    Channel.HOST: and_(or_(Item.in_danger, _HERE), _NOT_SEEN_TO),
    Channel.PARTNER: and_(_HERE, _NOT_SEEN_TO),
}
"""Whether an item waits for the police before anything about it goes that way. `OWN_COUNTRY` has to be told."""
A_LETTER_WAITS = or_(*(and_(Notice.channel == channel, waits) for channel, waits in WAITS.items()))


def told() -> dict[str, str]:
    """Return what a statement with `WAITS` has to be told."""
    return {OWN_COUNTRY: jurisdiction.current().country}


def go_on_to_host(item: Item) -> None:
    """Have somebody write to whoever hosts what the police have by now, where that waited for them."""
    verdict = assessments.verdict_of(item)
    came_first = item.in_danger or item.country == jurisdiction.current().country
    if verdict is None or not came_first or item.status not in GOES_ON or hosting.kind_of(item) is HostKind.ONION:
        return  # of an onion service nobody knows the host
    opened = gate.channels(verdict.inhope_class, verdict.law, in_danger=item.in_danger)
    written = select(NoticeItem.id).join(Notice).where(NoticeItem.item_id == item.id, Notice.channel == Channel.HOST)
    written = written.where(NoticeItem.verdict_id == verdict.id)
    if Channel.HOST in opened and db.session.scalar(written.where(Notice.sent_at.is_not(None)).limit(1)) is None:
        clocks.start(item, Duty.NOTIFY)


def waits(item: Item, channel: Channel) -> bool:
    """Whether `item` waits for the police before anything about it goes through `channel`."""
    if channel not in WAITS:
        return False
    found = select(Item.id).where(Item.id == item.id, WAITS[channel])
    return db.session.scalar(found, told()) is not None


def letter_waits(notice: Notice) -> bool:
    """Whether the police are to have an address first that a letter lists, of which its recipient hears more by it."""
    return notice.kind in TELLS_MORE and any(waits(line.item, notice.channel) for line in notice.lines)
