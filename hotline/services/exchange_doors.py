"""Partners' doors in the front store: who knocks, what they leave, what they fetch. Needs no private key."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hotline import clock, vault
from hotline.errors import WrongState
from hotline.models.exchange import ExchangeCall, ExchangeDoor, ExchangeInbound, ExchangeNonce, ExchangeOutbound
from hotline.services import inbox
from hotline.transactions import apart, front_engine
from hotline.vocabulary import ExchangeKind

PURPOSE = "exchange.inbound"
PAGE = 50  # messages fetched at once
NONCES_KEPT = timedelta(days=1)  # longer than any clock here is moved back without somebody noticing
CALLS_KEPT = timedelta(days=90)


class Replayed(WrongState):
    """The nonce was used before: this is a copy of a message."""


class KeyReused(WrongState):
    """The idempotency key stands for something else that was sent before."""


@dataclass(frozen=True, slots=True)
class Door:
    """Who knocks: the door's id (16 bytes) and the key that the partner signs with (32 bytes)."""

    id: bytes
    verify_key: bytes


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages that wait for a partner: (id, sealed to its key), oldest first; and whether there are more."""

    messages: list[tuple[bytes, bytes]]
    has_more: bool


def find(token: str) -> Door | None:
    """Return the open door that `token` belongs to."""
    query = select(ExchangeDoor.id, ExchangeDoor.verify_key).where(
        ExchangeDoor.token_tag == vault.keyring().door_tag(token), ExchangeDoor.active
    )
    with front_engine().connect() as connection:
        row = connection.execute(query).one_or_none()
    return Door(*row) if row else None


def take(door: Door, kind: ExchangeKind, body: str, *, about: str, key: str, nonce: str, at: datetime) -> bytes:
    """Seal and store what a partner sent, and return its id (16 bytes). The same again under `key` is stored once.

    `about` is what it was sent to, `at` the time that its signature names. It waits behind what the same partner sent
    before. Raises Replayed, KeyReused, StorageFull.
    """
    ring = vault.keyring()
    mark = ring.door_mark(f"call:{kind}:{about}:{body}")
    known = select(ExchangeCall.mark, ExchangeCall.inbound_id).where(
        ExchangeCall.door_id == door.id, ExchangeCall.key == key
    )
    last = select(func.max(ExchangeInbound.place)).where(ExchangeInbound.door_id == door.id)
    fresh, hour = secrets.token_bytes(16), clock.this_hour()
    sealed = ring.seal(PURPOSE, body)
    with inbox.in_turn() as connection:
        try:
            connection.execute(insert(ExchangeNonce), {"door_id": door.id, "nonce": nonce, "until": at + NONCES_KEPT})
        except IntegrityError as exc:
            raise Replayed("the nonce was used before") from exc
        row = connection.execute(known).one_or_none()
        if row is not None:
            if not hmac.compare_digest(row.mark, mark):
                raise KeyReused("the key stands for something else")
            return bytes(row.inbound_id)
        call = {"door_id": door.id, "key": key, "mark": mark, "inbound_id": fresh, "received_at": hour}
        connection.execute(insert(ExchangeCall), call)
        connection.execute(
            insert(ExchangeInbound),
            {
                "id": fresh,
                "door_id": door.id,
                "kind": kind,
                "body": sealed,
                "received_at": hour,
                "place": 1 + (connection.scalar(last) or 0),
            },
        )
    return fresh


def waiting(door: Door) -> Waiting:
    """Return what waits for a partner and is not receipted yet."""
    query = (
        select(ExchangeOutbound.id, ExchangeOutbound.body)
        .where(ExchangeOutbound.door_id == door.id, ExchangeOutbound.receipted_at.is_(None))
        .order_by(ExchangeOutbound.put_at, ExchangeOutbound.id)
        .limit(PAGE + 1)
    )
    with front_engine().connect() as connection:
        rows = [(row.id, row.body) for row in connection.execute(query)]
    return Waiting(rows[:PAGE], len(rows) > PAGE)


def receipt(door: Door, message_id: bytes) -> bool:
    """Note that a partner has a message; it is not given again. Returns whether there is such a message for it."""
    mine = update(ExchangeOutbound).where(ExchangeOutbound.id == message_id, ExchangeOutbound.door_id == door.id)
    with inbox.in_turn() as connection:
        known = select(ExchangeOutbound.receipted_at).where(
            ExchangeOutbound.id == message_id, ExchangeOutbound.door_id == door.id
        )
        row = connection.execute(known).one_or_none()
        if row is not None and row.receipted_at is None:
            connection.execute(mine.values(receipted_at=clock.this_hour()))
    return row is not None


def forget_old() -> None:
    """Take away nonces and idempotency keys that nothing can be told by any more."""
    now = clock.now()
    with front_engine().connect() as connection:
        is_due = select(ExchangeNonce.nonce).where(ExchangeNonce.until < now).limit(1)
        old_call = select(ExchangeCall.key).where(ExchangeCall.received_at < now - CALLS_KEPT).limit(1)
        if connection.scalar(is_due) is None and connection.scalar(old_call) is None:
            return
    with apart(front_engine()) as session:
        _forget(session, now)


def _forget(session: Session, now: datetime) -> None:
    session.execute(delete(ExchangeNonce).where(ExchangeNonce.until < now))
    session.execute(delete(ExchangeCall).where(ExchangeCall.received_at < now - CALLS_KEPT))
