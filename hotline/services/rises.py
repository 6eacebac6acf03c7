"""Who above a host was told of an address, or may be told now: who connects its network, and its name's registrar."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from hotline.extensions import db
from hotline.models.assessment import Verdict
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.recipient import Recipient
from hotline.rules import follow_up
from hotline.rules.follow_up import Above, Why
from hotline.rules.routing import NotDone, Whom, WhyNot
from hotline.services import notice_grounds, reminders
from hotline.services.routing import Guide
from hotline.vocabulary import Channel, NoticeKind, NoticeStatus, RecipientKind


class Turn(StrEnum):
    """How far it is with somebody above a host."""

    NOW = "now"  # people may write to them
    DRAFTED = "drafted"  # a letter to them is written, and has not gone
    WRITTEN = "written"  # one has gone


@dataclass(frozen=True, slots=True)
class Rising:
    """One above a host, how far it is with them, and the letter: the one to them, or that on whose page one begins."""

    whom: Above
    turn: Turn
    letter: Notice


def of_item(item: Item, guide: Guide) -> list[Rising]:
    """Return who above an item's host was told of it or may be told now; nobody before a letter about it is written."""
    letters = _letters(item)
    if not letters:
        return []
    facts = guide.facts
    hosts = {*facts.settled, *facts.platforms, *facts.hosts}
    upstreams = set(facts.upstreams) - hosts
    registrars = [one for one in letters if one.recipient.kind is RecipientKind.REGISTRAR]
    told = {
        Above.UPSTREAM: _newest(one for one in letters if one.recipient.ref in upstreams),
        Above.REGISTRAR: _newest(registrars),
    }
    waits = {Above.UPSTREAM: upstreams, Above.REGISTRAR: set(facts.registrars)}
    is_open = any(waits[whom] and letter is None for whom, letter in told.items()) and _is_open(guide)
    begins = _begins(item, letters) if is_open else None
    found = []
    for whom, letter in told.items():
        if letter is not None:
            found.append(Rising(whom, Turn.WRITTEN if letter.status in follow_up.HAS_GONE else Turn.DRAFTED, letter))
        elif begins is not None and waits[whom]:
            found.append(Rising(whom, Turn.NOW, begins))
    return found


def _is_open(guide: Guide) -> bool:
    """Whether hosts may be told of an item at all now."""
    shut = {NotDone(Whom.HOST, WhyNot.VERDICT), *(NotDone(Whom.ANYBODY, why) for why in WhyNot)}
    return shut.isdisjoint(guide.route.not_done)


def _begins(item: Item, letters: Sequence[Notice]) -> Notice | None:
    """Return the letter on whose page somebody above may be written to about an item now; None where none is."""
    roots = {one.follows_id or one.id: one for one in letters}
    for one in roots.values():
        found = reminders.course(one)
        may = reminders.may_escalate(found) and found.next.why is not Why.OBJECTS
        if may and item in found.to_raise:
            return found.head
    return None


def _letters(item: Item) -> Sequence[Notice]:
    """Return the letters to hosts about what holds of an item now, oldest first; none that was withdrawn."""
    superseded = select(Verdict.id).where(Verdict.supersedes_id == NoticeItem.verdict_id)
    query = select(Notice).join(NoticeItem).join(Recipient, Recipient.id == Notice.recipient_id)
    query = query.where(NoticeItem.item_id == item.id, ~superseded.exists(), Notice.channel == Channel.HOST)
    query = query.where(Notice.status.in_((*notice_grounds.STANDING, NoticeStatus.BOUNCED)))
    query = query.where(Notice.kind != NoticeKind.RETRACTION).options(contains_eager(Notice.recipient))
    return db.session.scalars(query.order_by(Notice.id)).unique().all()


def _newest(letters: Iterable[Notice]) -> Notice | None:
    """Return the newest letter that has gone, or else the newest; None for none."""
    return max(letters, key=lambda one: (one.status in follow_up.HAS_GONE, one.id), default=None)
