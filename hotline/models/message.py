"""Messages between a reporter and the hotline: the reporter's copies in the front store, the desk's at the desk."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import FRONT, Model, word
from hotline.models.report import UNORDERED
from hotline.models.staff import Staff
from hotline.vocabulary import Author, Concern


class MessageCopy(Model):
    """What a reporter reads again with the code: sealed to the key that only the code can make.

    `id` is 16 bytes: random for an answer, made from the form's nonce for a reporter's own words, so that a form sent
    again is one message. `number` counts the messages of one receipt, from 1.
    """

    __bind_key__ = FRONT
    __tablename__ = "message_copies"
    __table_args__ = (UniqueConstraint("receipt_tag", "number"), UNORDERED)

    receipt_tag: Mapped[bytes] = mapped_column(primary_key=True)
    id: Mapped[bytes] = mapped_column(primary_key=True)
    number: Mapped[int]
    author: Mapped[Author] = mapped_column(word(Author))
    body: Mapped[bytes]  # sealed box to the receipt's public key
    written_at: Mapped[datetime]  # to the hour


class Message(Model):
    """One message at the desk, found by the receipt it belongs to. `copy_id` names it in both stores."""

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint("author = 'reporter' OR (staff_id IS NOT NULL AND copy IS NOT NULL)", name="whose"),
        Index("ix_messages_receipt_tag", "receipt_tag", "id"),
        Index("ix_messages_open", "concern", "settled_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    copy_id: Mapped[bytes] = mapped_column(unique=True)
    receipt_tag: Mapped[bytes]
    number: Mapped[int | None]  # a reporter's: its copy's, since the inbox has no order
    concern: Mapped[Concern] = mapped_column(word(Concern))
    author: Mapped[Author] = mapped_column(word(Author))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    body: Mapped[bytes]  # sealed, "message.body", to `case` or, about a request for help, to `care`
    copy: Mapped[bytes | None]  # an answer's: sealed to the receipt's key, as it goes to the front store
    written_at: Mapped[datetime]  # a reporter's to the hour
    settled_at: Mapped[datetime | None]  # a reporter's: answered or seen to; an answer's: in the front store

    staff: Mapped[Staff | None] = relationship()
