"""Our messages to partners: a row at the desk first, then signed and sealed into the front store, gone when fetched."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Table, and_, delete, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hotline import clock, outbox, vault
from hotline.extensions import db
from hotline.models.assessment import Verdict
from hotline.models.exchange import Exchange, ExchangeMessage, ExchangeOutbound, ExchangePartner
from hotline.models.hosting import HostLookup
from hotline.models.item import Item
from hotline.models.recipient import Recipient
from hotline.rules import exchange as rule
from hotline.services import audit, hosting, police_first, secrecy
from hotline.transactions import apart, front_engine, writing
from hotline.vocabulary import Channel, ExchangeKind, ExchangeStatus, ItemStatus, WayOut

PUT = "hotline.jobs.exchange.put_message"
PURPOSE = "exchange.sent"
LEFT_OUT = "left out words that name one of us"
LOOK_PAUSE = timedelta(seconds=5)  # an offer waits so long, again and again, while its host is being looked up
LETS_GO = (ItemStatus.DECIDED, ItemStatus.ACTING, ItemStatus.MONITORING)
_STANDS = and_(
    exists().where(Item.id == Exchange.item_id, Item.status.in_(LETS_GO)),
    exists().where(Recipient.id == Exchange.recipient_id, Recipient.active),
    ~exists().where(Verdict.supersedes_id == Exchange.verdict_id),
    ~exists().where(
        Item.id == Exchange.item_id,
        HostLookup.host_index == Item.host_index,
        HostLookup.changed,
        HostLookup.looked_at > Exchange.begun_at,
    ),
    ~exists().where(Item.id == Exchange.item_id, police_first.WAITS[Channel.PARTNER]),
)
_WAITS = (ExchangeMessage.receipted_at.is_(None), ExchangeMessage.over_at.is_(None))
_FALLEN = (
    select(Exchange)
    .join(ExchangeMessage, ExchangeMessage.exchange_id == Exchange.id)
    .where(
        ExchangeMessage.kind == ExchangeKind.OFFER,
        *_WAITS,
        Exchange.status == ExchangeStatus.OFFERED,
        ~_STANDS,
    )
)
_INSERT = {
    one.__module__.split(".")[2]: one(cast(Table, ExchangeOutbound.__table__))
    for one in (sqlite.insert, postgresql.insert)
}


@dataclass(frozen=True, slots=True)
class Put:
    """A message that lies at its partner's door, and whether words that name one of us were left out of it."""

    message: ExchangeMessage
    left_out: bool


def say(
    partner: ExchangePartner, kind: ExchangeKind, facts: Mapping[str, Any], *, about: Exchange | None
) -> ExchangeMessage:
    """Write a message to a partner; it is put into the front store soon after the commit."""
    front_id, now = secrets.token_bytes(16), clock.now()
    text = rule.written({"kind": kind, "id": front_id.hex(), "made_at": f"{now:%Y-%m-%dT%H:%M:%SZ}", **facts})
    message = ExchangeMessage(
        partner_id=partner.id,
        exchange_id=about.id if about else None,
        kind=kind,
        front_id=front_id,
        body=vault.keyring().seal(PURPOSE, text.decode()),
        made_at=now,
    )
    db.session.add(message)
    db.session.flush()
    outbox.put(db.session(), PUT, message.id)
    return message


def stands(exchange: Exchange) -> bool:
    """Whether what we offer may still leave.

    Its verdict is the newest, its item is not held or taken up again, it has not moved to another host since, and the
    directory still has the partner switched on.
    """
    asked = select(Exchange.id).where(Exchange.id == exchange.id, _STANDS)
    return db.session.scalar(asked, police_first.told()) is not None


def may_be_put(message: ExchangeMessage) -> bool:
    """Whether a message may be given to its partner now.

    A door that is shut lets none go. No offer goes that fell, or while nobody has confirmed the partner's keys.
    """
    if message.receipted_at is not None or message.over_at is not None or not message.partner.active:
        return False
    if message.kind is not ExchangeKind.OFFER:
        return True
    exchange = message.exchange
    is_offered = exchange is not None and exchange.status is ExchangeStatus.OFFERED and stands(exchange)
    return is_offered and message.partner.confirmed_by_id is not None


def put(message_id: int) -> Put | None:
    """Sign and seal one message and leave it at its partner's door; None where it may not go. Safe to run twice.

    Opening and sealing stand between two short transactions: nobody waits for them.
    """
    message = db.session.get(ExchangeMessage, message_id)
    if message is None or not may_be_put(message):
        with writing():
            outbox.done(db.session(), PUT, message_id)
        return None
    item = message.exchange.item if message.exchange else None
    if message.kind is ExchangeKind.OFFER and item is not None and hosting.is_being_looked_up(item):
        with writing():
            outbox.later(db.session(), PUT, message_id, due_at=clock.now() + LOOK_PAUSE)
        return None
    ring = vault.keyring()
    written = ring.open(PURPOSE, message.body)
    leaves = _as_it_leaves(message, written)
    text = leaves.encode()
    sealed = vault.seal_to_partner(message.partner.box_key, rule.sealed_part(text, *ring.sign(rule.signed_part(text))))
    row = {"id": message.front_id, "door_id": message.partner.door_id, "body": sealed, "put_at": clock.this_hour()}
    with apart(front_engine()) as session:
        upsert = _INSERT[session.get_bind(ExchangeOutbound).dialect.name]
        session.execute(upsert.on_conflict_do_update(index_elements=["id"], set_={"body": sealed}), row)
    return Put(message, left_out=leaves != written)


def recorded(message: ExchangeMessage, *, left_out: bool) -> bool:
    """Note in the caller's transaction what `put` did with a message. Returns whether it was the first time.

    It may be put again without its words: they are noted as left out whenever that is, once.
    """
    outbox.done(db.session(), PUT, message.id)
    first = message.put_at is None
    if left_out and message.exchange is not None:
        subject, which = f"exchange {message.exchange.ref}", {"message": message.id}
        if which not in audit.details_of(subject, LEFT_OUT):
            secrecy.note(WayOut.PARTNER, is_hit=True)
            audit.record(None, LEFT_OUT, subject, **which)
    message.put_at = message.put_at or clock.now()
    return first


def _as_it_leaves(message: ExchangeMessage, text: str) -> str:
    """Return a message without the words beside an answer where one of us stands in them who was not known when it was
    written. The answer itself is codes, and goes."""
    facts = json.loads(text)
    if not facts.get("note") or not secrecy.come_since(message.made_at, facts["note"]):
        return text
    return rule.written(facts | {"note": None}).decode()


def seal_anew(partner: ExchangePartner) -> None:
    """Have everything that waits for a partner sealed to its key of now; offers only once that is confirmed."""
    query = select(ExchangeMessage.id).where(ExchangeMessage.partner_id == partner.id, *_WAITS)
    outbox.put(db.session(), PUT, *db.session.scalars(query))


def take_away(partner: ExchangePartner) -> None:
    """Take everything away that waits at a partner's door."""
    with apart(front_engine()) as session:
        session.execute(delete(ExchangeOutbound).where(ExchangeOutbound.door_id == partner.door_id))


def take_back(exchange: Exchange) -> None:
    """Take an offer away from its partner's door, if it was not fetched."""
    query = select(ExchangeMessage.front_id).where(
        ExchangeMessage.exchange_id == exchange.id, ExchangeMessage.kind == ExchangeKind.OFFER
    )
    front_ids = db.session.scalars(query).all()
    with apart(front_engine()) as session:
        session.execute(delete(ExchangeOutbound).where(ExchangeOutbound.id.in_(front_ids)))


def collect() -> int:
    """Note which messages partners have, and take those out of the front store. Returns how many. Safe at any time."""
    with Session(front_engine()) as session:
        query = select(ExchangeOutbound.id, ExchangeOutbound.receipted_at)
        found = dict(session.execute(query.where(ExchangeOutbound.receipted_at.is_not(None)).limit(200)).all())
    if not found:
        return 0
    with writing():
        theirs = select(ExchangeMessage).where(ExchangeMessage.front_id.in_(found))
        for message in db.session.scalars(theirs.where(ExchangeMessage.receipted_at.is_(None))).all():
            message.receipted_at = found[message.front_id]
            if message.exchange is not None:
                audit.record(None, "fetched", f"exchange {message.exchange.ref}", kind=message.kind)
    with apart(front_engine()) as session:
        session.execute(delete(ExchangeOutbound).where(ExchangeOutbound.id.in_(found)))
    return len(found)


def end_offers(exchange: Exchange) -> None:
    """Note that what was offered is withdrawn or answered: nobody looks any more whether it has to be fetched back."""
    still = update(ExchangeMessage).where(
        ExchangeMessage.exchange_id == exchange.id, ExchangeMessage.kind == ExchangeKind.OFFER, *_WAITS
    )
    db.session.execute(still.values(over_at=clock.now()))


def list_fallen() -> list[Exchange]:
    """Return our offers that no partner has fetched yet and that may not leave any more, oldest first."""
    return list(db.session.scalars(_FALLEN.order_by(ExchangeMessage.id), police_first.told()))


def list_fallen_of(item_id: int) -> list[Exchange]:
    """Return the same of one item alone."""
    of_it = _FALLEN.where(Exchange.item_id == item_id).order_by(ExchangeMessage.id)
    return list(db.session.scalars(of_it, police_first.told()))


def of(exchange: Exchange) -> list[ExchangeMessage]:
    """Return our messages about one exchange, oldest first."""
    query = select(ExchangeMessage).where(ExchangeMessage.exchange_id == exchange.id)
    return list(db.session.scalars(query.order_by(ExchangeMessage.id)))


def opened(message: ExchangeMessage) -> Mapping[str, Any]:
    """Open a message of ours as it was signed. For people whose read is recorded."""
    return cast(Mapping[str, Any], json.loads(vault.keyring().open(PURPOSE, message.body)))
