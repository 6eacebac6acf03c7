"""What goes between hotlines. In the front store: doors, and what waits there sealed. At the desk: who gave whom what.

Beside the constraints below the database holds, by triggers (`migrations/desk/0023_exchange.py`): what we offer begins
as a draft, is offered only while its verdict and item stand, and is frozen from then on; its message is made only then.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import FRONT, Model, word
from hotline.models.item import Item
from hotline.models.recipient import Recipient
from hotline.models.report import UNORDERED, Report
from hotline.models.staff import Staff
from hotline.vocabulary import (
    DeclineReason,
    Direction,
    ExchangeKind,
    ExchangeMeans,
    ExchangeStatus,
    InhopeClass,
    ItemOutcome,
    LawVerdict,
)

COMES_IN = text("direction = 'in'")
STANDS_OUT = text("direction = 'out' AND status NOT IN ('declined', 'withdrawn')")
OPEN_STATUSES = ("draft", "offered", "accepted")  # somebody still has to do something
IS_OPEN, IS_ENDED = text(f"status IN {OPEN_STATUSES}"), text(f"status NOT IN {OPEN_STATUSES}")
ON_ITS_WAY = text("receipted_at IS NULL AND over_at IS NULL")
GATE = (
    "direction = 'in' OR (item_id IS NOT NULL AND verdict_id IS NOT NULL AND law IS NOT NULL"
    " AND inhope_class IS NOT NULL AND inhope_class IN ('baseline', 'national'))"
)
APPROVED = (
    "direction = 'in' OR status IN ('draft', 'withdrawn')"
    " OR (drafted_by_id IS NOT NULL AND approved_by_id IS NOT NULL AND approved_by_id <> drafted_by_id)"
)


class ExchangeDoor(Model):
    """A partner hotline's way in. The desk writes it; by it the public process tells who knocks, and no more."""

    __bind_key__ = FRONT
    __tablename__ = "exchange_doors"
    __table_args__ = UNORDERED

    id: Mapped[bytes] = mapped_column(primary_key=True)  # random, 16 bytes
    token_tag: Mapped[bytes] = mapped_column(unique=True)  # keyed: the token itself is stored nowhere
    partner_ref: Mapped[str]
    verify_key: Mapped[bytes]  # Ed25519, 32 bytes
    active: Mapped[bool]


class ExchangeCall(Model):
    """What a partner has sent under one idempotency key, so that the same call again is answered and not done twice."""

    __bind_key__ = FRONT
    __tablename__ = "exchange_calls"
    __table_args__ = UNORDERED

    door_id: Mapped[bytes] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    mark: Mapped[bytes]  # keyed hash of what was sent
    inbound_id: Mapped[bytes]
    received_at: Mapped[datetime]  # to the hour


class ExchangeNonce(Model):
    """A nonce that was used: a message that bears it again is a copy that somebody else sends."""

    __bind_key__ = FRONT
    __tablename__ = "exchange_nonces"
    __table_args__ = UNORDERED

    door_id: Mapped[bytes] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime] = mapped_column(index=True)


class ExchangeInbound(Model):
    """What a partner sent and is not moved to the desk yet: sealed to `case` as soon as it was read."""

    __bind_key__ = FRONT
    __tablename__ = "exchange_inbound"
    __table_args__ = UNORDERED

    id: Mapped[bytes] = mapped_column(primary_key=True)  # random, 16 bytes
    door_id: Mapped[bytes]
    kind: Mapped[ExchangeKind] = mapped_column(word(ExchangeKind))
    body: Mapped[bytes]  # sealed, "exchange.inbound"
    received_at: Mapped[datetime]  # to the hour
    place: Mapped[int] = mapped_column(server_default=text("0"))  # among what waits from this door: no time, an order


class ExchangeOutbound(Model):
    """A message that waits for a partner to fetch it: signed at the desk, and sealed there to the partner's own key."""

    __bind_key__ = FRONT
    __tablename__ = "exchange_outbound"
    __table_args__ = (Index("ix_exchange_outbound_door_id", "door_id", "put_at", "id"), UNORDERED)

    id: Mapped[bytes] = mapped_column(primary_key=True)  # random, 16 bytes
    door_id: Mapped[bytes]
    body: Mapped[bytes]
    put_at: Mapped[datetime]  # to the hour
    receipted_at: Mapped[datetime | None]  # to the hour


class ExchangePartner(Model):
    """A partner hotline that uses the interface: its door, and the keys a person has checked with it."""

    __tablename__ = "exchange_partners"
    __table_args__ = (CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> keys_by_id", name="two_people"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipients.id"), unique=True)
    door_id: Mapped[bytes] = mapped_column(unique=True)
    verify_key: Mapped[bytes]  # Ed25519, 32 bytes: what it signs with
    box_key: Mapped[bytes]  # X25519, 32 bytes: what we seal to
    active: Mapped[bool] = mapped_column(default=True)
    set_up_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    set_up_at: Mapped[datetime]
    token_at: Mapped[datetime]  # when its token was drawn
    keys_at: Mapped[datetime]  # when its keys were entered
    keys_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: no offer is sealed to them yet
    confirmed_at: Mapped[datetime | None]

    recipient: Mapped[Recipient] = relationship()
    set_up_by: Mapped[Staff] = relationship(foreign_keys=[set_up_by_id])
    confirmed_by: Mapped[Staff | None] = relationship(foreign_keys=[confirmed_by_id])


class Exchange(Model):
    """One address handed over between two hotlines. Ours is tied to the verdict that lets it leave."""

    __tablename__ = "exchanges"
    __table_args__ = (
        ForeignKeyConstraint(
            ["verdict_id", "item_id", "inhope_class", "law"],
            ["verdicts.id", "verdicts.item_id", "verdicts.inhope_class", "verdicts.law"],
            name="fk_exchanges_verdict",
        ),
        CheckConstraint(GATE, name="gate"),
        CheckConstraint(APPROVED, name="approved"),
        Index(
            "ix_exchanges_their_index",
            "recipient_id",
            "their_index",
            unique=True,
            sqlite_where=COMES_IN,
            postgresql_where=COMES_IN,
        ),
        Index(
            "ix_exchanges_standing",
            "recipient_id",
            "item_id",
            unique=True,
            sqlite_where=STANDS_OUT,
            postgresql_where=STANDS_OUT,
        ),
        Index("ix_exchanges_status", "direction", "status", "id"),
        Index("ix_exchanges_open", "id", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
        Index("ix_exchanges_ended", "id", sqlite_where=IS_ENDED, postgresql_where=IS_ENDED),
        Index("ix_exchanges_recipient_id", "recipient_id", "direction", "status"),
        Index("ix_exchanges_item_id", "item_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipients.id"))
    direction: Mapped[Direction] = mapped_column(word(Direction))
    means: Mapped[ExchangeMeans] = mapped_column(word(ExchangeMeans))
    status: Mapped[ExchangeStatus] = mapped_column(word(ExchangeStatus))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id"))  # None: what came in holds no address
    report_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id"))  # what came in counts as a report
    country: Mapped[str | None]  # where it is hosted, as known when it was handed over
    verdict_id: Mapped[int | None]
    inhope_class: Mapped[InhopeClass | None] = mapped_column(word(InhopeClass))
    law: Mapped[LawVerdict | None] = mapped_column(word(LawVerdict))
    message: Mapped[bytes]  # sealed, "exchange.message": JSON of what is offered
    inbound_id: Mapped[bytes | None] = mapped_column(unique=True)
    their_index: Mapped[bytes | None]
    their_ref: Mapped[bytes | None]  # sealed, "exchange.their_ref": how the partner calls it
    reason: Mapped[DeclineReason | None] = mapped_column(word(DeclineReason))
    outcome: Mapped[ItemOutcome | None] = mapped_column(word(ItemOutcome))
    words: Mapped[bytes | None]  # sealed, "exchange.words": what stands beside the newest answer
    handed: Mapped[bytes | None]  # sealed, "exchange.handed": by what reference a person handed it over
    handed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: through the interface
    begun_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    offered_at: Mapped[datetime | None]  # when it reached the partner's door, or was handed over
    answered_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]

    recipient: Mapped[Recipient] = relationship()
    item: Mapped[Item | None] = relationship(foreign_keys=[item_id])
    report: Mapped[Report | None] = relationship()
    handed_by: Mapped[Staff | None] = relationship(foreign_keys=[handed_by_id])
    drafted_by: Mapped[Staff | None] = relationship(foreign_keys=[drafted_by_id])
    approved_by: Mapped[Staff | None] = relationship(foreign_keys=[approved_by_id])
    answered_by: Mapped[Staff | None] = relationship(foreign_keys=[answered_by_id])


class ExchangeMessage(Model):
    """One message of ours to a partner: a row first, then sealed into the front store, gone from there when fetched."""

    __tablename__ = "exchange_messages"
    __table_args__ = (
        Index("ix_exchange_messages_waiting", "kind", "id", sqlite_where=ON_ITS_WAY, postgresql_where=ON_ITS_WAY),
        Index(
            "ix_exchange_messages_of_partner",
            "partner_id",
            "kind",
            sqlite_where=ON_ITS_WAY,
            postgresql_where=ON_ITS_WAY,
        ),
        Index("ix_exchange_messages_exchange_id", "exchange_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("exchange_partners.id"))
    exchange_id: Mapped[int | None] = mapped_column(ForeignKey("exchanges.id"))  # None: it answers what means nothing
    kind: Mapped[ExchangeKind] = mapped_column(word(ExchangeKind))
    front_id: Mapped[bytes] = mapped_column(unique=True)  # random, 16 bytes
    body: Mapped[bytes]  # sealed, "exchange.sent": JSON as it is signed
    made_at: Mapped[datetime]
    put_at: Mapped[datetime | None]
    receipted_at: Mapped[datetime | None]
    over_at: Mapped[datetime | None]  # an offer that was withdrawn or answered: nobody fetches it back any more

    partner: Mapped[ExchangePartner] = relationship()
    exchange: Mapped[Exchange | None] = relationship()
