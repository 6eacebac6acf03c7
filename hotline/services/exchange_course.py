"""How an offer of ours gets on, whichever way it goes: it has reached its partner, or it is taken back.

One that goes by encrypted mail has a letter, a notice like any other. Both are let go in one deed, by the same person
at the same moment, about the same item to the same partner; the database freezes all of that. By it each is found from
the other, and what becomes of the letter is noted at the offer in the same transaction.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, select

from hotline import clock
from hotline.extensions import db
from hotline.models.exchange import Exchange
from hotline.models.notice import Notice, NoticeItem
from hotline.models.staff import Staff
from hotline.services import audit, clocks, exchange_outbox, figures, police_first, telling
from hotline.vocabulary import (
    Channel,
    Direction,
    Duty,
    ExchangeMeans,
    ExchangeStatus,
    Figure,
    NoticeKind,
    NoticeStatus,
)

OFFERED = "offered to a partner"  # in an item's timeline
_ITS_LETTERS = select(NoticeItem.notice_id).where(NoticeItem.item_id == Exchange.item_id).correlate(Exchange)
_BELONG: tuple[ColumnElement[bool], ...] = (
    Exchange.direction == Direction.OUT,
    Exchange.means == ExchangeMeans.ENCRYPTED_MAIL,
    Notice.channel == Channel.PARTNER,
    Notice.kind == NoticeKind.FIRST,
    Notice.recipient_id == Exchange.recipient_id,
    Notice.approved_by_id == Exchange.approved_by_id,
    Notice.approved_at == Exchange.approved_at,
    Notice.id.in_(_ITS_LETTERS),  # read off the item's, not off all that a partner ever got
)
CAME_BACK = exists().where(*_BELONG, Notice.status == NoticeStatus.BOUNCED)
"""Whether the letter of an offer came back: then its partner has heard of nothing."""


def letter_of(exchange: Exchange) -> Notice | None:
    """Return the letter of an offer; None where it goes another way, or is from before offers had letters."""
    query = select(Notice).join(Exchange, Exchange.recipient_id == Notice.recipient_id)
    return db.session.scalar(query.where(Exchange.id == exchange.id, *_BELONG))


def offer_of(notice: Notice) -> Exchange | None:
    """Return the offer that a letter belongs to; None where it is a letter of another kind."""
    if notice.channel is not Channel.PARTNER or notice.kind is not NoticeKind.FIRST or notice.approved_at is None:
        return None
    about = select(NoticeItem.item_id).where(NoticeItem.notice_id == notice.id)
    query = select(Exchange).where(
        Exchange.item_id.in_(about),  # of an item there are few
        Exchange.means == ExchangeMeans.ENCRYPTED_MAIL,
        Exchange.approved_by_id == notice.approved_by_id,
        Exchange.approved_at == notice.approved_at,
    )
    return next((one for one in db.session.scalars(query) if one.recipient_id == notice.recipient_id), None)


def list_fallen(item_id: int | None = None) -> list[Exchange]:
    """Return offers whose letter has not gone and that may not leave any more, of one item or of all, oldest first.

    Read off the offers, not off their letters: a correction withdraws a letter that failed, and leaves the offer here.
    """
    on_its_way = select(Exchange).where(
        Exchange.direction == Direction.OUT,
        Exchange.status == ExchangeStatus.OFFERED,
        Exchange.offered_at.is_(None),
        exists().where(*_BELONG),
    )
    if item_id is not None:
        on_its_way = on_its_way.where(Exchange.item_id == item_id)
    offers = db.session.scalars(on_its_way.order_by(Exchange.id)).all()
    return [one for one in offers if not exchange_outbox.stands(one)]


def reached(exchange: Exchange, *, by: Staff | None, at: datetime | None = None) -> None:
    """Note that an offer has reached its partner (now, unless said otherwise): something was done about the address.

    One that was taken back meanwhile stays so, and nobody waits for an answer; that it went is the truth.
    """
    exchange.offered_at = at or clock.now()
    if exchange.status is not ExchangeStatus.WITHDRAWN:
        clocks.start(exchange, Duty.PARTNER_ANSWER, at=exchange.offered_at)
    figures.count(Figure.NOTICES, Channel.PARTNER)
    audit.record(by, "offered", f"exchange {exchange.ref}")
    if exchange.item is not None:
        audit.record(by, OFFERED, f"item {exchange.item.ref}", exchange=exchange.ref)
        telling.act_on([exchange.item.id])
        db.session.refresh(exchange.item)
        if police_first.waits(exchange.item, Channel.HOST):  # a child may be in danger: the police, and then the host
            clocks.start(exchange.item, Duty.NOTIFY)


def letter_went(notice_id: int, *, at: datetime) -> bool:
    """Note at its offer that a letter to a partner hotline has gone. Returns whether it has one: then all is noted."""
    offer = offer_of(db.session.get_one(Notice, notice_id))
    if offer is not None and offer.offered_at is None:
        reached(offer, by=None, at=at)
    return offer is not None


def letter_taken_back(notice: Notice, *, by: Staff | None) -> None:
    """Take back the offer of a letter that was withdrawn before it went: the address would reach nobody by it."""
    offer = offer_of(notice)
    if offer is not None and offer.status is ExchangeStatus.OFFERED:
        taken_back(offer, by=by)


def taken_back(exchange: Exchange, *, by: Staff | None) -> None:
    """Note that an offer is taken back. Whoever calls tells its partner, or stops its letter."""
    exchange.status = ExchangeStatus.WITHDRAWN
    exchange_outbox.end_offers(exchange)
    audit.record(by, "withdrew", f"exchange {exchange.ref}")
    clocks.void(exchange, Duty.PARTNER_ANSWER)
